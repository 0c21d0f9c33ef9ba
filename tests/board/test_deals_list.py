"""The deals list: what a rep finds, filters and sorts, and keeps in the address."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from deals import moves

from .. import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep(client):
    user = f.make_user()
    client.force_login(user)
    return user


def names(response):
    assert response.status_code == 200
    return [deal.name for deal in response.context["page"]]


def listed(client, **query):
    return names(client.get(reverse("deals"), query))


def test_live_deals_of_the_team_are_listed_and_other_teams_are_not(client, rep):
    f.make_deal(owner=rep, name="Ours")
    f.make_deal(owner=f.make_user("Tom", team="South"), name="Theirs")
    assert listed(client) == ["Ours"]


def test_a_word_of_the_company_finds_its_deal(client, rep):
    f.make_deal(owner=rep, company=f.make_company("Marrowfen Clinics"), name="Water safety")
    f.make_deal(owner=rep, name="Other")
    assert listed(client, q="marrow") == ["Water safety"]


def test_closed_deals_have_a_tab_of_their_own(client, rep):
    deal = f.make_deal(owner=rep, name="Silent")
    moves.archive(deal.pk, seen_seq=1, by=rep)
    assert listed(client) == []
    assert listed(client, show="archived") == ["Silent"] == listed(client, show="all")


def test_proven_and_claimed_are_told_apart(client, rep):
    f.make_deal(owner=rep, name="Claimed")
    f.next_step(f.make_deal(owner=rep, name="Proven"))
    assert listed(client, proof="proven") == ["Proven"]
    assert listed(client, proof="claimed") == ["Claimed"]


@pytest.mark.parametrize(
    "sort, order", [("amount", "ABN"), ("-amount", "BAN"), ("name", "ABN"), ("-name", "NBA")]
)
def test_sorting_by_amount_and_by_name(client, rep, sort, order):
    f.make_deal(owner=rep, name="A", amount=Decimal(10))
    f.make_deal(owner=rep, name="B", amount=Decimal(20))
    f.make_deal(owner=rep, name="N", amount=Decimal(5) if "name" in sort else Decimal("0.5"))
    expected = {"amount": "NAB", "-amount": "BAN"}.get(sort, order)
    assert "".join(listed(client, sort=sort)) == expected


def test_an_empty_date_comes_last_in_either_direction(client, rep):
    f.make_deal(owner=rep, name="none")
    f.next_step(f.make_deal(owner=rep, name="soon"), days=1)
    f.next_step(f.make_deal(owner=rep, name="later"), days=9)
    assert listed(client, sort="next") == ["soon", "later", "none"]
    assert listed(client, sort="-next") == ["later", "soon", "none"]


def test_the_next_page_neither_repeats_nor_skips(client, rep):
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    company = f.make_company()
    for number in range(53):
        f.make_deal(pipeline, rep, company=company, name=f"Deal {number}")
    first, second = listed(client), listed(client, page="2")
    assert (len(first), len(second)) == (50, 3)
    assert len(set(first + second)) == 53


@pytest.mark.parametrize(
    "query", ["sort=nosuch", "sort=?", "page=abc", "page=99", "stage=abc", "owner=1e9", "owner=%D9%A1"]
)
def test_an_address_that_names_nothing_real_still_shows_the_list(client, rep, query):
    f.make_deal(owner=rep, name="Ours")
    response = client.get(f"{reverse('deals')}?{query}")
    assert response.status_code == 200


def test_no_deals_yet_says_how_to_start(client, rep):
    assert b"Add a deal" in client.get(reverse("deals")).content


def test_a_search_without_a_hit_offers_to_clear_it(client, rep):
    assert b"Clear the filters" in client.get(reverse("deals"), {"q": "zzz"}).content


def test_a_name_with_markup_is_shown_as_text(client, rep):
    f.make_deal(owner=rep, name="<script>alert(1)</script>")
    page = client.get(reverse("deals")).content
    assert b"<script>alert" not in page and b"&lt;script&gt;alert" in page


def test_an_owner_filter_of_me_shows_mine_alone(client, rep):
    f.make_deal(owner=rep, name="Mine")
    f.make_deal(owner=f.make_user("Jonas"), name="Colleague")
    assert sorted(listed(client)) == ["Colleague", "Mine"]
    assert listed(client, owner="me") == ["Mine"]


def test_a_past_next_step_is_marked_late(client, rep):
    deal = f.next_step(f.make_deal(owner=rep), days=-1)
    page = client.get(reverse("deals")).content.decode()
    assert "risk-t" in page and deal.next_step_on == f.today() - timedelta(days=1)
