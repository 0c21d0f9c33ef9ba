"""Today in a real browser: keys, done, snoozed, a reply logged, a meeting written down without signal."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from automations import tick
from deals.models import Activity, Task

from .. import factories as f
from ..browser import DESKTOP, ON_BOTH_ENGINES, PHONE
from .test_today import by_rule, give, silent

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])


@pytest.fixture
def mara():
    return f.make_user()


@pytest.fixture
def deal(mara):
    deal = f.make_deal(owner=mara, company=f.make_company("Marrowfen Clinics"))
    f.make_contact(deal.company, "Noor Tavarro")
    return f.next_step(deal, days=20)


def complaints(page):
    """What the browser said, without the refusals and the broken line that are meant."""
    return [line for line in page.complaints if "status of 4" not in line and "ERR_" not in line]


def in_focus(page):
    return page.evaluate("document.activeElement.id || document.activeElement.className")


@BOTH
def test_a_task_is_done_with_what_came_of_it(open_page, mara, deal, javascript):
    task = give(deal)
    page = open_page("/today/", mara, javascript=javascript)
    page.click(f"#task-{task.pk} .tick")
    page.click(f"#task-{task.pk} button:has-text('Done')")
    expect(page.locator(f"#task-{task.pk} .err")).to_have_text("Say what came of it.")
    page.fill(f"#o-task-{task.pk}", "They have it")
    page.click(f"#task-{task.pk} button:has-text('Done')")
    expect(page.locator(f"#task-{task.pk}")).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("Done: Send the price list")
    assert Task.objects.get().outcome == "They have it"
    assert complaints(page) == []


@BOTH
def test_a_task_is_put_off(open_page, mara, deal, javascript):
    task = give(deal)
    page = open_page("/today/", mara, javascript=javascript)
    page.click(f"#task-{task.pk} .sn-f > summary")
    page.fill(f"#u-task-{task.pk}", (f.today() + timedelta(days=2)).isoformat())
    page.click(f"#task-{task.pk} button:has-text('Snooze')")
    expect(page.locator(".toast")).to_contain_text("Put off until")
    expect(page.locator(".tk li")).to_have_count(0)
    assert Task.objects.get().snoozed_until == f.today() + timedelta(days=2)


def test_the_day_is_worked_off_by_keys_and_the_focus_is_never_lost(open_page, mara, deal):
    first, second, third = (give(deal, f"Task {n}", days=n - 3) for n in range(3))
    page = open_page("/today/", mara)
    page.keyboard.press("j")
    assert in_focus(page) == f"task-{first.pk}"
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert in_focus(page) == f"task-{first.pk}"
    page.keyboard.press("e")
    assert in_focus(page) == f"o-task-{first.pk}"
    page.keyboard.press("Escape")
    assert in_focus(page) == f"task-{first.pk}"
    page.keyboard.press("e")
    page.keyboard.type("eskl")  # letters are letters in a field
    page.keyboard.press("Enter")
    expect(page.locator(f"#task-{first.pk}")).to_have_count(0)
    expect(page.locator(f"#task-{second.pk}")).to_be_focused()
    page.keyboard.press("s")
    assert in_focus(page) == f"u-task-{second.pk}"
    page.keyboard.press("Enter")
    expect(page.locator(f"#task-{third.pk}")).to_be_focused()
    page.keyboard.press("l")
    page.wait_for_selector("dialog#reply[open]")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(f"#task-{third.pk} .rep")).to_be_focused()
    page.locator(f"#task-{third.pk}").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/deals/{deal.pk}/")
    assert Task.objects.get(pk=first.pk).outcome == "eskl"
    assert complaints(page) == []


def test_who_switched_letter_keys_off_is_left_alone(open_page, mara, deal):
    mara.letter_keys = False
    mara.save(update_fields=["letter_keys"])
    task = give(deal)
    page = open_page("/today/", mara)
    page.locator(f"#task-{task.pk}").focus()
    for key in "esljk":
        page.keyboard.press(key)
    assert in_focus(page) == f"task-{task.pk}"
    assert page.locator(".tk details[open], dialog[open]").count() == 0
    assert page.locator(".keys").count() == 0


@BOTH
def test_a_reply_is_logged_and_takes_away_what_it_made_needless(open_page, mara, deal, javascript):
    silent(deal, 8)
    page = open_page("/today/", mara, javascript=javascript)
    expect(page.locator(".cd li")).to_contain_text("8 of 14 days silent")
    page.click(".tk [data-reply]")
    page.get_by_label("In their words").first.fill("We want two plants")
    page.locator(".reply .seg label", has_text="Interested").click()
    page.click("button:has-text('Save the reply')")
    page.wait_for_url("**/today/")
    expect(page.locator(".tk li")).to_have_count(0)
    expect(page.locator(".cd li")).to_have_count(0)
    assert Task.objects.get().cancelled_why == "reply"
    assert Activity.objects.get(outcome="interested").body == "We want two plants"
    assert complaints(page) == []


@ON_BOTH_ENGINES
def test_an_unanswered_proposal_comes_up_on_today_and_a_reply_takes_it_away_and_says_so(
    open_page, mara, deal
):
    f.log_call(deal, kind="proposal", expects_answer=True)
    page = open_page("/today/", mara)
    expect(page.locator(".tk li")).to_have_count(0)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        tick.run(timezone.now())
        later = open_page("/today/", mara)
        expect(later.locator(".tk li")).to_contain_text("No buyer response since")
        later.click(".tk [data-reply]")
        later.get_by_label("In their words").first.fill("We want two plants")
        later.locator(".reply .seg label", has_text="Interested").click()
        later.click("button:has-text('Save the reply')")
        expect(later.locator(".toast")).to_contain_text("Reply saved")
        expect(later.locator(".tk li")).to_have_count(0)
        later.goto(reverse("deal", args=[deal.pk]))
        expect(later.locator(".tl")).to_contain_text("Cancelled by reply")
        assert complaints(later) == []


def write(page):
    page.wait_for_selector("#just-now form")
    page.locator("#just-now .ck2", has_text="Noor Tavarro").click()
    page.fill("#jn-said", "Payback under two years")
    page.locator("#just-now .ck2", has_text="In a week").click()
    page.fill("#jn-step", "Go through the figures")


@BOTH
def test_a_meeting_is_written_down_on_a_phone(open_page, mara, deal, javascript):
    f.next_step(deal, days=0)
    page = open_page("/today/", mara, size=PHONE, javascript=javascript)
    if not javascript:
        page.click("text=Write it down")
    write(page)
    page.click("#just-now button:has-text('Save')")
    page.wait_for_selector("#saved")
    assert "Go through the figures" in page.inner_text("#saved")
    assert Activity.objects.get(deal=deal).body == "Payback under two years"
    assert complaints(page) == []


def test_without_signal_the_text_stays_and_is_sent_once_when_it_is_back(open_page, mara, deal):
    f.next_step(deal, days=0)
    page = open_page("/today/", mara, size=PHONE)
    write(page)
    page.context.set_offline(True)
    try:
        page.click("#just-now button:has-text('Save')")
        expect(page.locator("[data-offline]")).to_be_visible()
        assert page.input_value("#jn-said") == "Payback under two years"
    finally:
        page.context.set_offline(False)
    expect(page.locator("[data-online]")).to_be_visible()
    assert not Activity.objects.filter(deal=deal).exists()
    page.reload()  # the phone was put away meanwhile
    page.wait_for_selector("#just-now form")
    expect(page.locator("[data-online]")).to_be_visible()
    assert page.input_value("#jn-said") == "Payback under two years"
    assert page.locator("#just-now [name=people]").is_checked()
    page.click("#just-now button:has-text('Save')")
    page.wait_for_selector("#saved")
    page.goto("/today/")
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('just-now'))") == []
    assert Activity.objects.filter(deal=deal).count() == 1


def test_an_answer_that_never_came_back_is_sent_again_and_adds_nothing_twice(open_page, mara, deal):
    f.next_step(deal, days=0)
    page = open_page("/today/", mara, size=PHONE)
    write(page)

    def lose(route):
        route.fetch(max_redirects=0)  # the server has it
        route.abort()  # and the phone never hears

    page.route("**/just-now/", lose)
    page.click("#just-now button:has-text('Save')")
    expect(page.locator("[data-offline]")).to_be_visible()
    assert Activity.objects.filter(deal=deal).count() == 1
    page.unroute_all()
    page.click("#just-now button:has-text('Save')")
    page.wait_for_selector("#saved")
    assert Activity.objects.filter(deal=deal).count() == 1


def test_what_is_refused_shows_beside_its_field_and_stays_typed(open_page, mara, deal):
    f.next_step(deal, days=0)
    page = open_page("/today/", mara, size=PHONE)
    write(page)
    page.fill("#jn-step", "")
    page.click("#just-now button:has-text('Save')")
    page.wait_for_selector("#e-next_step")
    assert in_focus(page) == "jn-step" and page.input_value("#jn-said") == "Payback under two years"
    assert complaints(page) == []


def full(mara, deal):
    by_rule(deal, purpose="They have had it for a week")
    give(deal, "Old one", days=-4)
    give(deal, "Tomorrow", days=1)
    f.make_deal(owner=mara, name="Without a next step and with a name that is rather long for a phone")
    silent(f.next_step(f.make_deal(owner=mara), days=3), 8)


@SIZES
def test_today_is_accessible_full_empty_and_refused(open_page, axe, mara, deal, size):
    full(mara, deal)
    page = open_page("/today/", mara, size=size)
    look(page, axe)
    page.click(".tk .tick >> nth=0")
    page.click(".tk details[open] .btn.pri")
    page.wait_for_selector(".tk .err")
    look(page, axe)
    page.click(".later summary")
    page.click(".tk [data-reply] >> nth=0")
    page.wait_for_selector("dialog#reply[open]")
    page.locator(".reply .seg label", has_text="Later").click()
    page.click("button:has-text('Save the reply')")
    page.wait_for_selector("#e-later_on")
    look(page, axe)
    empty = open_page("/today/", f.make_user("Piet Olen"), size=size)
    look(empty, axe)
    assert complaints(page) == complaints(empty) == []


@SIZES
def test_the_meetings_form_what_it_saved_and_whose_reply_are_accessible(open_page, axe, mara, deal, size):
    f.next_step(deal, days=0)
    page = open_page("/today/", mara, size=size)
    write(page)
    look(page, axe)
    page.click("#just-now button:has-text('Save')")
    page.wait_for_selector("#saved")
    look(page, axe)
    page.goto(reverse("whose_reply"))
    look(page, axe)
    page.goto(reverse("reply", args=[deal.pk]))
    look(page, axe)
    page.goto(reverse("just_now", args=[deal.pk]))
    look(page, axe)


def look(page, axe):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe(page) == []
