"""What a publication costs does not grow with what it does not concern: stages, indexes, the clocks of deals."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from deals import counts
from deals.models import Answer, Deal
from deals.publishing.effect import effect
from deals.publishing.reclocking import timed
from pipeline.models import Pipeline, Rule
from pipeline.process import Process, process_of
from pipeline.publishing import publish

from .. import factories as f
from .. import publications as p

pytestmark = pytest.mark.django_db

# What the tick asks for each minute has an index; it moves with a count only where something lapses sooner or later.
ASKED_BY_THE_TICK = {"stands_until"}


def in_force(pipeline):
    return Pipeline.objects.select_related("version").get(pk=pipeline.pk)


@pytest.mark.parametrize(
    "model, written",
    [(Answer, {"opens", "flaw", "holds_until"}), (Deal, set(counts.COLUMNS) - ASKED_BY_THE_TICK)],
)
def test_judging_and_counting_anew_write_no_index(model, written):
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, model._meta.db_table).values()
    assert not written & {column for each in found if each["index"] for column in each["columns"] or []}
    for index in [*model._meta.indexes, *model._meta.constraints]:
        named = Q(getattr(index, "condition", None) or Q()).flatten() if hasattr(index, "fields") else ()
        assert not written & {each[0].partition("__")[0] for each in named if isinstance(each, tuple)}, index


@pytest.mark.engine("postgresql")
def test_pages_keep_room_to_write_a_row_beside_its_old_self():
    migration = import_module("deals.migrations.0020_judging_writes_no_index")
    with connection.schema_editor() as editor:
        migration.leave_room(None, editor)
    assert options() == {"deals_deal": ["fillfactor=50"], "deals_answer": ["fillfactor=90"]}
    with connection.schema_editor() as editor:
        migration.fill_pages(None, editor)
    assert options() == {"deals_deal": None, "deals_answer": None}


def options():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, reloptions FROM pg_class WHERE relname IN ('deals_deal', 'deals_answer')"
        )
        return dict(cursor.fetchall())


def test_a_publication_that_changes_no_timer_leaves_the_clocks_of_deals_alone():
    pipeline = f.make_pipeline(stages=p.STAGES)
    deal, mark = f.make_deal(pipeline), timezone.now() + timedelta(days=400)
    Deal.objects.filter(pk=deal.pk).update(next_due_at=mark)
    p.edit(pipeline, "score", minimum=5)
    publish(pipeline, by=pipeline.process_owner, note="A higher limit")
    assert f.fresh(deal).next_due_at == mark
    Rule.objects.filter(pipeline=pipeline, key="archive").update(days=8)
    publish(pipeline, by=pipeline.process_owner, note="Sooner")
    assert f.fresh(deal).next_due_at != mark


def test_timers_of_as_many_days_may_come_in_any_order():
    """The database gives them as it likes; no order of theirs is a change for which all deals are looked at."""
    process = process_of(in_force(f.make_pipeline()))
    other_way = Process(process.version, process.stages, process.criteria_of_all(), reversed(process.rules))
    assert len(process.rules) > 1 and timed(other_way) == timed(process)
    assert timed(Process(process.version, process.stages, [], process.rules[1:])) != timed(process)


def test_deals_of_all_stages_are_looked_at_and_counted_together():
    """The answers to one criterion lie all over the table: asked stage by stage, it is read as often."""
    pipeline, _deals = p.world()
    p.edit(pipeline, "score", minimum=6)
    with CaptureQueriesContext(
        connection,
    ) as looked:
        effect(in_force(pipeline))
    assert len(reading_answers(looked)) <= 2
    with CaptureQueriesContext(connection) as counted:
        publish(pipeline, by=pipeline.process_owner, note="A higher limit")
    assert len(reading_answers(counted)) <= 3


def reading_answers(captured):
    """Statements that ask deals for their answers."""
    reads = [query["sql"] for query in captured if 'FROM "deals_deal"' in query["sql"]]
    return [sql for sql in reads if '"deals_answer"' in sql]
