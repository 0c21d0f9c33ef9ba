"""The audit of many deals: judged together as each one alone, and its sheet sent as it is made."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.company import PROCESS
from bench.generator import generate
from deals.evidence import sparing
from deals.gate import Reading
from deals.models import Answer, Contradiction, Spared
from insights.audit import listing, missing
from insights.audit.look import Look
from pipeline.models import Pipeline
from pipeline.process import process_of
from team.models import User

from .. import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(kept):
    generate(150)


@pytest.fixture
def look(made, db):
    return Look.from_query(User.objects.get(email="head@seller.example"), {}, timezone.now())


def test_a_company_of_deals_lacks_what_the_reading_of_each_finds_open(look):
    """With the shipped process; an answer is contested, and a deal is let be that lacks something."""
    pipeline = Pipeline.objects.select_related("version").get(slug=PROCESS)
    process, deals = process_of(pipeline), list(look.live().select_related("pipeline__version"))
    answer = Answer.objects.holding(f.today()).filter(deal__in=[d for d in deals if d.open_before]).first()
    Contradiction.objects.create(
        deal_id=answer.deal_id, criterion_id=answer.criterion_id, text="They said no", source="A call",
        noted_at=timezone.now(),
    )  # fmt: skip
    spared = next(d for d in deals if d.open_before and d.pk != answer.deal_id)
    open_now = next(x for x in Reading(spared, process, f.today()).before() if not x.holds)
    Spared.objects.create(deal=spared, criterion_id=open_now.criterion_id, version=pipeline.version)
    sparing.forget()
    found = missing.of(look, [deal.pk for deal in deals])
    for deal in deals:
        reading = Reading(deal, process, f.today())
        open_ones = [finding.criterion_id for finding in reading.before() if not finding.holds]
        assert [d.criterion_id for d in found[deal.pk].criteria] == open_ones, deal
        assert found[deal.pk].deepest.stage_id == reading.deepest(deal.stage_id), deal
    assert open_now.criterion_id not in {d.criterion_id for d in found[spared.pk].criteria}
    assert len({found[deal.pk].criteria for deal in deals}) > 5, "they lack different things"
    sparing.forget()


@pytest.mark.parametrize("against", ["", "draft"])
def test_the_sheet_in_chunks_of_any_size_is_the_same(look, monkeypatch, against):
    look = look.narrowed(against=against)
    whole = list(listing.sheet(look))
    monkeypatch.setattr(listing, "CHUNK", 7)
    assert list(listing.sheet(look)) == whole
    assert len(whole) == look.deals().count() > 30
    assert {row[8] for row in whole} == {"yes", "no"}


def test_the_sheet_is_sent_as_it_is_made_and_asks_no_more_for_many_deals_than_for_few(look, monkeypatch):
    def asked(size):
        monkeypatch.setattr(listing, "CHUNK", size)
        with CaptureQueriesContext(connection) as captured:
            next(listing.sheet(look))
        return len(captured)

    list(listing.sheet(look))  # what a process is, is read once
    assert asked(60) == asked(30) <= 5
