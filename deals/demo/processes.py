"""The two pipelines, with the versions their process went through."""

from dataclasses import replace

from pipeline import reviews
from pipeline.documents import read
from pipeline.loading import TEMPLATES, load
from pipeline.models import Pipeline
from pipeline.process import process_of, with_version

NEW, SMALL = "new-business", "small-sites"
V2_DAY, V3_DAY = -330, -150
# The last quarterly review, so that the next one lies ahead.
REVIEWED_DAY = -41
_SECOND = {"proposal_requested", "approval_path"}
# Waits for a fourth version: what a solution is worth is not asked yet.
_NOT_YET = {"value_agreed"}
NOTES = [
    "Stages only: one language for where a deal stands.",
    "A proposal is written when the buyer asks for it, and with the approval path known.",
    "The seven-stage process in full. The economic buyer speaks with us before we negotiate.",
]


class Processes:
    """The process of each pipeline as it was in force on any day."""

    def __init__(self, pipelines, eras):
        self.pipelines, self.eras = pipelines, eras

    def on(self, slug, offset):
        """The process in force so many days from T."""
        return next(process for start, process in reversed(self.eras[slug]) if offset >= start)

    def now(self, slug):
        return self.eras[slug][-1][1]


def make_processes(clock, owner):
    """Load and publish all versions, each on its day. Returns Processes."""
    eras = {NEW: _new_business(clock, owner), SMALL: _small_sites(clock, owner)}
    pipelines = {slug: Pipeline.objects.get(slug=slug) for slug in eras}
    for pipeline in pipelines.values():
        reviews.mark_reviewed(pipeline, clock.at(REVIEWED_DAY, 15))
    return Processes(pipelines, eras)


def _new_business(clock, owner):
    whole = replace(read(TEMPLATES / "b2b-seven-stages.toml"), slug=NEW, name="New business")
    full = _asking(whole, lambda slug: slug not in _NOT_YET)
    versions = [
        (-540, _asking(whole, lambda slug: False)),
        (V2_DAY, _asking(whole, lambda slug: slug in _SECOND)),
        (V3_DAY, full),
    ]
    return [
        (day, _publish(clock, owner, day, document, note))
        for (day, document), note in zip(versions, NOTES, strict=True)
    ]


def _small_sites(clock, owner):
    document = replace(read(TEMPLATES / "smb-four-stages.toml"), slug=SMALL, name="Small sites")
    return [(-540, _publish(clock, owner, -540, document, "One screen, eleven facts."))]


def _asking(document, wanted):
    """The document with those criteria alone whose slug is wanted."""
    stages = tuple(
        replace(stage, criteria=tuple(c for c in stage.criteria if wanted(c.slug)))
        for stage in document.stages
    )
    return replace(document, stages=stages)


def _publish(clock, owner, day, document, note):
    pipeline = load(document, by=owner, owner=owner, note=note, now=clock.exactly(day, 8))
    return process_of(with_version(pipeline.pk))
