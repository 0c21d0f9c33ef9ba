"""Forecast and actual: what the first night of each month said, and what was won."""

from dataclasses import dataclass

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .. import periods
from ..charts.pairs import Pair, pairs
from ..forecast import judged, outlook
from . import WEIGHTED, Behind, Panel, Table, as_of_now, named

FULL = 4


@dataclass(frozen=True)
class Accuracy:
    """`months`: full ones, the one under way, the next. `accuracy` is of the full ones together, None without one."""

    months: list
    accuracy: int | None
    count: int
    can: bool
    today: object
    chart: str

    @property
    def is_low(self):
        return self.accuracy is not None and self.accuracy < judged.LINE


def of(lens):
    """Five statements: nights, what they said, what was won, the newest night, what it said."""
    this = periods.first_of("month", lens.today)
    months = periods.months(judged.months_on(this, -FULL), FULL + 1)
    if not judged.can(lens):
        return Accuracy([], None, 0, False, lens.today, "")
    said = judged.by_month(lens, months)[0]
    full = [one for one in said if one.month < this]
    coming = judged.newest(lens, [judged.months_on(this, 1)])
    shown = [*said, *coming]
    found = judged.accuracy([(one.proven, one.actual) for one in full])
    chart = pairs([_pair(one, this) for one in shown], lens.currency) if shown else ""
    return Accuracy(shown, found, len(full), True, lens.today, chart)


def _pair(one, this):
    name = date_format(one.month, "M")
    name = _("%s so far") % name if one.month == this else name
    note = f"{one.accuracy}%" if one.month < this and one.accuracy is not None else ""
    low = bool(note) and one.accuracy < judged.LINE
    return Pair(name, one.proven, one.actual, note, low)


def table(data):
    first = periods.first_of("month", data.today)
    rows = [
        (
            periods.Month(one.month), one.night, one.proven, one.claimed, one.calibrated, one.actual,
            one.accuracy if one.month < first else None, _("caught up") if one.caught_up else "",
        )
        for one in data.months
    ]  # fmt: skip
    head = (
        _("Month"), _("Night"), _("Proven, weighted"), _("Every deal, weighted"), _("By history"), _("Won"),
        _("Accuracy, %"), _("Remark"),
    )  # fmt: skip
    opens = [None if one.actual is None else periods.Month(one.month) for one in data.months]
    return Table(_("Forecast and actual by month"), head, rows, {5: ("won", opens)})


def _behind(kind):
    """The deals of a month ('2026-12') that stand behind a figure of the forecast; none where it is no month."""

    def deals(lens, arg):
        day = periods.day_of(f"{arg}-01")
        if day is None:
            return lens.deals().none()
        return outlook.won_in(lens, day) if kind == "won" else outlook.behind(lens, kind, day)

    return deals


TITLES = {
    "won": gettext_lazy("Won in the month"),
    "commit": gettext_lazy("Commit of the month, with what is won"),
    "best_case": gettext_lazy("Best case of the month, with what is won"),
    "proven": gettext_lazy("Won and proven, weighted"),
    "weighted": gettext_lazy("Won and every deal, weighted"),
    "pipeline": gettext_lazy("Pipeline of the month, with what is won"),
}

PANEL = Panel(
    key="accuracy",
    title=gettext_lazy("Forecast and actual"),
    of=of,
    template="insights/panels/accuracy.html",
    width=7,
    table=table,
    behind={
        kind: Behind(
            title,
            _behind(kind),
            WEIGHTED if kind in ("proven", "weighted") else "amount_base",
            named.month,
            as_of_now,
        )
        for kind, title in TITLES.items()
    },
    defines=("forecast_of_month", "accuracy"),
)
