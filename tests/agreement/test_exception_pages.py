"""Asking, deciding and seeing exceptions over HTTP: pages, fragments and scripts alike."""

import copy
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from deals import moves
from deals.models import GateException, GateRefusal, Kind, Transition
from deals.waiving import granters
from team.models import Organisation

from .. import factories as f
from ..exceptional import WHY, Case
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
BROWSER = {"accept": "text/html,*/*;q=0.8"}
JSON = {"accept": "application/json"}
HTMX = {"HX-Request": "true", **BROWSER}


@pytest.fixture(scope="module")
def made(kept):
    return Case()


@pytest.fixture
def case(made, db):
    return copy.deepcopy(made)


def page_of(user):
    client = Client()
    client.force_login(user)
    return client


def ask(case, by=None, headers=BROWSER, **fields):
    fields = {"to": case.propose, "seen_seq": case.fresh().seq, "reason": WHY, **fields}
    return page_of(by or case.tom).post(
        reverse("ask_exception", args=[case.deal.pk]), fields, headers=headers
    )


def decide(exception, by, headers=BROWSER, **fields):
    fields = {"decision": "grant", **fields}
    return page_of(by).post(reverse("decide_exception", args=[exception.pk]), fields, headers=headers)


def refused(send, status):
    """Send, expect the refusal, and that no deal was changed by it."""
    before = fingerprint()
    response = send()
    assert response.status_code == status
    assert fingerprint() == before
    return response


def text(response):
    return response.content.decode()


def test_the_gate_offers_to_ask_the_manager_where_something_is_open(case):
    address = reverse("gate", args=[case.deal.pk])
    shown = text(page_of(case.tom).get(address, {"to": case.propose}))
    assert "Ask Ruth for an exception" in shown
    case.answer()
    assert "for an exception" not in text(page_of(case.tom).get(address, {"to": case.propose}))
    assert "for an exception" not in text(page_of(case.tom).get(address, {"to": "won"}))


def test_who_only_sees_the_deal_is_not_offered_it(case):
    ines = f.make_user("Ines Duarvo")
    address = reverse("gate", args=[case.deal.pk])
    assert "for an exception" not in text(page_of(ines).get(address, {"to": case.propose}))
    refused(lambda: page_of(ines).get(reverse("ask_exception", args=[case.deal.pk])), 403)


@pytest.mark.parametrize("headers", [BROWSER, HTMX])
def test_the_form_names_what_is_open_and_who_decides(case, headers):
    address = reverse("ask_exception", args=[case.deal.pk])
    shown = text(page_of(case.tom).get(address, {"to": case.propose}, headers=headers))
    assert "The buyer confirmed summary" in shown and "Ruth Adelmar" in shown
    assert ('<dialog id="gate"' in shown) == (headers is HTMX)


def test_asked_on_the_page_it_waits_on_the_deal_and_with_the_manager(case):
    response = ask(case)
    assert (response.status_code, response["Location"]) == (303, reverse("deal", args=[case.deal.pk]))
    shown = text(page_of(case.tom).get(response["Location"]))
    assert "waits to be decided" in shown and "Take it back" in shown
    assert "Tom Averell asked for an exception into Propose" in shown
    waiting = text(page_of(case.ruth).get(reverse("exceptions")))
    assert WHY in waiting and "The buyer confirmed summary" in waiting
    assert (f.today() + timedelta(days=14)).isoformat() in waiting


def test_granted_it_is_seen_on_the_deal_the_board_and_the_list(case):
    ask(case)
    response = decide(GateException.objects.get(), case.ruth, note="Until the vote")
    assert response.status_code == 303
    ines = page_of(f.make_user("Ines Duarvo"))
    deal = text(ines.get(reverse("deal", args=[case.deal.pk])))
    for words in (WHY, "Tom Averell", "Ruth Adelmar", "Exception until", "14 days left.", "Until the vote",
                  "Passed by exception from Discover to Propose", "granted by Ruth Adelmar"):  # fmt: skip
        assert words in deal, words
    assert "Exception until" in text(ines.get(reverse("board")))
    assert "Exception until" in text(ines.get(reverse("deals")))
    assert "The buyer confirmed summary" in text(ines.get(reverse("exceptions")))


