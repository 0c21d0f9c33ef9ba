"""Publishing turns the draft into what gates obey; nothing else does."""

import pytest

from deals import moves
from deals.models import LossReason
from pipeline.models import CriterionDefinition, Pipeline
from pipeline.process import process_of
from pipeline.publishing import IncompleteProcess, publish
from pipeline.vocabulary import Kind

from .. import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(kept):
    return f.make_pipeline().pk


@pytest.fixture
def pipeline(made, db):
    return Pipeline.objects.get(pk=made)


def again(pipeline):
    return publish(pipeline, by=pipeline.process_owner)


def test_publishing_without_a_change_makes_no_version(pipeline):
    assert again(pipeline) == again(pipeline) == pipeline.version


def test_a_reason_added_to_the_list_is_offered_at_once(pipeline):
    pipeline.lost_reasons = "Price\nTiming moved"
    pipeline.disqualified_reasons = "Poor fit"
    pipeline.save()
    assert again(pipeline).number == 2
    assert LossReason.objects.get(name="Poor fit").disqualifies
    assert not LossReason.objects.get(name="Price").disqualifies


def test_a_reason_of_both_lists_is_offered_once_as_lost(pipeline):
    pipeline.lost_reasons = pipeline.disqualified_reasons = "No budget"
    pipeline.save()
    again(pipeline)
    assert not LossReason.objects.get(name="No budget").disqualifies


def test_publishing_reads_a_draft_once_however_large_it_is(pipeline, django_assert_max_num_queries):
    for number in range(40):
        f.add_criterion(f.stage_of(pipeline, "Qualify"), f"more_{number}", Kind.TEXT)
    pipeline.lost_reasons = "\n".join(f"Reason {number}" for number in range(20))
    pipeline.save()
    with django_assert_max_num_queries(22):
        assert again(pipeline).number == 2


def test_a_draft_has_no_effect_until_it_is_published(pipeline):
    deal = f.make_deal(pipeline)
    f.add_criterion(f.stage_of(pipeline, "Qualify"), "pain", Kind.TEXT)
    open_before = [x.definition.slug for x in refusal(deal, pipeline)]
    again(pipeline)
    assert "pain" not in open_before and "pain" in [x.definition.slug for x in refusal(deal, pipeline)]


def refusal(deal, pipeline):
    with pytest.raises(moves.GateClosed) as closed:
        moves.advance(deal.pk, to=f.stage_of(pipeline, "Discover").pk, seen_seq=1, by=None)
    return closed.value.open_criteria


def test_an_older_wording_stays_on_record(pipeline):
    criterion = f.criterion_of(pipeline, "problem")
    criterion.label = "The buyer named the problem"
    criterion.save()
    again(pipeline)
    old, new = CriterionDefinition.objects.filter(criterion=criterion).order_by("pk")
    assert old.valid_until == new.valid_from and old.label != new.label


def test_a_retired_criterion_is_asked_no_more(pipeline):
    from django.utils import timezone

    deal = f.make_deal(pipeline)
    criterion = f.criterion_of(pipeline, "budget")
    criterion.retired_at = timezone.now()
    criterion.save()
    again(pipeline)
    assert [x.definition.slug for x in refusal(deal, pipeline)] == ["problem"]


def test_a_pipeline_without_an_owner_or_a_stage_is_refused_with_both_said():
    pipeline = Pipeline.objects.create(slug="empty", name="Empty")
    with pytest.raises(IncompleteProcess) as refused:
        publish(pipeline, by=None)
    assert len(refused.value.problems) == 2
    assert Pipeline.objects.get(slug="empty").version is None


def test_an_inserted_stage_leaves_deals_where_they_are(pipeline):
    deal = f.make_deal(pipeline, stage="Propose")
    for stage in pipeline.stages.filter(position__gte=2).order_by("-position"):
        stage.position += 1
        stage.save()
    f.add_stage(pipeline, "Trial", 2)
    again(pipeline)
    names = [stage.name for stage in process_of(Pipeline.objects.get(pk=pipeline.pk)).stages]
    assert names == ["Qualify", "Trial", "Discover", "Propose", "Close"]
    assert f.fresh(deal).stage.name == "Propose" and deal.transitions.count() == 3


def test_two_stages_cannot_stand_at_one_position(pipeline):
    from django.db import IntegrityError, transaction

    with pytest.raises(IntegrityError), transaction.atomic():
        f.add_stage(pipeline, "Twin", 1)


def test_versions_follow_each_other_though_a_clock_was_set_back():
    """What was asked before a version is read by time: a criterion gone since must not come back into it."""
    from datetime import timedelta

    from django.utils import timezone

    from pipeline.former import process_before
    from pipeline.models import Criterion
    from pipeline.publishing import publish

    pipeline, now = f.make_pipeline(), timezone.now()
    for days, slug in ((19, "review"), (1, "problem"), (1, "budget")):
        Criterion.objects.filter(stage__pipeline=pipeline, slug=slug).update(retired_at=now)
        publish(
            pipeline, by=pipeline.process_owner, note="Not asked any more", now=now + timedelta(days=days)
        )
    first, second, third, last = pipeline.versions.order_by("number")
    assert first.published_at < second.published_at < third.published_at < last.published_at
    asked = {definition.slug for definition in process_before(last).by_criterion.values()}
    assert asked == {"budget", "summary", "next_step", "signed"}
