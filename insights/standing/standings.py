"""How each live deal stands, written down after midnight: one row for each change, a handful of statements a night."""

from dataclasses import dataclass
from datetime import date

from django.db import connection, models, transaction
from django.db.models import BooleanField, Case, CharField, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce

from deals.models import Deal, Status
from team.calendar import grace_date, local_date
from team.models import Organisation

from .. import causes
from ..models import Standing, StandingNight

# Of deals that are live but too early to count as pipeline.
EARLY = "early"
_NO_DAY = date(9999, 12, 31)
_COLUMNS = ["deal_id", "since", "stage_id", "status", "amount", "expected_close", "proven", "cause"]


@dataclass(frozen=True)
class Night:
    """The day that begins, as causes.py asks for it."""

    today: date
    grace: date

    @classmethod
    def of(cls, now):
        organisation = Organisation.current()
        today = local_date(now, organisation)
        return cls(today, grace_date(today, organisation))


def write_down(now):
    """Once for each local day, at the first tick of it: compare what is on record with how the deals stand now.

    A night that was missed is made good by the next, since the present is what is compared. Five statements.
    """
    night = Night.of(now)
    if StandingNight.objects.filter(day=night.today).exists():
        return None
    with transaction.atomic():
        _row, is_first = StandingNight.objects.get_or_create(day=night.today, defaults={"taken_at": now})
        changed = write(night) if is_first else 0
    return f"{changed} standings changed" if changed else None


def write(night):
    """End the rows that are no longer so and begin those of today. Returns how many began."""
    _take_time()
    _ended(night).update(until=night.today)
    return _begin(night)


def _take_time():
    """Pages are cut off after some seconds; the first night of many deals may take longer. For this transaction."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '10min'")


def present(night):
    """Live deals with how they stand: `is_proven` and `cause`."""
    deals = Deal.objects.made().live().with_proven(night.today, night.grace)
    cause = Case(
        When(~Q(status=Status.OPEN), then=Value("")),
        When(counts_as_pipeline=False, then=Value(EARLY)),
        default=causes.cause(night),
        output_field=CharField(),
    )
    return deals.annotate(cause=cause).order_by()


def _ended(night):
    """Rows on record whose deal is closed or stands otherwise. What began today stays: a day has one row."""
    same = present(night).filter(
        pk=OuterRef("deal_id"), stage=OuterRef("stage_id"), status=OuterRef("status"),
        amount_base=OuterRef("amount"), is_proven=OuterRef("proven"), cause=OuterRef("cause"),
    )  # fmt: skip
    same = same.annotate(closes=_day(F("expected_close"))).filter(closes=_day(OuterRef("expected_close")))
    return Standing.objects.filter(~Exists(same), until__isnull=True, since__lt=night.today).order_by()


def _day(expression):
    return Coalesce(expression, Value(_NO_DAY), output_field=models.DateField())


def _begin(night):
    """One INSERT ... SELECT, however many deals there are.

    Sorted by what no index has, so that all is read before the first row is written: else each row would look for
    the others among those written before it.
    """
    known = Standing.objects.filter(deal=OuterRef("pk"), until__isnull=True).order_by()
    again = Standing.objects.filter(deal=OuterRef("pk"), since=night.today).order_by()
    rows = present(night).filter(~Exists(known), ~Exists(again))
    proven = Case(When(is_proven=True, then=True), default=False, output_field=BooleanField())
    rows = rows.annotate(begins=Value(night.today, models.DateField()), so=proven)
    names = ["pk", "begins", "stage_id", "status", "amount_base", "expected_close", "so", "cause"]
    compiler = rows.order_by(F("pk") + 0).values_list(*names).query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Standing._meta.db_table} ({', '.join(_COLUMNS)}) {sql}",
            parameters,
        )
        return cursor.rowcount


def first_night():
    """The first day on record, None where there is none yet."""
    return StandingNight.objects.order_by("day").values_list("day", flat=True).first()
