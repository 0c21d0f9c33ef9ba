"""What gates, objections, losses and wins teach: figures counted by hand."""

import copy
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deals import guard, moves
from deals.guard import rules
from deals.models import Deal, GateRefusal, LossReview, Objection
from deals.moves import GateClosed
from insights import registry
from insights.learning import gates, losses, objections, versions, wins
from insights.learning.registry import PANELS
from pipeline import retiring
from pipeline.publishing import publish

from .. import factories as f
from ..exceptional import Case
from . import worlds as w

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(kept):
    return Case()


@pytest.fixture
def case(made, db):
    return copy.deepcopy(made)


@pytest.fixture
def boss(case):
    return f.make_admin()


def gate(data, slug):
    return next(found for found in data.gates if found.definition.slug == slug)


def refuse(deal, to, times=1):
    for _ in range(times):
        with pytest.raises(GateClosed):
            moves.advance(deal.pk, to=to, seen_seq=f.fresh(deal).seq, by=deal.owner)


def objection(deal, text, status="open", **fields):
    fields.setdefault("raised_at", timezone.now())
    return Objection.objects.create(deal=deal, stage_id=deal.stage_id, text=text, status=status, **fields)


# gates


def test_a_criterion_counts_the_moves_it_refused_and_their_deals(case, boss):
    other = f.make_deal(case.pipeline, case.tom, "Discover")
    refuse(case.deal, case.propose, 3)
    refuse(other, case.propose)
    found = gate(gates.of(w.lens(boss)), "summary")
    assert (found.refusals, found.deals) == (4, 2)
    behind = gates.PANEL.behind["refused"].deals(w.lens(boss), str(found.key))
    assert set(behind) == {case.deal, other}
    assert gates.of(w.lens(boss)).blocking.key == found.key


def test_refusals_of_other_days_are_not_counted(case, boss):
    refuse(case.deal, case.propose)
    guard.remove(f"hg_t8_update_{len(rules.KEPT)}")  # nobody dates a refusal back
    GateRefusal.objects.update(at=w.ago(100))
    data = gates.of(w.lens(boss))
    assert gate(data, "summary").refusals == 0 and data.blocking is None
    assert gate(gates.of(w.lens(boss, period="365")), "summary").refusals == 1


def test_an_exception_that_was_granted_counts_for_what_it_waives(case, boss):
    case.ask(deal=f.next_step(f.make_deal(case.pipeline, case.tom, "Discover")))
    assert gate(gates.of(w.lens(boss)), "summary").waived == 0
    case.grant()
    data = gates.of(w.lens(boss))
    assert gate(data, "summary").waived == 1 and gate(data, "problem").waived == 0
    behind = gates.PANEL.behind["waived"].deals(w.lens(boss), str(gate(data, "summary").key))
    assert list(behind) == [case.deal]


def test_deals_that_passed_with_the_criterion_are_set_against_those_without(case, boss):
    case.grant()
    w.end(case.deal, "lose")
    for how in ("lose", "archive"):
        w.end(f.make_deal(case.pipeline, case.tom, "Propose"), how)
    won = f.walk_to(f.make_deal(case.pipeline, case.tom), "Close")
    f.satisfy_all(won, case.process.exit_criteria(won.stage_id))
    w.end(won, "win")
    w.end(f.make_deal(case.pipeline, case.tom, "Discover"), "lose")  # never passed it
    found = gate(gates.of(w.lens(boss)), "summary")
    assert (found.held.won, found.held.closed, found.held.percent) == (1, 3, 33)
    assert (found.without.won, found.without.closed, found.without.percent) == (0, 1, 0)
    assert found.points == 33 and found.is_thin and found.verdict == "too few to say"


def test_what_counts_is_how_it_stood_the_first_time(case, boss):
    case.grant()
    moves.back(
        case.deal.pk, to=case.deal.stage_id, seen_seq=case.fresh().seq, by=case.ruth, reason="Too early"
    )
    case.answer()
    f.walk_to(case.fresh(), "Propose")
    w.end(case.deal, "lose")
    found = gate(gates.of(w.lens(boss)), "summary")
    assert (found.held.closed, found.without.closed) == (0, 1)


def test_with_enough_deals_on_both_sides_it_says_what_it_goes_with():
    held, without = gates.Share(8, 10), gates.Share(3, 10)
    known = {"definition": None, "stage": None, "pipeline": None}
    assert gates.Gate(**known, held=held, without=without).verdict == "goes with wins"
    assert gates.Gate(**known, held=without, without=held).verdict == "goes with losses"
    assert gates.Gate(**known, held=held, without=held).verdict == "makes no difference"
    assert gates.Gate(**known, held=held).verdict == "nothing to compare with"


