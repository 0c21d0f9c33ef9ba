"""What a kept audit tells of its deals later: those that failed with what they lacked then, and a sheet of all."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from deals import moves
from deals.models import Deal
from insights.audit import detailing, keeping, listing
from insights.audit.look import Look
from pipeline.models import Criterion, CriterionDefinition
from pipeline.publishing import publish
from pipeline.vocabulary import Kind

from .. import factories as f
from .test_audit import lose_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def deals(boss):
    """By name: one that holds, one without a next step, one that lacks the answer of an earlier stage."""
    pipeline = f.make_pipeline(stages=f.SIMPLE, owner=boss)
    holds = f.next_step(f.make_deal(pipeline, stage="Discover", name="Holds", amount=Decimal(1000)))
    stepless = f.make_deal(pipeline, stage="Discover", name="Stepless", amount=Decimal(2000))
    Deal.objects.filter(pk=stepless.pk).update(next_step="", next_step_on=None)
    shallow = f.next_step(f.make_deal(pipeline, stage="Propose", name="Shallow", amount=Decimal(8000)))
    lose_answer(shallow, "problem")
    return {deal.name: f.fresh(deal) for deal in (holds, stepless, shallow)}


def kept(boss, against=""):
    audit = keeping.keep(
        Look.from_query(boss, {"against": against}, timezone.now()), by=boss, now=timezone.now()
    )
    detailing.go_on(audit, timezone.now())
    return audit


def sheet(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))


def test_it_lists_what_failed_and_what_each_lacked_also_when_that_is_mended(client, boss, deals):
    audit, label = kept(boss), f.criterion_of(deals["Shallow"].pipeline, "problem").label
    f.next_step(deals["Stepless"])
    moves.archive(deals["Shallow"].pk, seen_seq=deals["Shallow"].seq, by=boss, reason="Nobody answers")
    page = client.get(f"/audit/kept/{audit.pk}/").content.decode()
    table = page[page.index("What failed, and why") :]
    assert table.index("Shallow") < table.index("Stepless") and "Holds" not in table
    assert label in table and "Next step missing or past" in table and "€8,000" in table


def test_its_criteria_are_called_what_they_were_called_then(client, boss, deals, time_machine):
    audit, then = kept(boss), f.criterion_of(deals["Shallow"].pipeline, "problem").label
    time_machine.move_to(timezone.now() + timedelta(days=1))
    Criterion.objects.filter(stage__pipeline=audit.pipeline, label=then).update(
        label="Their problem in figures"
    )
    publish(audit.pipeline, by=boss, note="figures")
    assert CriterionDefinition.objects.filter(label="Their problem in figures").exists()
    client.force_login(boss)
    page = client.get(f"/audit/kept/{audit.pk}/").content.decode()
    assert then in page and "Their problem in figures" not in page


def test_a_criterion_of_a_draft_is_named_although_it_was_never_published(client, boss, deals):
    pipeline = deals["Holds"].pipeline
    f.add_criterion(f.stage_of(pipeline, "Qualify"), "board", Kind.YES_NO, label="The board has met")
    audit = kept(boss, "draft")
    assert "The board has met" in client.get(f"/audit/kept/{audit.pk}/").content.decode()


def test_every_deal_of_it_comes_as_a_sheet_that_adds_up(client, boss, deals):
    audit = kept(boss)
    live = sheet(client, "/audit/deals.csv")
    f.next_step(deals["Stepless"])
    head, *rows = sheet(client, f"/audit/kept/{audit.pk}.csv")
    assert head == [name for name in listing.HEAD if name != "status"]
    dropped = listing.HEAD.index("status")
    assert rows == [row[:dropped] + row[dropped + 1 :] for row in live[1:]]
    before, after = head.index("before"), head.index("after")
    assert sum(Decimal(row[before]) for row in rows) == audit.money_before == 11000
    assert sum(Decimal(row[after]) for row in rows) == audit.money_after == 1000


def test_the_page_links_its_sheet_and_turns_its_pages(client, boss, deals, monkeypatch):
    monkeypatch.setattr("insights.audit.views.PAGE", 1)
    audit = kept(boss)
    first = client.get(f"/audit/kept/{audit.pk}/").content.decode()
    assert f'href="/audit/kept/{audit.pk}.csv"' in first and "Page 1 of 2" in first
    second = client.get(f"/audit/kept/{audit.pk}/?page=2").content.decode()
    assert "Stepless" in second and "Shallow" not in second[second.index("What failed, and why") :]


def test_an_audit_that_held_says_so(client, boss, deals):
    Deal.objects.exclude(pk=deals["Holds"].pk).update(counts_as_pipeline=False)
    assert "Every deal held." in client.get(f"/audit/kept/{kept(boss).pk}/").content.decode()


def test_what_each_of_two_was_held_against_is_said_where_they_are_compared(client, boss, deals):
    now, draft = kept(boss), kept(boss, "draft")
    page = client.get(f"/audit/kept/{draft.pk}/?with={now.pk}").content.decode()
    said = [
        " ".join(re.sub(r"<[^>]+>", "", text).split()) for text in re.findall(r"<(?:option|span).*?<", page)
    ]
    assert any(re.fullmatch(r"today, [0-9:]+, version 1<?", text) for text in said), "to choose from"
    assert re.search(r"\(today, [0-9:]+, version 1 → today, [0-9:]+, draft\)", page)


def test_nobody_else_reads_the_sheet(client, boss, deals):
    audit = kept(boss)
    for user, status in ((f.make_manager(), 404), (f.make_user(), 403)):
        client.force_login(user)
        assert client.get(f"/audit/kept/{audit.pk}.csv").status_code == status


def test_it_asks_as_much_for_one_deal_as_for_many(client, boss, deals, django_assert_max_num_queries):
    address = f"/audit/kept/{kept(boss).pk}/"
    with django_assert_max_num_queries(20) as few:
        client.get(address)
    for number in range(4):
        deal = f.make_deal(deals["Shallow"].pipeline, stage="Propose", name=f"More {number}")
        lose_answer(deal, "problem")
    address = f"/audit/kept/{kept(boss).pk}/"
    with django_assert_max_num_queries(len(few) + 1):  # the list of others to compare with
        client.get(address)
