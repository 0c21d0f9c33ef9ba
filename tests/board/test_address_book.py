"""Companies, contacts and the search: shared by everybody here, with the deals each may see."""

import pytest
from django.test import Client
from django.urls import reverse

from deals.models import Company, Contact

from .. import factories as f
from ..forms_of import form_of
from ..trust.test_concurrency import all_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep(client):
    user = f.make_user()
    client.force_login(user)
    return user


def test_a_company_shows_its_people_and_the_deals_i_may_see(client, rep):
    company = f.make_company("Vellgrove")
    f.make_contact(company, "Lena Vossberg")
    f.make_deal(owner=rep, company=company, name="Ours")
    f.make_deal(owner=f.make_user("Tom", team="South"), company=company, name="Theirs")
    page = client.get(reverse("company", args=[company.pk])).content.decode()
    assert "Lena Vossberg" in page and "Ours" in page and "Theirs" not in page


def test_a_contact_is_added_corrected_and_marked_as_left(client, rep):
    company = f.make_company()
    client.post(
        reverse("new_contact", args=[company.pk]), {"name": "Pavel Novarek", "email": "p@buyer.example"}
    )
    contact = Contact.objects.get()
    client.post(reverse("contact", args=[contact.pk]), {"name": "Pavel Novarek", "left_at": "2026-01-05"})
    contact.refresh_from_db()
    assert contact.left_at and contact.email == ""


@pytest.mark.parametrize(
    "data", [{"name": ""}, {"name": "tbd"}, {"name": "x" * 161}, {"name": "A B", "employees": "-1"}]
)
def test_a_company_that_cannot_be_is_refused_and_stays_as_it_was(client, rep, data):
    company = f.make_company("Vellgrove")
    response = client.post(reverse("company", args=[company.pk]), data)
    assert response.status_code == 422
    assert Company.objects.get(pk=company.pk).name == "Vellgrove"
    assert client.post(reverse("new_company"), data).status_code == 422
    assert Company.objects.count() == 1


NEW_COMPANY = {"name": "Vellgrove Dairies"}
NEW_PERSON = {"name": "Pavel Novarek", "email": "p@buyer.example"}


def test_a_company_that_is_here_already_is_not_made_twice(client, rep):
    Company.objects.create(name="Vellgrove Dairies", domain="vellgrove.example")
    for typed in ({}, {"name": "vellgrove  DAIRIES"}, {"domain": "Vellgrove.example"}):
        refused = client.post(reverse("new_company"), NEW_COMPANY | typed)
        assert refused.status_code == 422 and Company.objects.count() == 1
        assert "Vellgrove Dairies is in the address book already" in refused.content.decode()
    assert client.post(reverse("new_company"), NEW_COMPANY | {"domain": "other.example"}).status_code == 302
    assert Company.objects.count() == 2


def test_a_person_who_is_here_already_is_not_made_twice(client, rep):
    url = reverse("new_contact", args=[f.make_company().pk])
    assert client.post(url, NEW_PERSON).status_code == 302
    for typed in (
        {},
        {"email": ""},
        {"name": "P. Novarek"},
        {"name": "pavel novarek", "email": "P@buyer.example"},
    ):
        assert client.post(url, NEW_PERSON | typed).status_code == 422
        assert Contact.objects.count() == 1
    assert client.post(url, NEW_PERSON | {"email": "junior@buyer.example"}).status_code == 302
    assert client.post(reverse("new_contact", args=[f.make_company().pk]), NEW_PERSON).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_a_company_sent_twice_at_once_is_one(transactional_db):
    user = f.make_user()

    def send():
        client = Client()
        client.force_login(user)
        return client.post(reverse("new_company"), NEW_COMPANY).status_code

    assert sorted(all_at_once([send] * 4)) == [302, 422, 422, 422]
    assert Company.objects.count() == 1


def sent(client, url, **typed):
    """The form of a page as it is shown now, with this typed into it, ready to be sent later."""
    shown = form_of(client.get(url), "about")
    return lambda: client.post(url, {**shown, **typed})


@pytest.mark.parametrize("name", ["company", "contact"])
def test_two_who_change_different_things_at_once_both_keep_theirs(client, rep, name):
    company = f.make_company("Vellgrove")
    row = (
        company if name == "company" else f.make_contact(company, "Lena Vossberg", email="lena@buyer.example")
    )
    url = reverse(name, args=[row.pk])
    column, text = ("industry", "Dairy") if name == "company" else ("phone", "+49 30 12345")
    stale = sent(client, url, name="Renamed Once")
    assert sent(client, url, **{column: text})().status_code == 302
    assert stale().status_code == 302
    row.refresh_from_db()
    assert (row.name, getattr(row, column)) == ("Renamed Once", text)


def test_what_somebody_else_wrote_is_shown_before_it_is_written_over(client, rep):
    contact = f.make_contact(f.make_company("Vellgrove"), "Lena Vossberg", email="lena@buyer.example")
    url = reverse("contact", args=[contact.pk])
    stale = sent(client, url, email="mine@buyer.example", left_at="2026-01-05")
    assert sent(client, url, email="theirs@buyer.example")().status_code == 302
    refused = stale()
    assert refused.status_code == 409 and list(refused.context["form"].errors) == ["email"]
    page = refused.content.decode()
    assert "it says “theirs@buyer.example” now" in page and "mine@buyer.example" in page
    contact.refresh_from_db()
    assert (contact.email, contact.left_at) == ("theirs@buyer.example", None)
    again = form_of(refused, "about")
    assert client.post(url, again).status_code == 302
    contact.refresh_from_db()
    assert (contact.email, str(contact.left_at)) == ("mine@buyer.example", "2026-01-05")


def test_two_who_write_the_same_are_not_bothered(client, rep):
    company = f.make_company("Vellgrove")
    stale = sent(client, reverse("company", args=[company.pk]), note="Owner changed", employees="40")
    sent(client, reverse("company", args=[company.pk]), note="Owner changed")()
    assert stale().status_code == 302
    assert (Company.objects.get().note, Company.objects.get().employees) == ("Owner changed", 40)


def test_search_finds_deals_companies_and_people_but_no_other_teams_deals(client, rep):
    company = f.make_company("Marrowfen Clinics")
    f.make_contact(company, "Marrow Senghal")
    f.make_deal(owner=rep, company=company, name="Marrow water")
    f.make_deal(owner=f.make_user("Tom", team="South"), company=company, name="Marrow secret")
    page = client.get(reverse("find"), {"q": "marrow"}).content.decode()
    assert all(word in page for word in ["Marrow water", "Marrowfen Clinics", "Marrow Senghal"])
    assert "Marrow secret" not in page


def test_the_palette_gets_the_hits_alone(client, rep):
    f.make_company("Vellgrove")
    page = client.get(reverse("find"), {"q": "vell"}, headers={"HX-Request": "true"}).content.decode()
    assert "Vellgrove" in page and "<html" not in page


def test_one_letter_is_too_little_to_search_for(client, rep):
    f.make_company("Vellgrove")
    assert b"Vellgrove" not in client.get(reverse("find"), {"q": "v"}).content


@pytest.mark.parametrize("name", ["company", "contact"])
def test_an_entry_that_is_not_there_is_a_404(client, rep, name):
    assert client.get(reverse(name, args=[10**17])).status_code == 404


@pytest.mark.parametrize("name", ["companies", "find", "new_company"])
def test_nobody_reads_the_address_book_without_signing_in(client, name):
    assert client.get(reverse(name)).status_code == 302
