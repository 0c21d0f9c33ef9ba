"""What is refused before a page of ours is asked: a script reads it as JSON, a browser as a page, with one status."""

import pytest
from django.test import Client
from django.urls import reverse

from deals.models import Contact
from team.models import User

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
LOGIN = "/accounts/login/"


@pytest.fixture
def deal():
    rep = f.make_user(password=f.PASSWORD)
    return f.make_deal(owner=rep)


def asked(client, deal, sent=None, headers=JSON, **options):
    """A move asked for; returns the response after checking that nothing changed."""
    before = fingerprint()
    sent = {"to": "archived", "seen_seq": deal.seq} if sent is None else sent
    response = client.post(reverse("move", args=[deal.pk]), sent, headers=headers, **options)
    assert fingerprint() == before
    return response


def says(response, status, code):
    assert (response.status_code, response["Content-Type"]) == (status, "application/json")
    said = response.json()
    assert said["error"]["code"] == code and said["error"]["message"] and said["error"]["fields"] == {}
    assert said["request_id"]


def test_a_script_that_is_signed_out_is_told_so_and_not_sent_to_a_form(client, deal):
    says(asked(client, deal), 401, "signed_out")
    says(client.get("/pipeline/", headers=JSON), 401, "signed_out")


def test_a_browser_that_is_signed_out_still_goes_to_the_sign_in_page(client, deal):
    for headers in (BROWSER, {}, {"accept": "*/*"}, {"accept": "text/html, application/json"}):
        response = asked(client, deal, headers=headers)
        assert response.status_code == 302 and response["Location"].startswith(LOGIN)


def test_a_script_without_the_token_of_a_form_reads_why(deal):
    client = Client(enforce_csrf_checks=True)
    client.force_login(deal.owner)
    says(asked(client, deal), 403, "csrf")
    page = asked(client, deal, headers=BROWSER)
    assert page.status_code == 403 and page["Content-Type"].startswith("text/html")
    assert "eload" in page.content.decode()


def test_a_script_that_sends_too_many_fields_or_files_or_too_much_reads_that_it_is_bad(
    client, deal, settings
):
    client.force_login(deal.owner)
    many = {f"c{n}": "1" for n in range(1, 1003)}
    says(asked(client, deal, many), 400, "bad_request")
    files = {f"c{n}_file": f.upload() for n in range(1, 103)}
    says(asked(client, deal, files), 400, "bad_request")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    says(asked(client, deal, {"reason": "x" * 2000}), 400, "bad_request")
    assert asked(client, deal, many, BROWSER)["Content-Type"].startswith("text/html")


def test_a_script_that_asks_for_what_is_not_there_reads_that(client, deal):
    client.force_login(deal.owner)
    says(client.get("/nothing/here/", headers=JSON), 404, "not_found")
    says(client.post(reverse("move", args=[987654]), {}, headers=JSON), 404, "not_found")
    says(client.get("/deals/?q=%00", headers=JSON), 400, "bad_request")


# Forms that are not ours


def test_a_failed_sign_in_is_no_success(client, deal):
    response = client.post(LOGIN, {"login": deal.owner.email, "password": "not-the-password"})
    assert response.status_code == 422 and 'name="password"' in response.content.decode()
    assert client.post(LOGIN, {}).status_code == 422
    assert client.get(LOGIN).status_code == 200
    assert client.post(LOGIN, {"login": deal.owner.email, "password": f.PASSWORD}).status_code == 302


def test_a_password_that_is_refused_is_no_success(client, deal):
    client.force_login(deal.owner)
    before = User.objects.get(pk=deal.owner.pk).password
    typed = {"oldpassword": f.PASSWORD, "password1": "short", "password2": "short"}
    response = client.post("/accounts/password/change/", typed)
    assert response.status_code == 422 and "at least 12" in response.content.decode()
    assert User.objects.get(pk=deal.owner.pk).password == before


def test_a_form_of_the_administration_with_errors_is_no_success(client, deal):
    client.force_login(f.make_admin())
    person = f.make_contact(deal.company)
    page = reverse("admin:deals_contact_change", args=[person.pk])
    before = fingerprint()
    response = client.post(page, {"name": "", "email": "lena@buyer.example"})
    assert response.status_code == 422 and "errorlist" in response.content.decode()
    assert fingerprint() == before and Contact.objects.get(pk=person.pk).name == person.name
    assert client.get(page).status_code == 200
    assert client.post(page, {"name": "Lena", "email": "lena@buyer.example"}).status_code == 302
