"""The board in a real browser: drag, keys, the Move menu, narrow screens, and what the browser complains of."""

import gzip
import re

import pytest
from playwright.sync_api import expect

from deals import moves
from deals.models import Transition
from pipeline.process import process_of
from pipeline.publishing import publish

from .. import factories as f
from ..boards import fill
from ..browser import DESKTOP, ON_BOTH_ENGINES, PHONE
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rep(db):
    return f.make_user()


@pytest.fixture
def pipeline(db):
    return f.make_pipeline("New business")


@pytest.fixture
def ready(pipeline, rep):
    """A deal whose gate to Discover holds."""
    deal = f.make_deal(pipeline, rep, company=f.make_company("Vellgrove Dairies"))
    return f.satisfy_all(deal, process_of(pipeline).exit_criteria(deal.stage_id))


@pytest.fixture
def unready(pipeline, rep):
    return f.make_deal(pipeline, rep, company=f.make_company("Harnby Care Homes"))


def column(page, pipeline, name):
    return page.locator(f'.col[data-stage="{f.stage_of(pipeline, name).pk}"]')


def card(page, deal):
    return page.locator(f'[data-deal="{deal.pk}"]')


def drag(page, deal, target, drop=True):
    box, goal = card(page, deal).bounding_box(), target.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + 260, steps=8)
    if drop:
        page.mouse.up()


def focused(page):
    return page.evaluate("document.activeElement.closest('[data-deal]')?.dataset.deal")


def rows():
    return Transition.objects.count()


# ---- drag


def test_only_the_card_that_moved_is_marked_as_moved(open_page, pipeline, rep, ready):
    f.make_deal(pipeline, rep, stage="Discover", name="Older deal")
    page = open_page("/pipeline/", rep)
    drag(page, ready, column(page, pipeline, "Discover"))
    expect(page.locator(".toast")).to_contain_text("moved to Discover")
    expect(card(page, ready)).to_have_class(re.compile("fresh"))
    expect(page.locator(".card.fresh")).to_have_count(1)


@ON_BOTH_ENGINES
def test_a_card_dropped_on_the_next_stage_moves_once_the_server_agrees(open_page, pipeline, rep, ready):
    page = open_page("/pipeline/", rep)
    drag(page, ready, column(page, pipeline, "Discover"))
    expect(column(page, pipeline, "Discover").locator(f'[data-deal="{ready.pk}"]')).to_be_visible()
    expect(column(page, pipeline, "Discover").locator("h2")).to_have_text(re.compile(r"Discover\s+1"))
    expect(column(page, pipeline, "Qualify").locator("h2")).to_have_text(re.compile(r"Qualify\s+0"))
    expect(page.locator(".toast")).to_contain_text("moved to Discover")
    assert f.fresh(ready).stage.name == "Discover"
    assert focused(page) == str(ready.pk)
    assert page.complaints == []


def test_undo_in_the_toast_puts_the_card_back(open_page, pipeline, rep, ready):
    page = open_page("/pipeline/", rep)
    drag(page, ready, column(page, pipeline, "Discover"))
    page.get_by_role("button", name="Undo").click()
    expect(column(page, pipeline, "Qualify").locator(f'[data-deal="{ready.pk}"]')).to_be_visible()
    assert f.fresh(ready).stage.name == "Qualify"


def test_a_refused_card_comes_home_and_the_dialog_says_what_is_open(open_page, pipeline, rep, unready):
    page, before = open_page("/pipeline/", rep), fingerprint()
    drag(page, unready, column(page, pipeline, "Discover"))
    expect(page.locator("dialog#gate")).to_be_visible()
    expect(page.locator("dialog#gate [data-criterion]")).to_have_count(2)
    expect(page.locator(".ghost")).to_have_count(0)
    expect(column(page, pipeline, "Qualify").locator(f'[data-deal="{unready.pk}"]')).to_have_class(
        re.compile("blk")
    )
    expect(page.locator("#live")).to_contain_text("was not moved")
    page.keyboard.press("Escape")
    expect(page.locator("dialog#gate")).to_have_count(0)
    assert focused(page) == str(unready.pk)
    assert fingerprint() == before
    assert [line for line in page.complaints if "422" not in line] == []