def test_expired_it_says_so_everywhere(case):
    case.grant()
    past = f.today() - timedelta(days=1)
    GateException.objects.update(expires_on=past)
    case.deal.exception_until = past
    case.deal.save(update_fields=["exception_until"])
    for address in (reverse("deal", args=[case.deal.pk]), reverse("board"), reverse("deals")):
        assert "Exception expired" in text(page_of(case.tom).get(address)), address
    assert "Expired 1 day ago" in text(page_of(case.tom).get(reverse("exceptions")))


def test_declined_with_a_note_the_asker_reads_it(case):
    ask(case)
    exception = GateException.objects.get()
    response = refused(lambda: decide(exception, case.ruth, decision="decline", note=" "), 422)
    assert "This is empty" in text(response)
    decide(exception, case.ruth, decision="decline", note="Ask the works council first.")
    for address in (reverse("deal", args=[case.deal.pk]), reverse("exceptions")):
        assert "Ask the works council first." in text(page_of(case.tom).get(address))


def test_self_approval_is_forbidden(case):
    exception = case.ask(by=case.ruth)
    refused(lambda: decide(exception, case.ruth), 403)
    shown = text(page_of(case.ruth).get(reverse("exceptions")))
    assert "a second person decides" in shown and 'value="grant"' not in shown


def test_the_owner_and_a_rep_are_forbidden(case):
    exception = case.ask(by=f.make_manager("Lotte Wend"))
    refused(lambda: decide(exception, case.tom), 403)
    refused(lambda: decide(exception, f.make_user("Ines Duarvo"), headers=JSON), 403)


def test_another_teams_exception_is_not_there(case):
    exception = case.ask()
    otto = f.make_manager("Otto Farr", team="South")
    refused(lambda: decide(exception, otto), 404)
    refused(lambda: ask(case, by=otto), 404)
    assert WHY not in text(page_of(otto).get(reverse("exceptions")))


def test_a_deal_moved_meanwhile_is_a_conflict(case):
    exception = case.ask()
    moves.back(
        case.deal.pk, to=case.stage("Qualify"), reason="Not that far", seen_seq=case.deal.seq, by=case.tom
    )
    assert "was moved since this was asked" in text(refused(lambda: decide(exception, case.ruth), 409))
    answer = refused(lambda: decide(exception, case.ruth, headers=JSON), 409).json()
    assert answer["error"]["code"] == "stale"
    refused(lambda: ask(case, seen_seq=1), 409)
    refused(lambda: ask(case, seen_seq=1, headers=HTMX), 409)


def test_something_else_open_is_named_and_the_refusal_is_on_record(case):
    exception = case.ask(to=case.close, criteria=[case.summary])
    shown = text(refused(lambda: decide(exception, case.ruth, note="Fine"), 422))
    assert "The buyer confirmed review" in shown and "Fine" in shown
    assert GateRefusal.objects.get().actor == case.ruth
    answer = refused(lambda: decide(exception, case.ruth, headers=JSON), 422).json()
    assert answer["error"]["code"] == "gate_closed"
    assert [each["slug"] for each in answer["open"]] == ["review", "next_step"]


def test_a_decision_taken_twice_is_a_conflict(case):
    exception = case.ask()
    assert decide(exception, case.ruth, headers=JSON).json()["stage"] == case.propose
    refused(lambda: decide(exception, case.ruth), 409)
    refused(lambda: decide(exception, case.ruth, decision="decline", note="No after all"), 409)
    assert Transition.objects.filter(kind=Kind.EXCEPTION).count() == 1


@pytest.mark.parametrize("to", ["won", "0", "", "lost", "99999999"])
def test_there_is_no_exception_for_a_win_or_for_no_stage(case, to):
    refused(lambda: ask(case, to=to, headers=JSON), 422)
    refused(lambda: ask(case, to=to), 422)
    shown = page_of(case.tom).get(reverse("ask_exception", args=[case.deal.pk]), {"to": to})
    assert shown.status_code == (404 if to else 200)


@pytest.mark.parametrize("reason", ["", "Please!", "n/a n/a n/a n/a n/a n/a", "a\0" * 20])
def test_a_reason_that_says_nothing_is_refused_and_kept(case, reason):
    shown = text(refused(lambda: ask(case, reason=reason), 422))
    assert 'id="e-reason"' in shown
    assert refused(lambda: ask(case, reason=reason, headers=JSON), 422).json()["error"]["fields"]["reason"]
    assert not GateException.objects.exists()


def test_no_box_ticked_is_refused(case):
    assert 'id="e-criteria"' in text(refused(lambda: ask(case, chosen="1"), 422))
    assert ask(case, **{"chosen": "1", f"c{case.summary}": "1"}).status_code == 303


