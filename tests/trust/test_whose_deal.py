"""Rows B47 and B48: whose deal it is, over every address the site has."""

import pytest
from django.urls import reverse

from deals.models import Deal

from .. import factories as f
from .doors import OF_A_DEAL, ROUTES, addresses, refusing
from .inventory import ACT, ADMIN, ASK, DOOR, FORM, LINK, PUBLIC, READ, kind_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["stranger", "strange manager"])
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_another_teams_deal_is_not_there(office, as_, who, method):
    """B47: 404, not 403, for every address of a deal, with data that would be right for its owner."""
    client = as_(who)
    for name, url in addresses(office, OF_A_DEAL):
        data = office.sends(name) if method == "post" else {}
        response = refusing(client, method, url, data)
        kind = kind_of(name)
        expected = (
            (404,)
            if method == ("post" if kind in (ACT, DOOR) else "get") or kind in (FORM, ASK)
            else (404, 405)
        )
        assert response.status_code in expected, (name, response.status_code)


def test_another_teams_deal_shows_nowhere_else(office, as_):
    """B47: lists, search, board, companies and contacts."""
    client, seen = as_("stranger"), []
    Deal.objects.filter(pk=office.deal.pk).update(name="Zanzibar secret", next_step="Zanzibar secret")
    for name, url in addresses(office, ROUTES):
        if kind_of(name) in (READ, FORM) and not url.startswith("/admin"):
            for query in ({}, {"q": "Zanzibar"}):
                if b"Zanzibar secret" in client.get(url, query).getvalue():
                    seen.append(name)
    assert seen == []


def test_a_deal_of_ones_own_opens_no_file_task_or_person_of_another(office, as_):
    """B47: the ids of an address belong together."""
    own = f.make_deal(office.pipeline, owner=office.people["stranger"])
    client, wrong = as_("stranger"), []
    for name in ("file", "stakeholder", "task_done"):
        ((_name, route),) = [pair for pair in OF_A_DEAL if pair[0] == name]
        url = reverse(name, kwargs={**office.arguments(name, route), "pk": own.pk})
        for method in ("get", "post"):
            if refusing(client, method, url, office.sends(name)).status_code not in (404, 405):
                wrong.append((name, method))
    assert wrong == []
    talk = {"conversation": office.call.pk}
    url = reverse("still_true", args=[own.pk, office.criterion])
    assert refusing(client, "post", url, talk).status_code in (400, 404, 422)
    answer = {**office.sends("answers"), "conversation_by": ""}
    assert refusing(client, "post", reverse("answers", args=[own.pk]), answer).status_code in (404, 422)


def test_a_teammate_sees_and_does_not_touch(office, as_):
    """B48: permission before any write: 403 for every address that writes."""
    client = as_("teammate")
    for name, url in addresses(office, OF_A_DEAL):
        kind = kind_of(name)
        if kind in (FORM, ACT, DOOR):
            assert refusing(client, "post", url, office.sends(name)).status_code == 403, name
        if kind == READ:
            assert refusing(client, "get", url).status_code == 200, name


def test_a_rep_neither_imports_nor_hands_over_nor_enters_the_administration(office, as_):
    """B39, B48"""
    client = as_("rep")
    for name, url in addresses(office, ROUTES):
        if name.startswith("import") or name == "handover":
            for method in ("get", "post"):
                assert refusing(client, method, url, office.sends(name)).status_code in (403, 405), name
        if kind_of(name) == ADMIN and name not in ("admin:logout", "admin:jsi18n"):
            assert refusing(client, "post", url).status_code in (302, 403, 404, 405), name


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_login_nothing_is_shown_or_done(office, as_, method):
    """B47"""
    client = as_("anonymous")
    for name, url in addresses(office, ROUTES):
        if kind_of(name) in (PUBLIC, LINK) or name in ("account_logout",):
            continue
        response = refusing(client, method, url, office.sends(name) if method == "post" else {})
        told = response.status_code == 302 and "/login/" in response["Location"]
        elsewhere = response.status_code == 302 and name in ("home", "accounts/email/")
        assert told or elsewhere or response.status_code in (401, 403, 404, 405), (name, response.status_code)