def test_while_dragging_the_columns_hint_and_escape_puts_the_card_back(
    open_page, pipeline, rep, ready, unready
):
    page, before = open_page("/pipeline/", rep), rows()
    drag(page, unready, column(page, pipeline, "Discover"), drop=False)
    expect(column(page, pipeline, "Discover")).to_have_class(re.compile("gate-shut"))
    expect(page.locator(".ghost")).to_have_count(1)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".ghost")).to_have_count(0)
    drag(page, ready, column(page, pipeline, "Discover"), drop=False)
    expect(column(page, pipeline, "Discover")).to_have_class(re.compile("gate-open"))
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".lift")).to_have_count(0)
    assert rows() == before and "/pipeline/" in page.url


def test_a_card_dropped_where_it_stands_stays_and_asks_nothing(open_page, pipeline, rep, ready):
    page = open_page("/pipeline/", rep)
    asked = []
    page.on("request", lambda request: request.method == "POST" and asked.append(request.url))
    drag(page, ready, column(page, pipeline, "Qualify"))
    expect(page.locator(".ghost")).to_have_count(0)
    assert asked == [] and "/pipeline/" in page.url


def test_a_card_moved_meanwhile_comes_home_and_the_dialog_says_who_was_first(open_page, pipeline, rep, ready):
    page = open_page("/pipeline/", rep)
    moves.advance(ready.pk, to=f.stage_of(pipeline, "Discover").pk, seen_seq=1, by=f.make_manager())
    drag(page, ready, column(page, pipeline, "Discover"))
    expect(page.locator("dialog[open]")).to_contain_text("Ruth Adelmar")


def test_when_the_server_breaks_the_card_goes_home_and_the_page_says_it_was_not_saved(
    open_page, pipeline, rep, ready
):
    page = open_page("/pipeline/", rep)
    page.route("**/move/", lambda route: route.fulfill(status=500, body=""))
    drag(page, ready, column(page, pipeline, "Discover"))
    expect(page.locator("#toasts")).to_contain_text("Not saved.")
    expect(page.locator(".ghost")).to_have_count(0)
    expect(column(page, pipeline, "Qualify").locator(f'[data-deal="{ready.pk}"]')).to_be_visible()
    page.unroute("**/move/")
    page.get_by_role("button", name="Try again").click()
    expect(column(page, pipeline, "Discover").locator(f'[data-deal="{ready.pk}"]')).to_be_visible()


def test_when_the_server_does_not_answer_the_card_goes_home(open_page, pipeline, rep, ready):
    page = open_page("/pipeline/", rep)
    page.route("**/move/", lambda route: route.abort())
    drag(page, ready, column(page, pipeline, "Discover"))
    expect(page.locator("#toasts")).to_contain_text("The server did not answer.")
    expect(column(page, pipeline, "Qualify").locator(f'[data-deal="{ready.pk}"]')).to_be_visible()
    assert f.fresh(ready).seq == 1


# ---- keys


def test_a_card_moves_by_shift_and_arrow_and_keeps_the_focus(open_page, pipeline, rep, ready):
    page = open_page("/pipeline/", rep)
    card(page, ready).get_by_role("link").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(column(page, pipeline, "Discover").locator(f'[data-deal="{ready.pk}"]')).to_be_visible()
    expect(card(page, ready).get_by_role("link")).to_be_focused()


def test_arrows_go_from_card_to_card_and_tab_from_column_to_column(open_page, pipeline, rep, ready):
    below = f.next_step(f.make_deal(pipeline, rep))
    right = f.make_deal(pipeline, rep, stage="Discover")
    page = open_page("/pipeline/", rep)
    card(page, ready).get_by_role("link").focus()
    page.keyboard.press("ArrowDown")
    assert focused(page) == str(below.pk)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowRight")
    assert focused(page) == str(right.pk)
    page.keyboard.press("ArrowLeft")
    assert focused(page) == str(ready.pk)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.mv')")
    page.keyboard.press("Tab")
    assert focused(page) == str(right.pk)


