"""Will we make it: targets, what is won, what is proven, and the gap, against figures counted by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest
from django.db.models import Sum
from django.utils import timezone

from deals import moves
from deals.models import Deal
from insights.lens import Lens
from insights.models import Target
from insights.panels import make_it

from .. import factories as f
from .forecasts import imported, open_deal, won

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def boss(time_machine):
    time_machine.move_to(NOON, tick=False)
    return f.make_admin()


def seen_by(user, **asked):
    return make_it.of(Lens.from_query(user, asked, timezone.now()))


@pytest.fixture
def quarter(boss):
    """Target 1,000 in all; won 300 that stand; proven 400 at 60% and 100 at 80%."""
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    for month, amount in ((10, 300), (11, 300), (12, 400)):
        Target.objects.create(month=date(2026, month, 1), amount=amount)
    won(pipeline, 300)
    reopened = won(pipeline, 5000)
    moves.reopen(reopened.pk, reason="Signed by nobody", seen_seq=f.fresh(reopened).seq, by=boss)
    undone = won(pipeline, 7000)
    moves.undo(undone.pk, seen_seq=f.fresh(undone).seq, by=boss)
    Deal.objects.filter(pk__in=[reopened.pk, undone.pk]).update(next_step="")
    open_deal(pipeline, 400)
    open_deal(pipeline, 100, probability_override=80)
    open_deal(pipeline, 900, proven=False)
    open_deal(pipeline, 800, close=date(2027, 1, 2))
    return pipeline


def test_the_gap_is_the_target_less_what_is_won_and_what_is_proven_and_weighted(boss, quarter):
    data = seen_by(boss)
    assert (data.start, data.end, data.days_left) == (date(2026, 10, 1), date(2026, 12, 31), 43)
    line = data.whole
    assert (line.target, line.won, line.weighted, line.proven, line.gap) == (
        D(1000),
        D(300),
        D(320),
        D(500),
        D(380),
    )
    assert data.words == "Not yet: €380 short of €1k."
    assert data.until == "Quarter to 31 Dec, 43 days left"


def test_enough_is_said_as_plainly(boss, quarter):
    Target.objects.update(amount=200)
    assert seen_by(boss).words == "Yes: €20 over €600."


def test_a_month_is_held_against_its_own_target(boss, quarter):
    line = seen_by(boss, period="month").whole
    assert (line.target, line.won, line.weighted, line.gap) == (D(300), D(300), D(0), D(0))


def test_a_quarter_that_is_over_has_nothing_proven_to_come(boss, quarter):
    Target.objects.create(month=date(2026, 8, 1), amount=50)
    data = seen_by(boss, period="last_quarter")
    assert (data.start, data.whole.target, data.whole.weighted, data.whole.gap) == (
        date(2026, 7, 1),
        D(50),
        0,
        D(50),
    )


def test_a_win_whose_reopening_was_undone_ended_when_it_did(boss, time_machine):
    deal = won(f.make_pipeline(stages=f.OPEN_GATES), 300)
    closed_at = deal.closed_at
    time_machine.move_to(NOON + timedelta(days=1), tick=False)
    moves.reopen(deal.pk, reason="A mistake", seen_seq=deal.seq, by=boss)
    moves.undo(deal.pk, seen_seq=f.fresh(deal).seq, by=boss)
    assert f.fresh(deal).closed_at == closed_at and seen_by(boss).whole.won == 300


def test_an_import_of_won_deals_counts_on_the_day_it_names(boss):
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    imported(pipeline, 70, "Close", "won", NOON - timedelta(days=60), NOON - timedelta(days=40), boss)
    assert seen_by(boss).whole.won == D(70)
    assert seen_by(boss, period="month").whole.won == 0


def test_each_number_is_the_sum_of_the_deals_behind_it(boss, quarter):
    lens = Lens.from_query(boss, {}, timezone.now())
    data = make_it.of(lens)
    for line in data.lines:
        for name, money in (("won", line.won), ("proven", line.weighted)):
            behind = make_it.PANEL.behind[name]
            deals = behind.deals(lens, line.key)
            assert deals.aggregate(money=Sum(behind.measure, default=0))["money"] == money


def test_a_team_without_a_target_has_the_sum_of_its_peoples_and_all_the_sum_of_the_teams(boss, quarter):
    Target.objects.all().delete()
    north, south = f.make_user("Ines Duarvo"), f.make_user("Tom Averell", team="South")
    month = date(2026, 10, 1)
    for person, amount in ((north, 40), (south, 60)):
        Target.objects.create(month=month, user=person, amount=amount)
    Target.objects.create(month=month, team=f.make_team("North"), amount=100)
    data = seen_by(boss)
    assert {line.name: line.target for line in data.teams} == {"North": D(100), "South": D(60)}
    assert data.whole.target == D(160)
    assert {line.name: line.target for line in data.people if line.target} == {
        "Ines Duarvo": D(40), "Tom Averell": D(60)
    }  # fmt: skip
    assert seen_by(boss, team=str(south.teams.get().pk)).whole.target == D(60)


def test_a_rep_sees_their_own_and_nobody_elses(boss, quarter):
    rep = Deal.objects.first().owner
    other = f.make_user("Ines Duarvo")
    Target.objects.create(month=date(2026, 11, 1), user=rep, amount=50)
    open_deal(quarter, 1000, owner=other)
    data = seen_by(rep)
    assert (data.whole.target, data.whole.weighted, data.people, data.teams) == (D(50), D(320), [], [])


def test_what_the_address_names_is_no_right_to_another_teams_targets(boss, quarter):
    north, south = f.make_manager(team="North"), f.make_user("Ines Duarvo", team="South")
    rep, mate = f.make_user("Tom Averell", team="North"), f.make_user("Mara Kessel", team="North")
    for person in (south, rep, mate):
        Target.objects.create(month=date(2026, 11, 1), user=person, amount=150)
    Target.objects.create(month=date(2026, 11, 1), team=south.teams.get(), amount=500)
    for asked in ({"team": str(south.teams.get().pk)}, {"owner": str(south.pk)}):
        data = seen_by(north, **asked)
        assert data.whole.target is None and data.people == [], asked
    assert seen_by(rep, owner=str(mate.pk)).whole.target is None
    assert seen_by(north, owner=str(rep.pk)).whole.target == seen_by(rep).whole.target == D(150)
    assert seen_by(boss, owner=str(south.pk)).whole.target == D(150)


def test_no_target_is_no_gap(boss, quarter):
    Target.objects.all().delete()
    assert seen_by(boss).words == "No target is set." and seen_by(boss).whole.gap is None


def test_a_part_that_has_no_targets_says_so(boss, quarter):
    assert "not for this part" in seen_by(boss, pipeline=str(quarter.pk)).words


def test_it_costs_the_same_however_many_deals(boss, quarter, django_assert_num_queries):
    for _number in range(3):
        open_deal(quarter, 10, owner=f.make_user())
    lens = Lens.from_query(boss, {}, timezone.now())
    lens.grace, lens.currency  # noqa: B018  read once for the page
    with django_assert_num_queries(
        6
    ):  # the organisation among them; without targets of people no teams are read
        make_it.of(lens)


def test_the_dashboard_answers_it(client, boss, quarter):
    client.force_login(boss)
    page = client.get("/dashboard/").content.decode()
    assert "Not yet: €380 short of €1k." in page and "of=make_it.won" in page
    assert client.get("/dashboard/make_it.csv").content.decode("utf-8-sig").splitlines()[1] == (
        "All,All,1000.00,300.00,320.00,500.00,380.00"
    )
