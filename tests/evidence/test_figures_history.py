"""Amount and expected close leave a row wherever they change; the deal's page tells them and counts the pushes."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from deals import edits, moves
from deals.answers import Given, save
from deals.models import FieldChange
from pipeline.vocabulary import Kind

from .. import factories as f

pytestmark = pytest.mark.django_db


def changes(deal):
    return [(row.field, row.old, row.new, row.by) for row in FieldChange.objects.filter(deal=deal)]


@pytest.fixture
def deal(rep):
    return f.make_deal(f.make_pipeline(stages=f.OPEN_GATES), owner=rep, amount=Decimal(86000))


def close_on(deal, days):
    deal.refresh_from_db()
    day = f.today() + timedelta(days=days)
    edits.change(deal.pk, "expected_close", {"expected_close": day.isoformat()}, by=deal.owner, rev=deal.rev)
    return day.isoformat()


def test_an_amount_edited_on_the_page_says_what_it_was_and_who_changed_it(deal):
    edits.change(deal.pk, "amount", {"amount": "72000.50"}, by=deal.owner, rev=deal.rev)
    assert changes(deal) == [("amount", "86000.00 EUR", "72000.50 EUR", deal.owner)]


def test_what_is_saved_as_it_was_leaves_no_row(deal):
    edits.change(deal.pk, "amount", {"amount": "86000"}, by=deal.owner, rev=deal.rev)
    assert changes(deal) == []


def test_several_fields_at_once_leave_a_row_for_each_that_changed(deal):
    day = (f.today() + timedelta(days=20)).isoformat()
    fields = {
        "amount": {"amount": "90000"},
        "expected_close": {"expected_close": day},
        "name": {"name": "Other"},
    }
    edits.change_all(deal.pk, fields, by=deal.owner, rev=deal.rev)
    assert changes(deal) == [
        ("amount", "86000.00 EUR", "90000.00 EUR", deal.owner),
        ("expected_close", "", day, deal.owner),
    ]


def test_an_edit_that_is_refused_leaves_none(deal):
    with pytest.raises(edits.Unfit):
        edits.change(deal.pk, "amount", {"amount": "a lot"}, by=deal.owner, rev=deal.rev)
    assert changes(deal) == []


def test_a_fact_given_in_a_gate_is_a_change_like_any_other(rep):
    fields = {"deal_fields": "expected_close", "needs_buyer": False}
    pipeline = f.make_pipeline(stages={"Qualify": [("close", Kind.DEAL_FIELD, fields)], "Close": []})
    deal, day = f.make_deal(pipeline, owner=rep), (f.today() + timedelta(days=9)).isoformat()
    given = Given(f.criterion_of(pipeline, "close").pk, value="yes", facts={"expected_close": day})
    save(deal.pk, [given], by=rep)
    assert changes(deal) == [("expected_close", "", day, rep)]


def test_the_amount_a_deal_is_won_with_is_one_too(deal):
    deal = f.walk_to(deal, "Close")
    moves.win(deal.pk, seen_seq=deal.seq, by=deal.owner, amount=Decimal(80000))
    assert changes(deal) == [("amount", "86000.00 EUR", "80000.00 EUR", deal.owner)]


def test_the_administration_writes_its_own(deal, admin, client):
    day = (f.today() + timedelta(days=30)).isoformat()
    form = {
        "name": deal.name,
        "expected_close": day,
        "goals": "",
        "commitments": "",
        "deal_type": "",
        "lead_source": "",
    }
    assert client.post(f"/admin/deals/deal/{deal.pk}/change/", form).status_code == 302
    assert changes(deal) == [("expected_close", "", day, admin)]


def test_the_page_tells_each_change_and_how_often_the_close_was_pushed(deal, client):
    for days in (10, 24, 20, 45):
        close_on(deal, days)
    client.force_login(deal.owner)
    page = client.get(f"/deals/{deal.pk}/").content.decode()
    assert "pushed 2 times, 39 days in all" in page
    assert page.count("Expected close changed from") == 3 and page.count("Expected close set to") == 1
    assert "25 days later. By Mara Kessel." in page and "4 days sooner." in page


def test_a_close_that_was_never_pushed_says_nothing(deal, client):
    for days in (30, 12):
        close_on(deal, days)
    client.force_login(deal.owner)
    assert "pushed" not in client.get(f"/deals/{deal.pk}/").content.decode()


def test_the_page_goes_on_past_many_changes(deal, client):
    now = timezone.now()
    for number in range(20):
        row = {"field": "amount", "old": f"{number}.00 EUR", "new": f"{number + 1}.00 EUR"}
        FieldChange.objects.create(deal=deal, by=deal.owner, at=now + timedelta(seconds=number), **row)
    client.force_login(deal.owner)
    page = client.get(f"/deals/{deal.pk}/")
    older = client.get(f"/deals/{deal.pk}/", {"before": str(page.context["page"].more)})
    assert "€20" in page.content.decode() and "from €0 to €1" in older.content.decode()
