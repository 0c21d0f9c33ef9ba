"""What a new version of the process changed: the deals of the 90 days before it beside those of the 90 days after."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.models import ProcessVersion
from team.calendar import local_date

from ..metrics import closing, percent, six
from ..metrics.cohorts import QUALIFIED, cohorts, deal_ids
from ..panels import Panel, Table

DAYS = 90
# Publications shown, the newest of them.
MOST = 4
# With fewer deals in a window a difference is chance.
LEAST = 10


@dataclass(frozen=True)
class Window:
    """Deals that qualified in 90 days. `left`: days until the window is over; those qualified last are still young."""

    start: object
    end: object
    left: int
    qualified: int
    live: int
    win_rate: float | None
    conversion: float | None
    cycle: float | None
    won: int
    proven: float | None

    @property
    def is_thin(self):
        return self.qualified < LEAST


@dataclass(frozen=True)
class Change:
    """One publication with the windows around it."""

    version: object
    before: Window
    after: Window

    @property
    def figures(self):
        """[(label, before, after, what changed in words)]"""
        names = [
            (_("Win rate"), "win_rate", "%"), (_("Conversion of stages"), "conversion", "%"),
            (_("Cycle, median days"), "cycle", ""), (_("Proven share of what is open"), "proven", "%"),
        ]  # fmt: skip
        return [
            (
                label,
                _said(getattr(self.before, name), unit),
                _said(getattr(self.after, name), unit),
                self._change(name),
            )
            for label, name, unit in names
        ]

    def _change(self, name):
        then, now = getattr(self.before, name), getattr(self.after, name)
        if then is None or now is None:
            return ""
        if round(now - then) == 0:
            return _("no change")
        sign = "+" if now >= then else "−"
        size = f"{sign}{abs(now - then):.0f}"
        return _("%s days") % size if name == "cycle" else _("%s points") % size

    @property
    def caution(self):
        """Why the figures may not be compared, in words; empty where they may."""
        if self.before.is_thin or self.after.is_thin:
            fewer = _("Too few deals to say: %(before)d qualified before, %(after)d after.")
            return fewer % {"before": self.before.qualified, "after": self.after.qualified}
        if self.after.left > 0:
            return _("The days after are not over: %d to come.") % self.after.left
        if self.after.live > self.after.qualified / 2:
            return _("More than half of the deals after it are still live; their wins are still to come.")
        return ""


def _said(value, unit):
    return "–" if value is None else f"{value:.0f}{unit}"


@dataclass(frozen=True)
class Versions:
    changes: list


def of(lens):
    """The newest publications that put an older process out of force; some 14 statements for each, 4 at most."""
    rows = ProcessVersion.objects.filter(
        pipeline__in=[pipeline.pk for pipeline in lens.pipelines], number__gt=1, published_at__lte=lens.now
    )
    rows = rows.select_related("pipeline", "published_by").defer("snapshot").order_by("-published_at", "-pk")
    return Versions([_change(lens, version) for version in rows[:MOST]])


def _change(lens, version):
    day = local_date(version.published_at, lens.organisation)
    own = lens.of(pipeline=version.pipeline_id, version=None)
    before = _window(own, day - timedelta(days=DAYS), day - timedelta(days=1))
    return Change(version, before, _window(own, day, day + timedelta(days=DAYS - 1)))


def _window(lens, start, end):
    seen = lens.over(start, min(end, lens.today))
    found = cohorts(seen).qualified
    cycle = closing.cycle(seen)
    moved, decided = six.conversion(seen)
    return Window(
        start, end, max(0, (end - lens.today).days), found.reached, found.live,
        six.enough(found.won, found.closed), six.enough(moved, decided), cycle.median, cycle.n,
        _proven_share(lens.open().filter(pk__in=deal_ids(seen, QUALIFIED))),
    )  # fmt: skip


def _proven_share(deals):
    """Of the money of these deals, how much counts as proven today."""
    money = deals.order_by().aggregate(
        whole=Sum("amount_base", default=0), proven=Sum("amount_base", filter=Q(is_proven=True), default=0)
    )
    return percent(float(money["proven"]), float(money["whole"]))


def table(data):
    head = (_("Version"), _("Published"), _("Figure"), _("90 days before"), _("90 days after"), _("Change"),
            _("Qualified before"), _("Qualified after"), _("Caution"))  # fmt: skip
    rows = [
        (str(change.version), local_date(change.version.published_at), label, before, after, changed,
         change.before.qualified, change.after.qualified, change.caution)
        for change in data.changes
        for label, before, after, changed in change.figures
    ]  # fmt: skip
    return Table(_("Before and after each version of the process"), head, rows)


PANEL = Panel(
    key="versions",
    title=gettext_lazy("Before and after each version of the process"),
    of=of,
    template="insights/learning/versions.html",
    width=12,
    table=table,
    defines=("version_change",),
)
