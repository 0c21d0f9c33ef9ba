"""The six figures, each with its formula, its healthy band and the period before."""

from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from team import formats

from ..metrics import closing, cohorts, six
from . import Behind, Panel, Table, named

# Which deals stand behind a figure, and behind what it is counted from: (set, part) of this panel.
BEHIND = {
    "lead_to_opportunity": (("lead_to_opportunity", "qualified"), ("lead_to_opportunity", "")),
    "win_rate": (("win_rate", "won"), ("win_rate", "closed")),
    "cycle": (("cycle", ""), None),
    "deal_value": (("deal_value", ""), ("deal_value", "")),
    "stage_conversion": (("stage_conversion", "moved"), ("stage_conversion", "")),
}


class Shown:
    """A figure in words."""

    def __init__(self, figure, currency):
        self.figure, self.currency = figure, currency

    key = property(lambda self: self.figure.key)
    name = property(lambda self: self.figure.definition.name)
    outside = property(lambda self: self.figure.outside)

    def _said(self, value):
        if self.figure.unit == "percent":
            return f"{value:.1f}%"
        if self.figure.unit == "money":
            return formats.money_short(value, self.currency)
        return formats.days(round(value))

    @property
    def value(self):
        return None if self.figure.value is None else self._said(self.figure.value)

    @property
    def band(self):
        low, high = self.figure.definition.low, self.figure.definition.high
        if low is None:
            return ""
        return _("%(low)d to %(high)d%%") % {"low": low, "high": high} if high else _("from %d%%") % low

    @property
    def change(self):
        """Against the period before, with a sign; empty where there is none to compare with."""
        if self.figure.change is None:
            return ""
        sign = "+" if self.figure.change >= 0 else "−"
        unit, size = self.figure.unit, abs(self.figure.change)
        if round(size, 1 if unit == "percent" else 0) == 0:
            return _("no change")
        if unit == "percent":
            return _("%s points") % f"{sign}{size:.1f}"
        return sign + (
            formats.money_short(size, self.currency) if unit == "money" else formats.days(round(size))
        )

    @property
    def basis(self):
        """What it was counted from."""
        figure = self.figure
        if figure.value is None:
            return _("not enough nights yet") if figure.key == "forecast_accuracy" else _("not enough deals")
        if figure.key == "cycle":
            return _("mean %s") % formats.days(round(figure.more))
        if figure.key == "forecast_accuracy":
            return _months(figure.more)
        if figure.unit == "money":
            return _("%d won") % figure.of[0]
        said = _("%(part)d of %(whole)d") % {"part": figure.of[0], "whole": figure.of[1]}
        return said + (_(", %d open") % figure.more if figure.more else "")

    @property
    def behind(self):
        """Of the figure and of what it is counted from; None where it is not of deals alone."""
        return BEHIND.get(self.key, (None, None))


def _months(months):
    """'Oct', or 'Aug to Oct, 3 months'."""
    first, last = (date_format(month, "M") for month in (months[0], months[-1]))
    if len(months) == 1:
        return first
    words = _("%(first)s to %(last)s, %(n)d months")
    return words % {"first": first, "last": last, "n": len(months)}


class Six:
    def __init__(self, lens):
        self.shown = [Shown(figure, lens.currency) for figure in six.figures(lens)]
        self.velocity = six.velocity(lens)
        self.close_rate = closing.ended(lens).close_rate


def table(data):
    rows = [
        (shown.name, _number(shown.figure.value), _number(shown.figure.before), shown.band, shown.basis)
        for shown in data.shown
    ]
    rows += [
        (_("Close rate"), _number(data.close_rate), None, "", ""),
        (_("Velocity"), _number(data.velocity), None, "", _("money a day")),
    ]
    head = (_("Figure"), _("Now"), _("Period before"), _("Healthy"), _("Counted from"))
    return Table(_("The six figures"), head, rows)


def _number(value):
    return None if value is None else round(float(value), 1)


def _qualified(lens, arg):
    """'won', 'closed', or everything."""
    deals = lens.deals().filter(pk__in=cohorts.deal_ids(lens, cohorts.QUALIFIED))
    if arg == "won":
        return deals.filter(status="won")
    return deals.exclude(pk__in=deals.live().values("pk")) if arg == "closed" else deals


def _begun(lens, arg):
    return closing.begun_and_qualified(lens) if arg == "qualified" else closing.begun(lens)


def _decided(lens, arg):
    """Each deal once, however many stages it moved on from."""
    return lens.deals().filter(pk__in=cohorts.decided_ids(lens, six.counting(lens), arg == "moved"))


_WORDS = {
    "qualified": gettext_lazy("qualified by now"), "won": gettext_lazy("won"), "closed": gettext_lazy("ended"),
}  # fmt: skip

PANEL = Panel(
    key="six",
    title=gettext_lazy("Six figures"),
    of=Six,
    template="insights/panels/six.html",
    width=12,
    table=table,
    behind={
        "lead_to_opportunity": Behind(gettext_lazy("Deals begun"), _begun, named=named.words(_WORDS)),
        "win_rate": Behind(gettext_lazy("Deals that qualified"), _qualified, named=named.words(_WORDS)),
        "cycle": Behind(
            gettext_lazy("Deals won"), lambda lens, arg: closing.closed(lens).filter(status="won")
        ),
        "deal_value": Behind(
            gettext_lazy("Deals won"), lambda lens, arg: closing.closed(lens).filter(status="won")
        ),
        "stage_conversion": Behind(
            gettext_lazy("Deals that moved on from a stage or ended there"),
            _decided,
            named=named.words({"moved": gettext_lazy("moved on, each once"), "": gettext_lazy("each once")}),
        ),
    },
    defines=(*six.UNITS, "close_rate", "velocity"),
)
