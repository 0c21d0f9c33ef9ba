"""Reviews of lost deals, a manager's advice and benchmarks for the demo company."""

from datetime import timedelta

from deals.demo.processes import NEW
from deals.models import CoachingNote, Deal, LossReview, Status
from pipeline.models import Stage

from ..models import Benchmark

# (what happened, what we do otherwise, whether we should have won it), newest loss first.
REVIEWS = [
    ("Finance heard the price from somebody else before we spoke to them.",
     "We ask for a talk with finance before a price leaves us.", True),
    ("They had no date to decide by; we offered all the same.", "No offer before the buyer named the date.", True),
    ("A cheaper meter was enough for one site.", "We ask for the number of sites in the first talk.", False),
    ("Our champion left in the middle of the pilot and nobody else knew why it ran.",
     "Three people know the goal before a pilot begins.", True),
    ("The works council stopped it; we had not met them.", "We ask who may say no, not only who says yes.", True),
    ("They decided to wait for the new hall.", "We pause such a deal until the date they name.", False),
]  # fmt: skip
ADVICE = [
    ("Ask them who else has to sign before you send anything.", True, None),
    ("Two people carry this deal. Ask for a third, from finance.", False, None),
    ("Let them say what it costs them today, in their own figures.", True, 2),
]
# (metric, slug of the stage, at least, at most)
BANDS = [
    ("win_rate", "", 25, None), ("cycle", "", None, 90), ("proven", "", 60, None),
    ("conversion", "qualify", 60, None), ("time_in_stage", "negotiate", None, 14),
]  # fmt: skip


def make(world):
    _reviews(world)
    _advice(world)
    _bands(world)


def _reviews(world):
    lost = Deal.objects.filter(status=Status.LOST, loss_reason__disqualifies=False).select_related("owner")
    LossReview.objects.bulk_create(
        LossReview(
            deal=deal, happened=happened, change=change, should_have_won=should, by=deal.owner,
            at=deal.closed_at + timedelta(hours=3),
        )
        for deal, (happened, change, should) in zip(lost.order_by("-closed_at", "pk"), REVIEWS, strict=False)
    )  # fmt: skip


def _advice(world):
    deals = Deal.objects.open().filter(counts_as_pipeline=True, pipeline=world.processes.pipelines[NEW])
    manager, at = world.people["ruth"], world.clock.at(-3)
    for deal, (text, on_criterion, taken_up) in zip(
        deals.order_by("-amount_base", "pk"), ADVICE, strict=False
    ):
        asked = world.processes.now(NEW).exit_criteria(deal.stage_id)
        CoachingNote.objects.create(
            deal=deal, criterion_id=asked[0].criterion_id if on_criterion and asked else None, text=text, by=manager,
            at=at, done_at=at + timedelta(days=taken_up) if taken_up else None,
        )  # fmt: skip


def _bands(world):
    pipeline = world.processes.pipelines[NEW]
    stages = {stage.slug: stage for stage in Stage.objects.filter(pipeline=pipeline)}
    Benchmark.objects.bulk_create(
        Benchmark(
            metric=metric, pipeline=pipeline, stage=stages[slug] if slug else None, low=low, high=high,
            asks=world.people["ruth"],
        )
        for metric, slug, low, high in BANDS
        if not slug or slug in stages
    )  # fmt: skip
