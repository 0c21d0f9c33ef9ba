"""Nobody leaves while a live deal still waits for them."""

import pytest
from django.urls import reverse

from deals import handover, moves
from deals.models import Deal, Task
from team.models import User

from . import factories as f
from .fingerprint import fingerprint

pytestmark = pytest.mark.django_db


def close_account(client, user):
    address = reverse("admin:team_user_change", args=[user.pk])
    team = user.teams.get().pk
    return client.post(address, {"name": user.name, "email": user.email, "level": "rep", "teams": [team]})


def test_closing_the_account_of_somebody_with_live_deals_is_refused_and_says_how_many(client, admin):
    mara = f.make_user()
    for _number in range(5):
        f.make_deal(owner=mara)
    before = fingerprint()
    response = close_account(client, mara)
    assert response.status_code == 422 and b"5 live deals" in response.content
    assert reverse("handover", args=[mara.pk]) in response.content.decode()
    assert User.objects.get(pk=mara.pk).is_active and fingerprint() == before


def test_after_handing_over_the_account_closes(client, admin):
    mara, jonas = f.make_user(), f.make_user("Jonas Lindvarr")
    deal = f.make_deal(owner=mara)
    client.post(reverse("handover", args=[mara.pk]), {"to": jonas.pk})
    deal = f.fresh(deal)
    assert (deal.owner, deal.next_owner) == (jonas, jonas)
    assert "Mara Kessel" in deal.activities.get().subject
    assert close_account(client, mara).status_code == 302
    assert not User.objects.get(pk=mara.pk).is_active


def test_closed_deals_keep_their_seller_and_tasks_go_along(admin):
    mara, jonas = f.make_user(), f.make_user("Jonas Lindvarr")
    closed, live = f.make_deal(owner=mara), f.make_deal(owner=jonas, next_owner=mara)
    moves.archive(closed.pk, seen_seq=1, by=None)
    task = Task.objects.create(
        deal=live, assignee=mara, title="Call", due_on=f.today(), created_at=live.created_at
    )
    assert handover.hand_over(mara, jonas, by=admin) == 1
    task.refresh_from_db()
    assert (f.fresh(closed).owner, f.fresh(live).next_owner, task.assignee) == (mara, jonas, jonas)


def test_nothing_is_handed_to_somebody_who_left_or_to_oneself(client, admin):
    mara, gone = f.make_user(), f.make_user("Gone", is_active=False)
    f.make_deal(owner=mara)
    before = fingerprint()
    for target in (gone, mara):
        assert client.post(reverse("handover", args=[mara.pk]), {"to": target.pk}).status_code == 422
    assert fingerprint() == before


@pytest.mark.parametrize("make", [f.make_user, f.make_manager])
def test_only_an_admin_hands_over(client, make):
    mara = f.make_user("Ines")
    f.make_deal(owner=mara)
    client.force_login(make())
    before = fingerprint()
    assert client.post(reverse("handover", args=[mara.pk]), {"to": f.make_user("Tom").pk}).status_code == 403
    assert fingerprint() == before and Deal.objects.get().owner == mara
