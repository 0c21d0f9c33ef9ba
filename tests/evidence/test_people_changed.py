"""Whoever confirmed something turns out to be one of us, or not: the deals that rest on it say so at once."""

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.models import Answer
from deals.people import people_changed
from pipeline.process import process_of
from pipeline.vocabulary import Evidence, Kind
from team.models import Organisation

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db

ASKED = {
    "Qualify": [("budget", Kind.MONEY, {"evidence": Evidence.WHO})],
    "Discover": [("signer", Kind.STAKEHOLDER, {"roles": "economic_buyer", "needs_buyer": False})],
    "Close": [],
}


@pytest.fixture
def told(client):
    """A deal in Discover whose budget one person confirmed, who is also the economic buyer."""
    Organisation.objects.update_or_create(pk=1, defaults={"own_domains": "own.example"})
    rep = f.make_user()
    client.force_login(rep)
    deal = f.make_deal(f.make_pipeline(stages=ASKED), owner=rep)
    person = f.make_contact(deal.company, "Lena Vossberg", email="lena@buyer.example")
    f.put_in_role(deal, person, "economic_buyer")
    f.log_call(deal, person)
    f.walk_to(f.fresh(deal), "Discover")
    deal = f.fresh(deal)
    assert (deal.open_before, deal.held_here) == (0, 1) and deal.last_buyer_activity_at
    return deal, person


def by_contact_page(client, deal, person, email):
    return client.post(reverse("contact", args=[person.pk]), {"name": person.name, "email": email})


def by_map(client, deal, person, email):
    stake = deal.stakeholders.get(contact=person)
    typed = {
        "name": person.name,
        "email": email,
        "stance": "for",
        "influence": "2",
        "roles": "economic_buyer",
    }
    return client.post(reverse("stakeholder", args=[deal.pk, stake.pk]), typed)


def by_admin(client, deal, person, email):
    client.force_login(f.make_admin())
    typed = {"name": person.name, "email": email}
    return client.post(reverse("admin:deals_contact_change", args=[person.pk]), typed)


@pytest.mark.parametrize("change", [by_contact_page, by_admin])
def test_a_buyer_who_turns_out_to_be_a_colleague_makes_their_deals_claimed_at_once(client, told, change):
    deal, person = told
    assert change(client, deal, person, "lena@own.example").status_code in (302, 303)
    deal = f.fresh(deal)
    assert (deal.open_before, deal.held_here, deal.last_buyer_activity_at) == (1, 0, None)
    answer = Answer.objects.current().get(deal=deal)
    assert not answer.opens and "one of us" in answer.flaw and not answer.activity.from_buyer


@pytest.mark.parametrize("change", [by_contact_page, by_admin, by_map])
def test_a_colleague_by_mistake_counts_again_once_the_address_is_mended(client, told, change):
    deal, person = told
    person.email = "lena@own.example"
    people_changed.save(person, ["email"])
    assert f.fresh(deal).open_before == 1
    assert change(client, deal, person, "lena@buyer.example").status_code in (302, 303)
    deal = f.fresh(deal)
    assert (deal.open_before, deal.held_here) == (0, 1) and deal.last_buyer_activity_at


def test_who_left_the_company_fills_no_role_any_more_from_the_same_moment(client, told):
    deal, person = told
    left = {"name": person.name, "email": person.email, "left_at": f.today().isoformat()}
    client.post(reverse("contact", args=[person.pk]), left)
    assert (f.fresh(deal).open_before, f.fresh(deal).held_here) == (0, 0)


def test_every_deal_that_rests_on_the_person_follows(client, told):
    deal, person = told
    second = f.make_deal(deal.pipeline, owner=deal.owner, company=deal.company)
    f.log_call(second, person)
    f.satisfy(second, process_of(deal.pipeline).exit_criteria(second.stage_id)[0])
    f.put_in_role(second, person, "user")
    assert f.fresh(second).held_here == 1
    by_contact_page(client, deal, person, "lena@own.example")
    assert (f.fresh(deal).open_before, f.fresh(second).held_here) == (1, 0)


def test_a_refused_change_of_a_person_leaves_every_deal_as_it_was(client, told):
    deal, person = told
    before = fingerprint()
    assert by_map(client, deal, person, "lena@own.example").status_code == 422
    assert by_contact_page(client, deal, person, "no address").status_code == 422
    assert fingerprint() == before


def test_what_is_judged_by_nobodys_address_is_left_alone(client, told):
    deal, person = told
    before = fingerprint()
    person.phone = "+49 30 1234"
    people_changed.save(person, ["phone"], now=timezone.now())
    assert fingerprint() == before
