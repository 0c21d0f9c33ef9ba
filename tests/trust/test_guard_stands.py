"""Row B13: whoever starts Headgate is told of every trigger that does not guard."""

import pytest

from deals import guard

from .world import sql, undone

pytestmark = pytest.mark.django_db


def test_all_triggers_stand(w):
    assert guard.missing() == []


def test_a_trigger_that_is_gone_is_named(w):
    for name in guard.names():
        with undone():
            guard.remove(name)
            assert guard.missing() == [name]


@pytest.mark.engine("postgresql")
def test_a_trigger_that_is_switched_off_is_named(w):
    with undone():
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("ALTER TABLE deals_transition DISABLE TRIGGER hg_t4_update")
        assert guard.missing() == ["hg_t4_update"]


@pytest.mark.engine("postgresql")
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE deals_transition ENABLE REPLICA TRIGGER hg_t4_update",
        "CREATE OR REPLACE TRIGGER hg_t4_update AFTER UPDATE ON deals_transition EXECUTE FUNCTION hg_t4()",
        "CREATE OR REPLACE TRIGGER hg_t4_update BEFORE UPDATE ON deals_transition FOR EACH ROW"
        " WHEN (NEW.id < 0) EXECUTE FUNCTION hg_t4()",
        "CREATE OR REPLACE TRIGGER hg_t4_update BEFORE UPDATE OF hash ON deals_transition FOR EACH ROW"
        " EXECUTE FUNCTION hg_t4()",
        "DROP TRIGGER hg_t4_update ON deals_transition; CREATE TRIGGER hg_t4_update BEFORE UPDATE ON deals_contact"
        " FOR EACH ROW EXECUTE FUNCTION hg_t4()",
    ],
)
def test_a_trigger_that_stands_but_does_not_guard_is_named(w, statement):
    """B13: switched on for replication alone, weakened, or on another table under its name."""
    with undone():
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql(statement)
        assert guard.missing() == ["hg_t4_update"]


@pytest.mark.engine("postgresql")
def test_a_function_that_was_emptied_names_every_trigger_it_was_for(w):
    """B13"""
    with undone():
        sql("SET CONSTRAINTS ALL IMMEDIATE")
        sql("CREATE OR REPLACE FUNCTION hg_t2() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
        assert guard.missing() == ["hg_t2_update", "hg_t2_delete", "hg_t2_truncate"]


@pytest.mark.engine("sqlite")
def test_a_trigger_that_was_made_anew_to_do_nothing_is_named(w):
    """B13"""
    with undone():
        sql("DROP TRIGGER hg_t4_update")
        sql("CREATE TRIGGER hg_t4_update BEFORE UPDATE ON deals_transition FOR EACH ROW BEGIN SELECT 1; END")
        assert guard.missing() == ["hg_t4_update"]
        assert guard.missing(by_name=True) == []  # another release's, while an upgrade goes on


def test_the_guard_can_be_installed_twice(w):
    with undone():
        guard.install()
        guard.install()
        assert guard.missing() == []
