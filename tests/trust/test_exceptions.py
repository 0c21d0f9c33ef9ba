"""B27: an exception is no side door. Whoever may not, when nobody may, and what SQL cannot forge: nothing changes."""

import copy
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from deals import moves
from deals.asking import exceptions
from deals.models import ExceptionState, GateException, Kind, Source
from team.models import Organisation

from .. import factories as f
from ..exceptional import Case
from .world import World, refused, sql

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(kept):
    return Case()


@pytest.fixture
def case(made, db):
    return copy.deepcopy(made)


@pytest.fixture
def exception(case):
    return case.ask()


def still_asked(exception):
    exception.refresh_from_db()
    return exception.state == ExceptionState.ASKED and exception.transition is None


# who may not grant


def test_nobody_grants_their_own(case):
    exception = case.ask(by=case.ruth)
    with refused(moves.NotAllowed):
        case.grant(exception)
    assert still_asked(exception)


def test_an_admin_does_not_grant_their_own_either(case):
    admin = f.make_admin("Sofia Brandvik")
    exception = case.ask(by=admin)
    with refused(moves.NotAllowed):
        case.grant(exception, by=admin)


def test_a_rep_of_the_team_grants_nothing(case, exception):
    with refused(moves.NotAllowed):
        case.grant(exception, by=f.make_user("Ines Duarvo"))
    assert still_asked(exception)


def test_a_manager_of_another_team_grants_nothing(case, exception):
    with refused(moves.NotAllowed):
        case.grant(exception, by=f.make_manager("Otto Farr", team="South"))


def test_the_owner_grants_nothing_also_as_a_manager(case):
    case.deal.owner = case.deal.next_owner = case.ruth
    case.deal.save(update_fields=["owner", "next_owner"])
    exception = case.ask(by=f.make_manager("Lotte Wend"))
    with refused(moves.NotAllowed):
        case.grant(exception)


def test_the_owner_of_the_next_action_grants_nothing(case, exception):
    case.deal.next_owner = case.ruth
    case.deal.save(update_fields=["next_owner"])
    with refused(moves.NotAllowed):
        case.grant(exception)


def test_who_owned_the_deal_within_thirty_days_grants_nothing(case):
    """Handing it over for the day of the decision does not make a second person of anybody."""
    deal = f.make_deal(case.pipeline, case.ruth, "Discover")
    deal.owner = deal.next_owner = case.tom
    deal.save(update_fields=["owner", "next_owner"])
    exception = case.ask(deal=deal)
    with refused(moves.NotAllowed):
        case.grant(exception)
    with refused(moves.NotAllowed):
        case.grant(
            exception, now=timezone.now() + timedelta(days=40)
        )  # the newest row still says it was hers
    case.grant(exception, by=f.make_manager("Lotte Wend"))


def test_somebody_who_left_grants_nothing(case, exception):
    case.ruth.is_active = False
    case.ruth.save(update_fields=["is_active"])
    with refused(moves.NotAllowed):
        case.grant(exception)


def test_a_program_grants_and_declines_nothing(case, exception):
    with refused(moves.NotAllowed):
        case.grant(exception, source=Source.API)
    with refused(moves.NotAllowed):
        exceptions.decline(exception.pk, by=case.ruth, note="Not this time", source=Source.API)
    assert still_asked(exception)


def test_a_rep_declines_nothing_and_takes_back_nobody_elses(case, exception):
    ines = f.make_user("Ines Duarvo")
    with refused(moves.NotAllowed):
        exceptions.decline(exception.pk, by=ines, note="Not this time")
    with refused(moves.NotAllowed):
        exceptions.withdraw(exception.pk, by=ines)
    assert still_asked(exception)


# when nobody may grant


def test_granting_what_was_moved_meanwhile_is_stale(case, exception):
    moves.pause(case.deal.pk, seen_seq=case.deal.seq, by=case.tom, reason="They are away")
    with refused(moves.StaleDeal):
        case.grant(exception)
    deal = case.fresh()
    moves.resume(deal.pk, seen_seq=deal.seq, by=case.tom)
    with refused(moves.StaleDeal):
        case.grant(exception)
    assert still_asked(exception)


def test_what_came_open_since_it_was_asked_is_not_waived(case, exception):
    item = f.good_answer(case.deal, case.process.by_criterion[f.criterion_of(case.pipeline, "problem").pk])
    item.state = "disproved"
    from deals.answers import save

    save(case.deal.pk, [item], by=None)
    with refused(moves.GateClosed):
        case.grant(exception)
    assert still_asked(exception)


def test_what_is_answered_meanwhile_needs_no_exception(case, exception):
    case.answer()
    with refused(moves.IllegalMove):
        case.grant(exception)


@pytest.mark.parametrize("days", [-1, 91, 4000])
def test_it_lasts_no_longer_than_ninety_days_and_not_until_yesterday(case, exception, days):
    with refused(moves.MissingInput):
        case.grant(exception, expires_on=f.today() + timedelta(days=days))


def test_an_asker_who_no_longer_acts_on_the_deal_gets_none(case, exception):
    case.deal.owner = case.deal.next_owner = f.make_user("Ines Duarvo")
    case.deal.save(update_fields=["owner", "next_owner"])
    with refused(moves.IllegalMove):
        case.grant(exception)


