"""The main job in a real browser: refused, answered, moved; with and without script, by mouse and by keys."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from deals import activities, moves
from tests import factories as f
from tests.browser import DESKTOP, ON_BOTH_ENGINES, PHONE

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = {"desktop": DESKTOP, "phone": PHONE}
EVERY_SIZE = pytest.mark.parametrize("size", SIZES)


@pytest.fixture
def deal(rep):
    deal = f.make_deal(f.make_pipeline(), rep, name="Vellgrove Dairies: three plants")
    lena = f.make_contact(deal.company, "Lena Vossberg", job_title="Head of operations")
    pavel = f.make_contact(deal.company, "Pavel Novarek")
    activities.log(
        deal.pk,
        by=rep,
        kind="meeting",
        happened_at=timezone.now(),
        attendees=[lena, pavel],
        subject="Site visit",
    )
    deal.refresh_from_db()
    return deal


def address(name, deal, *rest):
    return reverse(name, args=[deal.pk, *rest])


def name_of(deal, slug):
    return f"c{f.criterion_of(deal.pipeline, slug).pk}"


def complaints(page):
    """What the browser said, without the refusals that are meant: those arrive as 409 and 422."""
    return [line for line in page.complaints if "status of 4" not in line]


def answer_both(page, deal):
    problem, budget = name_of(deal, "problem"), name_of(deal, "budget")
    page.check(f"[name={problem}_tick]")
    page.fill(f"[name={problem}]", "We lose a shift a month to shutdowns")
    page.check(f"[name={budget}_tick]")
    page.fill(f"[name={budget}]", "60-90k")


@ON_BOTH_ENGINES
@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_rep_is_refused_answers_and_the_deal_moves(open_page, deal, rep, javascript):
    page = open_page(address("deal", deal), rep, javascript=javascript)
    page.click("text=Move to Discover")
    page.wait_for_selector("[data-criterion]")
    page.click("text=Save and move to Discover")
    page.wait_for_selector("text=Nothing is ticked.")
    assert f.fresh(deal).stage.name == "Qualify"
    page.check(f"[name={name_of(deal, 'budget')}_tick]")
    page.fill(f"[name={name_of(deal, 'budget')}]", "a lot")
    page.click("text=Save and move to Discover")
    page.wait_for_selector("text=is not an amount I can read")
    assert page.input_value(f"[name={name_of(deal, 'budget')}]") == "a lot"
    answer_both(page, deal)
    page.click("text=Save and move to Discover")
    page.wait_for_selector("text=moved to Discover")
    assert f.fresh(deal).stage.name == "Discover"
    page.click(".toast button:has-text('Undo')")
    page.wait_for_selector("text=To leave Qualify")
    assert complaints(page) == []


@ON_BOTH_ENGINES
def test_a_rep_moves_a_deal_by_keys_alone(open_page, deal, rep):
    page = open_page(address("deal", deal), rep)
    page.focus(".moves .pri")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    assert page.evaluate("document.activeElement.closest('dialog') !== null"), "focus is in the dialog"
    problem, budget = name_of(deal, "problem"), name_of(deal, "budget")
    press_until(page, f"{problem}_tick")
    page.keyboard.press("Space")
    press_until(page, problem)
    page.keyboard.type("We lose a shift a month to shutdowns")
    press_until(page, f"{budget}_tick")
    page.keyboard.press("Space")
    press_until(page, budget)
    page.keyboard.type("60-90k")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=moved to Discover")
    assert f.fresh(deal).stage.name == "Discover"


def press_until(page, name):
    for _press in range(30):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reached {name}")


def test_escape_closes_the_dialog_gives_focus_back_and_keeps_what_was_typed(open_page, deal, rep):
    page = open_page(address("deal", deal), rep)
    page.click("text=Move to Discover")
    page.wait_for_selector("dialog[open]")
    answer_both(page, deal)
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog[open]", state="detached")
    assert "Move to Discover" in page.evaluate("document.activeElement.textContent")
    page.click("text=Move to Discover")
    page.wait_for_selector("dialog[open]")
    assert page.input_value(f"[name={name_of(deal, 'budget')}]") == "60-90k"


def test_another_conversation_recomputes_the_taps_and_keeps_the_values(open_page, deal, rep):
    page = open_page(address("deal", deal), rep)
    page.click("text=Move to Discover")
    page.wait_for_selector("dialog[open]")
    assert page.is_visible("text=Who of them said it")
    answer_both(page, deal)
    page.check("[name=conversation][value=new]")
    page.wait_for_selector("text=Who of them said it", state="detached")
    budget = name_of(deal, "budget")
    assert not page.is_checked(f"[name={budget}_tick]")
    page.check(f"[name={budget}_tick]")
    assert page.input_value(f"[name={budget}]") == "60-90k"


def test_a_new_conversation_with_a_new_person_is_logged_on_the_way(open_page, deal, rep):
    page = open_page(address("deal", deal), rep)
    page.click("text=Move to Discover")
    page.wait_for_selector("dialog[open]")
    page.check("[name=conversation][value=new]")
    page.wait_for_selector("text=Who of them said it", state="detached")
    page.fill("[name=conversation_by]", "Giulia Bellavar")
    answer_both(page, deal)
    page.click("text=Save and move to Discover")
    page.wait_for_selector("text=moved to Discover")
    assert page.is_visible("text=Call with Giulia Bellavar")


def test_somebody_else_was_first(open_page, deal, rep):
    page = open_page(address("deal", deal), rep)
    page.click("text=Move to Discover")
    page.wait_for_selector("dialog[open]")
    answer_both(page, deal)
    moves.archive(deal.pk, seen_seq=1, by=f.make_manager())
    page.click("text=Save and move to Discover")
    page.wait_for_selector("text=Ruth Adelmar changed this deal")
    assert page.is_visible("text=Show the deal as it is now")
    assert complaints(page) == []


def test_the_value_is_changed_in_its_place(open_page, deal, rep):
    page = open_page(address("deal", deal), rep)
    page.click(".facts a:has-text('€86,000')")
    page.fill("[name=amount]", "plenty")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=is not an amount")
    page.fill("[name=amount]", "92k")
    page.keyboard.press("Enter")
    page.wait_for_selector(".facts a:has-text('€92,000')")
    assert "92,000" in page.evaluate("document.activeElement.textContent"), "keeps the focus"
    assert complaints(page) == []


def test_saving_one_field_loses_nothing_typed_in_another(open_page, deal, rep):
    page = open_page(address("deal", deal), rep)
    page.click("#edit-source")
    page.fill("[name=lead_source]", "Trade fair in Mar")
    page.click("#edit-type")
    page.fill("[name=deal_type]", "renewal")
    page.keyboard.press("Enter")
    page.wait_for_selector("#edit-type:has-text('renewal')")
    page.click("#edit-source")
    page.wait_for_selector("[name=lead_source]")
    assert page.input_value("[name=lead_source]") == "Trade fair in Mar"
    expect(page.locator("[name=lead_source]")).to_be_focused()
    page.keyboard.press("Escape")
    page.wait_for_selector("#edit-source")
    page.click("#edit-source")
    page.wait_for_selector("[name=lead_source]")
    assert page.input_value("[name=lead_source]") == "", "Escape leaves it as it was"


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_refused_conversation_opens_at_the_field_that_is_marked(open_page, deal, rep, javascript):
    page = open_page(address("log", deal), rep, size=PHONE, javascript=javascript)
    page.check("label:has-text('Lena Vossberg') input")
    page.fill("[name=next_step]", "Go through the offer")
    page.click("button:has-text('Save')")
    page.wait_for_selector("text=has a date")
    marked = page.locator("[name=next_step_on]")
    expect(marked).to_be_focused()
    expect(marked).to_be_in_viewport()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_after_a_meeting_on_the_phone(open_page, deal, rep, javascript):
    page = open_page(address("deal", deal), rep, size=PHONE, javascript=javascript)
    page.click("text=Log a conversation")
    page.check("label:has-text('Lena Vossberg') input")
    page.fill("[name=said]", "60 to 90 is in the plant budget")
    budget = name_of(deal, "budget")
    page.check(f"[name={budget}_tick]")
    page.fill(f"[name={budget}]", "60-90k")
    page.fill("[name=next_step]", "Go through the offer")
    page.fill("[name=next_step_on]", "2099-01-05")
    page.click("button:has-text('Save')")
    page.wait_for_selector("text=1 of 2 confirmed")
    assert f.fresh(deal).next_step == "Go through the offer"


@EVERY_SIZE
def test_every_state_is_without_barriers(open_page, axe, deal, rep, size):
    page = open_page(address("deal", deal), rep, size=SIZES[size])
    assert axe(page) == [] and no_overflow(page)
    page.click("text=Move to Discover")
    page.wait_for_selector("dialog[open]")
    assert axe(page) == [], "dialog open"
    page.check("[name=conversation][value=new]")
    page.wait_for_selector("text=Who of them said it", state="detached")
    page.check(f"[name={name_of(deal, 'problem')}_tick]")
    page.click("text=Save and move to Discover")
    page.wait_for_selector("[aria-invalid=true]")
    assert axe(page) == [], "dialog with errors"
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    moves.archive(deal.pk, seen_seq=1, by=f.make_manager())
    page.click("text=Save and move to Discover")
    page.wait_for_selector("text=changed this deal")
    assert axe(page) == [], "conflict"
    page.click("text=Show the deal as it is now")
    page.wait_for_selector("text=Archived")
    assert axe(page) == [], "closed deal"
    assert complaints(page) == []


@EVERY_SIZE
def test_its_forms_are_without_barriers(open_page, axe, deal, rep, size):
    for name, *rest in [("log",), ("new_stakeholder",), ("edit", "next_step"), ("edit", "owner")]:
        page = open_page(address(name, deal, *rest), rep, size=SIZES[size])
        assert axe(page) == [] and no_overflow(page) and complaints(page) == [], name
    page = open_page(f"{address('gate', deal)}?to=lost", rep, size=SIZES[size])
    assert axe(page) == [] and no_overflow(page)


def no_overflow(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")
