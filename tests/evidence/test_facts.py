"""Facts are read of many deals at once, each on a day of its own, as they are read of one."""

from datetime import timedelta

import pytest

from deals.evidence.facts_query import facts_query
from pipeline.process import process_of
from pipeline.vocabulary import Kind

from .. import factories as f

pytestmark = pytest.mark.django_db
STAGES = {
    "A": [
        ("terms", Kind.APPROVAL, {"expires_after_days": 60, "needs_buyer": False}),
        ("next_step", Kind.NEXT_STEP, {}),
    ],
    "B": [],
    "C": [],
}


def test_a_fact_is_read_of_each_deal_on_its_own_day():
    pipeline = f.make_pipeline(stages=STAGES)
    process = process_of(pipeline)
    terms, step = process.criteria_of_all()
    deals = [f.next_step(f.make_deal(pipeline), days=7) for _number in range(4)]
    for deal in deals[:3]:
        f.satisfy(deal, terms)
    days = dict(
        zip([deal.pk for deal in deals], [f.today() + timedelta(days=n) for n in (0, 8, 61, 0)], strict=True)
    )
    found = facts_query(process).of(days)
    held = [(found[deal.pk][terms.criterion_id], found[deal.pk][step.criterion_id]) for deal in deals]
    assert held == [(True, True), (True, False), (False, False), (False, True)]
    for deal_id, day in days.items():
        assert facts_query(process).of({deal_id: day}) == {deal_id: found[deal_id]}


def test_a_deal_that_is_not_there_has_no_fact():
    process = process_of(f.make_pipeline(stages=STAGES))
    assert set(facts_query(process).of({999_999: f.today()})[999_999].values()) == {False}


def test_many_deals_are_asked_the_facts_of_their_stages_alone():
    pipeline = f.make_pipeline(stages=STAGES)
    process = process_of(pipeline)
    terms, step = process.criteria_of_all()
    first, second, _third = [stage.stage_id for stage in process.stages]
    here, there = f.make_deal(pipeline), f.next_step(f.make_deal(pipeline, stage="B"), days=7)
    f.satisfy(here, terms)
    stages = {terms.criterion_id: [first], step.criterion_id: [first, second], 999_999: [second]}
    found = facts_query(process).told([here.pk, there.pk, 999_999], f.today(), stages)
    assert {pk: [None if one is None else bool(one) for one in row] for pk, row in found.items()} == {
        here.pk: [True, False, None],
        there.pk: [None, True, False],
    }


def test_the_same_criterion_with_another_limit_is_another_fact():
    def large(least):
        asked = {"deal_fields": "amount", "minimum": least, "needs_buyer": False}
        return f.make_pipeline(stages={"A": [("size", Kind.DEAL_FIELD, asked)], "B": [], "C": []})

    found = []
    for least in (50000, 90000):
        pipeline = large(least)
        deal, process = f.make_deal(pipeline, amount=86000), process_of(pipeline)
        (size,) = process.criteria_of_all()
        found.append(facts_query(process).of({deal.pk: f.today()})[deal.pk][size.criterion_id])
    assert found == [True, False]
