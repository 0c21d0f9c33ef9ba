"""Rows B12, B13, B14, B16, B17, B18: nothing below the door moves a deal or rewrites its past."""

import json

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone

from deals import moves
from deals.guard import rules, sqlite
from deals.models import Answer, Contact, Deal, Kind, Transition
from deals.moves import ledger
from pipeline.models import (
    CriterionDefinition,
    Pipeline,
    ProcessVersion,
    RuleDefinition,
    Stage,
    StageDefinition,
)
from pipeline.publishing import publish

from .. import factories as f
from ..fingerprint import fingerprint
from .attacks import ATTACKS
from .world import REFUSALS, refused, sql

pytestmark = pytest.mark.django_db


def got_through(w, attacks):
    """Names of the attacks that were not refused, or changed something."""
    found, before = [], fingerprint()
    for name, attack in attacks.items():
        try:
            with transaction.atomic():
                attack(w)
            found.append(name)
        except (*REFUSALS, ProtectedError, RestrictedError):
            if fingerprint() != before:
                found.append(name)
    return found


def at_once(forged):
    """These rows in one statement."""
    ledger.write([[getattr(row, name) for name in ledger.COLUMNS] for row in forged])


def test_rows_of_several_deals_in_one_statement_move_each_of_them(w):
    other = f.make_deal(w.pipeline, owner=w.rep)
    lines = [(each, ledger.last_row(each).hash) for each in (f.fresh(w.deal), f.fresh(other))]
    at_once([_paused(w, each, previous) for each, previous in lines])
    assert [(f.fresh(each).status, f.fresh(each).seq) for each, _hash in lines] == [
        ("paused", each.seq + 1) for each, _hash in lines
    ]


def _paused(w, deal, previous):
    return ledger.row_for(
        deal, Kind.PAUSE, to_stage_id=deal.stage_id, to_status="paused", prev_hash=previous, by=None,
        now=timezone.now(), source="rule", version_id=w.process.version.pk,
    )  # fmt: skip


@pytest.mark.engine(
    "postgresql"
)  # SQLite moves the deal after each row, so that the second continues the first
def test_two_rows_of_one_deal_in_one_statement_are_refused(w):
    """B13: the second continues what has not happened yet."""
    deal = f.fresh(w.deal)
    first = _paused(w, deal, ledger.last_row(deal).hash)
    deal.pause()
    deal.seq += 1
    second = _paused(w, deal, first.hash)
    second.kind, second.to_status = Kind.RESUME, "open"
    second.hash = ledger.hash_of(second)
    before = fingerprint()
    with pytest.raises(IntegrityError), transaction.atomic():
        at_once([first, second])
    assert fingerprint() == before and f.fresh(w.deal).status == "open"


@pytest.mark.parametrize("family", ATTACKS)
def test_no_write_past_the_door_moves_a_deal_or_rewrites_its_past(w, family):
    """B12, B13"""
    w.other  # noqa: B018 - made before the fingerprint
    assert got_through(w, ATTACKS[family]) == []


def test_a_valid_row_moves_the_deal_so_the_forgeries_were_refused_for_their_flaw(w):
    """B13: the same builder without a flaw passes."""
    w.forge(Kind.ADVANCE, to_stage_id=w.later)
    assert (f.fresh(w.deal).stage_id, f.fresh(w.deal).seq) == (w.later, w.deal.seq + 1)
    w.forge(Kind.UNDO, to_stage_id=w.here)
    assert f.fresh(w.deal).stage_id == w.here
    assert not list(ledger.broken_rows(Transition.objects.order_by("deal", "seq")))


@pytest.mark.engine("sqlite")
def test_replacing_rows_is_refused_on_a_connection_that_never_read_our_settings(w):
    """B13: sqlite3 on the command line has recursive triggers switched off."""
    attacks = {
        name: attack for family in ATTACKS.values() for name, attack in family.items() if "replace" in name
    }
    attacks.pop("sql_update_or_replace_by_the_token")  # deletes past any trigger: needs the setting
    sql("PRAGMA recursive_triggers = OFF")
    try:
        assert len(attacks) == 7 and got_through(w, attacks) == []
    finally:
        sql("PRAGMA recursive_triggers = ON")


