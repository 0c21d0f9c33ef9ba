"""Nobody leaves while a live deal still waits for them."""

import pytest
from django.urls import reverse

from deals import handover, moves
from deals.models import Approval, Deal, Task
from team.models import Notice, User

from .. import factories as f
from ..fingerprint import fingerprint

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
    assert handover.hand_over(mara, jonas, by=admin) == (1, 0)
    task.refresh_from_db()
    assert (f.fresh(closed).owner, f.fresh(live).next_owner, task.assignee) == (mara, jonas, jonas)


def test_nothing_is_handed_to_somebody_who_left_or_to_oneself(client, admin):
    mara, gone = f.make_user(), f.make_user("Gone", is_active=False)
    f.make_deal(owner=mara)
    before = fingerprint()
    for target in (gone, mara):
        assert client.post(reverse("handover", args=[mara.pk]), {"to": target.pk}).status_code == 422
    assert fingerprint() == before


def test_nor_where_they_left_after_the_form_was_read(admin):
    mara, gone = f.make_user(), f.make_user("Gone", is_active=False)
    f.make_deal(owner=mara)
    before = fingerprint()
    for target in (gone, mara):
        with pytest.raises(ValueError, match="somebody else who works here"):
            handover.hand_over(mara, target, by=None)
    assert fingerprint() == before


@pytest.mark.parametrize("make", [f.make_user, f.make_manager])
def test_only_an_admin_hands_over(client, make):
    mara = f.make_user("Ines")
    f.make_deal(owner=mara)
    client.force_login(make())
    before = fingerprint()
    assert client.post(reverse("handover", args=[mara.pk]), {"to": f.make_user("Tom").pk}).status_code == 403
    assert fingerprint() == before and Deal.objects.get().owner == mara


# Approvals


def of_legal(name):
    user = f.make_user(name)
    user.roles.add(f.make_role("Legal"))
    return user


@pytest.fixture
def hugo():
    return of_legal("Hugo Lenzmar")


@pytest.fixture
def waiting(hugo, rep):
    """Two approvals asked of Hugo, the second of a deal that is closed by now."""
    live, closed = f.make_deal(owner=rep), f.make_deal(owner=rep)
    rows = [f.ask_for(deal, hugo, role="Legal", asked_by=rep) for deal in (live, closed)]
    moves.archive(closed.pk, seen_seq=1, by=None)
    return rows


def send(client, hugo, **chosen):
    return client.post(reverse("handover", args=[hugo.pk]), chosen)


def test_an_account_with_approvals_to_decide_is_not_closed(client, admin, hugo, waiting):
    before = fingerprint()
    response = close_account(client, hugo)
    assert response.status_code == 422 and b"2 approvals to decide" in response.content
    assert User.objects.get(pk=hugo.pk).is_active and fingerprint() == before


def test_approvals_go_to_somebody_with_the_same_role_who_is_told_and_decides(client, admin, hugo, waiting):
    enno, page = of_legal("Enno Tarvik"), reverse("handover", args=[hugo.pk])
    shown = client.get(page).content.decode()
    assert "The final terms" in shown and "Hand everything to" not in shown
    assert send(client, hugo, **{"approver-legal": enno.pk}).status_code == 302
    assert set(Approval.objects.values_list("approver", "decision")) == {(enno.pk, "pending")}
    assert Notice.objects.filter(user=enno).count() == 2
    assert "instead of Hugo Lenzmar" in waiting[0].deal.activities.get().subject
    assert close_account(client, hugo).status_code == 302
    client.force_login(enno)
    decide = client.post(reverse("approval", args=[waiting[0].pk]), {"decision": "approved"})
    assert decide.status_code == 303 and Approval.objects.get(pk=waiting[0].pk).decided_by == enno


def test_where_nobody_else_can_decide_they_are_withdrawn_and_who_asked_is_told(
    client, admin, hugo, waiting, rep
):
    send(client, hugo, **{"approver-legal": "withdraw"})
    row = Approval.objects.get(pk=waiting[0].pk)
    assert (row.decision, row.withdrawn_by, row.approver) == ("withdrawn", admin, hugo)
    assert "ask somebody else" in Notice.objects.filter(user=rep).first().text
    assert close_account(client, hugo).status_code == 302


@pytest.mark.parametrize("who", ["", "nobody", "hugo", "of_no_role", "closed", "who_asked"])
def test_an_approval_goes_to_nobody_who_could_not_decide_it(client, admin, hugo, waiting, rep, who):
    rep.roles.add(f.make_role("Legal"))
    people = {"hugo": hugo, "of_no_role": f.make_user("Tom Averell"), "who_asked": rep}
    people["closed"] = of_legal("Gone Brask")
    User.objects.filter(pk=people["closed"].pk).update(is_active=False)
    before = fingerprint()
    chosen = people[who].pk if who in people else who
    assert send(client, hugo, **{"approver-legal": chosen}).status_code == 422
    assert fingerprint() == before


def test_what_the_other_was_asked_already_is_not_asked_twice(client, admin, hugo, waiting, rep):
    enno, deal = of_legal("Enno Tarvik"), waiting[0].deal
    f.ask_for(deal, enno, role="Legal", asked_by=rep)
    send(client, hugo, **{"approver-legal": enno.pk})
    rows = Approval.objects.filter(deal=deal).values_list("approver", "decision")
    assert sorted(rows) == sorted([(hugo.pk, "withdrawn"), (enno.pk, "pending")])


def test_deals_and_approvals_go_in_one_step_to_different_people(client, admin, hugo, waiting):
    jonas, enno, deal = f.make_user("Jonas Lindvarr"), of_legal("Enno Tarvik"), f.make_deal(owner=hugo)
    assert send(client, hugo, **{"approver-legal": enno.pk}).status_code == 422  # nobody named for the deal
    assert send(client, hugo, to=jonas.pk, **{"approver-legal": enno.pk}).status_code == 302
    assert f.fresh(deal).owner == jonas
    assert Approval.objects.filter(approver=enno, decision="pending").count() == 2
