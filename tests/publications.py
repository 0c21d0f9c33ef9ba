"""A process with deals in every stage of it, and changes to publish: what tests of a publication's effect share."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from deals import counts
from deals.gate import Reading
from deals.models import Answer, Deal
from deals.publishing.effect import effect
from pipeline.models import Pipeline
from pipeline.process import process_of
from pipeline.publishing import publish
from pipeline.vocabulary import Evidence, Kind

from . import factories as f

FREE = {"needs_buyer": False, "evidence": "none", "verification": "Seen in the deal"}
STAGES = {
    "One": [
        ("problem", Kind.TEXT, {"evidence": Evidence.WHO}),
        ("score", Kind.NUMBER, {**FREE, "minimum": 2}),
        ("budget", Kind.MONEY, {"expires_after_days": 90}),
    ],
    "Two": [
        ("parts", Kind.NUMBER, {**FREE, "minimum": 2}),
        ("worth", Kind.DEAL_FIELD, {"deal_fields": "amount", **FREE}),
        ("review", Kind.DATE, {"future": True}),
        ("next_step", Kind.NEXT_STEP, {}),
    ],
    "Three": [("tender", Kind.CHOICE, {"choices": "tender\ndirectly", "side": "entry", **FREE})],
    "Four": [("signed", Kind.YES_NO, {"applies_when": "amount >= 50000"})],
}


def world():
    """(pipeline, deals): two in each stage, a small and a large one; some lack what earlier gates asked."""
    pipeline = f.make_pipeline(stages=STAGES)
    deals = []
    for stage in STAGES:
        for amount in (9000, 86000):
            deals.append(f.next_step(f.make_deal(pipeline, stage=stage, amount=Decimal(amount))))
    for number, slug in ((3, "problem"), (5, "score"), (6, "budget")):
        claim(deals[number], slug)
    return pipeline, deals


def claim(deal, slug):
    """Take back what an earlier gate rested on."""
    Answer.objects.filter(deal=deal, criterion__slug=slug, is_current=True).update(
        opens=False, flaw="Claimed by us; the buyer has not confirmed it.", holds_until=None
    )
    rows = Answer.objects.filter(deal=deal, criterion__slug=slug)
    rows.update(is_current=False, replaced_at=timezone.now())
    old = rows.get()
    Answer.objects.create(
        deal=deal, criterion=old.criterion, state="claimed", recorded_at=timezone.now(), number=old.number,
        text=old.text, flaw="Claimed by us; the buyer has not confirmed it.",
    )  # fmt: skip
    f.resettle(deal)


def proven():
    return set(Deal.objects.proven(f.today(), f.today() - timedelta(days=2)).values_list("pk", flat=True))


def stored(pipeline):
    rows = Deal.objects.filter(pipeline=pipeline).live().order_by("pk").values("pk", *counts.COLUMNS)
    return {row.pop("pk"): row for row in rows}


def derived(pipeline):
    process = process_of(Pipeline.objects.select_related("version").get(pk=pipeline.pk))
    deals = Deal.objects.filter(pipeline=pipeline).live()
    return {deal.pk: counts.of_reading(Reading(deal, process, f.today())) for deal in deals}


def published(pipeline, binding=None, **options):
    """Publish, and check what must be true of every publication: the effect was foretold, the counts are right."""
    pipeline = Pipeline.objects.select_related("version").get(pk=pipeline.pk)
    foretold, before = effect(pipeline, binding), proven()
    version = publish(pipeline, by=pipeline.process_owner, binding=binding, note="Changed", **options)
    after, pipeline = proven(), Pipeline.objects.select_related("version").get(pk=pipeline.pk)
    assert stored(pipeline) == derived(pipeline)
    process = process_of(pipeline)
    counted = stored(pipeline)
    counts.recount(process, f.today())
    assert stored(pipeline) == counted
    assert set(foretold.claimed_ids) == before - after
    assert set(foretold.proven_ids) == after - before
    assert foretold.claimed.count == len(before - after)
    return version


def edit(pipeline, slug, **columns):
    criterion = f.criterion_of(pipeline, slug)
    for name, value in columns.items():
        setattr(criterion, name, value)
    criterion.save()
    return criterion
