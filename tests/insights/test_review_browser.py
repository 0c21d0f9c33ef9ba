"""The review in a browser: what somebody else changes shows without a reload, and nothing is lost meanwhile."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from deals.models import Deal, FieldChange, GateException
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


def test_the_answers_of_a_monday_are_on_one_screen(open_page, boss, mara, deal):
    GateException.objects.create(
        deal=deal, to_stage=f.stage_of(deal.pipeline, "Close"), asked_by=mara, seen_seq=deal.seq,
        asked_at=timezone.now(), reason="They sign on Monday", expires_on=f.today(),
    )  # fmt: skip
    page = open_page("/dashboard/", boss, size={"width": 1440, "height": 900})
    answers = {
        "#p-make_it": ".tri", "#p-changed": ".wf", "#p-risk": "tbody tr", "#p-leak": ".pad p", "#p-enough": ".inw",
        "#p-decide": ".btn",
    }  # fmt: skip
    for panel, answer in answers.items():
        box = page.locator(f"{panel} {answer}").first.bounding_box()
        assert box["y"] + box["height"] <= 900, panel


def test_the_filters_unfold_and_narrow_the_page(open_page, boss, mara, deal):
    page = open_page("/dashboard/?pipeline=" + str(deal.pipeline_id), boss)
    assert deal.pipeline.name in page.inner_text("#narrow summary")
    page.click("#narrow summary")
    page.select_option("#narrow [name=period]", "365")
    page.click("#narrow button")
    page.wait_for_selector("#narrow summary:has-text('Last 12 months')")
    assert "period=365" in page.url and f"pipeline={deal.pipeline_id}" in page.url


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_review_and_ones_own_numbers_are_accessible_and_fit(open_page, axe, boss, mara, deal, size):
    pages = {"/dashboard/": boss, "/dashboard/at-risk/": boss, f"/dashboard/people/{mara.pk}/": mara}
    for path, user in pages.items():
        page = open_page(path, user, size=size)
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.complaints == [], path
