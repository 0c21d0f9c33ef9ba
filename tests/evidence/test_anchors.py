"""The day's anchor proves outside the database what the ledger was; a rewritten history no longer matches it."""

import json
import logging
import os
import stat
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from automations import tick
from deals import moves
from deals.history import anchors, daily, digests
from deals.models import Anchor, Deal, Transition
from outbox.models import Mail

from .. import factories as f
from ..tampering import alter, guard_lifted, rehash, sql, verified

pytestmark = pytest.mark.django_db
NOON = f.at(f.today())


@pytest.fixture
def file(tmp_path, settings):
    settings.ANCHOR_FILE = tmp_path / "anchors.jsonl"
    return settings.ANCHOR_FILE


@pytest.fixture
def deal():
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    deal = f.make_deal(pipeline, name="Tampered", stage="Discover")
    f.make_deal(pipeline, name="Untouched", stage="Discover")
    return deal


def anchored(days=1):
    """Anchors of so many days up to today, with a move on each."""
    for left in reversed(range(days)):
        daily.anchor(NOON - timedelta(days=left))
        moved = Deal.objects.get(name="Untouched")
        moves.pause(moved.pk, seen_seq=moved.seq, by=None, reason="They are away")
        moves.resume(moved.pk, seen_seq=moved.seq + 1, by=None)
    return str(Anchor.objects.latest("day").day)


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_the_tick_takes_one_anchor_a_local_day_and_puts_it_outside(deal, file, settings, caplog):
    settings.ANCHOR_MAIL = "audit@elsewhere.example"
    with caplog.at_level(logging.INFO, "headgate.anchor"):
        for hours in (0, 1, 2, 24):
            tick.run(NOON + timedelta(hours=hours))
    assert [str(a.day) for a in Anchor.objects.all()] == [line["day"] for line in lines(file)]
    assert Anchor.objects.count() == Mail.objects.count() == len(caplog.records) == 2
    first, second = lines(file)
    assert second["previous"] == first["digest"]
    assert first["digest"] in caplog.records[0].message
    mail = Mail.objects.earliest("pk")
    assert first["digest"] in mail.body and mail.to_address == "audit@elsewhere.example"
    assert mail.sent_at or mail.next_attempt_at


def test_a_clock_that_was_set_back_takes_no_second_anchor(deal):
    assert daily.anchor(NOON)
    assert not daily.anchor(NOON - timedelta(days=3))
    assert Anchor.objects.count() == 1


def test_the_file_is_private_and_only_grows(deal, file):
    anchored()
    before = file.read_bytes()
    daily.anchor(NOON + timedelta(days=1))
    assert file.read_bytes().startswith(before)
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600


def test_a_file_that_could_not_be_written_is_made_up_for(deal, settings, tmp_path, caplog):
    settings.ANCHOR_FILE = tmp_path / "away" / "anchors.jsonl"
    assert daily.anchor(NOON)
    assert "cannot be written" in caplog.text
    settings.ANCHOR_FILE.parent.mkdir()
    assert not daily.anchor(NOON + timedelta(hours=1))
    assert len(lines(settings.ANCHOR_FILE)) == 1


def test_a_line_cut_off_by_a_power_cut_is_written_again(deal, file):
    anchored(2)
    whole = file.read_text()
    file.write_text(whole[:-40])
    daily.anchor(NOON + timedelta(hours=1))
    assert file.read_text().splitlines()[-1] == whole.splitlines()[-1]


def test_an_anchored_ledger_that_went_on_verifies(deal, file):
    anchored(3)
    status, found, last = verified(anchor=str(file))
    assert (status, found) == (0, [])
    assert "3 anchors" in last


def test_an_empty_company_has_an_anchor_too(file):
    assert daily.anchor(NOON)
    assert verified(anchor=str(file))[:2] == (0, [])


def test_a_chain_hashed_anew_after_a_change_is_found_by_the_anchor_alone(deal, file):
    day = anchored(3)
    alter("UPDATE deals_transition SET actor_id=NULL, amount=1 WHERE deal_id=%s AND seq=2", deal.pk)
    rehash(deal)
    status, found, _last = verified(anchor=str(file))
    first = f.at(f.today() - timedelta(days=2)).date()
    assert status == 1
    assert found == [
        f"A deal {deal.pk}: its rows are not those of {first}: altered, removed or put in since",
        f"The first day that does not match its anchor: {first}",
    ]
    assert str(first) < day


def test_a_change_between_two_anchors_is_found_by_the_earlier(deal, file):
    anchored()
    alter("UPDATE deals_transition SET amount=1 WHERE deal_id=%s AND seq=2", deal.pk)
    rehash(deal)
    daily.anchor(NOON + timedelta(days=1))
    _status, found, _last = verified(anchor=str(file))
    assert found[-1].endswith(str(f.today()))
    assert len(found) == 2


def test_the_last_row_of_a_deal_cut_off_with_the_deals_own_count_is_found(deal, file):
    anchored()
    with guard_lifted():
        entry = Transition.objects.get(deal=deal, seq=1).to_stage_id
        sql("DELETE FROM deals_transition WHERE deal_id=%s AND seq=2", deal.pk)
        sql("UPDATE deals_deal SET seq=1, stage_id=%s WHERE id=%s", entry, deal.pk)
    assert verified(anchor=str(file))[1][0].startswith(f"A deal {deal.pk}: its rows are not those of")


