"""What became of the deals that reached a stage: worked out by hand from the lives told in lives.py."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from deals.models import Deal, Kind, Status
from insights.flow import keeping
from insights.lens import Lens
from insights.metrics import closing, cohorts, stays
from team.models import remembered

from .. import factories as f
from ..exceptional import Case
from .lives import spring, tell

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def company(django_db_setup, django_db_blocker):
    """The lives, told once for all tests here; each of them runs in a savepoint on top."""
    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        boss = f.make_admin()
        told = tell(f.make_pipeline(stages=f.OPEN_GATES), f.make_user())
    yield boss, told
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)


@pytest.fixture
def boss(company):
    return company[0]


@pytest.fixture
def told(company):
    return company[1]


@pytest.fixture(autouse=True, params=["as the ledger says", "as it is kept"])
def _kept(request, company):
    """Whatever is counted from the ledger comes out the same once the tick has written it down."""
    if request.param == "as it is kept":
        assert keeping.go_on() == Deal.objects.count()


def cohort(boss, told, name, **asked):
    stage = f.stage_of(told["straight"].pipeline, name)
    return cohorts.cohorts(spring(boss, **asked)).stage(stage.pk)


def parts(found):
    return (found.reached, found.moved, found.ended, found.under_way)


def test_each_deal_counts_once_for_a_stage_and_imports_where_they_landed(boss, told):
    """Begun there: all but the two imports and the older one, 10. Ended there: disqualified, slip (undone)."""
    found = cohort(boss, told, "Qualify")
    assert parts(found) == (10, 8, 2, 0)
    assert found.conversion == 80


def test_a_stage_that_was_jumped_over_counts_as_reached_and_a_second_visit_does_not(boss, told):
    """straight, jump, re-entry, fell back, stands, late, reopened, paused; the older one was there before.

    Moved on: straight, jump, re-entry, late, paused. Ended: fell back. Under way: stands, reopened.
    """
    found = cohort(boss, told, "Discover")
    assert parts(found) == (8, 5, 1, 2)
    assert found.conversion == pytest.approx(100 * 5 / 6)


def test_what_is_under_way_is_no_loss(boss, told):
    """Propose: straight, jump, re-entry, late, landed, paused, older; the first two went on, three ended."""
    found = cohort(boss, told, "Propose")
    assert parts(found) == (7, 2, 3, 2)
    assert found.conversion == 40


def test_a_win_passes_the_last_stage(boss, told):
    """Close: straight, jump (won from Propose) and the one that came in won."""
    assert parts(cohort(boss, told, "Close")) == (3, 3, 0, 0)


def test_the_win_rate_is_that_of_the_qualified_deals(boss, told):
    """Qualified: straight, jump, landed won are won; re-entry, late, landed lost; fell back archived; three live.

    So 3 of 7; the three live ones stand apart, the late disqualified and the archived one count.
    """
    found = cohorts.cohorts(spring(boss)).qualified
    assert (found.won, found.lost, found.archived, found.live) == (3, 3, 1, 3)
    assert found.win_rate == pytest.approx(300 / 7)


def test_the_win_rate_by_stage_is_won_of_those_that_ever_reached_it(boss, told):
    """Qualify 2 of 7, Discover 2 of 5, Propose 2 of 5, Close 3 of 3."""
    found = {name: cohort(boss, told, name) for name in f.OPEN_GATES}
    assert {name: (each.won, each.closed) for name, each in found.items()} == {
        "Qualify": (2, 7), "Discover": (2, 5), "Propose": (2, 5), "Close": (3, 3),
    }  # fmt: skip


def test_moves_back_stand_apart(boss, told):
    """Out of Discover: fell back and the older one. Out of Propose: re-entry."""
    found = cohorts.detours(spring(boss))
    stages = {f.stage_of(told["straight"].pipeline, name).pk: name for name in f.OPEN_GATES}
    assert {(kind, stages[pk]): n for (kind, pk), n in found.items()} == {
        (Kind.BACK, "Discover"): 2,
        (Kind.BACK, "Propose"): 1,
    }


def test_a_period_takes_the_deals_that_reached_the_stage_in_it(boss, told):
    """Days 5 to 9 in Discover: re-entry 5, jump 6, late 6, fell back 8, reopened 9."""
    found = cohort(boss, told, "Discover", start=5, end=9)
    assert found.reached == 5


def test_a_period_before_them_all_is_empty(boss, told):
    found = cohort(boss, told, "Discover", start=-400, end=-300)
    assert (found.reached, found.conversion, found.win_rate) == (0, None, None)


@pytest.mark.parametrize("moved", [None, True, False])
def test_the_deals_behind_a_cohort_are_as_many_as_it_says(boss, told, moved):
    stage = f.stage_of(told["straight"].pipeline, "Discover")
    lens = spring(boss)
    found = cohorts.cohorts(lens).stage(stage.pk)
    expected = {None: found.reached, True: found.moved, False: found.ended + found.under_way}[moved]
    assert Deal.objects.filter(pk__in=cohorts.deal_ids(lens, stage.pk, moved)).count() == expected


def test_an_owner_alone(boss, told):
    tom = f.make_user("Tom Averell", team="South")
    tell(told["straight"].pipeline, tom, {"mine": (0, 10, "to Discover 2", "lost 9 Price")}, {})
    assert parts(cohort(boss, told, "Discover", owner=tom.pk)) == (1, 0, 1, 0)
    assert parts(cohort(tom, told, "Discover")) == (1, 0, 1, 0)
    assert cohort(boss, told, "Discover").reached == 9


def test_another_pipeline_is_counted_by_itself(boss, told):
    other = f.make_pipeline(stages={"First": [], "Second": []})
    deal = f.make_deal(other, told["straight"].owner, now=f.at(told["straight"].created_at.date()))
    lens = spring(boss, pipeline=other.pk)
    assert cohorts.cohorts(lens).stage(deal.stage_id).reached == 1
    assert cohorts.cohorts(lens).stage(told["straight"].stage_id).reached == 0


def spreads(boss, told):
    found = stays.stays(spring(boss))
    return {name: found[f.stage_of(told["straight"].pipeline, name).pk] for name in f.OPEN_GATES}


def test_time_in_stage_counts_each_stay_that_ended_with_a_move_onward(boss, told):
    """Qualify: 4 6 4 6 10 2 4 2 and 2 for the older one's second visit.

    Discover: straight 6, re-entry 4 and 6, late 8, paused 18 less 10, older 10; the jump passed it by.
    """
    found = spreads(boss, told)
    assert found["Qualify"].days == {2: 3, 4: 3, 6: 2, 10: 1}
    assert found["Discover"].days == {4: 1, 6: 2, 8: 2, 10: 1}
    assert found["Propose"].days == {10: 2}
    assert found["Close"].days == {4: 1}
    assert found["Discover"].spread.median == 7
    assert found["Discover"].spread.mean == 7
    assert (found["Discover"].spread.low, found["Discover"].spread.high) == (6, 8)


def test_stays_that_ended_otherwise_stand_apart(boss, told):
    """Qualify: disqualified 4, slip 14 (the undone move is none), fell back 30.

    Discover: fell back 2, reopened 6, older 13. Propose: re-entry 3 and 12, late 6, landed 30.
    """
    found = spreads(boss, told)
    assert found["Qualify"].otherwise == {4: 1, 14: 1, 30: 1}
    assert found["Discover"].otherwise == {2: 1, 6: 1, 13: 1}
    assert found["Propose"].otherwise == {3: 1, 6: 1, 12: 1, 30: 1}


def test_the_same_stays_in_business_days(boss, told):
    """Close: Sunday 22 to Thursday 26 March, Monday to Thursday are worked: 4. A pause of 10 days takes 6 of 12."""
    found = spreads(boss, told)
    assert found["Close"].business == {4: 1}
    assert found["Discover"].paused == 10
    assert sum(found["Discover"].business.values()) == 6


def test_cycle_value_and_close_rate(boss, told):
    """Won: 24, 16 and 30 days, 6000 in all. Lost: re-entry, landed, slip; the reopened one is not."""
    lens = spring(boss)
    ended, cycle = closing.ended(lens), closing.cycle(lens)
    assert cycle.counts == {16: 1, 24: 1, 30: 1}
    assert (cycle.median, cycle.mean) == (24, pytest.approx(70 / 3))
    assert (ended.won, ended.lost, ended.disqualified, ended.archived) == (3, 3, 2, 1)
    assert (ended.close_rate, ended.value) == (50, 2000)


def test_leads_and_what_became_of_them(boss, told):
    """Begun in the period: all but the older one, 12; of them all but disqualified and slip qualified."""
    lens = spring(boss)
    assert closing.leads(lens) == 12
    assert closing.lead_outcomes(lens)[""][:3] == (12, 10, 3)


def test_who_fell_silent_after_qualifying(boss, told):
    assert closing.silent(spring(boss)) == 1


@pytest.mark.parametrize("by", list(closing.DIMENSIONS))
def test_a_pivot_adds_up_whatever_it_turns_around(boss, told, by):
    lens = spring(boss)
    found, whole = closing.turned(lens)[by].values(), closing.ended(lens)
    for name in ("won", "lost", "disqualified", "archived", "money", "lost_money"):
        assert sum(getattr(each, name) for each in found) == getattr(whole, name)


def test_a_pivot_adds_up_amounts_with_cents(boss, told):
    """SQLite sums what is not whole to a float."""
    Deal.objects.filter(status__in=[Status.WON, Status.LOST]).update(amount_base=Decimal("1234.55"))
    lens = spring(boss)
    turned, whole = closing.turned(lens)["owner"].values(), closing.ended(lens)
    assert sum(each.money for each in turned) == whole.money == whole.won * Decimal("1234.55")
    assert sum(each.lost_money for each in turned) == whole.lost_money == whole.lost * Decimal("1234.55")


def test_losses_by_reason_stage_and_owner(boss, told):
    found = closing.losses(spring(boss))
    assert [(each.reason, each.count) for each in found] == [("No decision", 2), ("Price", 1)]
    assert {key: n for key, n in found[0].by.items() if key[0] == "stage"} == {
        ("stage", "Propose"): 1,
        ("stage", "Qualify"): 1,
    }


def test_the_figures_take_a_fixed_number_of_statements(boss, told, django_assert_num_queries):
    lens = spring(boss)
    cohorts.steps(lens)
    closing.ended(lens)
    with remembered(), django_assert_num_queries(6):
        cohorts.cohorts(lens)
        cohorts.cohorts(lens)
        cohorts.detours(lens)
        stays.stays(lens)
        closing.ended(lens)
        closing.cycle(lens)
        closing.losses(lens)


def test_who_was_let_in_by_exception_went_on_and_is_told_apart(boss):
    case = Case()
    case.grant()
    lens = Lens.from_query(boss, {"pipeline": str(case.pipeline.pk)}, timezone.now())
    found = cohorts.cohorts(lens)
    assert cohorts.detours(lens) == {(Kind.EXCEPTION, case.propose): 1}
    assert (found.stage(case.propose).reached, found.qualified.reached) == (1, 1)
    assert found.stage(f.stage_of(case.pipeline, "Discover").pk).moved == 1
