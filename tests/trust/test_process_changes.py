"""Rows B16, B17, B18, B57 and R011 of the rules for changing a process around moves."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone

from deals import moves
from deals.models import Transition
from deals.publishing import short_lived
from pipeline.models import Criterion, ProcessVersion, Stage
from pipeline.publishing import publish
from pipeline.vocabulary import Kind
from team.models import Notice

from .. import factories as f
from ..fingerprint import fingerprint
from .world import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return f.make_admin("Ines Roth")


def out(w, at, by, **columns):
    """Publish the draft at that time, after changing `summary`, which Discover asks."""
    Criterion.objects.filter(stage__pipeline=w.pipeline, slug="summary").update(**columns)
    return publish(w.pipeline, by=by, note="As agreed", now=at)


def move_on(w, at):
    return moves.advance(w.deal.pk, to=w.later, seen_seq=f.fresh(w.deal).seq, by=w.rep, now=at)


def reported(user):
    return [
        (row.deal_id, row.seq, [rule.criterion.slug for rule in rules])
        for row, rules in short_lived.moves(user)
    ]


def answer_summary(w):
    f.satisfy(w.deal, w.process.by_criterion[f.criterion_of(w.pipeline, "summary").pk])


# B16: weakened, moved, restored


def test_a_criterion_taken_away_used_and_put_back_within_a_day_is_reported_with_its_version(w, boss):
    start = timezone.now()
    weak = out(w, start, boss, retired_at=start)
    move_on(w, start + timedelta(minutes=10))
    out(w, start + timedelta(hours=1), boss, retired_at=None)
    row = Transition.objects.get(deal=w.deal, seq=3)
    assert row.version == weak and weak.number == 2 and ProcessVersion.objects.count() == 3
    assert reported(boss) == [(w.deal.pk, 3, ["summary"])]


def test_a_criterion_eased_used_and_put_back_within_a_day_is_reported(w, boss):
    answer_summary(w)
    start = timezone.now()
    weak = out(w, start, boss, needs_buyer=False)
    move_on(w, start + timedelta(minutes=10))
    out(w, start + timedelta(hours=23), boss, needs_buyer=True)
    assert Transition.objects.get(deal=w.deal, seq=3).version == weak
    assert reported(boss) == [(w.deal.pk, 3, ["summary"])]


def test_exactly_those_moves_are_reported(w, boss):
    """Before, after, past another gate, under a rule that stayed for a day: none of them."""
    start = timezone.now()
    other = w.fresh_deal()
    f.satisfy_all(other, w.process.exit_criteria(w.entry))
    out(w, start, boss, retired_at=start)
    moves.advance(
        other.pk, to=w.here, seen_seq=f.fresh(other).seq, by=w.rep, now=start + timedelta(minutes=5)
    )
    out(w, start + timedelta(hours=1), boss, retired_at=None)
    answer_summary(w)
    move_on(w, start + timedelta(hours=2))
    assert reported(boss) == []
    lasting = w.fresh_deal()
    f.walk_to(lasting, "Discover")
    out(w, start + timedelta(hours=30), boss, retired_at=start)
    moves.advance(
        lasting.pk, to=w.later, seen_seq=f.fresh(lasting).seq, by=w.rep, now=start + timedelta(hours=31)
    )
    out(w, start + timedelta(hours=55), boss, retired_at=None)
    assert reported(boss) == []


def test_every_weakening_is_told_to_every_manager_and_admin_but_who_published_it(w, boss):
    manager, admin = f.make_manager(), f.make_admin()
    out(w, timezone.now(), boss, evidence="who")
    told = set(Notice.objects.filter(key__startswith="weakened-").values_list("user", flat=True))
    assert {manager.pk, admin.pk} <= told and not {boss.pk, w.rep.pk} & told
    version = ProcessVersion.objects.latest("pk")
    assert version.weakened == [f.criterion_of(w.pipeline, "summary").pk]


def test_the_report_is_for_those_who_answer_for_a_team_and_shows_their_deals_alone(w, boss, client):
    start = timezone.now()
    out(w, start, boss, retired_at=start)
    move_on(w, start + timedelta(minutes=10))
    out(w, start + timedelta(hours=1), boss, retired_at=None)
    url = reverse("short_lived_moves")
    for user, status, seen in [
        (w.rep, 403, False),
        (boss, 200, True),
        (f.make_manager(), 200, True),
        (f.make_manager("Karl Ost", team="South"), 200, False),
    ]:
        client.force_login(user)
        response = client.get(url)
        assert response.status_code == status
        assert (f'data-deal="{w.deal.pk}"' in response.content.decode()) is seen, user


# B17, B18: what deals rest on stays


def test_a_criterion_or_stage_that_was_published_is_not_deleted_even_in_the_draft(w, boss, client):
    client.force_login(boss)
    before = fingerprint()
    for row in (f.criterion_of(w.pipeline, "summary"), Stage.objects.get(pk=w.here)):
        url = reverse(f"admin:pipeline_{row._meta.model_name}_delete", args=[row.pk])
        assert client.post(url, {"post": "yes"}).status_code == 409
        with refused(ProtectedError, IntegrityError):
            row.delete()
    assert fingerprint() == before


def test_discarding_or_going_back_deletes_nothing_that_was_ever_published(w, boss, client):
    client.force_login(boss)
    ids = set(Criterion.objects.values_list("pk", flat=True)), set(Stage.objects.values_list("pk", flat=True))
    new = f.add_criterion(Stage.objects.get(pk=w.here), "pain", Kind.YES_NO, position=9)
    publish(w.pipeline, by=boss, note="Pain is asked")
    f.add_criterion(Stage.objects.get(pk=w.here), "draft_only", Kind.YES_NO, position=10)
    client.post(reverse("admin:pipeline_pipeline_restore", args=[w.pipeline.pk, 1]))
    kept = (
        set(Criterion.objects.values_list("pk", flat=True)),
        set(Stage.objects.values_list("pk", flat=True)),
    )
    assert kept == (ids[0] | {new.pk}, ids[1])
    new.refresh_from_db()
    assert new.retired_at


def test_reordered_stages_move_no_deal_before_or_after_publishing(w, boss, client):
    """B18"""
    client.force_login(boss)
    where = f.fresh(w.deal).stage_id
    ledger = list(Transition.objects.values())
    page = reverse("admin:pipeline_pipeline_change", args=[w.pipeline.pk])
    from ..admin_process import put_in_force, save

    save(client, page, _save=None, _up=str(w.last))
    assert f.fresh(w.deal).stage_id == where and list(Transition.objects.values()) == ledger
    put_in_force(client, w.pipeline)
    assert w.pipeline.versions.count() == 2
    assert f.fresh(w.deal).stage_id == where and list(Transition.objects.values()) == ledger


# B57: a gate that stands open by accident


def test_no_open_gate_is_published_without_its_name_typed_not_even_at_a_set_time(w, boss, client):
    from ..admin_process import publish_page, put_in_force

    client.force_login(boss)
    Criterion.objects.filter(slug="summary").update(retired_at=timezone.now())
    tomorrow = timezone.now() + timedelta(days=1)
    for typed in ({}, {"when": "at", "at": f"{tomorrow:%Y-%m-%dT%H:%M}"}):
        assert put_in_force(client, w.pipeline, **typed).status_code == 422
    assert w.pipeline.versions.count() == 1 and not w.pipeline.scheduled.exists()
    assert "asks nothing on leaving" in client.get(publish_page(w.pipeline)).content.decode()


# A scheduled publication obeys the same rules as one at once


def test_nothing_but_the_draft_that_was_looked_at_is_ever_published(w, boss):
    from deals.publishing import DraftChanged, put_in_force
    from pipeline.snapshots import draft_digest

    digest = draft_digest(w.pipeline)
    f.add_criterion(Stage.objects.get(pk=w.here), "sneaked", Kind.YES_NO, position=9)
    before = fingerprint()
    with pytest.raises(DraftChanged):
        put_in_force(w.pipeline, digest=digest, by=boss, note="Looked at before")
    assert fingerprint() == before and w.pipeline.versions.count() == 1
