"""Who takes part on the buyer's side: added and changed with one form."""

import pytest
from django.urls import reverse

from deals.models import Stakeholder

from .. import factories as f
from ..fingerprint import fingerprint
from ..forms_of import form_of
from .asking import html

pytestmark = pytest.mark.django_db


def test_a_person_is_added_with_roles_and_changed_again(page, deal):
    fields = {
        "name": "Giulia Bellavar",
        "job_title": "Finance director",
        "stance": "for",
        "influence": "3",
        "roles": ["economic_buyer", "approver"],
    }
    assert page.post(reverse("new_stakeholder", args=[deal.pk]), fields).status_code == 303
    stake = Stakeholder.objects.get(deal=deal)
    assert stake.influence == 3 and {r.role for r in stake.roles.all()} == {"economic_buyer", "approver"}
    fields["roles"] = ["approver"]
    page.post(reverse("stakeholder", args=[deal.pk, stake.pk]), fields)
    assert [r.role for r in stake.roles.all()] == ["approver"]
    assert "Finance director" in html(page, deal) and "Approver" in html(page, deal)


def test_who_saves_an_older_form_of_a_person_sees_what_was_saved_first(page, deal):
    giulia = f.make_contact(deal.company, "Giulia Bellavar")
    stake = f.put_in_role(deal, giulia, "approver", priority="")
    url = reverse("stakeholder", args=[deal.pk, stake.pk])
    older = form_of(page.get(url), "person")
    page.post(url, older | {"roles": ["approver", "economic_buyer"], "priority": "No downtime"})
    before = fingerprint()
    refused = page.post(url, older | {"stance": "for"})
    assert refused.status_code == 409 and fingerprint() == before
    assert "No downtime, Economic buyer, Approver" in refused.content.decode()
    mine = form_of(refused, "person")
    assert (mine["stance"], mine["priority"]) == ("for", older["priority"])
    assert page.post(url, mine).status_code == 303
    assert stake.roles.get().role == "approver"


def test_adding_somebody_who_is_on_the_map_already_takes_nothing_from_them(page, deal):
    stake = f.put_in_role(deal, f.make_contact(deal.company, "Giulia Bellavar"), "champion", "No downtime")
    Stakeholder.objects.update(stance="for")
    fields = {"name": "giulia bellavar", "stance": "unknown", "influence": "3", "roles": ["approver"]}
    assert page.post(reverse("new_stakeholder", args=[deal.pk]), fields).status_code == 303
    stake.refresh_from_db()
    assert {each.role for each in stake.roles.all()} == {"champion", "approver"}
    assert (stake.priority, stake.stance, stake.influence) == ("No downtime", "for", 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "n/a"},
        {"email": "not an address"},
        {"roles": ["king"]},
        {"stance": "x"},
        {"name": "x" * 200},
        {"name": "x" * 70_000},
    ],
)
def test_a_person_who_cannot_be_stored_keeps_the_form(page, deal, wrong):
    before = fingerprint()
    fields = {"name": "Giulia Bellavar", "stance": "for", "influence": "3", "priority": "Payback", **wrong}
    response = page.post(reverse("new_stakeholder", args=[deal.pk]), fields)
    assert response.status_code == 422 and "Payback" in response.content.decode()
    assert fingerprint() == before and not Stakeholder.objects.exists()
