"""verify_history --strict also evaluates what the gates rested on, and everything that is stored beside its source."""

import os
import time
from pathlib import Path

import pytest
from django.conf import settings as live

from deals import moves
from deals.models import Answer, Attachment, Deal
from pipeline.publishing import publish

from .. import factories as f
from ..tampering import alter, guard_lifted, sql, verified

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.MEDIA_ROOT.mkdir()


@pytest.fixture
def deal():
    """Through two gates by answers, with a document."""
    return f.make_deal(stage="Propose")


def strictly():
    status, found, _last = verified(strict=True)
    assert status == bool(found)
    return found


def answer(deal, slug):
    return Answer.objects.get(deal=deal, criterion__slug=slug, is_current=True)


def test_deals_that_passed_their_gates_verify(deal):
    assert strictly() == []


def test_a_won_a_lost_and_an_undone_deal_verify(deal):
    other = f.make_deal(name="Won", stage="Close")
    process = f.process_of(other.pipeline)
    f.satisfy_all(other, process.asked_from(other.stage_id, None))
    moves.win(other.pk, seen_seq=f.fresh(other).seq, by=None)
    moves.undo(deal.pk, seen_seq=3, by=deal.owner)
    assert strictly() == []


def test_a_version_published_later_changes_nothing_about_earlier_moves(deal):
    pipeline = deal.pipeline
    f.add_criterion(f.stage_of(pipeline, "Qualify"), "later", "yes_no")
    problem = f.criterion_of(pipeline, "problem")
    problem.min_length = 30
    problem.save()
    publish(pipeline, by=pipeline.process_owner, note="stricter")
    assert strictly() == []


def test_a_contact_merged_into_another_leaves_the_evidence_as_it_was(deal):
    said = answer(deal, "problem")
    kept = f.make_contact(deal.company, "Lena V.")
    sql("UPDATE deals_contact SET merged_into_id=%s WHERE id=%s", kept.pk, said.contact_id)
    sql("UPDATE deals_answer SET contact_id=%s WHERE contact_id=%s", kept.pk, said.contact_id)
    assert strictly() == []


def test_an_answer_altered_afterwards_is_named_with_the_move_it_opened(deal):
    said = answer(deal, "problem")
    alter("UPDATE deals_answer SET text='Something else altogether' WHERE id=%s", said.pk)
    found = strictly()
    assert [line.partition(" to “")[0] for line in found] == [
        f"I4 deal {deal.pk}, row {seq}: answer {said.pk}" for seq in (2, 3)
    ]


def test_an_answer_removed_afterwards_is_named(deal):
    said = answer(deal, "budget")
    alter("DELETE FROM deals_answer WHERE id=%s", said.pk)
    found = strictly()
    assert any(f"rests on answer {said.pk}" in line and "row 2" in line for line in found)


def test_an_advance_that_never_asked_is_named(deal):
    """Somebody who knows how rows are hashed writes one past the gate."""
    last = deal.transitions.latest("seq")
    stages = [s.stage_id for s in f.process_of(deal.pipeline).stages]
    with guard_lifted():
        last.pk, last.seq, last.prev_hash, last.snapshot = None, 4, last.hash, []
        last.from_stage_id, last.to_stage_id, last.passed = deal.stage_id, stages[3], []
        last.hash = moves.ledger.hash_of(last)
        last.save(force_insert=True)
        sql("UPDATE deals_deal SET seq=4, stage_id=%s WHERE id=%s", stages[3], deal.pk)
    found = [line for line in strictly() if line.startswith("I4")]
    assert len(found) == 2
    assert all(f"deal {deal.pk}, row 4: passed without asking" in line for line in found)


def test_an_advance_with_an_open_criterion_is_named(deal):
    last = deal.transitions.latest("seq")
    with guard_lifted():
        last.snapshot[0]["s"] = "claimed"
        last.hash = moves.ledger.hash_of(last)
        last.save(update_fields=["snapshot", "hash"])
    assert any("was claimed" in line for line in strictly())


@pytest.mark.parametrize(
    "column, value", [("open_before", 3), ("held_here", 9), ("holds_until", "2031-01-01")]
)
def test_a_stored_count_that_does_not_follow_from_the_rows_is_named(deal, column, value):
    sql(f"UPDATE deals_deal SET {column}=%s WHERE id=%s", value, deal.pk)
    (found,) = strictly()
    assert found.startswith(f"I10 deal {deal.pk}: stores {column} {value}")


def test_a_deal_that_waits_for_the_tick_is_late_not_wrong(deal):
    sql("UPDATE deals_deal SET stands_until='2020-01-01' WHERE id=%s", deal.pk)
    assert strictly() == []


def test_a_missing_an_altered_and_a_stray_file_are_named(deal):
    first, second = Attachment.objects.earliest("pk"), _another(deal)
    os.remove(first.file.path)
    Path(second.file.path).write_bytes(b"%PDF-1.4 no")
    stray = Path(live.MEDIA_ROOT) / "stray"
    stray.write_bytes(b"x")
    assert len(strictly()) == 2  # a young file may belong to a request under way
    os.utime(stray, (time.time() - 7200,) * 2)
    found = "\n".join(strictly())
    assert f"attachment {first.pk} is missing" in found
    assert f"attachment {second.pk} is not the one that was added" in found
    assert "no deal names the file stray" in found


def _another(deal):
    from deals.answers import attach

    return attach(
        deal, f.upload(content=b"%PDF-1.4 other"), "application/pdf", by=deal.owner, now=f.at(f.today())
    )


def test_a_mail_that_is_neither_waiting_nor_sent_is_named(deal):
    from outbox.models import Mail
    from outbox.queue import put

    put(key="a", to="a@buyer.example", subject="S", body="B", now=f.at(f.today()))
    Mail.objects.update(next_attempt_at=None)
    assert strictly()[0].startswith("I7 mail")


def test_without_strict_only_the_ledger_is_walked(deal):
    sql("UPDATE deals_deal SET open_before=3 WHERE id=%s", deal.pk)
    assert verified()[0] == 0
    assert Deal.objects.get(pk=deal.pk).open_before == 3
