"""What counts as normal for a figure: which figures there are, how each stands, and who is asked outside its band."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.models import Deal, Task
from pipeline.process import process_of
from team import formats
from team.calendar import add_business_days, calendar_of, local_date
from team.models import Level, User
from team.notices import tell

from .lens import Lens
from .metrics import closing, six
from .metrics.cohorts import cohorts
from .metrics.stays import stays
from .models import Benchmark
from .panels import headline

# Whoever is asked has so many business days.
DUE_DAYS = 2
LATE = timedelta(days=1)


@dataclass(frozen=True)
class Metric:
    """`count(lens, stage_id)` gives the figure or None where there is too little to say."""

    label: str
    # percent, days or money
    unit: str
    of_stage: bool
    count: Callable

    def said(self, value, currency):
        """The figure or an end of its band, as words."""
        if value is None:
            return ""
        if self.unit == "money":
            return formats.money_short(Decimal(value), currency)
        return (
            f"{float(value):.1f}%".replace(".0%", "%")
            if self.unit == "percent"
            else formats.days(round(value))
        )


def _six(key):
    return lambda lens, _stage: six.measured(lens)[key][0]


def _close_rate(lens, _stage):
    ended = closing.ended(lens)
    return six.enough(ended.won, ended.won + ended.lost)


def _proven(lens, _stage):
    head = headline.of(lens)
    return 100 * float(head.proven) / float(head.whole) if head.whole else None


def _conversion(lens, stage_id):
    cohort = cohorts(lens).stage(stage_id)
    return six.enough(cohort.moved, cohort.decided)


def _win_rate_from(lens, stage_id):
    cohort = cohorts(lens).stage(stage_id)
    return six.enough(cohort.won, cohort.closed)


def _days(lens, stage_id):
    found = stays(lens).get(stage_id)
    return found.spread.median if found and found.spread.n >= six.LEAST else None


METRICS = {
    "win_rate": Metric(gettext_lazy("Win rate"), "percent", False, _six("win_rate")),
    "close_rate": Metric(gettext_lazy("Close rate"), "percent", False, _close_rate),
    "cycle": Metric(gettext_lazy("Cycle length, median"), "days", False, _six("cycle")),
    "deal_value": Metric(gettext_lazy("Average deal value"), "money", False, _six("deal_value")),
    "lead_to_opportunity": Metric(gettext_lazy("Lead to opportunity"), "percent", False, _six("lead_to_opportunity")),
    "proven": Metric(gettext_lazy("Proven share of the pipeline"), "percent", False, _proven),
    "conversion": Metric(gettext_lazy("Conversion of the stage"), "percent", True, _conversion),
    "stage_win_rate": Metric(gettext_lazy("Win rate from the stage"), "percent", True, _win_rate_from),
    "time_in_stage": Metric(gettext_lazy("Time in stage, median"), "days", True, _days),
}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """A benchmark with its figure as somebody sees it now."""

    benchmark: Benchmark
    value: object
    currency: str

    @property
    def metric(self):
        return METRICS[self.benchmark.metric]

    @property
    def is_outside(self):
        """None where there is too little to say."""
        if self.value is None:
            return None
        low, high = self.benchmark.low, self.benchmark.high
        figure = Decimal(str(self.value))
        return (low is not None and figure < low) or (high is not None and figure > high)

    @property
    def words(self):
        return self.metric.said(self.value, self.currency)

    @property
    def band(self):
        low = self.metric.said(self.benchmark.low, self.currency)
        high = self.metric.said(self.benchmark.high, self.currency)
        if low and high:
            return _("%(low)s to %(high)s") % {"low": low, "high": high}
        return _("at least %s") % low if low else _("at most %s") % high

    @property
    def place(self):
        """'New business, Qualify'"""
        stage = self.benchmark.stage
        return f"{self.benchmark.pipeline}, {stage}" if stage else str(self.benchmark.pipeline)

    @property
    def sentence(self):
        given = {"what": self.metric.label, "where": self.place, "now": self.words, "band": self.band}
        return _("%(what)s of %(where)s is %(now)s; normal is %(band)s") % given


def standings(user, now, benchmarks=None):
    """Every benchmark with the figure of the last 90 days, over the deals this person may see."""
    lens = Lens.from_query(user, {}, now)
    rows = _known() if benchmarks is None else benchmarks
    lenses = {pk: replace(lens, pipeline=pk) for pk in {row.pipeline_id for row in rows}}
    return [
        Standing(row, METRICS[row.metric].count(lenses[row.pipeline_id], row.stage_id), lens.currency)
        for row in rows
    ]


def _known():
    found = Benchmark.objects.filter(metric__in=METRICS).select_related("pipeline", "stage", "asks")
    return list(
        found.order_by("pipeline__position", "pipeline", F("stage__position").asc(nulls_first=True), "pk")
    )


def check(now):
    """Look at each benchmark once a night; who leaves their band has one task made. Returns words."""
    today = local_date(now)
    due = Benchmark.objects.filter(Q(checked_on__isnull=True) | Q(checked_on__lt=today), metric__in=METRICS)
    due = list(due.select_related("pipeline", "stage", "asks"))
    alerts = sum(_check(row, today, now) for row in due)
    if not due:
        return None
    return _("%(n)d benchmarks looked at, %(alerts)d outside") % {"n": len(due), "alerts": alerts}


@transaction.atomic
def _check(benchmark, today, now):
    """Whether somebody was asked. Of several ticks at once one claims the night, one the time outside."""
    mine = Benchmark.objects.filter(pk=benchmark.pk)
    if not mine.filter(Q(checked_on__isnull=True) | Q(checked_on__lt=today)).update(checked_on=today):
        return False
    who = _asked(benchmark)
    standing = standings(who, now, [benchmark])[0] if who else None
    if standing is None or standing.is_outside is None:
        return False
    if not standing.is_outside:
        mine.update(outside_since=None)
        return False
    if not mine.filter(outside_since__isnull=True).update(outside_since=today):
        return False
    _ask(benchmark, standing, who, today, now)
    return True


def _asked(benchmark):
    """Who looks into it; the process owner or an admin where that person has left."""
    people = [benchmark.asks, benchmark.pipeline.process_owner]
    found = next((person for person in people if person and person.is_active), None)
    return found or User.objects.active().filter(level=Level.ADMIN).order_by("pk").first()


def _ask(benchmark, standing, who, today, now):
    """A notice, and a task that hangs on the deal that has stood there longest: where looking begins."""
    url, key = reverse("benchmarks"), f"benchmark:{benchmark.pk}:{today}"
    tell([who], standing.sentence, key=key, url=url, now=now)
    deal = _first_deal(benchmark, who)
    if deal:
        Task.objects.create(
            deal=deal, assignee=who, title=standing.sentence[:200], created_at=now,
            purpose=_("Look into why. This deal has stood there longest; the benchmark's page has the figure."),
            due_on=add_business_days(today, DUE_DAYS, calendar_of(None)),
        )  # fmt: skip


def _first_deal(benchmark, who):
    """Live in the stage, else live in the pipeline, else the newest there was."""
    there = Deal.objects.visible_to(who).filter(pipeline=benchmark.pipeline_id)
    longest = there.live().order_by(F("stage_entered_at").asc(nulls_last=True), "pk")
    here = longest.filter(stage=benchmark.stage_id).first() if benchmark.stage_id else None
    return here or longest.first() or there.order_by("-created_at", "-pk").first()


def offered_people(user):
    """Who may be asked: managers and admins of the teams one sees."""
    people = User.objects.active().filter(level__in=[Level.MANAGER, Level.ADMIN])
    if not user.is_admin:
        people = people.filter(Q(teams__in=user.team_ids) | Q(pk=user.pk) | Q(level=Level.ADMIN)).distinct()
    return people.order_by("name", "pk")


def offered_places(pipelines):
    """[(value, words)] of where a benchmark may stand: a whole pipeline, or one of its stages."""
    found = []
    for pipeline in pipelines:
        found.append((str(pipeline.pk), str(pipeline)))
        stages = process_of(pipeline).stages
        found += [(f"{pipeline.pk}-{stage.stage_id}", f"{pipeline}, {stage.name}") for stage in stages]
    return found