def test_the_other_columns_of_a_deal_stay_writable(w):
    w.deal.next_step = "Call Lena about the tender"
    w.deal.save(update_fields=["next_step"])
    Deal.objects.filter(pk=w.deal.pk).update(amount=5)
    assert f.fresh(w.deal).amount == 5


def test_an_answer_may_be_judged_anew_and_replaced_and_stays_so(w):
    """B12: what judging writes is no evidence; what was replaced never counts again."""
    answer = w.answer()
    rows = Answer.objects.filter(pk=answer.pk)
    rows.update(opens=False, flaw="Not any more", holds_until=f.today())
    rows.update(is_current=False, replaced_at=timezone.now())
    for columns in [{"is_current": True}, {"replaced_at": None}, {"is_current": True, "replaced_at": None}]:
        with refused(IntegrityError):
            rows.update(**columns)


def test_merging_two_contacts_points_answers_to_the_one_kept(w):
    """Only along the tombstone: anybody else would be somebody else's word."""
    answer, kept = w.answer(), w.stranger()
    with refused(IntegrityError):
        Answer.objects.filter(pk=answer.pk).update(contact=kept)
    Contact.objects.filter(pk=answer.contact_id).update(merged_into=kept)
    Answer.objects.filter(pk=answer.pk).update(contact=kept)
    assert Answer.objects.get(pk=answer.pk).contact == kept


def test_a_half_made_deal_is_nobodys_and_cannot_move(w):
    half = w.new_deal()
    half.save(force_insert=True)
    admin = f.make_admin()
    assert not Deal.objects.visible_to(admin).filter(pk=half.pk).exists()
    assert not Deal.objects.editable_by(admin).filter(pk=half.pk).exists()
    for verb, extra in [(moves.advance, {"to": w.here}), (moves.archive, {}), (moves.win, {})]:
        with refused(Deal.DoesNotExist):
            verb(half.pk, seen_seq=0, by=admin, **extra)


def fixture_of(w, **columns):
    from django.core import serializers

    rows = json.loads(serializers.serialize("json", [w.deal]))
    rows[0]["fields"] |= columns
    return json.dumps(rows)


@pytest.mark.parametrize("columns", [{"status": "won"}, {"stage": "last"}, {"seq": 9}])
def test_loading_a_fixture_with_a_deal_further_on_fails(w, tmp_path, columns):
    """B14"""
    if "stage" in columns:
        columns = {"stage": w.last}
    file = tmp_path / "deal.json"
    file.write_text(fixture_of(w, **columns))
    with refused(DatabaseError, CommandError, AttributeError):
        call_command("loaddata", str(file), verbosity=0)


def test_loading_a_fixture_with_new_deals_or_ledger_rows_fails(w, tmp_path):
    """B14"""
    from django.core import serializers

    late = w.new_deal(id=98765, stage_id=w.last)
    row = w.row(Kind.ADVANCE, to_stage_id=w.last, seq=9)
    old = Transition.objects.filter(deal=w.deal).last()
    old.to_stage_id = w.last
    row.pk = 98765
    for thing in (late, row, old):
        file = tmp_path / "rows.json"
        file.write_text(serializers.serialize("json", [thing]))
        with refused(DatabaseError, CommandError):
            call_command("loaddata", str(file), verbosity=0)


# Definitions

DEFINITIONS = [ProcessVersion, StageDefinition, CriterionDefinition, RuleDefinition]


def changed_column(model):
    return {"note": "x"} if model is ProcessVersion else {"position": 99}


