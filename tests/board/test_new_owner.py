"""A deal that changes hands says what came along, and waits until its new owner accepts it."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from deals import edits, handover, new_owner
from deals.models import Deal, Handover, Task
from team.models import Notice

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
WHY = "Jonas knows their plant manager"
BADGE = "Not accepted yet"


@pytest.fixture
def mara():
    return f.make_user()


@pytest.fixture
def jonas():
    return f.make_user("Jonas Lindvarr")


@pytest.fixture
def deal(mara):
    deal = f.make_deal(f.make_pipeline(), mara, next_step="Call", next_step_on=f.today())
    f.put_in_role(deal, f.make_contact(deal.company), "champion")
    Task.objects.create(
        deal=deal, assignee=mara, title="Send it", due_on=f.today(), created_at=timezone.now()
    )
    return deal


def as_(client, user):
    client.force_login(user)
    return client


def give(client, deal, to, **more):
    address = reverse("edit", args=[deal.pk, "owner"])
    sent = {"owner": to.pk, "why": WHY, "rev": f.fresh(deal).rev}
    return client.post(address, sent | more, HTTP_ACCEPT="text/html")


def accept(client, deal):
    return client.post(reverse("accept_deal", args=[deal.pk]), HTTP_ACCEPT="text/html")


def read(client, address):
    return client.get(address, HTTP_ACCEPT="text/html").content.decode()


def test_the_new_owner_is_asked_to_accept_and_told_what_comes_along(client, mara, jonas, deal):
    assert give(as_(client, mara), deal, jonas).status_code == 303
    page = read(as_(client, jonas), reverse("deal", args=[deal.pk]))
    assert "Mara Kessel’s deal is yours now: accept it" in page and WHY in page
    assert "It is in Qualify, 0 of" in page and "1 person on the map, 1 open task." in page
    notice = Notice.objects.get(user=jonas)
    assert "from Mara Kessel to you" in notice.text and notice.url == f"/deals/{deal.pk}/"


def test_next_action_and_open_tasks_go_along_with_the_deal(client, mara, jonas, deal):
    give(as_(client, mara), deal, jonas)
    assert (f.fresh(deal).owner, f.fresh(deal).next_owner) == (jonas, jonas)
    assert Task.objects.get().assignee == jonas


def test_a_next_action_of_somebody_else_stays_theirs_and_is_said(client, mara, jonas):
    ines = f.make_user("Ines Duarvo")
    deal = f.make_deal(f.make_pipeline(), mara, next_owner=ines)
    give(as_(client, mara), deal, jonas)
    assert f.fresh(deal).next_owner == ines
    assert "The next action stays with Ines Duarvo." in Handover.objects.get().told


def test_the_card_carries_a_badge_until_it_is_accepted(client, mara, jonas, deal):
    board = reverse("board_of", args=[deal.pipeline.slug])
    give(as_(client, mara), deal, jonas)
    assert BADGE in read(client, board)
    assert "not accepted by Jonas Lindvarr yet" in read(client, reverse("deal", args=[deal.pk]))
    accept(as_(client, jonas), deal)
    assert BADGE not in read(client, board)
    page = read(client, reverse("deal", args=[deal.pk]))
    assert "accept it" not in page and "Jonas Lindvarr accepted the deal" in page
    row = Handover.objects.get()
    assert (row.old, row.new, row.by, row.reason) == (mara, jonas, mara, WHY) and row.accepted_at


def test_it_waits_in_the_list_of_the_new_owner_and_goes_when_accepted(client, mara, jonas, deal):
    give(as_(client, mara), deal, jonas)
    listed = read(as_(client, jonas), reverse("waiting"))
    assert "Deals handed to you" in listed and deal.name in listed and "From Mara Kessel" in listed
    accept(client, deal)
    assert "From Mara Kessel" not in read(client, reverse("waiting"))


def accept_all(client, *deals):
    return client.post(reverse("accept_deals"), {"deal": deals}, HTTP_ACCEPT="text/html")


def test_what_is_listed_is_accepted_at_once_and_what_came_since_is_not(client, mara, jonas, deal):
    second, third = (f.make_deal(deal.pipeline, mara) for _number in range(2))
    for each in (deal, second):
        give(as_(client, mara), each, jonas)
    listed = read(as_(client, jonas), reverse("waiting"))
    assert "Accept these 2" in listed
    give(as_(client, mara), third, jonas)
    sent = re.findall(r'name="deal" value="(\d+)"', listed)
    assert accept_all(as_(client, jonas), *sent).status_code == 303
    assert Handover.objects.waiting().get().deal == third
    assert second.activities.filter(subject="Jonas Lindvarr accepted the deal").count() == 1


def test_one_that_goes_to_somebody_else_meanwhile_is_left_to_them_and_the_others_are_accepted(
    client, mara, jonas, deal, monkeypatch
):
    second = f.make_deal(deal.pipeline, mara)
    for each in (deal, second):
        give(as_(client, mara), each, jonas)
    ines, accepted = f.make_user("Ines Halvorsen"), new_owner.accept

    def after_it_went_to_ines(pk, **given):
        if pk == deal.pk:
            edits.change_all(
                pk, {"owner": {"owner": str(ines.pk)}}, by=f.make_manager(), rev=f.fresh(deal).rev
            )
        return accepted(pk, **given)

    monkeypatch.setattr(new_owner, "accept", after_it_went_to_ines)
    assert accept_all(as_(client, jonas), deal.pk, second.pk).status_code == 303
    assert Handover.objects.waiting().get().new == ines
    assert second.activities.filter(subject="Jonas Lindvarr accepted the deal").count() == 1
    assert not deal.activities.filter(subject="Jonas Lindvarr accepted the deal").exists()


def test_nobody_accepts_the_deals_of_others_by_naming_them(client, mara, jonas, deal):
    give(as_(client, mara), deal, jonas)
    before = fingerprint()
    assert accept_all(as_(client, f.make_manager()), deal.pk, 10**9).status_code == 303
    assert accept_all(client, "a lot").status_code == 400
    assert fingerprint() == before


def test_nobody_else_accepts_it(client, mara, jonas, deal):
    give(as_(client, mara), deal, jonas)
    before = fingerprint()
    assert accept(as_(client, mara), deal).status_code == 403
    said = accept(as_(client, f.make_manager()), deal)
    assert said.status_code == 403 and "Only Jonas Lindvarr accepts this deal" in said.content.decode()
    assert fingerprint() == before


def test_accepting_twice_changes_nothing(client, mara, jonas, deal):
    give(as_(client, mara), deal, jonas)
    accept(as_(client, jonas), deal)
    before = fingerprint()
    assert accept(client, deal).status_code == 303 and fingerprint() == before


def test_who_takes_a_deal_has_accepted_it(client, jonas, mara, deal):
    ruth = f.make_manager()
    give(as_(client, ruth), deal, ruth)
    assert Handover.objects.get().accepted_at and not Notice.objects.filter(user=ruth).exists()


def test_handed_on_before_it_was_accepted_only_the_last_one_is_asked(client, mara, jonas, deal):
    ines = f.make_user("Ines Duarvo")
    give(as_(client, mara), deal, jonas)
    give(as_(client, jonas), deal, ines)
    waiting = Handover.objects.waiting().get()
    assert (waiting.old, waiting.new) == (jonas, ines)
    assert accept(as_(client, jonas), deal).status_code == 403


def test_saving_the_same_owner_hands_nothing_over(client, mara, deal):
    give(as_(client, mara), deal, mara)
    assert not Handover.objects.exists()


def test_a_reason_that_is_too_long_is_refused_beside_its_field(client, mara, jonas, deal):
    before = fingerprint()
    response = give(as_(client, mara), deal, jonas, why="x" * 501)
    assert response.status_code == 422 and "at most 500" in response.content.decode()
    assert fingerprint() == before


def test_a_program_that_changes_the_owner_asks_them_too(mara, jonas, deal):
    edits.change_all(deal.pk, {"owner": {"owner": str(jonas.pk)}}, by=mara, rev=f.fresh(deal).rev)
    assert Handover.objects.waiting().get().new == jonas


def test_the_deals_of_a_leaver_ask_their_new_owner_and_say_so_once(
    mara, jonas, deal, django_assert_max_num_queries
):
    for _number in range(4):
        f.make_deal(deal.pipeline, mara)
    with django_assert_max_num_queries(40):
        handover.hand_over(mara, jonas, by=f.make_admin(), reason="Mara leaves at the end of June")
    assert Handover.objects.waiting().filter(new=jonas).count() == 5
    assert Notice.objects.filter(user=jonas).count() == 1
    assert Deal.objects.get(pk=deal.pk).activities.filter(body="Mara leaves at the end of June").exists()


def test_a_deal_that_ended_asks_nobody(client, mara, jonas, deal):
    from deals import moves

    give(as_(client, mara), deal, jonas)
    moves.archive(deal.pk, seen_seq=f.fresh(deal).seq, by=None)
    assert deal.name not in read(as_(client, jonas), reverse("waiting"))
