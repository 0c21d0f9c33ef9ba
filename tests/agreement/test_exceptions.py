"""An exception opens one gate, by a second person, for named criteria and for a time."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.utils import timezone

from automations import tick
from deals import counts, moves
from deals.asking import exceptions
from deals.gate import Reading
from deals.models import Deal, ExceptionState, GateException, Kind
from deals.moves.ledger import broken_rows
from pipeline.process import process_of
from pipeline.publishing import publish
from team.models import Organisation
from team.notices import Notice

from .. import factories as f
from ..exceptional import WHY, Case

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(kept):
    return Case()


@pytest.fixture
def case(made):
    return deepcopy(made)


def in_days(days):
    return timezone.now() + timedelta(days=days)


def is_proven(deal):
    return Deal.objects.proven(f.today(), f.today()).filter(pk=deal.pk).exists()


def notices(user):
    return list(Notice.objects.filter(user=user).order_by("pk").values_list("text", flat=True))


def test_a_second_person_grants_it_and_the_deal_moves(case):
    exception = case.ask()
    assert case.fresh().stage_id == case.stage("Discover") and is_proven(case.deal)
    case.grant(exception, note="Until the vote")
    deal, row = case.fresh(), case.row()
    assert deal.stage_id == case.propose and deal.exception_until == f.today() + timedelta(days=14)
    assert (row.kind, row.actor, row.approver, row.reason) == (Kind.EXCEPTION, case.tom, case.ruth, WHY)
    assert [(each["c"], each["s"]) for each in row.snapshot if each["s"] != "holds"] == [
        (case.summary, "waived")
    ]
    exception.refresh_from_db()
    assert (exception.state, exception.transition, exception.decided_by) == ("granted", row, case.ruth)
    assert not list(broken_rows(deal.transitions.order_by("seq")))


def test_the_deal_is_claimed_the_same_second_and_what_is_waived_counts_as_open(case):
    case.grant()
    deal = case.fresh()
    assert deal.open_before == 1 and not is_proven(deal)
    stored = Deal.objects.values(*counts.COLUMNS).get(pk=deal.pk)
    assert counts.of_reading(Reading(deal, case.process, f.today())) == stored
    Deal.objects.filter(pk=deal.pk).update(open_before=99)
    counts.recount(case.process, f.today())
    assert Deal.objects.values(*counts.COLUMNS).get(pk=deal.pk) == stored


def test_entering_by_exception_starts_the_stages_clock_and_hands_the_next_action_over():
    case = Case()
    role = f.make_role("Legal")
    hugo = f.make_user("Hugo Lenzmar")
    hugo.roles.add(role)
    case.deal.team.defaults.create(role=role, user=hugo)
    stage = f.stage_of(case.pipeline, "Propose")
    stage.owner_role = role
    stage.save()
    publish(case.pipeline, by=case.pipeline.process_owner)
    now = timezone.now()
    case.grant(now=now)
    assert (case.fresh().next_owner, case.fresh().stage_entered_at) == (hugo, now)


def test_the_next_gate_does_not_ask_for_it_until_it_expires(case):
    case.grant()
    case.ready_for_close()
    case.advance()
    assert case.fresh().stage_id == case.close
    assert {each["s"] for each in case.row().snapshot} == {"holds", "waived"}
    assert case.fresh().exception_until is not None and case.fresh().open_before == 1


def test_once_it_has_expired_the_next_gate_asks_for_it_like_for_anything_else(case):
    case.grant()
    case.ready_for_close()
    with pytest.raises(moves.GateClosed) as refusal:
        case.advance(now=in_days(15))
    assert case.summary in {finding.criterion_id for finding in refusal.value.open_criteria}
    assert case.fresh().exception_until is not None


def test_on_its_last_day_it_still_waives(case):
    case.grant(expires_on=f.today())
    case.ready_for_close()
    case.advance()
    assert case.fresh().stage_id == case.close


def test_winning_asks_for_what_is_waived(case):
    case.grant()
    case.ready_for_close()
    case.advance()
    case.answer("signed")
    deal = case.fresh()
    with pytest.raises(moves.GateClosed) as refusal:
        moves.win(deal.pk, seen_seq=deal.seq, by=case.tom)
    assert [finding.criterion_id for finding in refusal.value.open_criteria] == [case.summary]
    case.answer()
    moves.win(deal.pk, seen_seq=deal.seq, by=case.tom)
    assert case.fresh().status == "won"


def test_answering_what_was_waived_mends_it_in_the_same_transaction(case):
    exception = case.ask()
    case.grant(exception)
    case.answer()
    exception.refresh_from_db()
    assert exception.state == ExceptionState.MENDED and exception.ended_at is not None
    assert case.fresh().exception_until is None and is_proven(case.deal)


def test_a_process_that_no_longer_asks_for_it_mends_it_too(case):
    exception = case.ask()
    case.grant(exception)
    criterion = f.criterion_of(case.pipeline, "summary")
    criterion.applies_when = "amount >= 900000"
    criterion.save()
    publish(case.pipeline, by=case.pipeline.process_owner)
    exception.refresh_from_db()
    assert exception.state == ExceptionState.MENDED and case.fresh().exception_until is None


def test_a_process_that_changes_nothing_of_what_is_waived_leaves_the_deal_alone(case):
    """Each deal with an exception would be settled for nothing, thousands of them in a large company."""
    case.grant()
    rev = case.fresh().rev
    signed = f.criterion_of(case.pipeline, "signed")
    signed.evidence = "file"
    signed.save()
    publish(case.pipeline, by=case.pipeline.process_owner)
    assert case.fresh().rev == rev and case.fresh().exception_until is not None


def test_a_criterion_that_moves_behind_the_deal_no_more_ends_its_exception(case):
    exception = case.ask()
    case.grant(exception)
    last = case.pipeline.stages.current().last()
    summary = f.criterion_of(case.pipeline, "summary")
    summary.stage, summary.position = last, 99
    summary.save()
    publish(case.pipeline, by=case.pipeline.process_owner)
    exception.refresh_from_db()
    assert exception.ended_at is not None and case.fresh().exception_until is None


@pytest.mark.parametrize("way", ["back", "lose", "archive", "archive_many"])
def test_a_deal_that_goes_back_or_closes_ends_its_exception(case, way):
    exception = case.ask()
    case.grant(exception)
    leave(case, way)
    exception.refresh_from_db()
    assert exception.state == ExceptionState.GRANTED and exception.ended_at is not None
    assert case.fresh().exception_until is None
    deal = case.fresh()
    moves.undo(deal.pk, seen_seq=deal.seq, by=case.tom)
    exception.refresh_from_db()
    assert exception.ended_at is None, "undone, it is as it was"
    assert case.fresh().exception_until == exception.expires_on


def leave(case, way):
    deal = case.fresh()
    told = {"seen_seq": deal.seq, "by": case.tom}
    if way == "back":
        moves.back(deal.pk, to=case.stage("Discover"), reason="They are not that far", **told)
    elif way == "lose":
        moves.lose(deal.pk, loss_reason=f.make_loss_reason(), **told)
    elif way == "archive":
        moves.archive(deal.pk, **told)
    else:
        moves.move_many([deal.pk], Kind.ARCHIVE)


def test_undoing_the_exceptions_own_move_ends_it(case):
    exception = case.ask()
    case.grant(exception)
    deal = case.fresh()
    moves.undo(deal.pk, seen_seq=deal.seq, by=case.tom)
    exception.refresh_from_db()
    deal = case.fresh()
    assert (deal.stage_id, deal.exception_until) == (case.stage("Discover"), None)
    assert exception.ended_at is not None and is_proven(deal)
    assert exceptions.open_of(case.tom).count() == 0


def test_only_what_was_named_is_waived(case):
    exception = case.ask(to=case.close, criteria=[case.summary])
    with pytest.raises(moves.GateClosed) as refusal:
        case.grant(exception)
    slugs = {finding.definition.slug for finding in refusal.value.open_criteria}
    assert slugs == {"review", "next_step"}
    case.ready_for_close()
    case.grant(exception)
    assert case.fresh().stage_id == case.close and case.row().passed == [case.propose]


def test_two_exceptions_of_one_deal_show_the_one_that_expires_first(case):
    case.grant(expires_on=f.today() + timedelta(days=30))
    case.grant(case.ask(to=case.close), expires_on=f.today() + timedelta(days=5))
    assert case.fresh().exception_until == f.today() + timedelta(days=5)
    case.ready_for_close()
    assert case.fresh().exception_until == f.today() + timedelta(days=30)


def test_a_waived_next_step_is_mended_by_the_next_one_the_buyer_agrees_to(case):
    case.grant()
    case.answer("review")
    exception = case.ask(to=case.close)
    case.grant(exception)
    assert GateException.objects.get(pk=exception.pk).state == ExceptionState.GRANTED
    case.answer("next_step")
    assert GateException.objects.get(pk=exception.pk).state == ExceptionState.MENDED


def test_asking_again_is_possible_once_the_deal_has_moved_and_the_stale_one_costs_nothing(case):
    stale = case.ask()
    case.answer()
    case.advance(case.propose)
    assert exceptions.open_of(case.tom).count() == 0
    case.ask(to=case.close)
    stale.refresh_from_db()
    assert (stale.state, stale.decision_note) == ("withdrawn", "The deal was moved meanwhile.")


def test_declined_the_deal_stays_and_the_asker_reads_why(case):
    exception = case.ask()
    exceptions.decline(exception.pk, by=case.ruth, note="Ask the works council first.")
    exception.refresh_from_db()
    assert (exception.state, exception.decision_note) == ("declined", "Ask the works council first.")
    assert case.fresh().stage_id == case.stage("Discover")
    assert notices(case.tom) == ["Ruth Adelmar declined your exception: Corvendale Ceramics: kilns"]


def test_who_asked_takes_it_back(case):
    exception = case.ask()
    exceptions.withdraw(exception.pk, by=case.tom)
    exception.refresh_from_db()
    assert exception.state == ExceptionState.WITHDRAWN
    case.ask()


def test_managers_of_the_team_hear_of_it_and_the_asker_of_the_decision(case):
    far = f.make_manager("Otto Farr", team="South")
    case.grant()
    assert notices(case.ruth) == ["Tom Averell asks for an exception: Corvendale Ceramics: kilns"]
    assert notices(far) == []
    (said,) = notices(case.tom)
    assert said.startswith("Ruth Adelmar granted your exception until")


def test_where_no_manager_may_decide_an_admin_hears_of_it(case):
    admin = case.pipeline.process_owner
    case.ruth.teams.clear()
    case.ask()
    assert notices(admin) == ["Tom Averell asks for an exception: Corvendale Ceramics: kilns"]


def test_the_tick_tells_asker_and_granter_once_that_it_expired(case):
    case.grant()
    assert tick.run(in_days(14)).expired == 0
    assert tick.run(in_days(15)).expired == 1
    assert tick.run(in_days(16)).expired == 0
    words = "The exception has expired: Corvendale Ceramics: kilns"
    assert notices(case.tom)[-1] == notices(case.ruth)[-1] == words


def test_a_criterion_waived_three_times_is_named_to_the_process_owner_once_a_month(case):
    Organisation.objects.update_or_create(pk=1, defaults={"exceptions_per_rep": 9})
    owner = case.pipeline.process_owner
    for number in range(4):
        deal = f.make_deal(case.pipeline, case.tom, "Discover")
        case.grant(case.ask(deal=deal))
        assert len(notices(owner)) == (number >= 2)
    assert notices(owner) == ["Waived 3 times in 90 days: The buyer confirmed summary"]


def test_a_process_read_again_judges_an_expired_exception_as_open(case):
    case.grant()
    reading = Reading(case.fresh(), process_of(case.pipeline), f.today() + timedelta(days=15))
    assert [finding.criterion_id for finding in reading.for_move(case.close).open][0] == case.summary
