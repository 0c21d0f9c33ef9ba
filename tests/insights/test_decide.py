"""What waits for a manager's word is on the dashboard, the oldest first, and goes when it is decided."""

from datetime import timedelta

import pytest
from django.utils import timezone

from deals import new_owner
from deals.models import ExceptionState, GateException
from insights.lens import Lens
from insights.panels import decide

from .. import factories as f

pytestmark = pytest.mark.django_db


def lens_of(user):
    return Lens.from_query(user, {}, timezone.now())


def asked(deal, days_ago):
    return GateException.objects.create(
        deal=deal, to_stage=f.stage_of(deal.pipeline, "Close"), asked_by=deal.owner, seen_seq=deal.seq,
        asked_at=timezone.now() - timedelta(days=days_ago), reason="They sign on Monday", expires_on=f.today(),
    )  # fmt: skip


def test_the_oldest_come_first_and_each_goes_when_it_is_decided(client):
    boss = f.make_manager()
    pipeline = f.make_pipeline()
    deals = [f.make_deal(pipeline, name=f"Deal {n}") for n in range(7)]
    rows = [asked(deal, days) for days, deal in enumerate(deals)]
    data = decide.of(lens_of(boss))
    assert [one.item.title for one in data.shown] == [
        f"Deal {n}" for n in (6, 5, 4, 3, 2)
    ] and data.count == 7
    client.force_login(boss)
    page = client.get("/dashboard/").content.decode()
    assert "<b>Exception</b> Deal 6, €86k: Mara Kessel asks to move it to Close" in page and "All 7" in page
    GateException.objects.filter(pk=rows[6].pk).update(state=ExceptionState.DECLINED)
    assert decide.of(lens_of(boss)).shown[0].item.title == "Deal 5"


def test_a_rep_has_no_such_panel_and_a_manager_with_nothing_is_told_so(client):
    f.make_pipeline()
    client.force_login(f.make_user())
    assert "What waits for me?" not in client.get("/dashboard/").content.decode()
    client.force_login(f.make_manager())
    assert "Nothing waits for your word." in client.get("/dashboard/").content.decode()


def test_a_manager_of_another_team_is_not_asked():
    asked(f.make_deal(f.make_pipeline(), owner=f.make_user()), 1)
    assert decide.of(lens_of(f.make_manager("Ines Duarvo", team="South"))).count == 0


def test_a_deal_that_was_handed_to_a_manager_waits_with_the_rest(client):
    boss, old = f.make_manager(), f.make_user()
    deal = f.make_deal(f.make_pipeline(), boss, name="Handed")
    new_owner.follow(deal, old.pk, by=old, now=timezone.now())
    client.force_login(boss)
    assert "<b>Handed to you</b> Handed" in client.get("/dashboard/").content.decode()
