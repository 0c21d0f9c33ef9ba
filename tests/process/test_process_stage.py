"""A page per stage of the process: what it is for, what it asks, and its own numbers."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from deals import moves
from deals.models import Deal
from deals.overview import stage_numbers
from insights.models import Benchmark
from insights.pages import stage_figures
from pipeline.process import process_of
from team.models import Organisation

from .. import factories as f
from .test_process_page import shipped, text_of

pytestmark = pytest.mark.django_db
PATH = "/process/b2b-seven-stages/qualify/"


def numbers(user, pipeline, name="Qualify"):
    process = process_of(pipeline)
    stage = next(stage for stage in process.stages if stage.name == name)
    return stage_numbers.of(user, process, stage, timezone.now())


def been_here(deal, days):
    Deal.objects.filter(pk=deal.pk).update(stage_entered_at=timezone.now() - timedelta(days=days))


def test_a_stages_page_says_what_it_is_for_what_it_asks_and_what_helps(client):
    shipped()
    page = text_of(client, f.make_user(), PATH)
    for words in (
        "Establish that there is a problem", "Answered us, asked for contact", "The buyer stated the business problem",
        "In their words it can be repeated", "What does this cost you today", "<b class=\"num\">30 days</b> archive",
        "Account executive", "stage 2 of 7", "Decide that it is worth solving", 'rel="next"', "no deal here",
    ):  # fmt: skip
        assert words in page, words
    assert "/admin/" not in page


def test_every_stage_has_its_page_and_the_process_page_leads_there(client):
    pipeline, admin = shipped()
    overview = text_of(client, admin)
    for stage in pipeline.stages.all():
        path = f"/process/b2b-seven-stages/{stage.slug}/"
        assert f'href="{path}"' in overview and stage.objective in text_of(client, admin, path)
    text_of(client, admin, "/process/b2b-seven-stages/nothing/", status=404)
    text_of(client, admin, "/process/nothing/qualify/", status=404)


def test_live_deals_proven_and_claimed_money_are_those_of_the_stage():
    pipeline = f.make_pipeline()
    rep = f.make_user()
    first = f.next_step(f.make_deal(pipeline, rep, amount=Decimal(1000)))
    f.make_deal(pipeline, rep, amount=Decimal(300))  # no next step: claimed
    f.make_deal(pipeline, rep, stage="Discover", amount=Decimal(70_000))
    moves.lose(
        f.make_deal(pipeline, rep).pk,
        seen_seq=1,
        by=rep,
        loss_reason=f.make_loss_reason().pk,
        reason="No answer",
    )
    found = numbers(rep, pipeline)
    assert (found.live, found.open, found.proven, found.claimed) == (2, 2, 1000, 300)
    assert first.stage.name == "Qualify"


def test_a_rep_counts_the_deals_they_may_see_and_an_admin_all():
    pipeline, rep = f.make_pipeline(), f.make_user()
    f.make_deal(pipeline, rep)
    f.make_deal(pipeline, f.make_user("Ines Roth", team="South"))
    assert numbers(rep, pipeline).live == 1
    assert numbers(pipeline.process_owner, pipeline).live == 2


def test_the_middle_deal_says_how_long_deals_have_been_here():
    pipeline, rep = f.make_pipeline(), f.make_user()
    assert numbers(rep, pipeline).median_days is None
    for days in (3, 40, 9):
        been_here(f.make_deal(pipeline, rep), days)
    assert numbers(rep, pipeline).median_days == 9


def test_the_criterion_that_most_deals_lack_is_named_with_their_number():
    pipeline, rep = f.make_pipeline(), f.make_user()
    process = process_of(pipeline)
    problem, budget = process.exit_criteria(process.entry.stage_id)
    for answered in ([], [problem], [problem], [problem, budget]):
        f.satisfy_all(f.make_deal(pipeline, rep), answered)
    found = numbers(rep, pipeline)
    assert (found.held_up_by, found.held_up) == (budget, 3)
    assert numbers(rep, pipeline, "Close").held_up_by is None


def figures(user, pipeline, name="Qualify"):
    process = process_of(pipeline)
    stage = next(stage for stage in process.stages if stage.name == name)
    return stage_figures.of(user, pipeline, stage, timezone.now())


def test_the_share_won_is_of_the_closed_deals_that_reached_the_stage():
    pipeline, rep = f.make_pipeline(stages=f.OPEN_GATES), f.make_user()
    reason = f.make_loss_reason().pk
    for place in ("Qualify", "Discover", "Discover", "Discover", "Discover"):
        deal = f.make_deal(pipeline, rep, stage=place)
        moves.lose(deal.pk, seen_seq=deal.seq, by=rep, loss_reason=reason, reason="No answer")
    deal = f.make_deal(pipeline, rep, stage="Close")
    moves.win(deal.pk, seen_seq=deal.seq, by=rep)
    first, second = figures(rep, pipeline), figures(rep, pipeline, "Discover")
    assert (first.cohort.won, first.cohort.closed, first.win_rate) == (1, 6, 17)
    assert (second.cohort.closed, second.win_rate, second.conversion) == (5, 20, 20)
    assert figures(rep, pipeline, "Close").win_rate is None  # one closed deal says nothing


def test_the_page_shows_the_dashboards_figures_of_the_stage_and_its_benchmark(client):
    admin = f.make_admin()
    pipeline = f.make_pipeline("Small", stages=f.OPEN_GATES)
    for _each in range(5):
        f.make_deal(pipeline, stage="Discover")
    band = {"metric": "time_in_stage", "pipeline": pipeline, "stage": f.stage_of(pipeline, "Qualify")}
    Benchmark.objects.create(low=3, high=12, asks=admin, **band)
    page = text_of(client, admin, "/process/small/qualify/")
    assert ">100%</a>" in page
    assert "5 of 5 decided, 0 under way" in page
    assert "Benchmark: Time in stage" in page
    assert "3 days to 12 days" in page


def test_one_of_a_kind_of_activity_is_said_as_one(client):
    pipeline = f.make_pipeline("Small")
    deal = f.make_deal(pipeline, f.make_user())
    f.log_call(deal)
    page = " ".join(text_of(client, deal.owner, "/process/small/qualify/").split())
    assert "1 call, 0 mails, 0 meetings" in page


def test_the_page_shows_the_numbers_in_the_organisations_money(client):
    Organisation.current()
    pipeline = f.make_pipeline("Small")
    rep = f.make_user()
    f.make_deal(pipeline, rep)
    page = text_of(client, rep, "/process/small/qualify/")
    assert "Of the deals you may see" in page and "€86,000" in page and "in 1 of 1 open deal<" in page


def test_the_page_asks_as_many_questions_with_a_hundred_deals_as_with_one(
    client, django_assert_max_num_queries
):
    pipeline, rep = f.make_pipeline("Small"), f.make_user()
    client.force_login(rep)
    f.make_deal(pipeline, rep)
    client.get("/process/small/qualify/")
    for _ in range(12):
        f.make_deal(pipeline, rep)
    with django_assert_max_num_queries(20):
        client.get("/process/small/qualify/")
