"""Rows B01, B02, B04, B05, B17, B32, B38, B49 and B60, over every address the site has."""

import pytest
from django.urls import reverse

from deals.models import Deal, Transition

from .doors import OF_A_DEAL, OWN, PEOPLE, ROUTES, WRITING, addresses, hostile, refusing, state
from .inventory import ACT, ADMIN, ASK, DOOR, FORM, PUBLIC, READ, URLS, kind_of
from .world import undone

pytestmark = pytest.mark.django_db


# B01, B03, B04, B05 over HTTP


@pytest.mark.parametrize("who", PEOPLE)
def test_posting_past_the_buttons_is_refused_with_everything_that_is_missing(office, as_, who):
    """B01: 422, every open criterion, whoever asks."""
    w, asked = office.w, office.w.process.asked_from(office.w.here, office.w.last)
    for to in (str(w.last), str(w.later), "won"):
        data = {"to": to, "seen_seq": office.deal.seq}
        response = refusing(as_(who), "post", reverse("move", args=[office.deal.pk]), data)
        assert response.status_code == 422
        expected = w.process.asked_from(w.here, None if to == "won" else int(to))
        for definition in expected:
            assert f'data-criterion="{definition.criterion_id}"' in response.content.decode()
    assert len(asked) > 1


@pytest.mark.parametrize("seq, status", [(-1, 409), (1, 409), (None, 400), ("", 400), ("x", 400), ("٢", 400)])
def test_a_page_from_before_the_last_move_is_told_so(office, as_, seq, status):
    """B04"""
    data = {"to": "archived"}
    if seq is not None:
        data["seen_seq"] = office.deal.seq + seq if isinstance(seq, int) else seq
    response = refusing(as_("rep"), "post", reverse("move", args=[office.deal.pk]), data)
    assert response.status_code == status


def test_two_clicks_with_one_key_are_one_move_and_with_two_keys_a_conflict(office, as_):
    """B05"""
    client, url = as_("rep"), reverse("move", args=[office.deal.pk])
    data = {"to": "archived", "seen_seq": office.deal.seq, "key": "click-1"}
    first = client.post(url, data)
    assert first.status_code in (200, 302, 303)
    again = refusing(client, "post", url, data)
    assert again.status_code == first.status_code
    assert refusing(client, "post", url, {**data, "key": "click-2"}).status_code == 409
    assert Transition.objects.filter(deal=office.deal, kind="archive").count() == 1


# B02, B32, B38: no address changes what is not its own


@pytest.mark.parametrize("who", PEOPLE)
def test_no_address_moves_a_deal_whose_gate_is_shut(office, as_, who):
    """B02: everything that takes a POST, with what its page sends and what an attacker might add."""
    before = state()
    for name, url in addresses(office, [pair for pair in ROUTES if kind_of(pair[0]) not in (PUBLIC, ADMIN)]):
        if name != "account_logout":
            with undone():
                attack(office, as_(who), name, url, before)


def attack(office, client, name, url, before):
    extra, sends = hostile(office), office.sends(name)
    for data in [extra | sends, {"stage": extra["stage"], **sends}, {"status": "won", **sends}]:
        response = client.post(url, data)
        assert response.status_code < 500, (name, response.status_code)
        after = state()
        assert {pk: after[pk] for pk in before} == before, name
        for pk in set(after) - set(before):
            made = Deal.objects.get(pk=pk)
            assert (made.stage_id, made.status, made.seq) == (made.pipeline.entry_stage_id, "open", 1), name
            assert made.created_at.year > 2020, name
        if response.status_code == 405:
            break  # it takes no POST, whatever is in it


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_address_knows_other_methods(office, as_, method):
    """B38"""
    client = as_("admin")
    for name, url in addresses(office, OF_A_DEAL):
        response = refusing(client, method, url, '{"stage": 1}', content_type="application/json")
        assert response.status_code in (404, 405), name


