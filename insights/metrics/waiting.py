"""How long deals waited: on us (approvals of our side), and on the buyer (messages that expect an answer)."""

from dataclasses import dataclass

from django.db.models import BigIntegerField, Case, Count, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest, Least

from deals.models import Activity, Approval, ApprovalSide, Kind, Transition

from ..flow import sql
from ..models import Stay
from . import once
from .closing import WholeDays


@dataclass(frozen=True)
class Waited:
    """Days of all waits together, and how many waits there were."""

    days: int = 0
    count: int = 0

    @property
    def mean(self):
        return self.days / self.count if self.count else None


@once
def on_us(lens):
    """{stage id: Waited}: approvals of ours that were pending in the period, its days alone."""
    end = min(lens.until, lens.now)
    over = Least(Coalesce(F("decided_at"), F("withdrawn_at"), Value(end)), Value(end))
    rows = ours(lens).annotate(days=WholeDays(over, Greatest(F("asked_at"), Value(lens.since))))
    rows = rows.order_by().values_list("criterion__stage").annotate(Sum("days"), Count("pk"))
    return {stage: Waited(days, n) for stage, days, n in rows}


def ours(lens):
    """Approvals of our side that were pending at some moment of the period."""
    over = Coalesce(F("decided_at"), F("withdrawn_at"))
    rows = Approval.objects.exclude(side=ApprovalSide.BUYER).annotate(over=over)
    rows = rows.filter(Q(over__isnull=True) | Q(over__gt=lens.since), asked_at__lt=min(lens.until, lens.now))
    return rows if lens.is_whole else rows.filter(deal__in=lens.deals().order_by().values("pk"))


@once
def on_buyer(lens):
    """{stage id the deal stood in: Waited}: from a message that expects an answer to the buyer's next act.

    Several messages without an answer are one wait, from the first. It ends at the latest with the deal, or now.
    """
    answered = Activity.objects.filter(
        deal=OuterRef("deal"), from_buyer=True, happened_at__gt=OuterRef("happened_at")
    )
    answered = answered.order_by("happened_at").values("happened_at")[:1]
    rows = asked(lens).annotate(
        over=Coalesce(Subquery(answered), F("deal__closed_at"), Value(lens.now)),
        stage=_stood_in(),
    )
    rows = rows.annotate(days=WholeDays(Greatest(F("over"), F("happened_at")), F("happened_at")))
    rows = rows.order_by().values_list("stage").annotate(Sum("days"), Count("pk"))
    return {stage: Waited(days, n) for stage, days, n in rows}


def asked(lens):
    """Our messages of the period that expect an answer, the first of each wait."""
    earlier = Activity.objects.filter(deal=OuterRef("deal"), happened_at__lt=OuterRef("happened_at"))
    earlier = earlier.filter(Q(expects_answer=True) | Q(from_buyer=True)).order_by("-happened_at", "-id")
    rows = within(lens).filter(expects_answer=True, from_buyer=False)
    rows = rows.annotate(after_buyer=Subquery(earlier.values("from_buyer")[:1]))
    return rows.filter(Q(after_buyer=True) | Q(after_buyer__isnull=True))


def within(lens):
    """Activities of the lens' deals in the period."""
    rows = Activity.objects.filter(happened_at__gte=lens.since, happened_at__lt=lens.until).order_by()
    return rows if lens.is_whole else rows.filter(deal__in=lens.deals().order_by().values("pk"))


@dataclass(frozen=True)
class Acts:
    """So many activities of one kind, on deals of one owner, that stood in one stage; of them the buyer's, and what of
    those was recorded late."""

    stage: int
    kind: str
    owner: int
    n: int
    of_buyer: int
    late: int


@once
def acts(lens):
    """[Acts] of the period. One statement; where each deal stood is worked out before anything is grouped by it, for
    which PostgreSQL would sort every row."""
    rows = within(lens).annotate(stage=_stood_in(), who=F("deal__owner"))
    inner, params = rows.values("stage", "kind", "who", "from_buyer", "is_late").query.sql_with_params()
    text = f"""
        WITH a AS MATERIALIZED ({inner})
        SELECT stage, kind, who, COUNT(*), SUM(CASE WHEN from_buyer THEN 1 ELSE 0 END),
            SUM(CASE WHEN from_buyer AND is_late THEN 1 ELSE 0 END)
        FROM a GROUP BY stage, kind, who"""  # noqa: S608  our own names
    return [Acts(*row) for row in sql.Asked(text, list(params)).rows()]


def activities(lens):
    """{stage id: {kind: how many}}: what happened on deals, by the stage they stood in then."""
    found = {}
    for each in acts(lens):
        kinds = found.setdefault(each.stage, {})
        kinds[each.kind] = kinds.get(each.kind, 0) + each.n
    return found


def _stood_in():
    """The stage the deal of an activity stood in at that moment: where it stands, if it entered that before; else as
    its stays are kept, or the ledger says of what is not."""
    undone = Transition.objects.filter(kind=Kind.UNDO, deal=OuterRef("deal"), seq=OuterRef("seq") + 1)
    rows = Transition.objects.filter(deal=OuterRef("deal"), happened_at__lte=OuterRef("happened_at"))
    rows = rows.exclude(kind=Kind.UNDO).exclude(Exists(undone)).order_by("-seq").values("to_stage")[:1]
    stays = Stay.objects.filter(
        deal=OuterRef("deal"), began__lte=OuterRef("happened_at"), ended__gt=OuterRef("happened_at")
    )
    told = Coalesce(Subquery(rows), F("deal__stage"))
    return Case(
        When(happened_at__gte=F("deal__stage_entered_at"), then=F("deal__stage")),
        When(deal__seq=F("deal__flow_seq"), then=Coalesce(Subquery(stays.values("stage")[:1]), told)),
        default=told,
        output_field=BigIntegerField(),
    )


def waited_on_buyer(lens, stage_id):
    """Deals that stood in a stage when we began to wait for an answer."""
    return _deals_of(lens, asked(lens), stage_id)


def acted_on(lens, stage_id, kinds):
    """Deals on which something of these kinds happened while they stood in a stage."""
    return _deals_of(lens, within(lens).filter(kind__in=kinds), stage_id)


def _deals_of(lens, rows, stage_id):
    rows = rows.annotate(stage=_stood_in())
    rows = rows.filter(stage=stage_id) if stage_id else rows
    return lens.deals().filter(pk__in=rows.order_by().values("deal"))


def waits_on_us(lens, stage_id):
    rows = ours(lens).filter(deal=OuterRef("pk"))
    rows = rows.filter(criterion__stage=stage_id) if stage_id else rows
    return lens.deals().filter(Exists(rows))