@pytest.mark.parametrize("model", DEFINITIONS)
def test_published_definitions_are_never_changed(w, model):
    """B12, B16"""
    row, columns = model.objects.first(), changed_column(model)
    with refused(IntegrityError):
        model.objects.filter(pk=row.pk).update(**columns)
    with refused(IntegrityError):
        row.__dict__.update(columns)
        row.save()
    with refused(IntegrityError):
        model.objects.bulk_update([row], list(columns))


@pytest.mark.parametrize("model", DEFINITIONS)
def test_published_definitions_are_never_deleted(w, model):
    """B17"""
    with refused(IntegrityError, ProtectedError):
        model.objects.first().delete()
    with refused(IntegrityError):
        queryset = model.objects.filter(pk=model.objects.first().pk)
        queryset._raw_delete(queryset.db)


@pytest.mark.engine("postgresql")
@pytest.mark.parametrize("model", DEFINITIONS)
def test_published_definitions_are_never_truncated(w, model):
    """B17: an empty table of criteria would open every gate."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    with refused(IntegrityError):
        sql(f"TRUNCATE {model._meta.db_table} CASCADE")


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("model", DEFINITIONS)
@pytest.mark.parametrize("pragma", ["ON", "OFF"])
def test_published_definitions_are_never_replaced(w, model, pragma):
    """B12, B16"""
    names = ", ".join(field.column for field in model._meta.concrete_fields)
    table = model._meta.db_table
    sql(f"PRAGMA recursive_triggers = {pragma}")
    try:
        with refused(IntegrityError):
            sql(f"INSERT OR REPLACE INTO {table} ({names}) SELECT {names} FROM {table} LIMIT 1")
    finally:
        sql("PRAGMA recursive_triggers = ON")


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("table", [*rules.DEFINITIONS, *rules.KEPT])
def test_a_row_written_once_is_not_replaced_by_another_with_one_of_its_keys(w, table):
    """B12, B13: a REPLACE deletes whatever stands in its way, on a connection of its own without a trigger's word."""
    model = next(model for model in apps.get_models() if model._meta.db_table == table)
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table).values()
    keys = {tuple(key["columns"]) for key in found if key["unique"] and not key["primary_key"]}
    insert = next(text for name, _table, text in sqlite.triggers() if f"BEFORE INSERT ON {table} " in text)
    for columns in keys:
        assert all(f"p.{column} = NEW.{column}" in insert for column in columns)
    names = [field.column for field in model._meta.concrete_fields]
    others = ", ".join("id + 100000" if name == "id" else name for name in names)
    if keys and model.objects.exists():
        sql("PRAGMA recursive_triggers = OFF")
        try:
            with refused(IntegrityError):
                sql(
                    f"INSERT OR REPLACE INTO {table} ({', '.join(names)}) SELECT {others} FROM {table} LIMIT 1"
                )
        finally:
            sql("PRAGMA recursive_triggers = ON")


@pytest.mark.parametrize("model", DEFINITIONS[1:])
def test_a_definition_ends_only_with_the_publication_that_follows_it(w, model):
    """B16: closing a criterion's validity by hand would open its gate without a version."""
    with refused(IntegrityError):
        model.objects.update(valid_until=timezone.now())
    with refused(IntegrityError):
        model.objects.update(valid_until=w.process.version.published_at)


def test_a_definition_that_ended_stays_ended(w):
    """B16"""
    criterion = f.criterion_of(w.pipeline, "budget")
    criterion.label = "The buyer named a budget range"
    criterion.save()
    publish(w.pipeline, by=w.pipeline.process_owner)
    old = CriterionDefinition.objects.filter(criterion=criterion, valid_until__isnull=False)
    assert old.count() == 1
    with refused(IntegrityError):
        old.update(valid_until=None)
    with refused(IntegrityError):
        old.update(valid_until=timezone.now())


