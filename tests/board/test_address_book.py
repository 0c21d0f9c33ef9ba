"""Companies, contacts and the search: shared by everybody here, with the deals each may see."""

import pytest
from django.urls import reverse

from deals.models import Company, Contact

from .. import factories as f

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
