"""Tokens: made by a person, shown once, narrower than their user, gone when revoked."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from api import tokens
from api.models import Token
from deals.models import Deal

from .. import factories as f
from ..api import Program
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
MAKE = {"name": "Nightly report", "scopes": ["read"]}


@pytest.fixture
def page(client, rep):
    client.force_login(rep)
    return client


@pytest.fixture
def deal(rep):
    return f.make_deal(f.make_pipeline(), rep)


def made(page, **changes):
    html = page.post(reverse("tokens"), {**MAKE, **changes}).content.decode()
    return html.partition("<code>hg_")[2].partition("</code>")[0]


def test_a_token_is_shown_once_and_kept_as_a_hash(page, rep):
    secret = "hg_" + made(page)
    assert len(secret) == 46
    token = Token.objects.get(user=rep)
    assert token.hash == tokens.digest(secret) and secret.startswith(token.prefix) and len(token.prefix) == 10
    assert secret not in str(Token.objects.values().get())
    html = page.get(reverse("tokens")).content.decode()
    assert secret not in html and token.prefix in html and "Nightly report" in html


def test_the_token_opens_the_api_for_its_user(page, rep, deal):
    secret = "hg_" + made(page)
    answer = Client().get("/api/v1/deals", headers={"authorization": f"Bearer {secret}"})
    assert [item["id"] for item in answer.json()["items"]] == [deal.pk]
    assert Token.objects.get().last_used_at is not None


@pytest.mark.parametrize(
    "changes, says",
    [
        ({"name": ""}, "This field is required"),
        ({"name": "x" * 81}, "at most 80"),
        ({"name": "tbd"}, "placeholder"),
        ({"scopes": []}, "Choose at least one"),
        ({"scopes": ["read", "everything"]}, "everything"),
        ({"expires_on": "2001-01-01"}, "This day has passed"),
        ({"expires_on": "soon"}, "is not a day"),
    ],
)
def test_a_form_that_makes_no_token_says_why(page, changes, says):
    response = page.post(reverse("tokens"), {**MAKE, **changes})
    assert response.status_code == 422 and says in response.content.decode()
    assert not Token.objects.exists()


def test_a_revoked_token_opens_nothing_any_more(page, rep):
    program = Program(rep)
    assert program.get("/deals").status_code == 200
    page.post(reverse("revoke_token", args=[program.token.pk]))
    answer = program.get("/deals")
    assert answer.status_code == 401 and answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["error"]["code"] == "unauthenticated"


def test_a_token_works_through_its_last_day(rep):
    program = Program(rep)
    Token.objects.update(expires_on=f.today())
    assert program.get("/deals").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert program.get("/deals").status_code == 401


def test_a_closed_user_takes_their_tokens_along(rep, deal):
    program = Program(rep)
    type(rep).objects.filter(pk=rep.pk).update(is_active=False)
    assert program.get("/deals").status_code == 401


def test_nobody_revokes_somebody_elses_token_but_an_admin(page, rep, client):
    other = Program(f.make_user("Jonas Lindqvar"))
    address = reverse("revoke_token", args=[other.token.pk])
    assert page.post(address).status_code == 404
    assert page.get(address).status_code == 405
    assert "Everybody else" not in page.get(reverse("tokens")).content.decode()
    client.force_login(f.make_admin())
    html = client.get(reverse("tokens")).content.decode()
    assert "Jonas Lindqvar" in html and other.secret not in html
    client.post(address)
    assert other.get("/deals").status_code == 401


@pytest.mark.parametrize("scopes, statuses", [(["read"], (200, 403, 403)), (["write"], (403, 422, 403)),
                                              (["move"], (403, 403, 422))])  # fmt: skip
def test_a_scope_only_narrows(rep, deal, scopes, statuses):
    program = Program(rep, scopes)
    before = fingerprint()
    answers = [
        program.get("/deals"),
        program.post(f"/deals/{deal.pk}/answers", {"answers": [{"criterion": 999999}]}),
        program.post(f"/deals/{deal.pk}/moves", {"to": "won", "seen_seq": deal.seq}),
    ]
    assert tuple(answer.status_code for answer in answers) == statuses
    assert fingerprint() == before
    said = [answer.json()["error"] for answer in answers if answer.status_code == 403]
    assert {error["code"] for error in said} == {"missing_scope"}


def test_a_session_does_not_open_the_api(page, deal):
    before = fingerprint()
    assert page.get("/api/v1/deals").status_code == 401
    move = {"to": "archived", "seen_seq": deal.seq}
    sent = page.post(f"/api/v1/deals/{deal.pk}/moves", move, content_type="application/json")
    assert sent.status_code == 401 and fingerprint() == before


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic aGc6eA==", "Bearer hg_nonsense", "bearer  x",
                                    "Token hg_x", "Bearer hg_\xe9\xff"])  # fmt: skip
def test_what_is_no_token_is_401(client, db, header):
    answer = client.get("/api/v1/deals", headers={"authorization": header})
    assert answer.status_code == 401 and answer.json()["error"]["code"] == "unauthenticated"


def test_the_use_of_a_token_is_noted_at_most_once_a_minute(rep):
    program, start = Program(rep), timezone.now().replace(microsecond=0)
    seen = []
    for seconds in (0, 30, 59, 61):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            program.get("/process")
            seen.append((Token.objects.get().last_used_at - start).total_seconds())
    assert seen == [0, 0, 0, 61]


def test_a_token_that_asks_too_often_waits(rep, settings):
    settings.API_PER_MINUTE = 3
    program, other = Program(rep), Program(rep)
    assert [program.get("/process").status_code for _n in range(5)] == [200, 200, 200, 429, 429]
    answer = program.get("/process")
    assert 0 < int(answer["Retry-After"]) <= 60 and answer.json()["error"]["code"] == "too_many"
    assert other.get("/process").status_code == 200


def test_a_token_never_shows_another_teams_deal(rep, deal):
    stranger = Program(f.make_user("Ines Roth", team="South"))
    assert stranger.get("/deals").json()["items"] == []
    assert stranger.get(f"/deals/{deal.pk}").status_code == 404
    assert Deal.objects.filter(pk=deal.pk).exists()


def test_the_profile_leads_to_the_tokens(page):
    assert reverse("tokens") in page.get("/profile/").content.decode()
