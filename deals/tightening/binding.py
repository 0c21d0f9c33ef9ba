"""From when a tightened criterion binds deals that are already past it: writing and ending what sparing.py reads."""

from collections import defaultdict

from django.db import connection, transaction
from django.db.models import BooleanField, DateField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Exact

from pipeline.models import Pipeline
from pipeline.process import process_of, with_version
from pipeline.publishing import NOW
from pipeline.vocabulary import FACT_KINDS
from team.calendar import local_date
from team.models import Organisation

from .. import counts
from ..evidence import sparing
from ..evidence.judging import House
from ..evidence.rejudging import rejudge_criterion
from ..locking import share_lock
from ..models import Answer, Deal, Spared
from ..rows.among import Among
from ..terms import Terms
from .changes import judged_alike, sides

_CHUNK = 1000


def spares(value, today):
    """Whether this binding leaves deals alone that stand beyond the criterion today."""
    return value != NOW and (not hasattr(value, "year") or value > today)


def write(publication, old, new, today):
    """Leave alone the deals that the binding of a publication says, and bind those of older ones that it overrules.

    The answers must still be judged by the old process.
    """
    for criterion_id, value in publication.binding.items():
        definition = new.by_criterion.get(criterion_id)
        if definition is None:
            continue
        if spares(value, today):
            _spare(definition, old, new, publication.version, value, today)
        else:
            Spared.objects.filter(criterion=criterion_id).delete()


def _spare(definition, old, new, version, value, today):
    """One INSERT for deals that are not asked it, one for deals whose answer stands as it was judged."""
    until = value if hasattr(value, "year") else None
    beyond = new.stages[new.index(definition.stage_id) :]
    deals = Deal.objects.made().live().filter(stage__in=[stage.stage_id for stage in beyond])
    before = old.by_criterion.get(definition.criterion_id)
    if before is None:
        return _insert(deals, definition, version, until, keeps_answer=False)
    term = Terms(before, today, sparing.exemptions(old, today))
    asked = Q(stage__in=_asking(old, before)) & ~Q(Exact(term.total_here(), 0))
    _insert(deals.exclude(asked), definition, version, until, keeps_answer=False)
    if judged_alike(before, definition):
        return None
    if before.kind in FACT_KINDS or definition.kind in FACT_KINDS:
        held = deals.filter(asked, Exact(term.held_here(), 1))
        return _insert(held, definition, version, until, keeps_answer=False)
    opening = Answer.objects.current().filter(
        deal=OuterRef("pk"), criterion=definition.criterion_id, opens=True
    )
    return _insert(deals.filter(asked, Exists(opening)), definition, version, until, keeps_answer=True)


def _asking(process, definition):
    """Ids of the stages whose deals were counted by this criterion, or will be when they leave."""
    found = []
    for stage in process.stages:
        counted = sides(process, stage.stage_id)
        if any(d.criterion_id == definition.criterion_id for d in counted.before + counted.here):
            found.append(stage.stage_id)
    return found


def _insert(deals, definition, version, until, *, keeps_answer):
    rows = deals.order_by().values_list(
        "pk",
        Value(definition.criterion_id),
        Value(version.pk),
        Cast(Value(until), DateField()),
        Cast(Value(keeps_answer), BooleanField()),
    )
    sql, parameters = rows.query.sql_with_params()
    columns = "deal_id, criterion_id, version_id, until, keeps_answer"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Spared._meta.db_table} ({columns}) {sql} ON CONFLICT DO NOTHING",
            parameters,
        )


def left(deal, process):
    """A deal went back: whatever lies ahead of it now is asked of it like of any other when it enters anew."""
    if deal.stage_id not in process or not sparing.criteria(process):
        return
    rows = Spared.objects.filter(deal=deal, criterion__in=_ahead(process, deal.stage_id))
    _release(rows, process)


def left_all(process):
    """The same for all deals, after stages changed their places."""
    if not sparing.criteria(process):
        return
    for stage in process.stages:
        ahead = _ahead(process, stage.stage_id)
        rows = Spared.objects.filter(deal__stage=stage.stage_id, criterion__in=ahead)
        _release(rows, process)


def _release(rows, process):
    """These rows go; answers they kept are judged like all others."""
    kept = defaultdict(list)
    for criterion_id, deal_id in rows.filter(keeps_answer=True).values_list("criterion_id", "deal_id"):
        kept[criterion_id].append(deal_id)
    rows.delete()
    house = House.current() if kept else None
    for criterion_id, deal_ids in kept.items():
        if definition := process.by_criterion.get(criterion_id):
            rejudge_criterion(definition, house, deals=deal_ids)


def _ahead(process, stage_id):
    later = process.stages[process.index(stage_id) + 1 :]
    beyond = {stage.stage_id for stage in later}
    return [pk for pk, definition in process.by_criterion.items() if definition.stage_id in beyond]


def end_due(now):
    """Bind the deals whose day has come, and count them anew. Returns how many deals."""
    today = local_date(now, Organisation.current())
    due = Spared.objects.filter(until__lte=today)
    pipelines = Pipeline.objects.filter(pk__in=due.values("deal__pipeline").distinct())
    return sum(_end_in_chunks(p, today) for p in pipelines.select_related("version"))


def _end_in_chunks(pipeline, today):
    done = 0
    while True:
        with transaction.atomic():
            share_lock(pipeline.pk)
            pipeline = with_version(pipeline.pk)
            ended = end(process_of(pipeline), today, _CHUNK)
        if not ended:
            return done
        done += ended


def end(process, today, limit=None):
    """The same for one process, inside a transaction; `limit` deals at most. Returns how many deals."""
    due = Spared.objects.filter(until__lte=today, deal__pipeline=process.pipeline_id)
    ids = list(due.order_by("deal").values_list("deal", flat=True).distinct()[:limit])
    if not ids:
        return 0
    deals = Deal.objects.filter(Among("pk", ids))
    list(deals.for_update().order_by("pk").values_list("pk", flat=True))
    rows = due.filter(Among("deal_id", ids))
    _release(rows, process)
    counts.recount(process, today, deals.live())
    return len(ids)