def test_a_pipeline_never_goes_back_to_an_older_version_or_starts_elsewhere(w):
    """B16, B32: the entry stage says where new deals may be inserted."""
    first = w.process.version
    f.add_criterion(f.stage_of(w.pipeline, "Qualify"), "pain", "text", position=9)
    publish(w.pipeline, by=w.pipeline.process_owner)
    for columns in [{"version": first}, {"version": None}, {"entry_stage": w.last}, {"entry_stage": None}]:
        with refused(IntegrityError):
            Pipeline.objects.filter(pk=w.pipeline.pk).update(**columns)
    with refused(IntegrityError):
        Pipeline.objects.filter(pk=w.pipeline.pk).update(version=w.other.version, entry_stage=w.last)


def test_the_ledger_names_the_version_that_judged_even_after_the_criterion_changed(w):
    """B16: weakened, moved, restored leaves three versions and the one that counted."""
    step = f.criterion_of(w.pipeline, "summary")
    step.retired_at = timezone.now()
    step.save()
    weak = publish(w.pipeline, by=w.pipeline.process_owner, note="Weaker")
    moves.advance(w.deal.pk, to=w.later, seen_seq=w.deal.seq, by=None)
    step.retired_at = None
    step.save()
    publish(w.pipeline, by=w.pipeline.process_owner, note="Restored")
    row = Transition.objects.get(deal=w.deal, seq=w.deal.seq + 1)
    assert row.version == weak and step.pk not in [entry["c"] for entry in row.snapshot]
    assert f.fresh(w.deal).open_before == 1  # what the restored criterion asks is missing at once


# Stages, criteria and pipelines that deals rest on


def test_a_stage_or_criterion_that_was_published_cannot_be_deleted(w):
    """B17, B18"""
    for row in [*Stage.objects.filter(pipeline=w.pipeline), f.criterion_of(w.pipeline, "budget"), w.pipeline]:
        with refused(ProtectedError, IntegrityError):
            row.delete()


def test_a_retired_criterion_leaves_old_snapshots_as_they_were(w):
    """B17"""
    before = [row.snapshot for row in Transition.objects.filter(deal=w.deal)]
    criterion = f.criterion_of(w.pipeline, "budget")
    criterion.retired_at = timezone.now()
    criterion.save()
    publish(w.pipeline, by=w.pipeline.process_owner)
    assert [row.snapshot for row in Transition.objects.filter(deal=w.deal)] == before
    assert criterion.pk in [entry["c"] for entry in before[1]]


def test_reordering_or_renaming_stages_moves_no_deal(w):
    """B18"""
    qualify, discover = f.stage_of(w.pipeline, "Qualify"), f.stage_of(w.pipeline, "Discover")
    ledger_before = list(Transition.objects.values())
    Stage.objects.filter(pk=discover.pk).update(position=90)
    Stage.objects.filter(pk=qualify.pk).update(position=2)
    Stage.objects.filter(pk=discover.pk).update(position=1, name="Discovered")
    publish(w.pipeline, by=w.pipeline.process_owner)
    assert f.fresh(w.deal).stage_id == discover.pk
    assert list(Transition.objects.values()) == ledger_before


def test_a_deal_in_a_stage_that_was_retired_goes_back_only_as_far_as_its_gates_hold(w):
    """B18: a stage that is no longer in the process has no place in its order. Undo may still lead into it."""
    moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep)
    Stage.objects.filter(pk=w.here).update(retired_at=timezone.now(), position=None)
    publish(w.pipeline, by=w.pipeline.process_owner)
    w.deal = moves.undo(w.deal.pk, seen_seq=w.deal.seq + 1, by=w.rep)
    with refused(moves.MoveRefused):
        moves.back(w.deal.pk, to=w.last, reason="Tidying up", seen_seq=w.deal.seq, by=w.rep)
    with refused(moves.MoveRefused):
        moves.advance(w.deal.pk, to=w.last, seen_seq=w.deal.seq, by=w.rep)
    moves.back(w.deal.pk, to=w.entry, reason="The stage is gone", seen_seq=w.deal.seq, by=w.rep)