# objections


def test_objections_are_counted_by_stage_with_how_they_and_their_deals_stand(case, boss):
    other = f.make_deal(case.pipeline, case.tom)
    objection(case.deal, "Too dear", "accepted")
    objection(case.deal, " too dear ")
    objection(other, "Too dear", "withdrawn")
    objection(other, "Last year's", raised_at=w.ago(200))
    w.end(other, "lose")
    data = objections.of(w.lens(boss))
    first, second = data.stages
    assert (first.stage.name, first.raised, first.accepted, first.open, first.live) == (
        "Discover",
        2,
        1,
        1,
        2,
    )
    assert (second.stage.name, second.raised, second.withdrawn, second.lost) == ("Qualify", 1, 1, 1)
    assert data.raised == 3 and [(n, deals) for _text, n, deals in data.texts] == [(3, 2)]
    behind = objections.PANEL.behind["raised"].deals
    assert list(behind(w.lens(boss), str(first.stage.pk))) == [case.deal]
    assert behind(w.lens(boss), "").count() == 2


def test_objections_of_a_stage_that_was_taken_out_are_listed_beside_the_others(case, boss):
    objection(case.deal, "Too dear")
    objection(f.make_deal(case.pipeline, case.tom), "Too late")
    retiring.retire(f.stage_of(case.pipeline, "Discover"), f.stage_of(case.pipeline, "Propose"))
    assert [row.raised for row in objections.of(w.lens(boss)).stages] == [1, 1]


# losses


def test_deals_we_should_have_won_are_counted_among_those_lost(case, boss):
    lost = [w.end(f.make_deal(case.pipeline, case.tom, amount=Decimal(n)), "lose") for n in (10, 20, 30)]
    for deal, should in zip(lost, (True, False), strict=False):
        LossReview.objects.create(
            deal=deal,
            should_have_won=should,
            happened="Late",
            change="Sooner",
            by=case.tom,
            at=timezone.now(),
        )
    data = losses.of(w.lens(boss))
    assert (data.lost, data.reviewed, data.should, data.money) == (3, 2, 1, Decimal(10))
    assert [review.deal for review in data.reviews] == [lost[0]]
    behind = losses.PANEL.behind["lost"].deals
    for arg, count in (("should", 1), ("reviewed", 2), ("unreviewed", 1), ("", 3)):
        assert behind(w.lens(boss), arg).count() == count


# wins


def test_the_last_wins_say_how_long_each_stage_took_and_where_it_stalled(boss):
    pipeline, rep = f.make_pipeline(stages=f.OPEN_GATES), f.make_user()
    slow = w.stood(pipeline, rep, 12, 3, 1, 2)
    w.stood(pipeline, rep, 2, 2, 2, 2)
    w.stood(pipeline, rep, 5, 5, ended="lose")
    data = wins.of(w.lens(boss))
    part = next(part for part in data.pipelines if part.pipeline == pipeline)
    row = next(row for row in part.deals if row.deal.pk == slow.pk)
    assert [cell.days for cell in row.cells] == [12, 3, 1, 2] and row.days == 18
    assert [cell.stalled for cell in row.cells] == [True, False, False, False]
    assert len(part.deals) == 2 and part.stalls == [1, 0, 0, 0] and part.medians == [2, 2, 1, 2]


def test_it_is_the_last_twenty(boss):
    pipeline, rep = f.make_pipeline(stages=f.OPEN_GATES), f.make_user()
    deals = [w.at(30 - n, w.stood, pipeline, rep, 1, 1) for n in range(22)]
    assert {won.deal for won in wins.of(w.lens(boss)).deals} == set(deals[2:])


# the page


def test_the_page_shows_each_panel_with_its_table_and_meaning(client, case, boss):
    refuse(case.deal, case.propose)
    client.force_login(boss)
    page = client.get("/dashboard/learning/").content.decode()
    for panel in PANELS:
        assert f'id="p-{panel.key}"' in page
    assert "held up 1 deal at the gate of Discover" in page


def test_an_empty_company_is_told_so(client):
    client.force_login(f.make_admin())
    page = client.get("/dashboard/learning/").content.decode()
    assert "Nothing was won yet." in page and "No objection was recorded" in page


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.key)
def test_each_comes_as_a_sheet_and_says_what_it_means(client, case, boss, panel):
    client.force_login(boss)
    response = client.get(f"/dashboard/{panel.key}.csv")
    assert response.status_code == 200 and response["Content-Type"].startswith("text/csv")