@pytest.mark.parametrize("state", ["granted", "declined", "withdrawn"])
def test_what_is_decided_stays_decided(case, exception, state):
    {
        "granted": lambda: case.grant(exception),
        "declined": lambda: exceptions.decline(exception.pk, by=case.ruth, note="Not this time"),
        "withdrawn": lambda: exceptions.withdraw(exception.pk, by=case.tom),
    }[state]()
    for decide in (
        lambda: case.grant(exception),
        lambda: exceptions.decline(exception.pk, by=case.ruth, note="Not this time"),
        lambda: exceptions.withdraw(exception.pk, by=case.tom),
    ):
        with refused(moves.IllegalMove):
            decide()
    exception.refresh_from_db()
    assert exception.state == state


def test_a_declined_one_says_why(case, exception):
    for note in ("", "  ", "n/a"):
        with refused(moves.MissingInput):
            exceptions.decline(exception.pk, by=case.ruth, note=note)
    assert still_asked(exception)


# what cannot be asked


@pytest.mark.parametrize(
    "reason", ["", "   ", "Please", "n/a", "tbd tbd tbd tbd tbd tbd tbd", "." * 40, "ab" * 20]
)
def test_a_short_or_empty_reason_is_refused(case, reason):
    with refused(moves.MissingInput) as refusal:
        case.ask(reason=reason)
    assert set(refusal.value.fields) == {"reason"}
    assert not GateException.objects.exists()


def test_a_win_is_never_asked_for(case):
    for target in (-1, 0, 99999999):
        with refused(moves.UnknownTarget):
            case.ask(to=target)


def test_neither_is_a_stage_behind_or_the_one_it_is_in(case):
    for name in ("Qualify", "Discover"):
        with refused(moves.IllegalMove):
            case.ask(to=case.stage(name))


def test_nor_on_a_deal_that_is_not_open(case):
    moves.re_engage(case.deal.pk, seen_seq=case.deal.seq, by=case.tom)
    with refused(moves.IllegalMove):
        case.ask()
    deal = case.fresh()
    moves.pause(deal.pk, seen_seq=deal.seq, by=case.tom, reason="They are away")
    with refused(moves.IllegalMove):
        case.ask()


def test_nor_where_nothing_is_open(case):
    case.answer()
    with refused(moves.IllegalMove):
        case.ask()


def test_nor_from_a_state_that_is_past(case):
    with refused(moves.StaleDeal):
        case.ask(seen_seq=case.deal.seq - 1)
    with refused(moves.MissingInput):
        case.ask(seen_seq=None)


def test_nor_by_somebody_who_only_sees_the_deal(case):
    with refused(moves.NotAllowed):
        case.ask(by=f.make_user("Ines Duarvo"))


def test_nor_for_criteria_that_are_not_open(case):
    problem = f.criterion_of(case.pipeline, "problem").pk
    for criteria in ([], [problem], [case.summary, problem]):
        with refused(moves.MissingInput):
            case.ask(criteria=criteria)


def test_nor_twice_for_one_deal(case, exception):
    with refused(moves.IllegalMove):
        case.ask()
    assert GateException.objects.count() == 1


def test_nor_more_than_two_at_a_time_asked_or_granted_and_not_mended(case, exception):
    case.grant(exception)
    case.ask(deal=f.make_deal(case.pipeline, case.tom, "Discover"))
    third = f.make_deal(case.pipeline, case.tom, "Discover")
    with refused(moves.MissingInput):
        case.ask(deal=third)
    case.answer()
    case.ask(deal=third)


def test_nor_where_the_organisation_has_none(case):
    Organisation.objects.update_or_create(pk=1, defaults={"exceptions_per_rep": 0})
    with refused(moves.MissingInput):
        case.ask()


# what a granted one does not do


def test_it_never_lets_a_deal_be_won(case, exception):
    case.grant(exception)
    for slug in ("review", "next_step", "signed"):
        case.answer(slug)
    deal = case.fresh()
    with refused(moves.GateClosed) as refusal:
        moves.win(deal.pk, seen_seq=deal.seq, by=case.tom)
    assert [finding.criterion_id for finding in refusal.value.open_criteria] == [case.summary]


def test_expired_it_waives_nothing(case, exception):
    case.grant(exception, expires_on=f.today())
    case.ready_for_close()
    with refused(moves.GateClosed):
        case.advance(now=timezone.now() + timedelta(days=1))
    case.advance()


# what the database refuses by itself

FORGED = {
    "without an approver": {"approver_id": None},
    "granted to oneself": {"approver_id": "rep"},
    "without a reason": {"reason": ""},
}


@pytest.mark.parametrize("columns", FORGED.values(), ids=FORGED)
def test_a_forged_exception_is_refused_by_the_database(columns):
    world = World()
    whole = {"approver_id": f.make_manager().pk, "reason": "They promised to send it"}
    columns = {**whole, **columns}
    if columns["approver_id"] == "rep":
        columns["approver_id"] = world.rep.pk
    with refused(DatabaseError):
        world.forge(Kind.EXCEPTION, to_stage_id=world.later, **columns)


def test_sql_does_not_let_somebody_decide_on_their_own(case, exception):
    with refused(DatabaseError):
        sql("UPDATE deals_gateexception SET state = 'granted', decided_by_id = asked_by_id")
