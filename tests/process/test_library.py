"""The library of criteria: each one is well formed, passes the linter, and can be answered by a deal."""

import pytest

from deals import moves
from pipeline import library
from pipeline.linting import criteria as rules
from pipeline.linting import of_documents
from pipeline.loading import criterion_values
from pipeline.models import Criterion, Stage
from pipeline.process import process_of
from pipeline.publishing import publish

from .. import factories as f

DOCUMENTS = list(library.by_slug().values())


def test_about_thirty_criteria_stand_in_groups_that_say_what_they_prove():
    assert 30 <= len(DOCUMENTS) == sum(len(group.criteria) for group in library.groups())
    assert all(group.name and group.proves.endswith(".") and group.criteria for group in library.groups())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.slug)
def test_each_has_help_for_a_new_rep_and_nothing_the_linter_would_say(document):
    assert document.why and document.good
    (criterion,) = of_documents([document])
    assert [str(found) for found in rules.check(Stage(name="", target_days=10), criterion)] == []


def test_bant_and_meddic_are_sets_of_what_is_there():
    bant, meddic = library.sets()
    assert (bant.name, len(bant.criteria), meddic.name, len(meddic.criteria)) == ("BANT", 4, "MEDDIC", 6)
    assert {document.slug for document in library.chosen([], ["meddic"])} == set(meddic.criteria)


def test_what_is_in_two_choices_comes_once_and_in_the_librarys_order():
    chosen = [document.slug for document in library.chosen(["decision_date", "why_now"], ["bant"])]
    assert chosen == ["problem_stated", "why_now", "budget_named", "economic_buyer_named", "decision_date"]


# What the hand-over is made of is answered by these.
BESIDE = {"handover_complete": ["problem_stated", "success_metric"]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "document",
    [document for document in DOCUMENTS if document.kind not in ("approval", "no_open_objection")],
    ids=lambda document: document.slug,
)
def test_a_gate_of_it_can_be_published_shuts_and_is_passed_once_it_holds(document):
    pipeline = f.make_pipeline(stages={"Talk": [], "Close": f.SIMPLE["Close"]})
    asked = [*library.chosen(BESIDE.get(document.slug, [])), document]
    for position, each in enumerate(asked, 1):
        Criterion.objects.create(
            stage=f.stage_of(pipeline, "Talk"), position=position, **criterion_values(each)
        )
    publish(pipeline, by=pipeline.process_owner, note="From the library")
    pipeline.refresh_from_db()
    process, deal = process_of(pipeline), f.make_deal(pipeline)
    last = process.last.stage_id
    with pytest.raises(moves.GateClosed):
        moves.advance(deal.pk, to=last, seen_seq=deal.seq, by=None)
    f.satisfy_all(deal, process.asked_from(deal.stage_id, last))
    moves.advance(deal.pk, to=last, seen_seq=deal.seq, by=None)
    assert f.fresh(deal).stage_id == last