def test_the_newest_row_of_all_cut_off_is_found(deal, file):
    newest = Transition.objects.latest("pk")
    anchored()
    with guard_lifted():
        sql("DELETE FROM deals_transition WHERE id>=%s", newest.pk)
        sql("UPDATE deals_deal SET seq=1, stage_id=%s WHERE id=%s", newest.from_stage_id, newest.deal_id)
    assert verified(anchor=str(file))[1][0].startswith(f"A deal {newest.deal_id}:")


def test_a_whole_deal_removed_is_found_and_named(deal, file):
    gone = f.make_deal(deal.pipeline, name="Gone")
    anchored()
    with guard_lifted():
        sql("DELETE FROM deals_transition WHERE deal_id=%s", gone.pk)
        sql("DELETE FROM deals_deal WHERE id=%s", gone.pk)
    assert verified(anchor=str(file))[1][0].startswith(f"A deal {gone.pk}:")


def test_several_changed_deals_are_narrowed_to_their_block(deal, file):
    anchored()
    alter("UPDATE deals_transition SET amount=1 WHERE seq=1")
    for each in Deal.objects.all():
        rehash(each)
    block = deal.pk // digests.BLOCK * digests.BLOCK
    assert f"several of the deals {block} to {block + 999}" in verified(anchor=str(file))[1][0]


def test_anchors_altered_along_with_the_ledger_do_not_match_those_outside(deal, file):
    """Whoever owns the database writes anchors that fit; the file is somewhere else."""
    anchored()
    alter("UPDATE deals_transition SET amount=1 WHERE deal_id=%s AND seq=2", deal.pk)
    rehash(deal)
    Anchor.objects.all().delete()
    anchors.take(NOON)
    assert verified()[0] == 0
    status, found, _last = verified(anchor=str(file))
    assert status == 1
    assert any("in the database is not the one in" in line for line in found)
    assert any(line.startswith(f"A deal {deal.pk}:") for line in found)


def test_an_altered_process_version_is_found(deal, file):
    anchored()
    alter("UPDATE pipeline_processversion SET snapshot='{}'")
    assert "the process versions are not those of" in verified(anchor=str(file))[1][0]


@pytest.mark.parametrize("kept", ["log", "mail"])
def test_a_line_of_the_log_or_of_a_mail_proves_as_much(deal, file, kept, settings, tmp_path, caplog):
    settings.ANCHOR_MAIL = "audit@elsewhere.example"
    with caplog.at_level(logging.INFO, "headgate.anchor"):
        anchored()
    said = f"10:00 INFO headgate.anchor {caplog.messages[0]}" if kept == "log" else Mail.objects.get().body
    other = tmp_path / "kept.txt"
    other.write_text(said)
    assert verified(anchor=str(other))[:2] == (0, [])
    alter("UPDATE deals_transition SET amount=1 WHERE deal_id=%s AND seq=2", deal.pk)
    rehash(deal)
    assert verified(anchor=str(other))[1][0].startswith(f"A deal {deal.pk}:")


def test_a_day_left_out_of_the_file_and_the_database_is_noticed(deal, file):
    anchored(3)
    first, _second, third = file.read_text().splitlines()
    file.write_text(f"{first}\n{third}\n")
    Anchor.objects.filter(day=f.today() - timedelta(days=1)).delete()
    assert "one is missing" in verified(anchor=str(file))[1][0]


def test_an_edited_line_is_no_anchor(deal, file):
    anchored()
    file.write_text(file.read_text().replace('"rows":4', '"rows":3'))
    from django.core.management.base import CommandError

    with pytest.raises(CommandError, match="holds no anchor"):
        verified(anchor=str(file))


def test_a_file_that_is_not_there_is_said(deal, tmp_path):
    from django.core.management.base import CommandError

    with pytest.raises(CommandError, match="cannot be read"):
        verified(anchor=str(tmp_path / "none"))


def test_an_anchor_is_taken_block_by_block(deal):
    with CaptureQueriesContext(connection) as queries:
        anchors.take(timezone.now())
    statements = [
        q["sql"] for q in queries if "pg_snapshot_xip" not in q["sql"]
    ]  # asked again while others write
    assert len(statements) <= 18  # 13, and two for each block more that the numbers happen to reach


@contextmanager
def somebody_writing(database):
    """A session of its own with a transaction under way that has a number."""
    import psycopg

    given = connection.get_connection_params() | {"dbname": database}
    names = ["dbname", "user", "password", "host", "port"]
    with psycopg.connect(**{name: given[name] for name in names if given.get(name)}) as other:
        other.execute("SELECT pg_current_xact_id()")
        yield
        other.rollback()


@pytest.mark.engine("postgresql")
def test_who_writes_in_another_database_of_the_server_holds_up_no_anchor(deal):
    with somebody_writing("postgres"), CaptureQueriesContext(connection) as queries:
        assert anchors.take(NOON) is not None
    assert len([q for q in queries if "pg_snapshot_xip" in q["sql"]]) == 1


@pytest.mark.engine("postgresql")
@pytest.mark.django_db(transaction=True)
def test_who_writes_in_ours_is_waited_for_and_the_anchor_left_to_the_next_tick(deal, monkeypatch):
    monkeypatch.setattr(anchors, "_WAIT_SECONDS", 0.2)
    with somebody_writing(connection.settings_dict["NAME"]):
        assert anchors.take(NOON) is None
    assert anchors.take(NOON) is not None
