"""Deals that ended in the period, by the day they closed: close rate, cycle, value, and why and where we lose."""

from dataclasses import dataclass, field, fields
from decimal import Decimal

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from deals.models import Kind, Status, Transition

from ..flow import sql
from ..forecast.expected import cents
from ..lens import BANDS
from ..models import Reached
from . import once, percent
from .spread import Spread
from .stages import qualifying_ids

WON, LOST, DISQUALIFIED, ARCHIVED = "won", "lost", "disqualified", "archived"


class WholeDays(Func):
    """Whole days of 24 hours from the first instant to the second."""

    output_field = IntegerField()
    arity = 2

    def as_postgresql(self, compiler, connection, **context):
        template = "FLOOR(EXTRACT(EPOCH FROM (%(expressions)s)) / 86400)::integer"
        return super().as_sql(compiler, connection, template=template, arg_joiner=" - ", **context)

    def as_sqlite(self, compiler, connection, **context):
        first, second = (compiler.compile(each) for each in self.get_source_expressions())
        seconds = "CAST(strftime('%%s', {}) AS INTEGER)"
        return f"(({seconds.format(first[0])} - {seconds.format(second[0])}) / 86400)", (
            *first[1],
            *second[1],
        )


@dataclass
class Ended:
    """How many deals ended how, and what those won were worth."""

    won: int = 0
    lost: int = 0
    disqualified: int = 0
    archived: int = 0
    money: Decimal = Decimal(0)
    lost_money: Decimal = Decimal(0)

    def add(self, ending, count, money):
        """So many deals, worth so much, that ended so."""
        setattr(self, ending, getattr(self, ending) + count)
        if ending == WON:
            self.money += cents(money)
        if ending == LOST:
            self.lost_money += cents(money)

    def __add__(self, other):
        return Ended(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    @property
    def close_rate(self):
        """Of the decided ones; who was disqualified or fell silent decided nothing."""
        return percent(self.won, self.won + self.lost)

    @property
    def value(self):
        return self.money / self.won if self.won else None

    @property
    def all(self):
        return self.won + self.lost + self.disqualified + self.archived


@dataclass
class Losses:
    """Lost deals of one reason: by the stage they ended in, by owner and by segment (type, size)."""

    reason: str
    key: int
    count: int = 0
    money: Decimal = Decimal(0)
    by: dict = field(default_factory=dict)


def closed(lens):
    """The deals that closed in the period, each with `ending`."""
    found = lens.deals().filter(closed_at__gte=lens.since, closed_at__lt=lens.until).order_by()
    return found.annotate(ending=ENDING)


ENDING = Case(
    When(status=Status.LOST, loss_reason__disqualifies=True, then=Value(DISQUALIFIED)),
    default=F("status"),
    output_field=CharField(),
)
BAND = Case(
    *(When(Q(amount_base__gte=least), then=Value(key)) for key, _label, least, _below in reversed(BANDS)),
    output_field=CharField(),
)
# What a pivot may turn around.
DIMENSIONS = {
    "type": F("deal_type"), "band": BAND, "source": F("lead_source"), "owner": F("owner__name"),
    "team": F("team__name"), "industry": F("company__industry"),
    "pipeline": F("pipeline__name"), "stage": F("stage__name"),
}  # fmt: skip


def ended(lens):
    """How the deals that closed in the period ended. One statement, which `cycle` shares."""
    return _outcomes(lens)[0]


@once
def turned(lens):
    """{dimension: {key: Ended}} of all dimensions: the deals are read once, in one statement."""
    keys = {f"by_{name}": key for name, key in DIMENSIONS.items()}
    rows = closed(lens).annotate(**keys).values_list("ending", "amount_base", *keys)
    text, params = rows.query.sql_with_params()
    turns = (
        f"SELECT '{name}', by_{name}, ending, COUNT(*), SUM(amount_base) FROM c GROUP BY by_{name}, ending"  # noqa: S608
        for name in DIMENSIONS
    )
    found = {name: {} for name in DIMENSIONS}
    for name, key, *figures in sql.Asked(f"WITH c AS ({text}) {' UNION ALL '.join(turns)}", params).rows():
        found[name].setdefault(key or "", Ended()).add(*figures)
    return found


def cycle(lens):
    """Days from a deal's creation to its win, of deals won in the period."""
    return _outcomes(lens)[1]


@once
def _outcomes(lens):
    """(Ended, Spread of the days that wins took)"""
    took = Case(When(status=Status.WON, then=WholeDays(F("closed_at"), F("created_at"))))
    rows = closed(lens).annotate(took=took).values_list("ending", "took")
    found, days = Ended(), {}
    for ending, took_days, n, money in rows.annotate(Count("pk"), Sum("amount_base")):
        found.add(ending, n, money)
        if took_days is not None:
            days[max(0, took_days)] = days.get(max(0, took_days), 0) + n
    return found, Spread(days)


@once
def losses(lens):
    """[Losses], most frequent first, without those disqualified. One statement."""
    rows = closed(lens).filter(ending=LOST).annotate(band_of=BAND)
    rows = rows.values_list(
        "loss_reason", Coalesce(F("loss_reason__name"), Value("")), "stage__name", "owner__name", "deal_type", "band_of"
    )  # fmt: skip
    found = {}
    for pk, name, stage, owner, kind, band, n, money in rows.annotate(Count("pk"), Sum("amount_base")):
        each = found.setdefault(pk, Losses(name, pk or 0))
        each.count += n
        each.money += money
        for part in (("stage", stage), ("owner", owner), ("type", kind), ("band", band)):
            each.by[part] = each.by.get(part, 0) + n
    return sorted(found.values(), key=lambda each: (-each.count, each.reason))


@once
def silent(lens):
    """Qualified deals that were archived in the period: nobody decided anything. One statement."""
    return silent_deals(lens).count()


def silent_deals(lens):
    return closed(lens).filter(Q(_qualified(lens)), status=Status.ARCHIVED)


def _qualified(lens):
    """Whether the deal was ever qualified: as it is kept, from the ledger where that went on since."""
    undone = Transition.objects.filter(kind=Kind.UNDO, deal=OuterRef("deal"), seq=OuterRef("seq") + 1)
    rows = Transition.objects.filter(deal=OuterRef("pk"), to_stage__in=qualifying_ids(lens))
    rows = rows.exclude(kind=Kind.UNDO).exclude(Exists(undone)).order_by()
    kept = Reached.objects.filter(deal=OuterRef("pk"), stage__in=qualifying_ids(lens))
    return Case(When(seq=F("flow_seq"), then=Exists(kept)), default=Exists(rows), output_field=BooleanField())


def lost_deals(lens, reason=None):
    """Of one reason; 0 stands for none given, nothing for every loss."""
    found = closed(lens).filter(ending=LOST)
    return found if reason is None else found.filter(Q(loss_reason=reason) if reason else Q(loss_reason=None))


@once
def leads(lens):
    """How many deals began in the period."""
    return begun(lens).count()


def begun(lens):
    return lens.deals().filter(created_at__gte=lens.since, created_at__lt=lens.until).order_by()


def begun_and_qualified(lens):
    """Those of them that are qualified by now."""
    return begun(lens).filter(Q(_qualified(lens)))


@once
def lead_outcomes(lens, by="source"):
    """{key: (leads, qualified of them by now, won of them by now)}: what became of the deals begun in the period."""
    rows = begun(lens).annotate(key=DIMENSIONS[by], is_qualified=_qualified(lens)).values_list("key")
    won = Q(status=Status.WON)
    rows = rows.annotate(
        n=Count("pk"),
        qualified=Count("pk", filter=Q(is_qualified=True)),
        won=Count("pk", filter=won),
        money=Sum("amount_base", filter=won, default=Decimal(0)),
    )
    return {key or "": tuple(figures) for key, *figures in rows}
