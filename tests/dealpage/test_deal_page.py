"""The page of one deal: what it shows, and to whom."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from deals import activities, moves
from deals.clocks import Mark
from deals.models import Answer, Deal, GateRefusal, Task, Transition
from deals.page import silence
from deals.page.timeline import PAGE
from pipeline.publishing import publish
from team import formats

from .. import factories as f
from ..fingerprint import fingerprint
from ..programs.test_move_endpoint import HTMX, ready, send, to
from .asking import html

pytestmark = pytest.mark.django_db


# what it shows


def test_it_shows_where_the_deal_stands_and_what_is_open(page, deal):
    text = html(page, deal)
    assert deal.name in text and "€86,000" in text and "To leave Qualify" in text
    assert "The buyer confirmed problem" in text and "0 of 2 confirmed" in text


def test_it_is_claimed_without_a_next_step_and_says_so(page, deal):
    assert "There is no next step with a date." in html(page, deal)
    f.next_step(deal)
    assert "€86k is claimed" not in html(page, deal)


def test_a_proof_that_became_too_old_is_named_as_the_cause(page, pipeline, rep):
    deal = f.next_step(f.make_deal(pipeline, rep, stage="Discover"))
    criterion = f.criterion_of(pipeline, "budget")
    answer = Answer.objects.get(deal=deal, criterion=criterion)
    answer.holds_until = f.today() - timedelta(days=1)
    answer.save(update_fields=["holds_until"])
    text = html(page, deal)
    assert "One proof is too old." in text and "Ask again" in text


def test_why_a_deal_is_here_is_answered_with_the_proof(page, pipeline, rep):
    text = html(page, f.make_deal(pipeline, rep, stage="Propose"))
    assert "Why is this deal here?" in text and "Moved from Discover to Propose" in text
    assert "Lena Vossberg" in text and "3 confirmed in earlier stages" in text


def test_the_timeline_tells_refusals_moves_and_conversations(page, pipeline, deal, rep):
    send(page, deal, to(pipeline, "Discover"))
    f.log_call(deal, body="Send us an offer")
    ready(deal)
    moves.advance(deal.pk, to=f.stage_of(pipeline, "Discover").pk, seen_seq=1, by=rep)
    text = html(page, deal)
    assert f"{rep.name} asked to move it to Discover: refused" in text and "Nothing was changed." in text
    assert "“Send us an offer”" in text and "Moved from Qualify to Discover" in text
    assert "Confirmed: The buyer confirmed problem" in text


def test_a_long_history_comes_page_by_page_with_nothing_twice(page, deal):
    for number in range(2 * PAGE + 3):
        f.log_call(deal, subject=f"Talk {number:02}", days_ago=number // 3)
    seen, address = "", reverse("deal", args=[deal.pk])
    first = html(page, deal)
    cursor = first.split('hx-get="' + address + "?before=")[1].split('"')[0]
    seen += first
    while cursor:
        part = page.get(f"{address}?before={cursor}", headers=HTMX).content.decode()
        seen += part
        cursor = part.split("?before=")[-1].split('"')[0] if "?before=" in part else ""
    for number in range(2 * PAGE + 3):
        assert seen.count(f"Talk {number:02}") == 1


def test_refusals_in_a_row_that_say_the_same_are_one_line_that_tells_how_often(page, pipeline, deal, rep):
    for stage in ("Discover", "Discover", "Discover", "Propose", "Discover"):
        send(page, deal, to(pipeline, stage))
    text = html(page, deal)
    assert text.count(f"{rep.name} asked to move it to Discover: refused") == 2
    assert text.count("refused 3 times") == 1 and "refused 1 times" not in text
    f.log_call(deal, body="In between", days_ago=0)
    send(page, deal, to(pipeline, "Discover"))
    assert html(page, deal).count(f"{rep.name} asked to move it to Discover: refused") == 3


def test_hundreds_of_refusals_hide_nothing_of_what_happened_before_and_between_them(
    page, pipeline, deal, rep
):
    start, target = timezone.now(), f.stage_of(pipeline, "Discover")
    refusal = {"deal": deal, "actor": rep, "from_stage": deal.stage, "to_stage": target, "source": "web"}
    rows = [
        GateRefusal(**refusal, at=start + timedelta(seconds=number), criteria=[number // 150])
        for number in range(300)
    ]
    GateRefusal.objects.bulk_create(rows)
    address = reverse("deal", args=[deal.pk])
    part = seen = html(page, deal)
    while "?before=" in part:
        cursor = part.split("?before=")[-1].split('"')[0]
        part = page.get(f"{address}?before={cursor}", headers=HTMX).content.decode()
        seen += part
    times = [int(words.split()[0]) for words in seen.split("<summary>refused ")[1:]]
    assert sum(times) == 300 and len(times) <= 5 and "Created in Qualify" in seen


@pytest.mark.parametrize(
    "cursor", ["x", "2026-99-99T00:00:00+00:00,0,1", "2026-01-01T00:00:00,0,1", ",,", "a,b,c,d"]
)
def test_a_garbled_place_in_the_history_shows_the_beginning(page, deal, cursor):
    assert "Created in Qualify" in html(page, deal, before=cursor)


@pytest.mark.parametrize("calls", [1, 30])
def test_it_takes_at_most_fifteen_queries_however_much_happened(
    page, pipeline, rep, django_assert_max_num_queries, calls
):
    deal = f.make_deal(pipeline, rep, stage="Propose")
    for number in range(calls):
        contact = f.make_contact(deal.company, f"Person {number}")
        f.put_in_role(deal, contact, "user")
        f.log_call(deal, contact)
        Task.objects.create(
            deal=deal, assignee=rep, title="Call", due_on=f.today(), created_at=timezone.now()
        )
    html(page, deal)
    with django_assert_max_num_queries(15):
        html(page, deal)


def test_a_teammate_sees_it_without_buttons_and_another_team_not_at_all(client, deal):
    client.force_login(f.make_user("Jonas Lindqvar"))
    text = html(client, deal)
    assert reverse("log", args=[deal.pk]) not in text and "Move to Discover" not in text
    client.force_login(f.make_user("Ines Duarvo", team="South"))
    assert client.get(reverse("deal", args=[deal.pk])).status_code == 404


def test_every_address_of_another_teams_deal_is_not_there(client, deal, rep):
    task = Task.objects.create(
        deal=deal, assignee=rep, title="Call", due_on=f.today(), created_at=timezone.now()
    )
    stake = f.put_in_role(deal, f.make_contact(deal.company), "champion")
    client.force_login(f.make_user("Ines Duarvo", team="South"))
    before = fingerprint()
    addresses = [
        ("deal",), ("gate",), ("log",), ("edit", "amount"), ("new_stakeholder",), ("stakeholder", stake.pk),
        ("file", 1), ("move",), ("answers",), ("still_true", 1), ("add_task",), ("task_done", task.pk), ("upload",),
    ]  # fmt: skip
    for name, *rest in addresses:
        address = reverse(name, args=[deal.pk, *rest])
        assert {client.get(address).status_code, client.post(address).status_code} <= {404, 405}, name
    assert fingerprint() == before


# closed deals


def test_a_lost_deal_says_why_and_offers_to_reopen_or_undo(page, deal, rep):
    moves.lose(deal.pk, seen_seq=1, by=rep, loss_reason=f.make_loss_reason("No budget"))
    text = html(page, deal)
    assert "No budget" in text and "Reopen" in text and ">Undo<" in text
    assert "Move to Discover" not in text


def test_who_acts_next_is_said_of_a_deal_that_goes_on_alone(page, deal):
    assert "Next action" in html(page, deal)
    moves.archive(deal.pk, seen_seq=None, by=None)
    assert "Next action" not in html(page, Deal.objects.get(pk=deal.pk))


def test_a_won_deal_shows_when_it_was_signed(page, pipeline, rep):
    deal = ready(f.make_deal(pipeline, rep, stage="Close"))
    moves.win(deal.pk, seen_seq=deal.seq, by=rep)
    assert "Signed" in html(page, deal) and "Won " in html(page, deal)


def test_an_archived_deal_is_reopened_with_a_reason(page, deal, rep):
    moves.archive(deal.pk, seen_seq=1, by=rep)
    deal.refresh_from_db()
    assert send(page, deal, "reopen", reason="They called back").status_code == 303
    assert f.fresh(deal).status == "open"


# changing what it says


def test_looking_at_any_page_of_a_deal_changes_nothing(page, deal):
    before = fingerprint()
    for name, *rest in [
        ("deal",),
        ("gate",),
        ("log",),
        ("new_stakeholder",),
        ("edit", "owner"),
        ("edit", "next_step"),
    ]:
        page.get(reverse(name, args=[deal.pk, *rest]), {"to": "lost"})
    assert fingerprint() == before and Transition.objects.count() == 1 and Deal.objects.count() == 1


def test_both_clocks_are_told_and_ours_moves_nothing(page, deal):
    f.log_call(deal, f.make_contact(deal.company), days_ago=6)
    heard = f.fresh(deal).last_buyer_activity_at
    activities.log(
        deal.pk, by=deal.owner, kind="email", happened_at=timezone.now(), attendees=[], direction="out",
        subject="Where do we stand?", expects_answer=True,
    )  # fmt: skip
    shown = page.get(reverse("deal", args=[deal.pk])).content.decode()
    assert "Last from us: today" in shown and "They owe us an answer since today" in shown
    assert f.fresh(deal).last_buyer_activity_at == heard and "Last word from the buyer: today" not in shown
    named = timezone.now() + timedelta(days=9)
    Deal.objects.filter(pk=deal.pk).update(awaiting_since=named)
    assert f"They named {formats.day(named)}" in page.get(reverse("deal", args=[deal.pk])).content.decode()


@pytest.mark.parametrize(("first", "second", "crosses"), [(30, 36, False), (34, 39, True)])
def test_no_line_of_the_clock_runs_through_a_label(first, second, crosses):
    days = {"re_engage": first, "re_engage_2": second, "archive": 46}
    marks = [Mark(key, f.today() + timedelta(days=number)) for key, number in days.items()]
    ticks = silence._ticks(marks, silence._Place(f.today(), 46))
    assert ticks[1].low and ticks[1].short == crosses
    assert not crosses or ticks[1].foot == ticks[0].foot


def test_it_says_whose_decision_the_archive_is(page, rep):
    pipeline = f.make_pipeline()
    pipeline.rules.filter(action="archive").update(asks_above=50_000)
    publish(pipeline, by=pipeline.process_owner, note="Managers decide")
    small, large = (f.make_deal(pipeline, rep, amount=Decimal(amount)) for amount in (49_999, 50_000))
    assert "The archive comes by itself; a manager is told before." in html(page, small)
    assert "A manager decides about the archive." in html(page, large)


def test_of_many_people_the_first_are_shown_and_the_others_can_be_unfolded(page, deal):
    people = [f.make_contact(deal.company, f"Person {number}") for number in range(15)]
    activities.put_on_map(deal, people)
    shown = page.get(reverse("deal", args=[deal.pk])).content.decode()
    assert "7 more" in shown and shown.index("Person 14") > shown.index("7 more") > shown.index("Person 0")
    for name in ("log", "reply"):
        form = page.get(reverse(name, args=[deal.pk])).content.decode()
        assert "3 more people" in form and form.count('name="people"') == 15
