"""What an audit looks at: the live deals of one pipeline, held against its published version or its draft."""

from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import BooleanField, Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from deals.models import Deal, Status
from deals.models.querysets import proven_but_for_gates
from deals.publishing import effect
from deals.rows.among import AmongMany
from pipeline.drafting import process_of_draft
from pipeline.models import Pipeline
from pipeline.process import process_of

from ..lens import Lens

DRAFT = "draft"
AGAINST = {"": _("In force"), DRAFT: _("Draft")}
GATE, STEP, EXCEPTION = "gate", "step", "exception"
MISSING = {
    GATE: _("An earlier gate is open"),
    STEP: _("Next step missing or past"),
    EXCEPTION: _("By exception"),
}
STATUSES = {
    Status.OPEN: Status.OPEN.label,
    Status.RE_ENGAGING: Status.RE_ENGAGING.label,
    Status.PAUSED: Status.PAUSED.label,
}
# Of more live deals nobody waits for the figures against a draft before there is anything to see.
MANY = 5000
NAMED = [
    "pipeline",
    "against",
    "team",
    "owner",
    "stage",
    "source",
    "type",
    "segment",
    "band",
    "status",
    "missing",
]


class Everybody:
    """Sees every deal: what a command of the server runs as."""

    pk = None
    is_active = is_manager = is_admin = True


@dataclass(frozen=True)
class Look:
    """`missing` narrows the list of deals that fail; everything else narrows every figure."""

    lens: Lens
    pipeline: Pipeline
    against: str = ""
    stage: int | None = None
    status: str = ""
    missing: str = ""

    @classmethod
    def from_query(cls, user, query, now):
        """What the address asks for, None where the pipeline is not there or no process is
        published yet. Whatever else is unknown is left out."""
        lens = Lens.from_query(user, query, now)
        pipeline = _pipeline(lens)
        if pipeline is None:
            return None
        found = cls(lens.of(pipeline=pipeline.pk, version=None), pipeline)
        stage = query.get("stage", "")
        known = {str(row.stage_id): row.stage_id for row in found.published.stages}
        return cls(
            found.lens,
            pipeline,
            against=_known(query.get("against", ""), AGAINST),
            stage=known.get(stage),
            status=_known(query.get("status", ""), STATUSES),
            missing=_known(query.get("missing", ""), MISSING),
        )

    @classmethod
    def of_all(cls, pipeline, now, against=""):
        """Every live deal of a pipeline, whoever looks."""
        lens = Lens.from_query(Everybody(), {}, now)
        return cls(lens.of(pipeline=pipeline.pk), pipeline, against=against)

    @property
    def is_draft(self):
        return self.against == DRAFT

    @property
    def currency(self):
        return self.lens.currency

    @cached_property
    def published(self):
        return process_of(self.pipeline)

    @cached_property
    def process(self):
        """What the deals are held against."""
        return process_of_draft(self.pipeline) if self.is_draft else self.published

    @property
    def takes_long(self):
        """Whether all live deals of a large pipeline are to be judged by its draft."""
        deals = Deal.objects.made().live().filter(pipeline=self.pipeline).order_by()
        return self.is_draft and deals[MANY : MANY + 1].exists()

    def live(self):
        """Every live deal it is on, prospecting ones too."""
        deals = self.lens.deals().live().order_by()
        deals = deals.filter(stage_id=self.stage) if self.stage else deals
        return deals.filter(status=self.status) if self.status else deals

    def deals(self):
        """The live deals that count as pipeline, each with `holds`."""
        return self.judged().filter(counts_as_pipeline=True)

    def judged(self):
        """All live deals with `holds`, those too early to count as well."""
        return self.live().annotate(
            holds=Case(When(self._holds, Value(True)), default=Value(False), output_field=BooleanField())
        )

    def failing(self):
        """Those that do not hold, perhaps for one reason alone."""
        found = self.deals().filter(holds=False)
        return found.filter(self._missing) if self.missing else found

    @cached_property
    def _otherwise(self):
        return proven_but_for_gates(self.lens.today, self.lens.grace)

    @cached_property
    def _holds(self):
        """The one definition of proven; a silent or paused deal may hold as well as an open one."""
        now = self._otherwise & Q(open_before=0)
        if not self.is_draft:
            return now
        shown = effect.effect(self.pipeline, among=Deal.objects.made().live(), now=self.lens.now, live=True)
        return (now & ~Q(AmongMany("pk", shown.claimed_ids))) | Q(AmongMany("pk", shown.proven_ids))

    @property
    def _missing(self):
        """Condition over deals that fail."""
        lens = self.lens
        if self.missing == EXCEPTION:
            return Q(exception_until__isnull=False)
        if self.missing == STEP:
            return Q(next_step_on__lt=lens.grace) | Q(next_step_on__isnull=True) | Q(next_step="")
        if self.is_draft:  # whatever else a deal lacks, it would be listed under that
            return self._otherwise
        return Q(open_before__gt=0) | Q(holds_until__lt=lens.today)

    def narrowed(self, **changed):
        """The same look at other deals: missing="gate", stage=3."""
        return replace(self, **changed)

    @property
    def asked_for(self):
        """[(name, value)] of the filters, as a form says them."""
        own = {name: getattr(self, name) for name in ("against", "stage", "status", "missing")}
        shared = {
            name: getattr(self.lens, name)
            for name in ("pipeline", "team", "owner", "source", "type", "segment", "band")
        }
        return [(name, value) for name, value in {**shared, **own}.items() if value]

    def query_with(self, **more):
        """The look as an address says it, without the '?'."""
        own = {"against": self.against, "stage": self.stage, "status": self.status, "missing": self.missing}
        return self.lens.query_with(**{**own, **more})

    @property
    def query(self):
        return self.query_with()

    @property
    def query_of_figures(self):
        return self.query_with(missing="")


def _pipeline(lens):
    """The pipeline asked for, None where it is not there; the first where none is."""
    published = Pipeline.objects.filter(is_active=True, version__isnull=False).select_related("version")
    published = published.order_by("position", "pk")
    return (published.filter(pk=lens.pipeline) if lens.pipeline else published).first()


def _known(word, words):
    return word if word in words else ""