def test_m_opens_the_move_menu_and_its_choice_moves(open_page, pipeline, rep, ready):
    page = open_page("/pipeline/", rep)
    card(page, ready).get_by_role("link").focus()
    page.keyboard.press("m")
    menu = page.locator("#move-menu")
    expect(menu).to_be_visible()
    expect(menu.get_by_role("menuitem", name="Discover")).to_contain_text("ready")
    expect(menu.get_by_role("menuitem", name="Qualify")).to_contain_text("now")
    expect(menu.get_by_role("menuitem", name="Resume")).to_be_hidden()
    menu.get_by_role("menuitem", name="Discover").click()
    expect(column(page, pipeline, "Discover").locator(f'[data-deal="{ready.pk}"]')).to_be_visible()


def test_a_buyers_reply_is_logged_from_the_cards_menu(open_page, pipeline, rep, unready):
    page = open_page("/pipeline/", user=rep)
    card(page, unready).locator(".mv").click()
    page.locator("#move-menu").get_by_role("menuitem", name="Log a reply").click()
    page.locator("#dialog-root dialog[open]").get_by_text("Interested").wait_for()
    page.keyboard.press("Escape")
    card(page, unready).locator(".mv").click()
    assert (
        page.locator("#move-menu [data-reply]").get_attribute("href")
        == f"/deals/{unready.pk}/reply/?from=board"
    )
    assert page.complaints == []


def test_the_move_button_names_what_is_open_and_lost_asks_for_a_reason(open_page, pipeline, rep, unready):
    f.make_loss_reason()
    page = open_page("/pipeline/", rep)
    card(page, unready).locator(".mv").click()
    expect(page.locator("#move-menu").get_by_role("menuitem", name="Discover")).to_contain_text("2 open")
    page.get_by_role("menuitem", name="Close as lost").click()
    expect(page.locator("dialog[open]")).to_be_visible()
    assert f.fresh(unready).status == "open"


# ---- long columns, and what changed meanwhile


def test_a_long_column_loads_its_rest_when_scrolled_to(open_page, pipeline, rep):
    fill(pipeline, rep, 40, spread=False)
    page = open_page("/pipeline/", rep)
    cards = column(page, pipeline, "Qualify").locator(".card")
    expect(cards).to_have_count(30)
    page.get_by_role("link", name="Show 10 more").scroll_into_view_if_needed()
    expect(cards).to_have_count(40)


def test_what_a_colleague_did_appears_without_a_reload_and_keeps_the_focus(
    open_page, pipeline, rep, ready, unready
):
    page = open_page("/pipeline/", rep)
    card(page, unready).get_by_role("link").focus()
    moves.advance(ready.pk, to=f.stage_of(pipeline, "Discover").pk, seen_seq=1, by=None)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    moved = column(page, pipeline, "Discover").locator(f'[data-deal="{ready.pk}"]')
    expect(moved).to_have_class(re.compile("fresh"))
    expect(card(page, ready)).to_have_count(1)
    expect(column(page, pipeline, "Qualify").locator("h2")).to_have_text(re.compile(r"Qualify\s+1"))
    assert focused(page) == str(unready.pk)
    moves.archive(ready.pk, seen_seq=2, by=None, reason="They chose to wait")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(card(page, ready)).to_have_count(0)


def test_the_focus_goes_with_a_card_that_a_colleague_moves_or_changes(open_page, pipeline, rep, ready):
    page = open_page("/pipeline/", rep)
    card(page, ready).get_by_role("link").focus()
    moves.advance(ready.pk, to=f.stage_of(pipeline, "Discover").pk, seen_seq=1, by=None)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(column(page, pipeline, "Discover").locator(f'[data-deal="{ready.pk}"]')).to_be_visible()
    expect(card(page, ready).get_by_role("link")).to_be_focused()
    moves.back(ready.pk, to=f.stage_of(pipeline, "Qualify").pk, seen_seq=2, by=None, reason="Too early")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(column(page, pipeline, "Qualify").locator(f'[data-deal="{ready.pk}"]')).to_be_visible()
    expect(card(page, ready).get_by_role("link")).to_be_focused()
    f.next_step(f.fresh(ready))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(card(page, ready)).to_have_class(re.compile("fresh"))
    expect(card(page, ready).get_by_role("link")).to_be_focused()


def test_escape_closes_the_search_at_once_and_gives_the_focus_back(open_page, pipeline, rep, ready):
    page = open_page("/pipeline/", rep)
    card(page, ready).get_by_role("link").focus()
    page.keyboard.press("Control+k")
    page.keyboard.type("Vellgrove")
    page.wait_for_selector("#hits a")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(card(page, ready).get_by_role("link")).to_be_focused()


