"""One person's page of figures: what they hold, which gates are one answer away, what they won, how they keep up."""

from dataclasses import dataclass

from django.db.models import F
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from deals.today.readings import readings
from pipeline.process import process_of
from team.csv_files import csv_response
from team.models import User

from .. import choices, freshness
from ..attention import at_risk, discipline
from ..attention.risks import Risks
from ..lens import Lens
from ..meanings.definitions import DEFINITIONS
from ..metrics import closing
from ..metrics.six import LEAST
from ..panels import headline, stage_wins
from ..panels.discipline import HEAD, cells

GATES, RISKS = 12, 6
DEFINES = (
    "proven",
    "claimed",
    "one_step",
    "stage_win_rate",
    "follow_ups",
    "own_hand",
    "adherence",
    "recorded_late",
)


@dataclass(frozen=True)
class Gate:
    """A deal whose next gate waits for one criterion alone."""

    deal: object
    stage: object
    next_stage: object
    label: str

    @property
    def to(self):
        return str(self.next_stage.stage_id) if self.next_stage else "won"


@require_safe
def person(request, pk):
    """One's own for everybody; a manager sees those of their teams, an admin all."""
    who = _seen(request.user, pk)
    lens = Lens.from_query(request.user, request.GET, timezone.now()).of(owner=who.pk)
    head, found = headline.of(lens), Risks(lens)
    shown = next(iter(discipline.people(lens)), None) or discipline.Person(who)
    context = {
        "who": who, "lens": lens, "head": head, "gates": one_step(lens), "ended": ended(lens), "stages": stages(lens),
        "risks": at_risk.rows(lens, found, at_risk.ranked(found.deals())[:RISKS]),
        "adherence": list(zip(HEAD, cells(shown), strict=True))[1:], "is_me": who == request.user,
        "version": freshness.version(lens),
        "definitions": [DEFINITIONS[name] for name in DEFINES],
        "filters": choices.of(lens, ("period", "pipeline")),
    }  # fmt: skip
    return render(request, "insights/person.html", context)


@require_safe
def adherence(request, pk):
    """How somebody keeps to the process, as the page says it."""
    who = _seen(request.user, pk)
    lens = Lens.from_query(request.user, request.GET, timezone.now()).of(owner=who.pk)
    shown = next(iter(discipline.people(lens)), None) or discipline.Person(who)
    return csv_response(f"adherence-{lens.start}-{lens.end}", [str(name) for name in HEAD], [cells(shown)])


def _seen(user, pk):
    who = User.objects.filter(pk=pk).first()
    if who is None or not (who == user or user.is_admin or _leads(user, who)):
        raise Http404
    return who


def _leads(user, who):
    return user.is_manager and who.teams.filter(pk__in=user.team_ids).exists()


def one_step(lens):
    """[Gate] of open deals with nothing open behind them and one criterion open here, the largest first."""
    deals = lens.deals().open().filter(open_before=0, total_here=F("held_here") + 1)
    deals = at_risk.ranked(deals).select_related("company", "pipeline__version")[:GATES]
    known = readings(deals, lens.today)
    gates = [_gate(deal, known[deal.pk]) for deal in deals if deal.pk in known]
    return [gate for gate in gates if gate]


def _gate(deal, reading):
    """None where what waits is the date of a step that an answer does not change."""
    process = process_of(deal.pipeline)
    after = process.stage_after(deal.stage_id)
    waits = reading.for_move(after.stage_id if after else None).open
    return (
        Gate(deal, process.stage(deal.stage_id), after, waits[0].definition.label)
        if len(waits) == 1
        else None
    )


def ended(lens):
    """Deals closed in the period: won, lost, archived, and the money won, as the dashboard counts them."""
    found = closing.ended(lens)
    decided = found.won + found.lost
    return {
        "won": found.won, "money": found.money, "lost": found.lost, "archived": found.archived,
        "rate": discipline.share(found.won, decided) if decided >= LEAST else None,
    }  # fmt: skip


def stages(lens):
    """Rows of the stages that deals entered in the period: the dashboard's own figures."""
    return [row for row in stage_wins.of(lens).rows if row.cohort.reached]
