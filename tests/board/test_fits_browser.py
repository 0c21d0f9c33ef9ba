"""Small forms take no more room than they need, on a desk and on a phone."""

import pytest
from django.utils import timezone

from deals import activities
from pipeline.publishing import publish

from .. import factories as f
from ..browser import DESKTOP, PHONE

pytestmark = pytest.mark.django_db(transaction=True)
# How many lines the visible ones among these elements take, and how wide what holds them is.
LINES = """all => {
  const seen = all.map(each => each.getBoundingClientRect()).filter(box => box.width > 1)
  const middles = [...new Set(seen.map(box => Math.round((box.top + box.bottom) / 2 / 8)))]
  return [middles.length, Math.max(...seen.map(box => box.right)) - Math.min(...seen.map(box => box.left))]
}"""


def test_what_can_be_done_with_chosen_deals_takes_two_lines_on_a_phone(open_page):
    mara = f.make_user()
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    for _number in range(60):
        f.make_deal(pipeline, owner=mara)
    page = open_page("/deals/", user=mara, size=PHONE)
    page.locator(".pick1").first.check()
    assert page.locator(".picked > *").evaluate_all(LINES)[0] <= 2
    assert page.locator(".picked").bounding_box()["height"] < 100
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_two_versions_are_chosen_in_one_narrow_line(open_page, size):
    pipeline = f.make_pipeline("Small")
    pipeline.stages.filter(slug="discover").update(target_days=3)
    publish(pipeline, by=pipeline.process_owner, note="Faster")
    page = open_page("/process/small/versions/", user=pipeline.process_owner, size=size)
    lines, width = page.locator(".cmp :is(select, button)").evaluate_all(LINES)
    assert lines == 1 and width < 400
    assert page.locator(".cmp").bounding_box()["width"] < 420


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_no_button_of_a_gate_is_cut_off_however_long_the_stages_name(open_page, size):
    mara, _ruth = f.make_user(), f.make_manager()
    pipeline = f.make_pipeline()
    pipeline.stages.filter(slug="discover").update(name="Discover what they need")
    publish(pipeline, by=pipeline.process_owner, note="In their words")
    deal = f.make_deal(pipeline, owner=mara)
    to = pipeline.stages.get(slug="discover").pk
    page = open_page(f"/deals/{deal.pk}/gate/?to={to}", user=mara, size=size)
    assert page.locator("main .df .btn").count() >= 3
    assert page.locator("main .df").evaluate("bar => bar.scrollWidth <= bar.clientWidth")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_address_without_a_break_pushes_no_page_wider(open_page, size):
    address, mara = "https://meters.example/" + "halls-and-pumps-" * 9, f.make_user()
    company = f.make_company("Donaudampfschifffahrtsbetriebswerkbauunterbeamtengesellschaft")
    deal = f.make_deal(owner=mara, company=company, next_step=address, next_step_on=f.today())
    contact = f.make_contact(company, "Hohenschwangauneuschwansteinbartholomaeus" * 2)
    activities.log(
        deal.pk,
        by=mara,
        kind="call",
        happened_at=timezone.now(),
        attendees=[contact],
        subject=address,
        body=address,
    )
    for path in (f"/deals/{deal.pk}/", f"/deals/{deal.pk}/log/", f"/companies/{company.pk}/", "/deals/"):
        page = open_page(path, user=mara, size=size)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_who_wrote_is_asked_of_an_e_mail_alone(open_page):
    deal = f.make_deal(owner=f.make_user())
    page = open_page(f"/deals/{deal.pk}/log/", user=deal.owner)
    assert not page.get_by_label("Who wrote").is_visible()
    page.locator("[name=kind][value=email]").check()
    assert page.get_by_label("Who wrote").is_visible()


def test_a_printed_board_shows_every_card_of_every_column(open_page):
    mara, pipeline = f.make_user(), f.make_pipeline(stages=f.OPEN_GATES)
    for _number in range(9):
        f.make_deal(pipeline, mara)
    page = open_page("/pipeline/", user=mara, size={"width": 1040, "height": 700})
    page.emulate_media(media="print")
    cut_off = """() => [...document.querySelectorAll(".board, .cards")].filter(
        part => part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1
    ).map(part => part.className)"""
    assert page.locator(".card").count() == 9 and page.evaluate(cut_off) == []
