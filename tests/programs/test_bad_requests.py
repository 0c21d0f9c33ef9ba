"""Requests nobody's page sends: an answer in words, nothing stored, never a 500."""

import pytest
from django.test import Client

from .. import factories as f

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.bad_input_urls")]


@pytest.mark.parametrize("query", ["q=a%00b", "a%00b=q", "id=1&id=%00"])
def test_a_nul_in_an_address_is_refused_in_words(client, query):
    response = client.get(f"/accounts/login/?{query}")
    assert response.status_code == 400
    assert "contains a character that cannot be stored" in response.content.decode()


def test_a_nul_in_the_path_is_refused(client):
    assert client.get("/accounts/%00/").status_code == 400


@pytest.mark.parametrize("value", ["abc", "", "1e3", "٣x", "[]", "1;drop"])
def test_an_id_that_is_no_number_is_not_found(client, value):
    assert client.get("/by-id", {"id": value}).status_code == 404


@pytest.mark.parametrize("value", ["9" * 19, "9" * 30, "-" + "9" * 30])
def test_an_id_beyond_every_number_finds_nothing(client, value):
    assert client.get("/by-id", {"id": value}).content == b"0"


def test_a_nul_that_reaches_the_database_is_bad_input_not_our_fault(client):
    assert client.post("/named", {"name": "a\0b"}).status_code in {200, 400}


def test_a_lone_surrogate_is_bad_input(client):
    response = client.post("/from-json", r'{"name": "\ud800"}', content_type="application/json")
    assert response.status_code == 400


@pytest.mark.engine("postgresql")
def test_a_value_too_long_for_its_column_is_bad_input(client):
    response = client.post("/from-json", {"name": "n" * 500}, content_type="application/json")
    assert response.status_code == 400


def test_more_than_a_thousand_fields_are_refused(client):
    assert client.post("/named", {f"f{n}": "1" for n in range(1001)}).status_code == 400


def test_another_host_name_is_refused(client):
    response = client.get("/accounts/login/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "evil.example" not in response.content.decode()


def test_a_form_without_its_token_is_refused_with_a_way_out():
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "ren@example.com"})
    assert response.status_code == 403
    assert "eload" in response.content.decode()


def test_a_database_that_is_away_is_said_and_retried(client):
    response = client.get("/away")
    assert response.status_code == 503
    assert response["Retry-After"] == "5"


def test_bytes_that_are_no_text_do_not_break_a_page(client):
    assert client.get("/%ff%fe/?q=%ff").status_code == 404
    form = {"content_type": "application/x-www-form-urlencoded"}
    assert client.post("/accounts/login/", b"login=%ff%00", **form).status_code < 500


@pytest.mark.parametrize(
    ("method", "address", "allowed"), [("get", "/deals/1/move/", "POST"), ("post", "/today/", "GET")]
)
def test_a_method_that_an_address_does_not_take_is_said(client, method, address, allowed):
    client.force_login(f.make_user())
    page = getattr(client, method)(address)
    assert (
        page.status_code == 405 and "This address is not for that" in page.text and allowed in page["Allow"]
    )
    told = getattr(client, method)(address, headers={"accept": "application/json"})
    assert (told.status_code, told.json()["error"]["code"]) == (405, "method_not_allowed")
    assert set(told.json()) == {"error", "request_id"} and allowed in told["Allow"]


@pytest.mark.parametrize("query", ["created_at__year=0", "created_at__year=99999", "id__range=1"])
def test_a_list_of_the_administration_asked_for_what_cannot_be_is_refused(client, query):
    client.force_login(f.make_admin())
    assert client.get(f"/admin/deals/company/?{query}").status_code == 400
