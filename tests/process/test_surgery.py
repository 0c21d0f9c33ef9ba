"""A stage is retired or merged in the draft; its deals move when it is published, and nothing of them is lost."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from django.urls import reverse

from deals import moves
from deals.gate import Reading, State
from deals.models import Deal, Kind, Transition
from deals.publishing import problems_of
from pipeline import retiring
from pipeline.models import Pipeline, Stage
from pipeline.process import process_of
from pipeline.publishing import IncompleteProcess, publish
from team.models import TeamDefault

from .. import factories as f
from .. import publications as p
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(kept):
    return p.world()[0].pk


@pytest.fixture
def pipeline(made, db):
    return Pipeline.objects.get(pk=made)


def stages(pipeline, *names):
    return [f.stage_of(pipeline, name) for name in names]


def sums():
    return {status: (rows.count(), sum(d.amount for d in rows)) for status in ("open", "paused", "archived")
            for rows in [Deal.objects.filter(status=status)]}  # fmt: skip


def test_nothing_moves_before_the_draft_is_published(pipeline):
    two, three = stages(pipeline, "Two", "Three")
    before = fingerprint()
    retiring.retire(two, three)
    assert fingerprint() == before and Deal.objects.filter(stage=two).count() == 2


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("to", ["One", "Three"])
def test_deals_of_a_retired_stage_stand_where_was_said_and_the_counts_agree(pipeline, merged, to):
    two, destination = stages(pipeline, "Two", to)
    first = Deal.objects.filter(stage=two).first()
    moves.pause(first.pk, reason="Until March", seen_seq=first.seq, by=None)
    moved = set(Deal.objects.filter(stage=two).values_list("pk", flat=True))
    before = sums()
    retiring.retire(two, destination, move_criteria=merged)
    version = p.published(pipeline)
    assert sums() == before and not Deal.objects.filter(stage=two).exists()
    assert moved <= set(Deal.objects.filter(stage=destination).values_list("pk", flat=True))
    rows = Transition.objects.filter(kind=Kind.REMAP)
    assert {row.deal_id for row in rows} == moved and {row.version_id for row in rows} == {version.pk}
    assert all(row.from_status == row.to_status and "Two" in row.reason for row in rows)
    asked = {d.slug: d.stage_id for d in process_of(Pipeline.objects.get(pk=pipeline.pk)).criteria_of_all()}
    assert asked.get("review") == (destination.pk if merged else None)


def test_closed_deals_keep_their_stage_and_come_back_where_it_leads(pipeline):
    two, three = stages(pipeline, "Two", "Three")
    deal = Deal.objects.filter(stage=two).first()
    moves.archive(deal.pk, seen_seq=deal.seq, by=None)
    retiring.retire(two, three)
    p.published(pipeline)
    assert f.fresh(deal).stage_id == two.pk
    moves.reopen(deal.pk, reason="They called again", seen_seq=f.fresh(deal).seq, by=None)
    assert f.fresh(deal).stage_id != two.pk


def test_a_stage_that_holds_live_deals_needs_to_say_where_they_go(pipeline):
    two, _three = stages(pipeline, "Two", "Three")
    with pytest.raises(retiring.NoDestination):
        retiring.retire(two)
    Stage.objects.filter(pk=two.pk).update(retired_at="2026-01-01T00:00Z", position=None)
    with pytest.raises(IncompleteProcess) as incomplete:
        publish(pipeline, by=pipeline.process_owner)
    assert "Two: it is retired and holds 2 live deals" in str(incomplete.value)
    assert problems_of(pipeline) == incomplete.value.problems  # the page's list, each named once


def test_a_stage_that_leads_to_one_that_is_retired_too_leads_to_where_that_leads(pipeline):
    two, three, four = stages(pipeline, "Two", "Three", "Four")
    retiring.retire(two, three)
    retiring.retire(three, four)
    p.published(pipeline)
    assert Deal.objects.filter(stage=four).count() == 6


def test_the_role_of_the_stage_they_come_to_owns_the_next_action(pipeline):
    two, three = stages(pipeline, "Two", "Three")
    deal = Deal.objects.filter(stage=two).first()
    second = f.make_user("Tilda Engman")
    role = f.make_role("Solutions engineer")
    TeamDefault.objects.create(team=deal.team, role=role, user=second)
    three.owner_role = role
    three.save()
    retiring.retire(two, three)
    p.published(pipeline)
    assert f.fresh(deal).next_owner == second


def test_an_imported_deal_that_landed_in_a_retired_stage_landed_where_it_leads(pipeline):
    two, three = stages(pipeline, "Two", "Three")
    Deal.objects.filter(stage=two).update(landed_in=two)
    retiring.retire(two, three)
    p.published(pipeline)
    assert set(Deal.objects.exclude(landed_in=None).values_list("landed_in", flat=True)) == {three.pk}


def test_a_stage_that_comes_back_before_the_publication_moves_nobody(pipeline):
    two, three = stages(pipeline, "Two", "Three")
    retiring.retire(two, three)
    retiring.bring_back(f.stage_of(pipeline, "Two"))
    p.published(pipeline)
    assert not Transition.objects.filter(kind=Kind.REMAP).exists()


def test_history_keeps_the_name_a_stage_had(pipeline, client):
    two, three = stages(pipeline, "Two", "Three")
    deal = Deal.objects.filter(stage=three).first()
    two.name = "Renamed"
    two.save()
    p.published(pipeline)
    client.force_login(f.make_admin("Ines Halvard"))
    page = client.get(reverse("deal", args=[deal.pk])).content.decode()
    assert "Moved from Two to Three" in page and "Moved from Renamed" not in page


def test_a_stage_with_history_cannot_be_deleted_by_any_means(pipeline, client):
    two, three = stages(pipeline, "Two", "Three")
    retiring.retire(two, three)
    p.published(pipeline)
    two.refresh_from_db()
    with pytest.raises(ProtectedError):
        two.delete()
    with pytest.raises(ProtectedError):
        Stage.objects.filter(pk=two.pk).delete()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM pipeline_stage WHERE id = %s", [two.pk])
        connection.check_constraints()
    client.force_login(f.make_admin("Ines Halvard"))
    answer = client.post(reverse("admin:pipeline_stage_delete", args=[two.pk]), {"post": "yes"})
    assert answer.status_code == 409 and Stage.objects.filter(pk=two.pk).exists()


def test_an_inserted_stage_loses_no_deal_and_no_history(pipeline):
    rows = Transition.objects.count()
    where = dict(Deal.objects.values_list("pk", "stage_id"))
    for stage in pipeline.stages.current().filter(position__gte=2).reverse():
        stage.position += 1
        stage.save()
    f.add_stage(pipeline, "Proof", 2, [("pain", "yes_no", {})])
    p.published(pipeline)
    assert dict(Deal.objects.values_list("pk", "stage_id")) == where and Transition.objects.count() == rows
    deal = Deal.objects.filter(stage=f.stage_of(pipeline, "Three"), amount=Decimal(86000)).get()
    process = process_of(Pipeline.objects.get(pk=pipeline.pk))
    (pain,) = [d for d in process.criteria_of_all() if d.slug == "pain"]
    assert Reading(deal, process, f.today()).finding(pain, False).state == State.OPEN


# ------------------------------------------------------------------ the page


@pytest.fixture
def admin_client(client):
    client.force_login(f.make_admin("Ines Halvard"))
    return client


def retire_page(stage):
    return reverse("admin:pipeline_stage_retire", args=[stage.pk])


def test_the_page_says_how_many_deals_and_how_much_money_and_asks_where_they_go(pipeline, admin_client):
    page = admin_client.get(retire_page(f.stage_of(pipeline, "Two"))).content.decode()
    assert "<b>2 live deals stand in it, €95,000.</b>" in page and "Its deals go to" in page


def test_without_a_place_for_its_deals_the_stage_stays(pipeline, admin_client):
    two, before = f.stage_of(pipeline, "Two"), fingerprint()
    answer = admin_client.post(retire_page(two), {"to": "", "criteria": "merge"})
    assert answer.status_code == 422 and "say where they go" in answer.content.decode()
    assert f'value="{"merge"}"' in answer.content.decode() and fingerprint() == before
    assert f.stage_of(pipeline, "Two").retired_at is None


@pytest.mark.parametrize("to", ["999999", "x", "own"])
def test_its_deals_go_to_no_stage_but_one_of_this_process(pipeline, admin_client, to):
    two = f.stage_of(pipeline, "Two")
    answer = admin_client.post(retire_page(two), {"to": two.pk if to == "own" else to, "criteria": "drop"})
    assert answer.status_code == 422 and f.stage_of(pipeline, "Two").retired_at is None


def test_a_merger_is_asked_for_looked_at_and_published(pipeline, admin_client):
    two, three = stages(pipeline, "Two", "Three")
    answer = admin_client.post(retire_page(two), {"to": three.pk, "criteria": "merge"})
    assert answer.status_code == 302
    page = admin_client.get(reverse("admin:pipeline_pipeline_publish", args=[pipeline.pk])).content.decode()
    assert "2 live deals of Two (€95k) move to Three." in page
    p.published(pipeline)
    assert Deal.objects.filter(stage=three).count() == 4