# ---- without JavaScript


def test_without_javascript_a_card_moves_by_its_form(open_page, pipeline, rep, ready):
    page = open_page("/pipeline/", rep, javascript=False)
    card(page, ready).locator(".mv").click()
    card(page, ready).get_by_role("button", name="Move", exact=True).click()
    expect(column(page, pipeline, "Discover").locator(f'[data-deal="{ready.pk}"]')).to_be_visible()


def test_without_javascript_the_folded_stage_opens(open_page, rep):
    pipeline = f.make_pipeline("Prospecting first")
    prospect(pipeline)
    deal = f.make_deal(pipeline, rep)
    page = open_page("/pipeline/", rep, javascript=False)
    expect(card(page, deal)).to_be_hidden()
    page.locator(".rail").click()
    expect(card(page, deal)).to_be_visible()


def prospect(pipeline):
    """Its first stage does not count as pipeline."""
    first = pipeline.stages.first()
    first.counts_as_pipeline = False
    first.save()
    publish(pipeline, by=pipeline.process_owner, note="prospecting")
    pipeline.refresh_from_db()


def test_unfolding_the_first_stage_cuts_no_column(open_page, rep):
    stages = {
        name: [] for name in ["Prospect", "Qualify", "Discover", "Present", "Propose", "Negotiate", "Close"]
    }
    pipeline = f.make_pipeline("Seven", stages=stages)
    prospect(pipeline)
    page = open_page("/pipeline/", rep)
    page.locator(".rail").click()
    boxes = [section.bounding_box() for section in page.locator(".col").all()]
    assert len(boxes) == 8
    assert all(a["x"] + a["width"] <= b["x"] + 1 for a, b in zip(boxes, boxes[1:], strict=False))
    assert boxes[-1]["x"] + boxes[-1]["width"] <= DESKTOP["width"] + 1


# ---- every width and look


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1440, 1920])
def test_the_page_never_scrolls_sideways(open_page, pipeline, rep, width):
    fill(pipeline, rep, 20)
    page = open_page("/pipeline/", rep, size={"width": width, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_axe_and_the_content_policy_find_nothing(open_page, axe, pipeline, rep, ready, unready, size):
    fill(pipeline, rep, 12)
    f.next_step(f.make_deal(pipeline, rep), -1)
    moves.re_engage(f.make_deal(pipeline, rep).pk, seen_seq=1, by=None)
    page = open_page("/pipeline/", rep, size=size)
    assert axe(page) == []
    card(page, ready).locator(".mv").click()
    expect(page.locator("#move-menu")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.locator(".drop-list summary").first.click()
    assert axe(page) == []
    assert page.complaints == []


@pytest.mark.parametrize("who", ["blocked", "mine"])
def test_axe_finds_nothing_on_an_empty_board(open_page, axe, pipeline, rep, who):
    page = open_page(f"/pipeline/?who={who}", rep)
    assert axe(page) == [] and page.complaints == []


def test_on_a_phone_one_column_a_swipe_and_the_strip_follows(open_page, pipeline, rep, ready):
    page = open_page("/pipeline/", rep, size=PHONE)
    strip = page.locator("#jump")
    expect(strip.locator("[aria-current]")).to_contain_text("Qualify")
    strip.get_by_role("link", name="Propose").click()
    expect(strip.locator("[aria-current]")).to_contain_text("Propose")
    strip.get_by_role("link", name="Qualify").click()
    card(page, ready).locator(".mv").click()
    page.get_by_role("menuitem", name="Discover").click()
    expect(page.locator(".toast")).to_contain_text("moved to Discover")


def test_the_first_load_is_light_and_takes_few_requests(open_page, pipeline, rep):
    fill(pipeline, rep, 120)
    page, answers = open_page("/healthz", rep, first_visit=True), []
    page.on("response", lambda answer: answers.append(answer))
    page.goto("/pipeline/", wait_until="networkidle")
    assert len(answers) <= 8, [answer.url for answer in answers]
    assert sum(len(gzip.compress(answer.body(), 6)) for answer in answers) < 110_000