def test_over_the_limit_is_refused_in_words(case):
    Organisation.objects.update_or_create(pk=1, defaults={"exceptions_per_rep": 1})
    case.ask(deal=f.make_deal(case.pipeline, case.tom, "Discover"))
    assert "You have 1 exception open" in text(refused(lambda: ask(case), 422))


@pytest.mark.parametrize("day", ["yesterday", "2020-01-01", "2099-01-01", "soon", "31.02.2027"])
def test_a_last_day_that_cannot_be_is_refused_and_kept(case, day):
    exception = case.ask()
    assert day in text(refused(lambda: decide(exception, case.ruth, expires_on=day), 422))


@pytest.mark.parametrize(
    "fields", [{"decision": "bless"}, {"decision": ""}, {"stage": "4"}, {"note": ["a", "b"]}]
)
def test_a_form_no_page_of_ours_sends_is_malformed(case, fields):
    exception = case.ask()
    refused(lambda: decide(exception, case.ruth, **fields), 400)


def test_it_is_taken_back_on_the_page(case):
    exception = case.ask()
    assert decide(exception, case.tom, decision="withdraw").status_code == 303
    exception.refresh_from_db()
    assert exception.state == "withdrawn"


def test_the_debt_names_people_gates_criteria_money_and_shares(case):
    case.grant()
    second = f.make_deal(case.pipeline, case.tom, "Discover", amount=14000)
    case.grant(case.ask(deal=second))
    shown = page_of(case.ruth).get(reverse("exceptions"))
    debt = shown.context["page"].debt
    assert [(line.name, line.count, line.money) for line in debt.by_rep] == [("Tom Averell", 2, 100000)]
    assert [(line.name, line.count) for line in debt.by_stage] == [("Discover", 2)]
    assert [(line.name, line.count) for line in debt.by_criterion] == [("The buyer confirmed summary", 2)]
    advances = Transition.objects.filter(kind__in=["advance", "exception"]).count()
    assert [(share.name, share.count, share.whole) for share in debt.shares] == [
        ("Ruth Adelmar", 2, advances)
    ]
    assert page_of(case.tom).get(reverse("exceptions")).context["page"].debt is None


def test_the_page_asks_the_database_as_often_for_many_live_ones_as_for_one(case):
    Organisation.objects.update_or_create(pk=1, defaults={"exceptions_per_rep": 20})
    client, counts = page_of(case.ruth), []
    client.get(reverse("exceptions"))
    for _number in range(3):
        case.grant(case.ask(deal=f.make_deal(case.pipeline, case.tom, "Discover")))
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("exceptions"))
        counts.append(len(captured))
    assert len(set(counts)) == 1


def test_the_page_asks_the_database_as_often_for_many_that_wait_as_for_one_and_reads_each_as_its_deal_says(
    case,
):
    Organisation.objects.update_or_create(pk=1, defaults={"exceptions_per_rep": 20})
    boss = f.make_admin()
    clients, counts = [page_of(boss), page_of(case.tom)], []
    case.ask()
    for number in range(1, 4):
        deal = f.make_deal(case.pipeline, case.tom, "Discover", name=f"Waits {number}")
        case.ask(deal=f.next_step(deal) if number > 1 else deal)
        with CaptureQueriesContext(connection) as captured:
            pages = [client.get(reverse("exceptions")).content.decode() for client in clients]
        counts.append(len(captured))
        assert pages[0].count("The buyer confirmed summary") == number + 1
    assert len(set(counts)) == 1 and counts[0] <= 40
    assert max(query["sql"].count(" JOIN ") for query in captured.captured_queries) < 15


def test_who_owned_a_deal_lately_is_known_of_several_deals_as_of_each(case):
    now = timezone.now()
    deals = [f.make_deal(case.pipeline, owner, "Discover") for owner in (case.tom, case.ruth, case.tom)]
    for days, deal in zip((0, 20, 90), deals, strict=True):
        moves.archive(
            deal.pk,
            seen_seq=f.fresh(deal).seq,
            by=deal.owner,
            reason="Duplicate",
            now=now + timedelta(days=1),
        )
        later = now + timedelta(days=days)
        found = granters.recent_owners_of(deals, later)
        assert found == {each.pk: granters.recent_owners(each, later) for each in deals}
        assert found[deal.pk]
    assert granters.recent_owners_of([], now) == {}
