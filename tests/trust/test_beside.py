"""What a move of many deals writes beside where they stand: by the statement that moves them, never more than that."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from deals import guard, moves
from deals.guard import rules
from deals.models import Deal, Kind, LossReason, Status
from deals.moves import ledger
from pipeline.models import RuleDefinition

from .. import factories as f
from .test_concurrency import chain_is_whole
from .world import refused, sql, undone

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 3, 4, 5, 6, 7, 891234, tzinfo=UTC)


def said_to_the_trigger(**columns_of):
    """As a program would that writes the ledger by itself: {deal id: {column: value}}."""
    sql("SELECT set_config(%s, %s, true)", rules.BESIDE_SETTING, json.dumps(columns_of, default=str))


def setting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [rules.BESIDE_SETTING])
        return cursor.fetchone()[0] or ""


def test_archived_deals_are_closed_at_that_moment_with_nothing_due(w):
    reason = LossReason.objects.create(name="Silent", by_rule=True)
    ids = [w.deal.pk, w.fresh_deal().pk]
    Deal.objects.filter(pk__in=ids).update(next_due_at=MOMENT, exception_until=f.today())
    assert moves.move_many(ids, Kind.ARCHIVE, now=MOMENT, reason="Silence", loss_reason=reason) == ids
    for deal in Deal.objects.filter(pk__in=ids):
        assert (deal.status, deal.closed_at, deal.loss_reason) == (Status.ARCHIVED, MOMENT, reason)
        assert deal.next_due_at is None and deal.next_due_rule is None and deal.exception_until is None
    assert chain_is_whole()


def test_each_deal_gets_its_own_day_on_which_something_is_due(w):
    one, two, rule = w.deal, w.fresh_deal(), RuleDefinition.objects.first()
    due = {one.pk: (MOMENT, rule and rule.pk), two.pk: (None, None)}
    moves.move_many([one.pk, two.pk], Kind.RE_ENGAGE, now=timezone.now(), reason="Silence", due=due)
    one, two = f.fresh(one), f.fresh(two)
    assert (one.next_due_at, one.next_due_rule, two.next_due_at) == (MOMENT, rule, None)
    assert {one.status, two.status} == {Status.RE_ENGAGING} and one.closed_at is None


@pytest.mark.engine("postgresql")
def test_what_is_not_named_beside_stays_and_the_deal_moves_all_the_same(w):
    other = w.fresh_deal()
    Deal.objects.filter(pk__in=[w.deal.pk, other.pk]).update(next_due_at=MOMENT)
    said_to_the_trigger(**{str(other.pk): {"closed_at": MOMENT + timedelta(days=1)}})
    w.forge(Kind.PAUSE, to_status=Status.PAUSED)
    assert (f.fresh(w.deal).status, f.fresh(w.deal).next_due_at, f.fresh(w.deal).closed_at) == (
        "paused",
        MOMENT,
        None,
    )
    w.forge(Kind.PAUSE, other, to_status=Status.PAUSED)
    other = f.fresh(other)
    assert (other.status, other.next_due_at, other.closed_at) == (
        "paused",
        MOMENT,
        MOMENT + timedelta(days=1),
    )


@pytest.mark.engine("postgresql")
def test_nothing_that_says_where_a_deal_stands_is_taken_from_there(w):
    assert not {*rules.BESIDE} & {*rules.GUARDED_COLUMNS}
    said_to_the_trigger(**{str(w.deal.pk): {"status": "won", "stage_id": w.last, "seq": 9, "name": "Theirs"}})
    w.forge(Kind.PAUSE, to_status=Status.PAUSED)
    deal = f.fresh(w.deal)
    assert (deal.status, deal.stage_id, deal.seq, deal.name) == (
        "paused",
        w.here,
        w.deal.seq + 1,
        w.deal.name,
    )


@pytest.mark.engine("postgresql")
def test_the_setting_is_gone_after_the_move_and_after_a_refused_one(w):
    moves.move_many([w.deal.pk], Kind.ARCHIVE, now=timezone.now(), reason="Silence")
    assert setting() == ""
    deal = w.fresh_deal()
    line = ledger.line_for(
        deal, Kind.ARCHIVE, to_stage_id=deal.stage_id, to_status=Status.ARCHIVED, prev_hash="no such row", by=None,
        now=MOMENT, source="rule", version_id=w.process.version.pk,
    )  # fmt: skip
    with refused(DatabaseError), transaction.atomic():
        ledger.write([line], ["closed_at"], {deal.pk: [MOMENT]})
    assert setting() == "" and f.fresh(deal).closed_at is None


def test_without_the_trigger_nothing_moves_and_nothing_is_written_beside(w):
    """On SQLite the columns beside are written by a statement of their own, which the guard has no part in."""
    with undone():
        guard.lift()
        moves.move_many([w.deal.pk], Kind.ARCHIVE, now=MOMENT, reason="Silence")
        deal = f.fresh(w.deal)
        assert deal.status == Status.OPEN
        assert (deal.closed_at is None) == (connection.vendor == "postgresql")
