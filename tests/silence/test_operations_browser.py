"""The engine's pages in a real browser: an archived deal is brought back, a hold is let go, an archive is decided."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from automations import holds
from automations.models import Hold
from deals.models import Deal, Firing
from team.calendar import local_date
from team.models import Organisation

from .. import clockwork as c
from .. import factories as f
from ..browser import DESKTOP, PHONE

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


def silent_deal(days, **fields):
    """Made so many days ago, and nothing heard since; the clock is moved by the command, as an admin would."""
    pipeline = c.seven_stages()
    deal = c.quiet_deal(pipeline, at=timezone.now() - timedelta(days=days), **fields)
    return deal


def run(days_ago=0):
    moment = timezone.now() - timedelta(days=days_ago)
    call_command("run_automations", "--at", moment.isoformat(), verbosity=0)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_an_archived_deal_is_brought_back_with_one_click(open_page, javascript):
    deal = silent_deal(48)
    for days in (17, 9, 0):
        run(days)
    assert Deal.objects.get(pk=deal.pk).status == "archived"
    page = open_page(reverse("firings"), deal.owner, javascript=javascript)
    assert "no buyer activity since" in page.inner_text("main")
    page.click(f"[data-firing='{Firing.objects.latest('pk').pk}'] button:has-text('Undo')")
    page.wait_for_selector("#silence, [data-clock], h1")
    assert Deal.objects.get(pk=deal.pk).status == "re_engaging"
    assert page.complaints == []


def test_a_manager_lets_go_what_is_held_and_decides_an_archive(open_page):
    deal = silent_deal(48, amount=250_000)
    for days in (17, 9, 0):
        run(days)
    holds.hold("gap", timezone.now(), details={"days": 12})
    page = open_page(reverse("operations"), f.make_manager())
    page.click("button:has-text('Let it go on')")
    page.wait_for_selector("text=Released")
    assert Hold.objects.get().released_at is not None
    page.click("a:has-text('Decide')")
    page.check("input[value='keep']")
    page.click("button:has-text('Decide')")
    page.wait_for_selector("text=Name a day to come")
    assert page.is_checked("input[value='keep']")
    today = local_date(timezone.now(), Organisation.current())
    page.fill("[name=kept_until]", (today + timedelta(days=20)).isoformat())
    page.click("button:has-text('Decide')")
    page.wait_for_selector("text=Kept")
    assert Firing.objects.get(key="archive").state == "kept"
    assert Deal.objects.get(pk=deal.pk).status == "re_engaging"


@SIZES
def test_the_pages_are_accessible_full_and_empty(open_page, axe, size):
    manager = f.make_manager()
    names = [reverse("operations"), reverse("firings")]
    page = open_page(names[0], manager, size=size)
    for name in names:
        page.goto(name)
        assert axe(page) == []
    deal = silent_deal(48, amount=250_000)
    for days in (17, 9, 0):
        run(days)
    holds.hold("gap", timezone.now(), details={"days": 12})
    firing = Firing.objects.get(key="archive")
    for name in [*names, reverse("archive_decision", args=[deal.pk, firing.pk])]:
        page.goto(name)
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
