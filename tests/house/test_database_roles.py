"""PostgreSQL: the app runs as a role that sells all day and yet cannot lift the guard or touch the ledger's past."""

import io
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import reverse

from deals import guard, moves
from deals.guard import roles
from deals.models import Deal, Transition
from pipeline.publishing import publish

from .. import factories as f
from ..tampering import settle_constraints, sql

pytestmark = [pytest.mark.django_db, pytest.mark.engine("postgresql")]
OWNER, APP = "hg_test_owner", "hg_test_app"


@pytest.fixture
def deal():
    return f.make_deal(stage="Discover")


@pytest.fixture
def two_roles(deal):
    """Both roles, for the length of one test's transaction."""
    out = io.StringIO()
    settle_constraints()
    MigrationRecorder(connection).ensure_schema()  # tests may make their tables without migrations
    call_command("database_roles", owner=OWNER, app=APP, stdout=out)
    return out.getvalue()


@contextmanager
def acting_as(role):
    sql(f"SET SESSION AUTHORIZATION {role}")
    try:
        yield
    finally:
        sql("RESET SESSION AUTHORIZATION")


def refused(statement, *values):
    with pytest.raises(DatabaseError, match="permission denied|must be owner"), transaction.atomic():
        sql(statement, *values)


def test_the_app_walks_a_deal_through_its_whole_life(two_roles, deal):
    with acting_as(APP):
        rep = f.make_user()
        made = f.make_deal(deal.pipeline, owner=rep, name="Made by the app", stage="Close")
        process = f.process_of(made.pipeline)
        f.satisfy_all(made, process.asked_from(made.stage_id, None))
        moves.win(made.pk, seen_seq=made.seq, by=rep)
        moves.archive(deal.pk, seen_seq=deal.seq, by=deal.owner)
        moves.reopen(deal.pk, seen_seq=deal.seq + 1, by=deal.owner, reason="They called")
    assert f.fresh(made).status == "won"


def test_the_app_serves_its_pages_and_refuses_at_the_gate(two_roles, deal):
    with acting_as(APP):
        browser = Client()
        browser.force_login(deal.owner)
        for page in ("board", "deals", "process"):
            assert browser.get(reverse(page)).status_code == 200
        close = deal.pipeline.stages.last().pk
        move = {"to": close, "seen_seq": deal.seq}
        assert browser.post(reverse("move", args=[deal.pk]), move).status_code == 422
        assert browser.get(reverse("deal", args=[deal.pk])).status_code == 200


def test_the_app_publishes_a_process_and_runs_the_timers(two_roles, deal):
    from django.utils import timezone

    from automations import tick

    with acting_as(APP):
        f.add_criterion(f.stage_of(deal.pipeline, "Discover"), "later", "yes_no")
        assert publish(deal.pipeline, by=deal.pipeline.process_owner, note="more").number == 2
        assert tick.run(timezone.now()).anchored


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE deals_transition DISABLE TRIGGER ALL",
        "ALTER TABLE deals_deal DISABLE TRIGGER hg_t2_update",
        "DROP TRIGGER hg_t4_delete ON deals_transition",
        "DROP FUNCTION hg_t4() CASCADE",
        "CREATE OR REPLACE FUNCTION hg_t4() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "CREATE TRIGGER mine BEFORE INSERT ON deals_transition EXECUTE FUNCTION hg_t4()",
        "SET session_replication_role = replica",
        "UPDATE deals_transition SET reason = 'x'",
        "UPDATE deals_transition SET reason = reason WHERE false",
        "DELETE FROM deals_transition",
        "TRUNCATE deals_transition CASCADE",
        "TRUNCATE deals_deal CASCADE",
        "DELETE FROM deals_deal",
        "DELETE FROM deals_answer",
        "UPDATE deals_answer SET text = 'x'",
        "UPDATE deals_anchor SET rows = 0",
        "DELETE FROM deals_anchor",
        "DELETE FROM deals_gaterefusal",
        "UPDATE pipeline_processversion SET note = 'x'",
        "UPDATE pipeline_criteriondefinition SET label = 'x'",
        "DELETE FROM django_migrations",
        "CREATE TEMP TABLE deals_transition (deal_id bigint)",
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "ALTER TABLE deals_deal ADD COLUMN mine int",
        "DROP TABLE deals_transition",
        f"SET ROLE {OWNER}",
    ],
)
def test_the_app_cannot(two_roles, statement):
    before = Transition.objects.count()
    with acting_as(APP):
        refused(statement)
    assert Transition.objects.count() == before
    assert guard.missing() == []


def test_the_app_cannot_give_itself_more(two_roles):
    """PostgreSQL answers a grant of what one has no right to give with a warning."""
    with acting_as(APP):
        sql(f"GRANT ALL ON deals_transition TO {APP}")
        refused("DELETE FROM deals_transition")


def test_where_a_deal_stands_still_changes_only_by_a_row(two_roles, deal):
    won = deal.pipeline.stages.last().pk
    with acting_as(APP), pytest.raises(DatabaseError, match="ledger row"), transaction.atomic():
        sql("UPDATE deals_deal SET stage_id = %s WHERE id = %s", won, deal.pk)
    assert Deal.objects.get(pk=deal.pk).stage_id == deal.stage_id


def test_the_owner_can_migrate_and_put_the_guard_back(two_roles):
    settle_constraints()
    with acting_as(OWNER):
        guard.lift()
        guard.install()
        sql("CREATE TABLE to_come (id int)")
        call_command("database_roles", owner=OWNER, app=APP, stdout=io.StringIO())
    with acting_as(APP):
        sql("INSERT INTO to_come VALUES (1)")
    assert guard.missing() == []


def test_the_command_tells_both_addresses_once(two_roles):
    first, second, last = two_roles.splitlines()
    assert first.startswith(f"{OWNER}: postgres://{OWNER}:")
    assert second.startswith(f"{APP}: postgres://{APP}:")
    assert APP in last
    again = io.StringIO()
    call_command("database_roles", owner=OWNER, app=APP, stdout=again)
    assert "keeps its password" in again.getvalue() and "postgres://" not in again.getvalue()


def test_the_check_tells_who_could_lift_the_guard(two_roles):
    with pytest.raises(CommandError, match="is a superuser"):
        call_command("database_roles", check=True)
    with acting_as(OWNER), pytest.raises(CommandError, match="owns deals_transition"):
        call_command("database_roles", check=True)
    out = io.StringIO()
    with acting_as(APP):
        call_command("database_roles", check=True, stdout=out)
    assert "cannot lift the guard" in out.getvalue()


def test_every_table_that_only_grows_is_there():
    tables = set(connection.introspection.table_names())
    assert set(roles.APPEND_ONLY) < tables
