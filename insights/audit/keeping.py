"""An audit that is kept, and two of them side by side."""

from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models import BigIntegerField, Count, Exists, F, JSONField, OuterRef, Q, Sum, Value
from django.db.models.functions import Cast

from ..models import Audit, AuditRow
from . import figures

_COLUMNS = ["audit_id", "deal_id", "stage_id", "owner_id", "amount", "holds", "deepest_id", "missing"]


@transaction.atomic
def keep(look, *, by, note="", now):
    """Write the audit down as it stands now: its figures and each deal. What they lack follows (detailing.py)."""
    version = None if look.is_draft else look.published.version
    audit = Audit.objects.create(made_at=now, by=by, pipeline=look.pipeline, version=version, note=note)
    _write(audit, look)
    whole = figures_of(audit).whole  # of what was written: deals move meanwhile
    audit.deals, audit.failing, audit.money_before, audit.money_after = (
        whole.deals, whole.failing, whole.before, whole.after,
    )  # fmt: skip
    audit.save(update_fields=["deals", "failing", "money_before", "money_after"])
    return audit


def _write(audit, look):
    """One INSERT ... SELECT, however many deals there are."""
    of = Cast(Value(audit.pk), BigIntegerField())
    rows = look.deals().annotate(of=of, deep=F("stage_id"), lacks=Value([], JSONField())).order_by("pk")
    names = ["of", "pk", "stage_id", "owner_id", "amount_base", "holds", "deep", "lacks"]
    sql, parameters = rows.values_list(*names).query.get_compiler(connection=connection).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {AuditRow._meta.db_table} ({', '.join(_COLUMNS)}) {sql}", parameters)


def visible_to(user):
    """Kept audits hold deals of every team their maker saw: one's own, and all for an admin."""
    found = Audit.objects.select_related("by", "pipeline", "version")
    return found if user.is_admin else found.filter(by=user)


def figures_of(audit):
    """The Figures of a kept audit, from its rows: two statements."""
    found = figures.Figures(figures.Line(None, ""))
    stages, owners = {}, {}
    grouped = audit.rows.order_by("stage__position", "stage_id").values_list(
        "stage_id", "stage__name", "owner_id", "owner__name", "holds"
    )
    for stage_id, stage, owner_id, owner, holds, count, money in grouped.annotate(Count("pk"), Sum("amount")):
        lines = (
            found.whole,
            stages.setdefault(stage_id, figures.Line(stage_id, stage)),
            owners.setdefault(owner_id, figures.Line(owner_id, owner)),
        )
        for line in lines:
            line.add(holds, count, money)
    found.stages = list(stages.values())
    found.owners = sorted(owners.values(), key=lambda line: (-line.claimed, line.name))
    return found


@dataclass
class StageChange:
    """One stage in both audits, and the deals that are in one of them alone."""

    name: str
    earlier: figures.Line
    later: figures.Line
    joined: list = field(default_factory=list)
    left: list = field(default_factory=list)
    joined_count: int = 0
    left_count: int = 0


@dataclass
class Comparison:
    earlier: Audit
    later: Audit
    stages: list

    @property
    def before(self):
        return self.earlier.money_before - self.later.money_before

    @property
    def after(self):
        return self.earlier.money_after - self.later.money_after


LISTED = 20


def compare(one, other):
    """The earlier and the later of two audits, stage by stage."""
    earlier, later = sorted((one, other), key=lambda audit: (audit.made_at, audit.pk))
    were, are = figures_of(earlier).stages, figures_of(later).stages
    names = {line.key: line.name for line in [*were, *are]}
    were, are = ({line.key: line for line in lines} for lines in (were, are))
    changes = {
        pk: StageChange(name, were.get(pk, figures.Line(pk, name)), are.get(pk, figures.Line(pk, name)))
        for pk, name in names.items()
    }
    _fill(changes, "joined", later, earlier)
    _fill(changes, "left", earlier, later)
    return Comparison(earlier, later, list(changes.values()))


def _fill(changes, name, of, without):
    """Rows of one audit whose deal stands in no row of the other's same stage: counted, and the largest listed."""
    there = AuditRow.objects.filter(audit=without, deal=OuterRef("deal"), stage=OuterRef("stage"))
    rows = of.rows.filter(~Q(Exists(there))).order_by()
    for stage_id, count in rows.values_list("stage_id").annotate(Count("pk")):
        setattr(changes[stage_id], f"{name}_count", count)
    for stage_id, change in changes.items():
        if getattr(change, f"{name}_count"):
            largest = rows.filter(stage=stage_id).select_related("deal").order_by("-amount", "pk")
            setattr(change, name, list(largest[:LISTED]))
