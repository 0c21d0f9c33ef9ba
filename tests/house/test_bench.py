"""The deals that benchmarks measure on are what the product itself would have made."""

import sys

import psycopg
import pytest

from bench import databases, thin
from bench.generator import generate
from deals import counts, guard, moves
from deals.evidence import measures
from deals.evidence.judging import House, evidence_of, judge
from deals.gate import Reading
from deals.models import Answer, Deal, Transition
from deals.moves.ledger import broken_rows
from pipeline.process import process_of
from pipeline.vocabulary import evidence_rank
from team.calendar import grace_date, local_date

from .. import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def house(kept):
    return generate(200)


def test_every_generated_deal_stands_where_its_last_ledger_row_says(house):
    assert Deal.objects.made().count() == 200 and guard.missing() == []
    assert list(broken_rows(Transition.objects.order_by("deal", "seq"))) == []
    for deal in Deal.objects.all():
        rows = list(deal.transitions.all())
        assert (deal.stage_id, deal.status, deal.seq) == (rows[-1].to_stage_id, rows[-1].to_status, len(rows))


def test_generated_counts_are_what_one_would_count_by_hand(house):
    process = process_of(house.pipeline)
    seen = set()
    for deal in Deal.objects.order_by("pk"):
        derived = counts.of_reading(Reading(deal, process, f.today()))
        assert {name: getattr(deal, name) for name in derived} == derived, deal.pk
        seen.add((deal.open_before > 0, deal.held_here > 0, deal.claimed_here > 0))
    assert len(seen) >= 4


def test_generated_answers_are_judged_as_the_gate_would_judge_them(house):
    definitions, us = house.process.by_criterion, House.current()
    answers = Answer.objects.select_related("activity", "contact", "person", "attachment")
    assert answers.count() > 500
    for answer in answers:
        definition = definitions[answer.criterion_id]
        verdict = judge(answer, definition, us)
        stored = (answer.opens, answer.flaw, answer.holds_until)
        assert stored == (verdict.opens, verdict.flaw, verdict.holds_until), definition.slug
        assert evidence_rank(evidence_of(answer)) == evidence_rank(answer.evidence)


def test_generated_texts_are_read_as_the_product_reads_them(house):
    for answer in Answer.objects.all():
        stored = tuple(getattr(answer, column) for column in measures.COLUMNS)
        assert stored == measures.of_texts(answer.text, answer.words, ()), answer.text


def test_some_generated_deals_are_proven_and_some_are_not(house):
    today = local_date(f.at(f.today()))
    live = Deal.objects.open()
    proven = live.proven(today, grace_date(today, house_organisation())).count()
    assert 0.05 < proven / live.count() < 0.9


def house_organisation():
    from team.models import Organisation

    return Organisation.current()


def test_more_deals_can_be_added_and_then_moved_and_made_as_usual(house):
    generate(50, seed=8)
    assert Deal.objects.made().count() == 250
    deal = f.make_deal(house.pipeline, owner=house.reps[house.teams[0]][0])
    moves.archive(deal.pk, seen_seq=1, by=None)
    assert f.fresh(deal).status == "archived"


def test_thin_deals_stand_in_the_first_stage_with_their_one_ledger_row(house):
    live, last = Deal.objects.live().count(), Deal.objects.latest("pk").pk
    thin.fill(live + 30)
    made = Deal.objects.filter(pk__gt=last)
    assert (made.count(), Deal.objects.live().count()) == (30, live + 30)
    entry = house.process.entry.stage_id
    assert set(made.values_list("stage", "status", "seq")) == {(entry, "open", 1)}
    assert Transition.objects.filter(deal__in=made).count() == 30 and guard.missing() == []
    assert list(broken_rows(Transition.objects.order_by("deal", "seq"))) == []
    moves.archive(made.first().pk, seen_seq=1, by=None)


def test_the_same_seed_makes_the_same_company():
    now = f.at(f.today())

    def facts():
        known = Transition.objects.order_by("pk").last()
        generate(40, seed=3, now=now)
        rows = Transition.objects.filter(pk__gt=known.pk if known else 0).order_by("pk")
        return list(rows.values_list("kind", "happened_at", "amount"))

    assert facts() == facts() != []


@pytest.mark.engine("sqlite")  # where no PostgreSQL is named, it brings one up
def test_a_benchmark_has_a_postgresql_of_its_own_that_is_gone_afterwards(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(sys, "path", [*sys.path])
    with databases.own("postgresql") as given, psycopg.connect(given["DATABASE_URL"]) as server:
        assert server.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(given["DATABASE_URL"])
