"""A new deal in one screen: typed words become company, contact and deal, or an error beside their field."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from deals.models import Company, Contact, Deal, Stakeholder, Transition
from deals.segments import proposed

from .. import factories as f
from ..fingerprint import fingerprint
from ..trust.test_concurrency import all_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep(client):
    user = f.make_user()
    f.make_pipeline("New business", amount_min=25000)
    f.make_pipeline("Small sites", amount_max=Decimal("24999.99"))
    client.force_login(user)
    return user


def add(client, **data):
    data = {"company": "Vellgrove Dairies", **data}
    return client.post(reverse("new_deal"), data)


def errors(response):
    assert response.status_code == 422
    return response.context["form"].errors


def test_a_company_is_enough(client, rep):
    response = add(client)
    deal = Deal.objects.get()
    assert response.status_code == 302 and response.url == reverse("deal", args=[deal.pk])
    assert (deal.name, deal.company.name, deal.owner, deal.seq) == ("Vellgrove Dairies",) * 2 + (rep, 1)


def test_everything_on_the_screen_is_kept(client, rep):
    add(client, name="Three plants", amount="86k", contact="Lena Vossberg", email="lena@buyer.example",
        job_title="Head of operations", next_step="Call", next_step_on="2099-12-01", lead_source="Fair")  # fmt: skip
    deal, contact = Deal.objects.get(), Contact.objects.get()
    assert (deal.amount, deal.amount_base, deal.next_step, deal.lead_source) == (86000, 86000, "Call", "Fair")
    assert deal.stakeholders.get().contact == contact and contact.job_title == "Head of operations"


@pytest.mark.parametrize(
    "amount, name", [("24999", "Small sites"), ("25000", "New business"), ("9k", "Small sites")]
)
def test_the_pipeline_follows_from_the_amount(client, rep, amount, name):
    add(client, amount=amount)
    assert Deal.objects.get().pipeline.name == name
    response = client.get(reverse("proposed_pipeline"), {"amount": amount})
    assert response.content.decode() == name


def test_a_deal_type_can_decide_the_pipeline(client, rep):
    f.make_pipeline("Renewals", deal_types="renewal")
    assert proposed(Decimal(50), "Renewal").name in ("Small sites", "Renewals")
    assert proposed(None, "renewal").name == "Renewals"


def test_a_known_company_and_contact_are_not_made_twice(client, rep):
    add(client, contact="Lena Vossberg", email="lena@buyer.example")
    add(client, company="VELLGROVE dairies", contact="L. Vossberg", email="LENA@buyer.example")
    assert (Company.objects.count(), Contact.objects.count(), Deal.objects.count()) == (1, 1, 2)


@pytest.mark.parametrize(
    "field, value",
    [
        ("company", ""), ("company", "n/a"), ("company", "x" * 161), ("amount", "-5"), ("amount", "1e400"),
        ("amount", "NaN"), ("amount", "abc"), ("amount", "1e11999"), ("currency", "XXQ"), ("email", "nobody"),
        ("next_step_on", "2000-01-01"), ("next_step_on", "soonish"), ("pipeline", "99999"), ("pipeline", "abc"),
        ("owner", "99999"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_made(client, rep, field, value):
    response = add(client, contact="Lena", next_step="Call", **{"next_step_on": "2099-01-01", field: value})
    assert field in errors(response)
    assert not Deal.objects.exists() and not Company.objects.exists()
    if value and field != "pipeline" and field != "owner":
        assert value[:160] in response.content.decode()


def test_a_stage_in_the_form_is_not_a_way_past_the_gates(client, rep):
    stage = f.stage_of(f.make_pipeline("Third"), "Close")
    assert add(client, stage=stage.pk, status="won", seq=7).status_code == 400
    assert not Deal.objects.exists()


def test_a_rep_cannot_give_a_new_deal_to_somebody_else(client, rep):
    other = f.make_user("Jonas")
    assert "owner" in errors(add(client, owner=other.pk))


def test_a_manager_can_give_it_to_somebody_of_the_team(client, rep):
    client.force_login(f.make_manager())
    add(client, owner=rep.pk)
    assert Deal.objects.get().owner == rep


def test_an_amount_in_a_currency_without_a_rate_asks_for_one(client, rep):
    assert "currency" in errors(add(client, amount="100", currency="USD"))


def test_without_a_process_the_page_says_who_helps(client):
    client.force_login(f.make_user())
    assert "pipeline" in errors(add(client))


NEW = {"company": "Vellgrove Dairies", "contact": "Lena Vossberg", "email": "lena@buyer.example"}


def test_one_form_sent_again_is_one_deal(client, rep):
    form = {"key": client.get(reverse("new_deal")).context["form"]["key"].value(), **NEW}
    first, before = client.post(reverse("new_deal"), form), fingerprint()
    for again in (
        form,
        form | {"name": "Another name"},
        form | {"next_step": "Call", "next_step_on": "2000-01-01"},
    ):
        response = client.post(reverse("new_deal"), again)
        assert (response.status_code, response.url) == (302, first.url)
    assert fingerprint() == before
    add(client, key=client.get(reverse("new_deal")).context["form"]["key"].value())
    assert Deal.objects.count() == 2


def test_a_key_that_somebody_else_used_makes_a_deal(client, rep):
    add(client, key="one")
    client.force_login(f.make_manager())
    add(client, key="one")
    assert Deal.objects.count() == 2


def test_a_refused_form_keeps_its_key(client, rep):
    response = add(client, key="one", amount="abc")
    assert 'name="key" value="one"' in response.content.decode()
    assert not Deal.objects.exists()


def test_a_key_no_form_has_is_refused(client, rep):
    assert add(client, key="k" * 65).status_code == 400
    assert not Deal.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keys, deals", [(["one"] * 4, 1), (["", "", "one", "two"], 4)])
def test_sent_at_the_same_instant_there_is_one_company_and_a_deal_for_each_form(
    transactional_db, keys, deals
):
    user = f.make_user()
    f.make_pipeline("New business")

    def sender(key):
        def send():
            client = Client()
            client.force_login(user)
            return client.post(reverse("new_deal"), {**NEW, "key": key}).status_code

        return send

    assert all_at_once([sender(key) for key in keys]) == [302] * 4
    assert (Deal.objects.count(), Transition.objects.count(), Stakeholder.objects.count()) == (deals,) * 3
    assert (Company.objects.count(), Contact.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_a_known_company_too_one_form_sent_at_the_same_instant_is_one_deal(transactional_db):
    user = f.make_user()
    f.make_pipeline("New business")
    f.make_contact(f.make_company(NEW["company"]), NEW["contact"], email=NEW["email"])

    def send():
        client = Client()
        client.force_login(user)
        return client.post(reverse("new_deal"), {**NEW, "key": "one"}).status_code

    assert all_at_once([send] * 4) == [302] * 4
    assert (Deal.objects.count(), Transition.objects.count(), Contact.objects.count()) == (1, 1, 1)
