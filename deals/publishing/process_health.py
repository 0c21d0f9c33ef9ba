"""What the deals say about a process: criteria nobody ever fails, and criteria everybody gets round.

Set-based: four statements over the whole pipeline, whatever its size. Findings have the linter's shape.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from pipeline.linting import Finding, Level, Where
from pipeline.process import process_of
from pipeline.vocabulary import Side

from ..models import Answer, AnswerState, ExceptionState, GateRefusal, Kind, Transition, WaivedCriterion

PASSES = 30  # fewer say nothing
WAIVED, WAIVED_SHARE = 3, 1 / 3
CLAIMED, CLAIMED_SHARE = 10, 1 / 2
DAYS = 365


@dataclass(frozen=True)
class Record:
    """What happened at one criterion since it is asked as it is now, within a year at most."""

    passed: int = 0
    refused: int = 0
    waived: int = 0
    claimed: int = 0
    answered: int = 0


def findings(pipeline, now):
    """Hints and warnings from the deals of a pipeline that is in force, in the order of its stages."""
    process = process_of(pipeline)
    known = records(process, now)
    found = []
    for definition in process.criteria_of_all():
        where = Where(
            definition.stage_id,
            definition.criterion_id,
            names=(process.stage(definition.stage_id).name, f"“{definition.label}”"),
        )
        found += _said_of(known[definition.criterion_id], where)
    return found


def records(process, now):
    """{criterion id: Record}"""
    asked, since = process.criteria_of_all(), now - timedelta(days=DAYS)
    passed, refused = _passes(asked, since), _refusals(process, since)
    waived, answers = _waivers(asked, since), _answers(asked)
    return {
        c.criterion_id: Record(
            passed.get(f"c{c.criterion_id}", 0),
            refused[c.criterion_id],
            waived.get(c.criterion_id, 0),
            *answers.get(c.criterion_id, (0, 0)),
        )
        for c in asked
    }


def _passes(asked, since):
    """How often a deal went on through the gate that asks each criterion."""
    if not asked:
        return {}
    stages = {c.stage_id for c in asked}
    gone_on = Transition.objects.filter(
        Q(from_stage__in=stages) | Q(to_stage__in=stages),
        kind__in=[Kind.ADVANCE, Kind.WIN],
        recorded_at__gte=since,
    )
    counted = {
        f"c{c.criterion_id}": Count("pk", filter=_through(c) & Q(recorded_at__gte=c.valid_from))
        for c in asked
    }
    return gone_on.aggregate(**counted)


def _through(definition):
    side = "to_stage" if definition.side == Side.ENTRY else "from_stage"
    return Q(**{side: definition.stage_id})


def _refusals(process, since):
    """A refusal names its criteria in one column, which the engines take apart differently: counted as they come."""
    rows = GateRefusal.objects.filter(from_stage__in=[s.stage_id for s in process.stages], at__gte=since)
    counts = Counter()
    for at, criteria in rows.order_by().values_list("at", "criteria").iterator():
        known = (process.by_criterion.get(criterion_id) for criterion_id in criteria)
        counts.update(d.criterion_id for d in known if d is not None and at >= d.valid_from)
    return counts


def _waivers(asked, since):
    rows = WaivedCriterion.objects.filter(
        criterion__in=[c.criterion_id for c in asked],
        exception__state__in=[ExceptionState.GRANTED, ExceptionState.MENDED],
        exception__decided_at__gte=since,
    )
    return dict(rows.order_by().values_list("criterion").annotate(n=Count("pk")))


def _answers(asked):
    """{criterion id: (claimed, all)} of the answers that count now."""
    rows = Answer.objects.current().filter(criterion__in=[c.criterion_id for c in asked])
    claimed = Count("pk", filter=Q(state=AnswerState.CLAIMED))
    counted = rows.order_by().values("criterion").annotate(claimed=claimed, whole=Count("pk"))
    return {row["criterion"]: (row["claimed"], row["whole"]) for row in counted}


def _said_of(record, where):
    gone_on = record.passed + record.waived
    if record.waived >= WAIVED and record.waived >= WAIVED_SHARE * gone_on:
        text = _("Waived by exception %(count)d of %(all)d times.")
        words = {"count": record.waived, "all": gone_on}
        mend = _("Ask for it later, ask for less, or drop it; a rule everybody gets round protects nothing.")
        yield Finding(Level.WARN, "often-waived", text % words, mend, where)
    if record.claimed >= CLAIMED and record.claimed >= CLAIMED_SHARE * record.answered:
        text = _("%(count)d of %(all)d answers are only claimed, not confirmed by the buyer.")
        words = {"count": record.claimed, "all": record.answered}
        mend = _("Ask at a moment when the buyer can say it, or ask for something smaller.")
        yield Finding(Level.WARN, "often-claimed", text % words, mend, where)
    if record.passed >= PASSES and not (record.refused or record.waived or record.claimed):
        text = _("%d deals passed it, and it never held one up.") % record.passed
        mend = _("Drop it, or ask for what really tells good deals from bad ones.")
        yield Finding(Level.HINT, "never-fails", text, mend, where)
