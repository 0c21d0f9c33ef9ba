"""Why a deal stands where it stands, and why it counts as claimed where it does."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from team import formats

from ..gate import State
from ..models import Status


@dataclass(frozen=True)
class Cause:
    """One reason why the deal's money is outside the proven total, and the criteria behind it."""

    text: str
    findings: tuple = ()


def causes(deal, before, today, grace):
    """Why an open deal is claimed, worst first; empty for a proven one. `before` are the earlier gates' findings."""
    if deal.status != Status.OPEN:
        return []
    found = [
        _imported(deal),
        _contested(before),
        _unproven(before),
        _too_old(before),
        _next_step(deal, grace),
        _exception(deal, today),
    ]
    found.append(None if deal.counts_as_pipeline else Cause(_("This stage does not count as pipeline yet.")))
    return [cause for cause in found if cause]


def _imported(deal):
    if deal.landed_in_id and deal.open_before:
        return Cause(_("It was imported; what the other system claimed is not confirmed here."))
    return None


def _contested(before):
    """Where something speaks against what was said; the first note says what."""
    found = tuple(f for f in before if f.state == State.CONTESTED)
    if not found:
        return None
    words = ngettext("One answer is contested.", "%d answers are contested.", len(found))
    return Cause(words % len(found) if "%d" in words else words, found)


def _unproven(before):
    missing = tuple(f for f in before if not f.holds and f.state not in (State.LAPSED, State.CONTESTED))
    if not missing:
        return None
    words = ngettext(
        "One criterion of an earlier stage is not confirmed.",
        "%d criteria of earlier stages are not confirmed.",
        len(missing),
    )
    return Cause(words % len(missing) if "%d" in words else words, missing)


def _too_old(before):
    old = tuple(f for f in before if f.state == State.LAPSED)
    if not old:
        return None
    words = ngettext("One proof is too old.", "%d proofs are too old.", len(old))
    return Cause(words % len(old) if "%d" in words else words, old)


def _next_step(deal, grace):
    if not deal.next_step or deal.next_step_on is None:
        return Cause(_("There is no next step with a date."))
    if deal.next_step_on < grace:
        return Cause(_("The next step was due on %s.") % formats.day(deal.next_step_on))
    return None


def _exception(deal, today):
    if deal.exception_until is None:
        return None
    if deal.exception_until < today:
        return Cause(
            _("The exception it passed a gate by expired on %s.") % formats.day(deal.exception_until)
        )
    return Cause(_("It passed a gate by exception, until %s.") % formats.day(deal.exception_until))


def broken(open_before, transitions):
    """The open findings of criteria that held when a move of the deal passed their gate."""
    passed = {row["c"] for move in transitions for row in move.snapshot if row["s"] == State.HOLDS}
    return [finding for finding in open_before if finding.criterion_id in passed]


def proofs(reading):
    """[(stage, findings)] of everything earlier gates asked that holds, with its proof: why the deal is here."""
    found = {}
    for finding in reading.before():
        if finding.state == State.HOLDS:
            found.setdefault(finding.definition.stage_id, []).append(finding)
    return [(reading.process.stage(stage_id), findings) for stage_id, findings in found.items()]
