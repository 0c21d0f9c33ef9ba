"""The proven pipeline from last week's Monday to now: each deal in exactly one part, with the difference it makes."""

from datetime import timedelta
from decimal import Decimal

from django.db.models import (
    Case,
    CharField,
    Count,
    DecimalField,
    F,
    FilteredRelation,
    Min,
    Q,
    Sum,
    Value,
    When,
)
from django.utils.translation import gettext_lazy as _

from deals.models import FieldChange, Status, proven_condition
from team.calendar import start_of

from .. import causes, periods
from . import standings

NEW, PROVEN, UP, DOWN, SAME = "new", "proven", "up", "down", "same"
DATE_PAST, RE_ENGAGING, LOST, WON, OTHER = "date_past", "re_engaging", "lost", "won", "other"
# In the order of the picture: what comes in, then what goes.
WORDS = {
    NEW: _("New"),
    PROVEN: _("Newly proven"),
    UP: _("Amounts up"),
    DOWN: _("Amounts down"),
    DATE_PAST: _("Date past"),
    RE_ENGAGING: _("Re-engaging"),
    OTHER: _("Other causes"),
    LOST: _("Lost"),
    WON: _("Won"),
}
CAME = (NEW, PROVEN)
_MONEY = DecimalField(max_digits=16, decimal_places=2)


def since(lens):
    """Last week's Monday, or the first night on record where that is later; None where there is none yet."""
    monday = lens.today - timedelta(days=lens.today.weekday() + 7)
    first = standings.first_night()
    return first and max(monday, first)


def of(lens, day):
    """{part: (deals, difference, a company's name)} and what was proven on `day`. Two statements."""
    parts, start = {}, Decimal(0)
    for deals in (were(lens, day), came(lens, day)):
        rows = deals.order_by().values("part")
        rows = rows.annotate(n=Count("pk"), money=Sum("change"), old=Sum("was"), name=Min("company__name"))
        for row in rows:
            parts[row["part"]] = (row["n"], _cents(row["money"]), row["name"])
            start += _cents(row["old"])
    return parts, start


def _cents(money):
    return Decimal(money or 0).quantize(Decimal("0.01"))


def at(deals, day):
    """The deals with how they stood as `day` began, as the relation `stood`."""
    on_record = Q(standings__since__lte=day) & (
        Q(standings__until__isnull=True) | Q(standings__until__gt=day)
    )
    return deals.annotate(stood=FilteredRelation("standings", condition=on_record))


def were(lens, day):
    """Deals that were proven then, with `part`, `was` and `change`."""
    deals = at(lens.deals(), day).filter(stood__proven=True).with_proven(lens.today, lens.grace)
    deals = deals.annotate(cause=causes.cause(lens), was=F("stood__amount"))
    gone = Value(Decimal(0), _MONEY) - F("stood__amount")
    kept = F("amount_base") - F("stood__amount")
    change = Case(When(is_proven=True, then=kept), default=gone, output_field=_MONEY)
    return deals.annotate(change=change, part=_part())


def _part():
    return Case(
        When(is_proven=True, amount_base__gt=F("stood__amount"), then=Value(UP)),
        When(is_proven=True, amount_base__lt=F("stood__amount"), then=Value(DOWN)),
        When(is_proven=True, then=Value(SAME)),
        When(status=Status.WON, then=Value(WON)),
        When(status__in=[Status.LOST, Status.ARCHIVED], then=Value(LOST)),
        When(status=Status.RE_ENGAGING, then=Value(RE_ENGAGING)),
        When(status=Status.OPEN, counts_as_pipeline=True, cause=causes.NO_STEP, then=Value(DATE_PAST)),
        default=Value(OTHER),
        output_field=CharField(),
    )


def came(lens, day):
    """Deals that are proven now and were not then, with the same columns."""
    deals = at(lens.open().filter(proven_condition(lens.today, lens.grace)), day)
    deals = deals.filter(Q(stood__isnull=True) | Q(stood__proven=False))
    part = Case(When(stood__isnull=True, then=Value(NEW)), default=Value(PROVEN), output_field=CharField())
    return deals.annotate(part=part, was=Value(Decimal(0), _MONEY), change=F("amount_base"))


def slipped(lens, day):
    """Live deals that were to close within the quarter, and are not any more."""
    last = periods.last_of("quarter", lens.today)
    return at(lens.deals().live(), day).filter(stood__expected_close__lte=last, expected_close__gt=last)


def pushes(lens, day):
    """Expected closes that were put off since the day began."""
    rows = FieldChange.objects.filter(field="expected_close", at__gte=start_of(day, lens.organisation))
    rows = rows.exclude(old="").filter(new__gt=F("old")).order_by()
    return rows if lens.is_whole else rows.filter(deal__in=lens.deals().order_by().values("pk"))
