"""The review in a browser: what somebody else changes shows without a reload, and nothing is lost meanwhile."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from deals.models import Deal, FieldChange
from insights.standing import standings

from .. import factories as f
from ..browser import DESKTOP, ON_BOTH_ENGINES, PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def boss():
    return f.make_admin()


@pytest.fixture
def mara(boss):
    return f.make_user("Mara Kessel")


@pytest.fixture
def deal(boss, mara):
    pipeline = f.make_pipeline("New business", owner=boss)
    night = timezone.now() - timedelta(days=f.today().weekday() + 7)
    kept = f.next_step(f.make_deal(pipeline, owner=mara, stage="Discover", amount=Decimal(40_000)), days=30)
    standings.write_down(night)
    deal = f.make_deal(
        pipeline, owner=mara, name="Vellgrove Dairies", stage="Propose", amount=Decimal(86_000)
    )
    Deal.objects.filter(pk=kept.pk).update(amount_base=Decimal(31_000))
    for close in ("2026-02-01", "2026-03-01"):
        FieldChange.objects.create(
            deal=deal, field="expected_close", old="2026-01-01", new=close, at=timezone.now(), by=mara
        )
    return deal


def hurried(route):
    """The page asks after a fifth of a second instead of ten."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace('id="mon"', 'id="mon" data-every="200"', 1))


@ON_BOTH_ENGINES
def test_what_one_changes_another_sees_without_a_reload(open_page, boss, mara, deal):
    page = open_page("/", boss)
    page.route("**/dashboard/", hurried)
    page.goto("/dashboard/")
    page.evaluate("window.never = 'loaded again'")
    page.click("#p-changed summary")
    link = page.locator(f"#p-risk a[href='/deals/{deal.pk}/']")
    link.focus()
    page.evaluate("scrollTo(0, 240)")

    other = open_page(f"/deals/{deal.pk}/", mara)
    other.click("#edit-amount")
    other.fill("[name=amount]", "91000")
    other.keyboard.press("Enter")
    page.wait_for_selector("#p-risk td:has-text('€91k')")

    assert page.evaluate("window.never") == "loaded again"
    assert page.locator("#p-changed details").get_attribute("open") is not None
    assert page.evaluate("document.activeElement.getAttribute('href')") == f"/deals/{deal.pk}/"
    assert page.evaluate("scrollY") == 240
    assert page.complaints == other.complaints == []


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_review_and_ones_own_numbers_are_accessible_and_fit(open_page, axe, boss, mara, deal, size):
    pages = {"/dashboard/": boss, "/dashboard/at-risk/": boss, f"/dashboard/people/{mara.pk}/": mara}
    for path, user in pages.items():
        page = open_page(path, user, size=size)
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.complaints == [], path