@pytest.mark.parametrize("field", ["stage", "seq", "status", "created_at", "probability"])
def test_a_new_deal_with_a_field_no_page_has_is_refused(office, as_, field):
    """B32, B38: never silently accepted."""
    data = {"company": "Vellgrove Dairies", field: hostile(office)[field]}
    response = refusing(as_("rep"), "post", reverse("new_deal"), data)
    assert response.status_code == 400


@pytest.mark.parametrize("name", ["move", "answers", "edit", "stakeholder", "log", "ask_exception"])
def test_a_form_with_a_field_no_page_has_is_refused(office, as_, name):
    """B38"""
    (url,) = [url for found, url in addresses(office, OF_A_DEAL) if found == name]
    response = refusing(as_("admin"), "post", url, {**office.sends(name), "stage": office.w.last})
    assert response.status_code == 400


@pytest.mark.parametrize("field", ["stage", "status", "seq", "pipeline", "created_at", "closed_at", ""])
def test_only_the_fields_of_the_deals_page_can_be_edited(office, as_, field):
    """B38"""
    url = f"/deals/{office.deal.pk}/edit/{field or 'id'}/"
    data = {field or "id": "1", "rev": office.deal.rev}
    response = refusing(as_("admin"), "post", url, data)
    assert response.status_code == 404


# B49


@pytest.mark.parametrize("who, method", [("rep", "get"), ("admin", "get")])
def test_reading_changes_nothing(office, as_, who, method):
    """B49: mail scanners and browsers follow links, with any words behind the question mark."""
    client = as_(who)
    shown = [n for n, kind in URLS.items() if kind in (READ, FORM) and not n.startswith("account")]
    for name, url in addresses(office, ROUTES):
        response = refusing(client, method, url)
        if name in shown and who == "admin" and name not in OWN:
            assert response.status_code in (200, 302), (name, response.status_code)
        if who == "rep" and kind_of(name) not in (PUBLIC, ADMIN):
            refusing(client, method, url, {**hostile(office), "to": "archived", "seen_seq": office.deal.seq})


def test_asking_for_the_head_of_a_deals_pages_changes_nothing(office, as_):
    """B49"""
    for _name, url in addresses(office, OF_A_DEAL):
        refusing(as_("rep"), "head", url)


def test_a_post_without_the_pages_token_is_refused(office, as_):
    """B49"""
    client = as_("admin", enforce_csrf_checks=True)
    for name, url in addresses(office, ROUTES):
        if kind_of(name) in (FORM, ACT, DOOR, ASK) or name.endswith(("_add", "_change", "_delete")):
            headers = {"HX-Request": "true"} if kind_of(name) == DOOR else {}
            assert refusing(client, "post", url, office.sends(name), headers=headers).status_code == 403, name


# B60


def test_who_was_closed_while_a_form_was_open_writes_nothing(office, as_):
    """B60: the next request asks for a login."""
    client = as_("rep")
    assert client.get(reverse("deal", args=[office.deal.pk])).status_code == 200
    office.w.rep.__class__.objects.filter(pk=office.w.rep.pk).update(is_active=False)
    for name, url in addresses(office, WRITING):
        if name == "account_logout":
            continue
        response = refusing(client, "post", url, office.sends(name))
        assert response.status_code == 302 and "/accounts/login/" in response["Location"], name


def test_who_was_demoted_while_a_form_was_open_is_asked_again(office, as_):
    """B60: a manager who is a rep now, an admin who is nobody special."""
    manager, boss = as_("manager"), as_("admin")
    assert manager.get(reverse("import")).status_code == 200
    people = office.w.rep.__class__.objects
    people.filter(pk__in=[office.people["manager"].pk, office.people["admin"].pk]).update(level="rep")
    for client in (manager, boss):
        for name in ("move", "answers", "edit", "log"):
            ((_name, url),) = [pair for pair in addresses(office, OF_A_DEAL) if pair[0] == name]
            assert refusing(client, "post", url, office.sends(name)).status_code in (403, 404), name
        assert refusing(client, "post", reverse("import"), office.sends("import")).status_code == 403
    assert refusing(boss, "get", reverse("admin:index")).status_code in (302, 403)
