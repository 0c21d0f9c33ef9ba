"""Today: what is due, which clocks run, what waits at a gate; done with an outcome, put off until a day."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from deals import moves
from deals.models import Deal, Firing, Task
from deals.timers import due
from pipeline.models import Pipeline, Rule
from pipeline.process import process_of
from pipeline.publishing import publish
from team import formats
from team.models import User

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
MOST_STATEMENTS = 10


@pytest.fixture(scope="module")
def made(kept):
    """Whoever asks, and the process that they sell by."""
    f.make_pipeline()
    return f.make_user()


@pytest.fixture
def mara(made, client):
    user = User.objects.get(pk=made.pk)
    client.force_login(user)
    return user


@pytest.fixture
def deal(mara):
    return f.next_step(f.make_deal(owner=mara, company=f.make_company("Marrowfen Clinics")), days=20)


def give(deal, title="Send the price list", days=0, **columns):
    columns = {"assignee": deal.next_owner, "due_on": f.today() + timedelta(days=days)} | columns
    return Task.objects.create(deal=deal, title=title, created_at=timezone.now(), **columns)


def rule_of(deal, key):
    return process_of(deal.pipeline).rule(key, deal.stage_id)


def by_rule(deal, key="follow_up", occurrence="1", **columns):
    """A task a rule made, with its firing."""
    rule, now = rule_of(deal, key), timezone.now()
    firing = Firing.objects.create(
        deal=deal, key=key, occurrence=occurrence, definition=rule, action=rule.action, fired_at=now, due_at=now,
        since=f.today() - timedelta(days=7),
    )  # fmt: skip
    return give(deal, "Follow up on the offer", firing=firing, rule_key=key, **columns)


def html(client, url="/today/", **options):
    response = client.get(url, **options)
    assert response.status_code == 200
    return response.content.decode()


def part(text, heading):
    """The panel under a heading."""
    return text.split(f'aria-labelledby="{heading}"')[1].split("</section>")[0]


def panel(client, heading):
    return part(html(client), heading)


def titles(text):
    return [line.split("</b>")[0] for line in text.split('class="tx"><p><b>')[1:]]


# what is shown


def test_tasks_due_are_shown_oldest_first_and_on_the_same_day_the_one_with_more_money(client, mara, deal):
    rich = f.next_step(f.make_deal(owner=mara, amount=Decimal(900_000)), days=20)
    give(deal, "Old", days=-3)
    give(deal, "Today, small")
    give(rich, "Today, big")
    give(deal, "Tomorrow", days=1)
    text = panel(client, "todo")
    assert titles(text) == ["Old", "Today, big", "Today, small"]
    assert "3 days late" in text and ">Tomorrow</b>" in text.split('class="later"')[1]


def test_what_is_finished_cancelled_put_off_or_somebody_elses_is_not_to_do(client, mara, deal):
    now = timezone.now()
    give(deal, "Done", done_at=now, outcome="They agreed")
    give(deal, "Cancelled", cancelled_at=now, cancelled_why="reply")
    give(deal, "Not mine", assignee=f.make_user("Piet Olen"))
    give(deal, "Put off", days=-1, snoozed_until=f.today() + timedelta(days=1))
    give(deal, "Back again", days=-1, snoozed_until=f.today())
    text = panel(client, "todo")
    assert titles(text) == ["Back again"]
    assert "Put off" in text.split('class="later"')[1] and "Done" not in titles(text)


def test_a_task_says_what_it_is_for_and_which_rule_made_it(client, deal):
    by_rule(deal, purpose="They have had the offer for a week")
    text = panel(client, "todo")
    assert "They have had the offer for a week." in text
    assert "Made by a rule: no buyer response since" in text and "5 business days." in text


def test_a_rules_task_offers_to_write_to_who_was_heard_last(client, deal):
    f.log_call(deal, f.make_contact(deal.company, "Old Contact", email="old@buyer.example"), days_ago=9)
    f.log_call(deal, f.make_contact(deal.company, "Noor Tavarro", email="noor@buyer.example"), days_ago=8)
    by_rule(deal)
    assert 'href="mailto:noor@buyer.example?subject=Marrowfen%20Clinics"' in panel(client, "todo")


@pytest.mark.parametrize(
    "days, words",
    [(None, "It has none"), (-1, "has passed."), (-9, "has passed; the deal counts as claimed")],
)
def test_a_deal_without_a_next_step_or_with_a_passed_one_is_to_do(client, mara, days, words):
    deal = f.make_deal(owner=mara)
    if days:
        f.next_step(deal, days=days)
    text = panel(client, "todo")
    assert titles(text) == ["Agree on a next step"] and words in text and deal.name in text


def test_no_open_deal_is_without_somebody_whose_day_asks_for_its_next_step(client, mara):
    """R069: every open deal without a next action is on the page of who acts next."""
    piet = f.make_user("Piet Olen")
    deals = [f.make_deal(owner=owner) for owner in (mara, piet, mara)]
    deals[2] = handed = Deal.objects.get(pk=deals[2].pk)
    handed.next_owner = piet
    handed.save(update_fields=["next_owner"])
    f.next_step(f.make_deal(owner=mara), days=3)
    asked = []
    for person in (mara, piet):
        client.force_login(person)
        text = panel(client, "todo")
        asked += [deal.pk for deal in Deal.objects.open() if f'id="step-{deal.pk}"' in text]
    assert sorted(asked) == sorted(deal.pk for deal in deals)


def silent(deal, days, heard=None):
    """The buyer owes an answer for so many days, and was heard `heard` days ago; the follow-up has been made."""
    since = timezone.now() - timedelta(days=days)
    columns = {
        "awaiting_since": since,
        "last_buyer_activity_at": timezone.now() - timedelta(days=heard or days),
    }
    Deal.objects.filter(pk=deal.pk).update(**columns)
    by_rule(f.fresh(deal), occurrence=due.stamp(since))
    return f.resettle(deal)


def test_a_running_clock_says_how_long_and_what_comes(client, deal):
    silent(deal, 8)
    text = panel(client, "clocks")
    day = formats.day(f.today() + timedelta(days=6))
    assert "8 of 14 days silent" in text and f"Re-engages {day}" in text and "Follow-up is due" in text


def test_a_word_from_the_buyer_stops_the_clock_and_takes_the_follow_up_away(client, deal):
    silent(deal, 8)
    assert titles(panel(client, "todo")) == ["Follow up on the offer"]
    f.log_call(deal)
    assert "No clock runs out" in panel(client, "clocks")
    assert titles(panel(client, "todo")) == []
    assert Task.objects.get().cancelled_why == "reply"


def test_a_deal_that_re_engages_counts_its_attempts_and_says_when_it_archives(client, deal):
    silent(deal, 20, heard=25)
    rule, now = rule_of(deal, "re_engage"), timezone.now()
    heard = f.fresh(deal).last_buyer_activity_at
    Firing.objects.create(deal=deal, key=rule.key, occurrence=due.stamp(heard), definition=rule, action=rule.action,
                          fired_at=now, due_at=now, since=f.today())  # fmt: skip
    moves.re_engage(deal.pk, seen_seq=f.fresh(deal).seq, by=None, reason="silent")
    text = panel(client, "clocks")
    day = formats.day(f.today() + timedelta(days=5))
    assert f"Archives {day}" in text and "25 of 30 days silent" in text and "Attempt 1 of 1 made" in text


def test_a_deal_that_re_engages_already_says_which_attempt_comes_next(client, mara):
    pipeline = f.make_pipeline()
    Rule.objects.create(
        pipeline=pipeline, key="re_engage_2", trigger="no_response", days=22, action="re_engage"
    )
    publish(pipeline, by=pipeline.process_owner, note="Two attempts")
    deal = f.make_deal(Pipeline.objects.get(pk=pipeline.pk), mara)
    silent(f.fresh(deal), 20)
    rule, now = rule_of(f.fresh(deal), "re_engage"), timezone.now()
    Firing.objects.create(deal=deal, key=rule.key, occurrence=due.stamp(f.fresh(deal).last_buyer_activity_at),
                          definition=rule, action=rule.action, fired_at=now, due_at=now, since=f.today())  # fmt: skip
    moves.re_engage(deal.pk, seen_seq=f.fresh(deal).seq, by=None, reason="silent")
    text = panel(client, "clocks")
    assert "Attempt 2 " in text and "Re-engages" not in text and "Attempt 1 of 2 made" in text


def test_a_clock_beyond_two_weeks_and_one_the_buyer_stopped_are_not_shown(client, deal):
    f.log_call(deal)
    assert "No clock runs out" in panel(client, "clocks")


def test_a_deal_with_a_near_step_and_open_criteria_waits_at_a_gate(client, mara):
    deal = f.next_step(f.make_deal(owner=mara), days=2)
    text = panel(client, "gates")
    assert "The buyer confirmed problem" in text and "and 1 more" in text
    target = deal.pipeline.stages.get(name="Discover").pk
    assert f'href="/deals/{deal.pk}/gate/?to={target}"' in text
    f.satisfy(deal, deal_criterion(deal, "problem"))
    text = panel(client, "gates")
    assert "confirmed problem" not in text and "confirmed budget" in text


def deal_criterion(deal, slug):
    return next(d for d in process_of(deal.pipeline).criteria_of_all() if d.slug == slug)


def test_the_calendar_shows_next_steps_and_tasks_of_today_and_the_next_working_day(client, mara, deal):
    soon = f.next_step(f.make_deal(owner=mara), days=0, text="Walk through the plant")
    give(deal, "Send the figures", days=0)
    text = panel(client, "calendar")
    assert "Walk through the plant" in text and "Send the figures" in text and soon.name in text
    assert "Go through the offer" not in text  # three weeks ahead


def test_the_sentence_counts_what_is_there(client, mara, deal):
    give(deal, "One")
    give(deal, "Two")
    assert "Two things to do." in html(client)


def test_an_empty_day_says_so_in_every_panel(client, mara):
    text = html(client)
    for words in ("Nothing is due today.", "come here by themselves", "waits for an answer",
                  "No clock runs out", "No next step and no task"):  # fmt: skip
        assert words in text


def test_the_page_sends_as_many_statements_for_fifty_deals_as_for_five(client, mara):
    def count():
        with CaptureQueriesContext(connection) as captured:
            html(client)
        return len(captured)

    def more(number):
        for n in range(number):
            deal = f.next_step(f.make_deal(owner=mara), days=n % 6 - 2)
            give(deal, f"Task {n}", days=n % 5 - 3)
            by_rule(deal)

    more(5)
    html(client)
    few = count()
    more(45)
    assert count() == few <= MOST_STATEMENTS
    assert "More than 30 things to do." in html(client)
    assert html(client).count('class="tx"') == 30


# what is done on it


def test_done_needs_an_outcome_and_says_so_beside_its_field(client, deal):
    task, before = give(deal), fingerprint()
    response = client.post(reverse("today_done", args=[task.pk]), {"outcome": "  "})
    text = response.content.decode()
    assert response.status_code == 422 and fingerprint() == before
    row = text.split(f'id="task-{task.pk}"')[1].split("</li>")[0]
    assert "Say what came of it." in row and 'class="dn-f" data-key-row="e" open' in row
    response = client.post(reverse("today_done", args=[task.pk]), {"outcome": "They agreed"})
    assert response.status_code == 303 and response["Location"] == "/today/"
    task.refresh_from_db()
    assert task.done_at and task.outcome == "They agreed"
    assert "Send the price list" not in panel(client, "todo")


def test_done_twice_keeps_what_was_said_first(client, deal):
    task = give(deal)
    for outcome in ("They agreed", "They did not"):
        client.post(reverse("today_done", args=[task.pk]), {"outcome": outcome})
    task.refresh_from_db()
    assert task.outcome == "They agreed"


@pytest.mark.parametrize("until", ["", "2001-01-01", "yesterday-ish", "2199-01-01", "0"])
def test_snooze_needs_a_day_to_come_and_keeps_what_was_typed(client, deal, until):
    task, before = give(deal), fingerprint()
    response = client.post(reverse("today_snooze", args=[task.pk]), {"until": until})
    assert response.status_code == 422 and fingerprint() == before
    row = response.content.decode().split(f'id="task-{task.pk}"')[1].split("</li>")[0]
    assert f'name="until" value="{until}"' in row and 'aria-describedby="e-u-' in row


def test_a_snoozed_task_comes_back_on_its_day_and_stays_due_since_then(client, deal, time_machine):
    task = give(deal, days=-1)
    until = f.today() + timedelta(days=3)
    assert (
        client.post(reverse("today_snooze", args=[task.pk]), {"until": until.isoformat()}).status_code == 303
    )
    assert titles(panel(client, "todo")) == []
    time_machine.move_to(f.at(until, 1))
    client.force_login(deal.owner)
    text = panel(client, "todo")
    assert titles(text) == ["Send the price list"] and "4 days late" in text


def test_a_next_step_is_agreed_on_where_it_is_missing(client, mara):
    deal = f.make_deal(owner=mara)
    url, before = reverse("today_next_step", args=[deal.pk]), fingerprint()
    response = client.post(url, {"next_step": "Call with finance", "next_step_on": ""})
    assert response.status_code == 422 and fingerprint() == before
    row = response.content.decode().split(f'id="step-{deal.pk}"')[1].split("</li>")[0]
    assert "A next step has a date." in row and 'value="Call with finance"' in row
    assert client.post(url, {"next_step": "", "next_step_on": ""}).status_code == 422
    day = (f.today() + timedelta(days=5)).isoformat()
    assert client.post(url, {"next_step": "Call with finance", "next_step_on": day}).status_code == 303
    assert f.fresh(deal).next_step_on.isoformat() == day
    assert titles(panel(client, "todo")) == []


def test_a_next_step_that_somebody_agreed_on_meanwhile_is_not_replaced(client, mara):
    deal = f.make_deal(owner=mara)
    was = re.search(r'name="was" value="([^"]*)"', html(client))[1]
    f.next_step(deal, days=3, text="Visit the plant")
    before, day = fingerprint(), (f.today() + timedelta(days=5)).isoformat()
    sent = {"next_step": "Call with finance", "next_step_on": day, "was": was}
    refused = client.post(reverse("today_next_step", args=[deal.pk]), sent)
    assert refused.status_code == 409 and fingerprint() == before
    assert "somebody agreed on “Visit the plant” with" in refused.content.decode()


def test_a_next_step_of_a_deal_that_closed_meanwhile_is_not_kept_silent(client, mara):
    deal = f.make_deal(owner=mara)
    moves.archive(deal.pk, by=mara, seen_seq=deal.seq, reason="They chose to wait")
    sent = {"next_step": "Call with finance", "next_step_on": f.today().isoformat()}
    before, refused = fingerprint(), client.post(reverse("today_next_step", args=[deal.pk]), sent)
    assert refused.status_code == 409 and fingerprint() == before
    assert "This deal is closed. Reopen it first." in refused.content.decode()


@pytest.mark.parametrize("name", ["today_done", "today_snooze"])
def test_somebody_elses_task_is_not_there(client, deal, name):
    task = give(deal, assignee=f.make_user("Piet Olen"))
    before = fingerprint()
    data = {"outcome": "x"} if name == "today_done" else {"until": "2099-01-01"}
    assert client.post(reverse(name, args=[task.pk]), data).status_code == 404
    assert fingerprint() == before


def test_what_cannot_be_stored_is_refused(client, deal):
    task, before = give(deal), fingerprint()
    response = client.post(reverse("today_done", args=[task.pk]), {"outcome": "They \x00 agreed"})
    assert response.status_code in (400, 422) and fingerprint() == before


def test_a_field_no_form_of_ours_has_is_refused(client, deal):
    task, before = give(deal), fingerprint()
    response = client.post(reverse("today_done", args=[task.pk]), {"outcome": "x", "done_at": "2001-01-01"})
    assert response.status_code == 400 and fingerprint() == before


# where one begins


@pytest.mark.parametrize("make, goal", [(f.make_user, "/today/"), (f.make_manager, "/pipeline/"),
                                        (f.make_admin, "/pipeline/")])  # fmt: skip
def test_a_seller_begins_with_the_day_and_who_leads_with_the_board(client, make, goal):
    client.force_login(make("Somebody New"))
    assert client.get("/")["Location"] == goal


def test_today_comes_first_in_the_navigation(client, mara):
    text = html(client)
    nav = text.split('<nav class="nav"')[1].split("</nav>")[0]
    assert nav.index("/today/") < nav.index("/pipeline/") and 'href="/today/" aria-current="page"' in nav
