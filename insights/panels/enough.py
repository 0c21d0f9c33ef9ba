"""Is enough coming in: money that newly qualified in each of the last weeks against what the target needs."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, Sum
from django.db.models.functions import TruncWeek
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.models import Kind, Transition
from pipeline.models import Stage
from pipeline.process import process_of
from team import formats
from team.calendar import start_of
from team.digits import number_in

from .. import stretches
from ..charts.columns import columns
from ..forecast import history
from ..targets import Targets
from . import Behind, Panel, Table, as_of_now, make_it, named

WEEKS = 8
FORWARD = [Kind.ADVANCE, Kind.EXCEPTION, Kind.WIN]


@dataclass(frozen=True)
class Enough:
    """`weeks`: [(Monday, money)], whole ones. `needed` a week, None where no target or no win rate is known."""

    weeks: list
    needed: Decimal | None
    rate: float | None
    currency: str
    chart: str

    @property
    def last(self):
        return self.weeks[-1][1]

    @property
    def is_short(self):
        return self.needed is not None and self.last < self.needed

    @property
    def words(self):
        money = formats.money_short(self.last, self.currency)
        if self.needed is None:
            return _("%s newly qualified last week.") % money
        return _("%(money)s last week; the target at a win rate of %(rate)s%% needs %(needed)s.") % {
            "money": money, "rate": f"{100 * self.rate:.1f}", "needed": formats.money_short(self.needed, self.currency),
        }  # fmt: skip


def qualifying(lens):
    """[(process, its stage that qualifies)]"""
    found = []
    for process in (process_of(pipeline) for pipeline in lens.pipelines):
        flagged = next((stage for stage in process.stages if stage.qualifies), None)
        if flagged:
            found.append((process, flagged))
    return found


def rows(lens, since, until):
    """Ledger rows by which a deal first came to its qualifying stage, or past it; undone ones left out."""
    found, ways = lens.rows_between(since, until, *FORWARD), Q()
    for process, stage in qualifying(lens):
        places = _places(process)
        beyond = [pk for pk, place in places.items() if place >= process.index(stage.stage_id)]
        earlier = Transition.objects.filter(
            deal=OuterRef("deal"), seq__lt=OuterRef("seq"), to_stage__in=beyond
        )
        before = [pk for pk in places if pk not in beyond]
        came = ~Q(Exists(earlier.exclude(_undone())))
        ways |= Q(to_stage__in=beyond, from_stage__in=before) & came
    return found.filter(ways).exclude(_undone()) if ways else found.none()


def _places(process):
    """{stage id: where it stands in the process}; one that is retired stands where its deals went."""
    went = dict(Stage.objects.filter(pipeline=process.pipeline_id).values_list("pk", "retired_to"))
    found = {}
    for pk in went:
        last, seen = pk, set()
        while last is not None and last not in process and last not in seen:
            seen.add(last)
            last = went[last]
        if last in process:
            found[pk] = process.index(last)
    return found


def _undone():
    return Exists(
        Transition.objects.filter(deal=OuterRef("deal"), seq=OuterRef("seq") + 1, kind=Kind.UNDO).values("pk")
    )


def of(lens):
    """Five statements: what qualified by week, targets and who is in which team, the newest night, its records."""
    seen = make_it.seen_by(lens)
    monday = seen.today - timedelta(days=seen.today.weekday())
    mondays = [monday - timedelta(weeks=back) for back in range(WEEKS, 0, -1)]
    zone = ZoneInfo(seen.organisation.time_zone)
    since, until = (start_of(day, seen.organisation) for day in (mondays[0], monday))
    found = rows(seen, since, until).annotate(week=TruncWeek("happened_at", tzinfo=zone)).order_by()
    money = {
        week.date(): amount for week, amount in found.values_list("week").annotate(m=Sum("deal__amount_base"))
    }
    weeks = [(day, money.get(day, Decimal(0))) for day in mondays]
    needed, rate = _needed(seen)
    return Enough(weeks, needed, rate, seen.currency, _chart(weeks, needed, seen.currency))


def _needed(seen):
    """(money a week, win rate): the target of the period by the week, over the share of qualified deals won."""
    _unit, start, end = stretches.whole(seen)
    target = make_it.target_of(seen, Targets(stretches.months_of(start, end)))
    _night, records = history.newest([process_of(pipeline) for pipeline in seen.pipelines])
    counted = [records[stage.stage_id] for _process, stage in qualifying(seen)]
    ended = sum(record.ended for record in counted)
    rate = sum(record.won for record in counted) / ended if ended else None
    if not rate or not target or not make_it.is_aimed(seen):
        return None, rate
    return target / Decimal(str(stretches.weeks_of(start, end) * rate)), rate


def _chart(weeks, needed, currency):
    said = [f"{formats.day_short(day)} {formats.money_short(money, currency)}" for day, money in weeks]
    label = _("Qualified per week: %s") % "; ".join(said)
    if needed is not None:
        label += "; " + _("needed %s") % formats.money_short(needed, currency)
    return columns(
        [money for _day, money in weeks], needed, label=label, said=formats.money_short(needed, currency),
        ends=(formats.day_short(weeks[0][0]), formats.day_short(weeks[-1][0])), last_low=True,
    )  # fmt: skip


def table(data):
    rows = [(day, money, data.needed) for day, money in data.weeks]
    head = _("Week of"), _("Qualified"), _("Needed")
    return Table(_("Newly qualified by week"), head, rows, {1: ("qualified", list(range(len(rows), 0, -1)))})


def _behind(lens, arg):
    """Deals that newly qualified in the eight weeks, or in the one of that Monday."""
    seen = make_it.seen_by(lens)
    monday = seen.today - timedelta(days=seen.today.weekday())
    back = number_in(arg)
    back = back if back in range(1, WEEKS + 1) else None
    first = monday - timedelta(weeks=back or WEEKS)
    last = first + timedelta(weeks=1) if back else monday
    since, until = (start_of(day, seen.organisation) for day in (first, last))
    return seen.deals().filter(pk__in=rows(seen, since, until).values("deal_id"))


PANEL = Panel(
    key="enough",
    title=gettext_lazy("Is enough coming in?"),
    of=of,
    template="insights/panels/enough.html",
    width=3,
    table=table,
    behind={"qualified": Behind(gettext_lazy("Newly qualified"), _behind, named=named.week, days=as_of_now)},
    defines=("newly_qualified", "needed"),
)