def test_what_somebody_may_not_see_teaches_them_nothing(case, boss):
    refuse(case.deal, case.propose)
    case.grant()
    objection(case.deal, "Too dear")
    w.end(case.deal, "lose")
    other = w.lens(f.make_manager("Karl Ost", team="South"))
    found = gate(gates.of(other), "summary")
    assert (found.refusals, found.waived, found.without.closed) == (0, 0, 0)
    assert objections.of(other).raised == 0 and losses.of(other).lost == 0
    for panel in PANELS:
        for behind in panel.behind.values():
            assert not set(behind.deals(other, str(found.key))) & set(Deal.objects.all())


def test_counting_takes_as_many_statements_for_many_deals_as_for_few(case, boss):
    def statements():
        lens = w.lens(boss)
        with CaptureQueriesContext(connection) as taken:
            for panel in PANELS:
                panel.of(lens)
        return len(taken)

    def more():
        deal = f.make_deal(case.pipeline, case.tom, "Discover")
        refuse(deal, case.propose)
        objection(deal, "Too dear")
        w.end(deal, "lose")

    more()
    statements()
    before = statements()
    for _ in range(3):
        more()
    assert statements() == before


def test_panels_of_other_pages_do_not_stand_on_the_dashboard(boss):
    shown = {panel.key for panel in registry.shown_to(boss)}
    assert not shown & {panel.key for panel in PANELS}
    assert all(registry.by_key(panel.key, boss) is panel for panel in PANELS)


# before and after a version


def publish_again(pipeline, days_ago, note="Ask less"):
    pipeline.stages.filter(slug="discover").update(target_days=100 + days_ago)
    return w.at(days_ago, publish, pipeline, by=pipeline.process_owner, note=note)


def test_deals_qualified_before_a_version_stand_beside_those_after_it(boss):
    pipeline, rep = w.at(200, f.make_pipeline, "Sale", stages=f.OPEN_GATES), f.make_user()
    for how in ("win", "win", "lose", "lose", "lose", "lose"):
        w.at(30, w.stood, pipeline, rep, 4, 3, ended=how)  # qualified 33 days ago
    for how in ("win", "win", "win", "lose", "lose"):
        w.stood(pipeline, rep, 4, 3, ended=how)  # 3 days ago
    publish_again(pipeline, 10)
    data = versions.of(w.lens(boss, pipeline=str(pipeline.pk)))
    (change,) = data.changes
    assert (change.version.number, change.before.qualified, change.after.qualified) == (2, 6, 5)
    assert (round(change.before.win_rate), round(change.after.win_rate)) == (33, 60)
    assert (change.before.cycle, change.after.cycle) == (7, 7)
    assert ("Win rate", "33%", "60%", "+27 points") in change.figures
    assert change.caution == "Too few deals to say: 6 qualified before, 5 after."
    assert len(versions.table(data).rows) == 4


def test_a_window_that_is_not_over_says_so(boss):
    pipeline, rep = w.at(200, f.make_pipeline, "Sale", stages=f.OPEN_GATES), f.make_user()
    for _ in range(10):
        w.at(30, w.stood, pipeline, rep, 2, 2, ended="lose")
        w.stood(pipeline, rep, 2, 2, ended="lose")
    publish_again(pipeline, 10)
    (change,) = versions.of(w.lens(boss, pipeline=str(pipeline.pk))).changes
    assert change.caution == "The days after are not over: 79 to come."


def test_the_first_version_has_nothing_before_it_and_the_page_shows_four(client, boss):
    pipeline = w.at(200, f.make_pipeline, "Sale", stages=f.OPEN_GATES)
    lens = w.lens(boss, pipeline=str(pipeline.pk))
    assert versions.of(lens).changes == []
    for days in (60, 50, 40, 30, 20):
        publish_again(pipeline, days, f"Note of {days}")
    assert [change.version.number for change in versions.of(lens).changes] == [6, 5, 4, 3]
    client.force_login(boss)
    page = client.get("/dashboard/learning/").content.decode()
    assert "Note of 20" in page and "Note of 60" not in page


def test_versions_take_a_fixed_number_of_statements_each(boss, django_assert_max_num_queries):
    pipeline, rep = w.at(200, f.make_pipeline, "Sale", stages=f.OPEN_GATES), f.make_user()
    for days in (60, 50, 40, 30, 20):
        publish_again(pipeline, days)
    for _ in range(3):
        w.stood(pipeline, rep, 30, 3)
    with django_assert_max_num_queries(4 * 14 + 6):
        versions.of(w.lens(boss, pipeline=str(pipeline.pk)))
