"""What changed since last week's Monday: a bridge of the proven pipeline that adds up."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from team import formats

from ..charts.waterfall import Bar, waterfall
from ..standing import bridge
from . import Behind, Panel, Table, as_of_now, named

LOOKS = {
    bridge.NEW: "on", bridge.PROVEN: "on", bridge.UP: "on", bridge.DOWN: "off", bridge.DATE_PAST: "cl",
    bridge.RE_ENGAGING: "cl", bridge.OTHER: "cl", bridge.LOST: "off", bridge.WON: "won",
}  # fmt: skip


@dataclass(frozen=True)
class Part:
    key: str
    words: str
    count: int
    money: Decimal
    # The company, where it is one deal alone.
    name: str

    @property
    def who(self):
        return self.name or ngettext("%d deal", "%d deals", self.count) % self.count


@dataclass(frozen=True)
class Changed:
    """`since` None: nothing is on record yet."""

    since: date | None
    start: Decimal = Decimal(0)
    parts: tuple = ()
    chart: str = ""
    unit: object = None
    axis: str = ""
    slipped_count: int = 0
    slipped: Decimal = Decimal(0)
    pushes: int = 0
    pushed: int = 0

    @property
    def end(self):
        return self.start + self.difference

    @property
    def difference(self):
        return sum((part.money for part in self.parts), Decimal(0))

    @property
    def moved(self):
        """The difference without its sign."""
        return abs(self.difference)

    @property
    def came(self):
        return sum((part.money for part in self.parts if part.money > 0), Decimal(0))

    @property
    def went(self):
        return -sum((part.money for part in self.parts if part.money < 0), Decimal(0))

    @property
    def start_words(self):
        return self.unit.money(self.start)

    @property
    def end_words(self):
        return self.unit.money(self.end)

    @property
    def rows(self):
        """The parts with their money in the unit of the picture."""
        return [(part, self.unit.signed(part.money)) for part in self.parts]


@dataclass(frozen=True)
class Unit:
    """One unit for all numbers of the picture, fine enough for the smallest of them."""

    currency: str
    letter: str
    size: Decimal
    digits: int

    @classmethod
    def of(cls, amounts, currency):
        largest = max(amounts)
        letter, size = next(
            (letter, Decimal(size))
            for size, letter in ((10**6, "M"), (10**3, "k"), (1, ""))
            if largest >= size or size == 1
        )
        least = min((abs(amount) for amount in amounts if amount), default=size) / size
        digits = {"M": 2, "k": 0, "": 0}[letter]
        while letter and digits < 3 and least < Decimal(5).scaleb(-digits - 1):
            digits += 1
        return cls(currency, letter, size, digits)

    def plain(self, amount):
        return f"{abs(amount) / self.size:,.{self.digits}f}"

    def signed(self, amount):
        return f"{'−' if amount < 0 else '+'}{self.plain(amount)}"

    def money(self, amount):
        return f"{formats.SYMBOLS.get(self.currency) or self.currency + ' '}{self.plain(amount)}{self.letter}"


def of(lens):
    """Five statements: the first night, who was proven, who is now, what slipped, what was pushed."""
    day = bridge.since(lens)
    if day is None:
        return Changed(None)
    found, start = bridge.of(lens, day)
    parts = tuple(
        Part(key, str(words), found[key][0], found[key][1], found[key][2] if found[key][0] == 1 else "")
        for key, words in bridge.WORDS.items()
        if key in found
    )
    unit = Unit.of(
        [start, sum((part.money for part in parts), start), *(part.money for part in parts)], lens.currency
    )
    chart, axis = _chart(lens, day, start, parts, unit) if start or parts else ("", Decimal(0))
    slipped = (
        bridge.slipped(lens, day)
        .order_by()
        .aggregate(n=Count("pk"), money=Sum("amount_base", default=Decimal(0)))
    )
    pushes = bridge.pushes(lens, day).aggregate(n=Count("pk"), deals=Count("deal", distinct=True))
    return Changed(
        day, start, parts, chart, unit, unit.plain(axis) if axis else "",
        slipped["n"], slipped["money"], pushes["n"], pushes["deals"],
    )  # fmt: skip


def _chart(lens, day, start, parts, unit):
    link = f"{reverse('deals_behind')}?{lens.query_with(of='changed.')}"
    then = formats.day(day)
    bars = [Bar(then, unit.money(start), Decimal(0), start, "on", f"{link}then", total=True)]
    level = start
    for part in parts:
        foot = Truncator(part.who).chars(14)
        href = f"{link}part&arg={part.key}"
        bars.append(
            Bar(part.words, unit.signed(part.money), level, level + part.money, LOOKS[part.key], href, foot)
        )
        level += part.money
    now = f"{reverse('deals_behind')}?{lens.query_with(of='pipeline.open', arg='proven')}"
    bars.append(Bar(_("Today"), unit.money(level), Decimal(0), level, "on", now, total=True))
    said = _("Bridge of the proven pipeline from %(start)s to %(end)s") % {
        "start": unit.money(start), "end": unit.money(level),
    }  # fmt: skip
    return waterfall(bars, said)


def table(data):
    rows = []
    if data.since:
        rows = [(formats.day(data.since), None, data.start)]
        rows += [(part.words, part.count, part.money) for part in data.parts]
        rows.append((_("Today"), None, data.end))
    return Table(_("Bridge of the proven pipeline"), (_("Part"), _("Deals"), _("Money")), rows)


def _part(lens, arg):
    day = bridge.since(lens)
    deals = (bridge.came if arg in bridge.CAME else bridge.were)(lens, day or lens.today)
    return deals.filter(part=arg) if day else deals.none()


def _then(lens, _arg):
    day = bridge.since(lens)
    deals = bridge.were(lens, day or lens.today)
    return deals if day else deals.none()


def _slipped(lens, _arg):
    day = bridge.since(lens)
    return lens.deals().none() if day is None else bridge.slipped(lens, day)


def _pushed(lens, _arg):
    day = bridge.since(lens)
    return (
        lens.deals().none()
        if day is None
        else lens.deals().filter(pk__in=bridge.pushes(lens, day).values("deal"))
    )


PANEL = Panel(
    key="changed",
    title=gettext_lazy("What changed since last week’s Monday?"),
    of=of,
    template="insights/panels/changed.html",
    width=7,
    table=table,
    behind={
        "part": Behind(
            gettext_lazy("What changed since last week’s Monday"),
            _part,
            "change",
            named.words(bridge.WORDS),
            as_of_now,
        ),
        "then": Behind(gettext_lazy("Proven on last week’s Monday"), _then, "was", days=as_of_now),
        "slipped": Behind(gettext_lazy("Slipped out of the quarter"), _slipped, days=as_of_now),
        "pushed": Behind(gettext_lazy("Expected close pushed"), _pushed, days=as_of_now),
    },
    defines=("bridge", "slipped", "pushed"),
)
