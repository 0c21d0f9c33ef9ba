"""What open deals are expected to bring: the sums a forecast is made of, in the database."""

from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Case, Count, DecimalField, ExpressionWrapper, F, Q, Sum, When
from django.db.models.functions import Coalesce, TruncMonth

from deals.models import Status
from pipeline.models import Pipeline
from pipeline.process import process_of

# From this probability on a proven deal belongs to the best case.
LIKELY = 50
CENT = Decimal("0.01")

SHOWN = Coalesce("probability_override", "probability")
# Money times per cent; divided by 100 when it is read, so that no engine rounds in between.
WEIGHTED = ExpressionWrapper(
    F("amount_base") * SHOWN, output_field=DecimalField(max_digits=20, decimal_places=2)
)
# The same of one deal, for lists; what is won counts in full.
COUNTED = Case(
    When(status=Status.WON, then=F("amount_base")),
    default=ExpressionWrapper(WEIGHTED / 100, output_field=DecimalField(max_digits=20, decimal_places=2)),
    output_field=DecimalField(max_digits=20, decimal_places=2),
)
# The first day of the month a deal is expected to close in.
MONTH = TruncMonth("expected_close")
NAMES = ["deals", "proven", "claimed", "proven_weighted", "claimed_weighted", "commit", "best_case"]


def last_stages(pipelines=None):
    """Ids of the stage before the win, of each published pipeline."""
    found = pipelines
    if found is None:
        found = Pipeline.objects.filter(version__isnull=False).select_related("version")
    return [process_of(pipeline).last.stage_id for pipeline in found]


def sums(last):
    """Aggregates over open deals with `is_proven`. `last`: ids of the last stages."""
    proven, claimed = Q(is_proven=True), Q(is_proven=False)
    return {
        "deals": Count("pk"),
        "proven": Sum("amount_base", filter=proven, default=Decimal(0)),
        "claimed": Sum("amount_base", filter=claimed, default=Decimal(0)),
        "proven_weighted": Sum(WEIGHTED, filter=proven, default=Decimal(0)),
        "claimed_weighted": Sum(WEIGHTED, filter=claimed, default=Decimal(0)),
        "commit": Sum("amount_base", filter=proven & Q(stage__in=last), default=Decimal(0)),
        "best_case": Sum(
            "amount_base", filter=proven & (Q(stage__in=last) | Q(likelihood__gte=LIKELY)), default=Decimal(0)
        ),
    }


def grouped(deals, last, *columns):
    """{(values of the columns): {name: sum}} of open deals with `is_proven`. One statement."""
    found = deals.annotate(likelihood=SHOWN).order_by().values(*columns).annotate(**_named(sums(last)))
    return {tuple(row[column] for column in columns): _read(row) for row in found}


def _named(aggregates):
    return {f"sum_{name}": aggregate for name, aggregate in aggregates.items()}


def _read(row):
    figures = {name: row[f"sum_{name}"] for name in NAMES}
    for name in ("proven_weighted", "claimed_weighted"):
        figures[name] = cents(Decimal(figures[name]) / 100)
    return figures


def cents(amount):
    return Decimal(amount).quantize(CENT, ROUND_HALF_UP)


def total(rows):
    """The sums of several groups together."""
    rows = list(rows)
    return {name: sum((row[name] for row in rows), Decimal(0) if name != "deals" else 0) for name in NAMES}
