"""A tightened criterion binds deals that are past it now, from a day on, or not at all; everybody can see which."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from automations import tick
from deals import moves
from deals.answers import save
from deals.gate import Reading, State
from deals.models import Deal, Spared
from deals.tightening import binding
from pipeline.models import Pipeline
from pipeline.process import process_of
from pipeline.vocabulary import Kind
from team.models import Organisation

from .. import factories as f
from .. import publications as p

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(kept):
    return f.make_pipeline(stages=p.STAGES).pk


@pytest.fixture
def pipeline(made, db):
    return Pipeline.objects.get(pk=made)


def at(pipeline, stage):
    return f.next_step(f.make_deal(pipeline, stage=stage))


def finding(deal, slug, days=0):
    deal = f.fresh(deal)
    process = process_of(Pipeline.objects.select_related("version").get(pk=deal.pipeline_id))
    (definition,) = [d for d in process.criteria_of_all() if d.slug == slug]
    return Reading(deal, process, f.today() + timedelta(days=days)).finding(definition, at_gate=False)


def tighten(pipeline, when):
    criterion = p.edit(pipeline, "score", minimum=Decimal(6))
    p.published(pipeline, {criterion.pk: when})
    return criterion


def ask(pipeline, when):
    criterion = f.add_criterion(f.stage_of(pipeline, "Two"), "pain", Kind.YES_NO)
    p.published(pipeline, {criterion.pk: when})
    return criterion


def after(days):
    return timezone.now() + timedelta(days=days)


def test_a_new_criterion_for_deals_that_enter_is_not_asked_of_those_that_stand_there_or_beyond(pipeline):
    before, there, beyond = at(pipeline, "One"), at(pipeline, "Two"), at(pipeline, "Three")
    ask(pipeline, "entering")
    assert [finding(deal, "pain").state for deal in (before, there, beyond)] == [
        State.OPEN, State.EXEMPT, State.EXEMPT,
    ]  # fmt: skip
    assert "deals that enter from now on" in finding(there, "pain").why
    assert f.fresh(beyond).open_before == 0


def test_a_new_criterion_for_all_is_asked_of_all(pipeline):
    beyond = at(pipeline, "Three")
    ask(pipeline, "now")
    assert finding(beyond, "pain").state == State.OPEN and f.fresh(beyond).open_before == 1


def test_a_tightened_criterion_leaves_the_answer_it_had_as_it_was_judged(pipeline):
    beyond, open_one = at(pipeline, "Three"), at(pipeline, "One")
    tighten(pipeline, "entering")
    assert finding(beyond, "score").state == State.HOLDS and f.fresh(beyond).open_before == 0
    given = f.good_answer(open_one, finding(open_one, "score").definition)
    save(open_one.pk, [given], by=None)
    assert finding(open_one, "score").state == State.OPEN  # five is less than six


def test_an_answer_given_after_the_publication_is_judged_by_what_is_asked_now(pipeline):
    beyond = at(pipeline, "Three")
    tighten(pipeline, "entering")
    given = f.good_answer(beyond, finding(beyond, "score").definition)
    given.value = "4"
    save(beyond.pk, [given], by=None)
    assert finding(beyond, "score").state == State.OPEN and f.fresh(beyond).open_before == 1
    given.value = "7"
    save(beyond.pk, [given], by=None)
    assert finding(beyond, "score").state == State.HOLDS


def test_an_answer_taken_back_is_open_although_the_deal_was_spared(pipeline):
    beyond = at(pipeline, "Three")
    tighten(pipeline, "entering")
    given = f.good_answer(beyond, finding(beyond, "score").definition)
    given.state = "disproved"
    save(beyond.pk, [given], by=None)
    assert not finding(beyond, "score").holds and f.fresh(beyond).open_before == 1


def tighten_second(pipeline, when):
    criterion = p.edit(pipeline, "parts", minimum=Decimal(6))
    p.published(pipeline, {criterion.pk: when})
    return criterion


@pytest.mark.parametrize("how", [ask, tighten_second])
def test_a_spared_deal_that_goes_back_and_enters_anew_is_asked(pipeline, how):
    deal = at(pipeline, "Three")
    criterion = how(pipeline, "entering")
    moves.back(
        deal.pk,
        to=f.stage_of(pipeline, "One").pk,
        reason="They start over",
        seen_seq=f.fresh(deal).seq,
        by=None,
    )
    assert not Spared.objects.filter(deal=deal).exists()
    with pytest.raises(moves.GateClosed) as closed:
        to = f.stage_of(pipeline, "Three").pk
        moves.advance(deal.pk, to=to, seen_seq=f.fresh(deal).seq, by=None)
    assert criterion.pk in [each.criterion_id for each in closed.value.open_criteria]
    assert p.stored(pipeline) == p.derived(pipeline)


def test_a_deal_that_goes_back_within_or_behind_its_stage_stays_spared(pipeline):
    deal = at(pipeline, "Four")
    ask(pipeline, "entering")
    moves.back(
        deal.pk,
        to=f.stage_of(pipeline, "Two").pk,
        reason="They start over",
        seen_seq=f.fresh(deal).seq,
        by=None,
    )
    assert finding(deal, "pain").state == State.EXEMPT


@pytest.mark.parametrize("how, slug", [(ask, "pain"), (tighten, "score")])
def test_from_the_day_that_was_set_it_binds_every_deal(pipeline, how, slug):
    deal, day = at(pipeline, "Three"), f.today() + timedelta(days=9)
    how(pipeline, day)
    assert finding(deal, slug).holds
    tick.run(after(8))
    assert finding(deal, slug).holds and Spared.objects.exists()
    tick.run(after(9))
    assert not finding(deal, slug).holds and not Spared.objects.exists()
    assert f.fresh(deal).open_before == 1 and p.stored(pipeline) == p.derived(pipeline)


def test_the_day_binds_before_the_tick_has_come(pipeline):
    deal = at(pipeline, "Three")
    ask(pipeline, f.today() + timedelta(days=9))
    assert finding(deal, "pain", days=8).holds and not finding(deal, "pain", days=9).holds


def test_the_tick_binds_a_thousand_deals_only_once(pipeline):
    at(pipeline, "Three")
    ask(pipeline, f.today() + timedelta(days=9))
    assert binding.end_due(after(10)) == 1 and binding.end_due(after(10)) == 0


def test_a_later_publication_that_binds_all_ends_the_sparing(pipeline):
    deal = at(pipeline, "Three")
    criterion = tighten(pipeline, "entering")
    p.edit(pipeline, "score", minimum=Decimal(7))
    p.published(pipeline, {criterion.pk: "now"})
    assert not Spared.objects.exists() and f.fresh(deal).open_before == 1


def test_a_later_publication_about_something_else_leaves_it_as_it_is(pipeline):
    deal = at(pipeline, "Three")
    criterion = tighten(pipeline, "entering")
    p.edit(pipeline, "score", label="The buyer scored us")
    p.edit(pipeline, "budget", expires_after_days=30)
    p.published(pipeline)
    assert finding(deal, "score").holds and Spared.objects.get().criterion_id == criterion.pk


def test_a_fact_that_is_asked_higher_is_not_asked_of_deals_that_hold_it(pipeline):
    deal, small = at(pipeline, "Three"), at(pipeline, "Three")
    Deal.objects.filter(pk=small.pk).update(amount=None)
    f.resettle(small)
    criterion = p.edit(pipeline, "worth", minimum=Decimal(500000))
    p.published(pipeline, {criterion.pk: "entering"})
    assert finding(deal, "worth").state == State.EXEMPT
    assert finding(small, "worth").state == State.OPEN


def test_a_closed_deal_is_not_spared(pipeline):
    deal = at(pipeline, "Three")
    moves.archive(deal.pk, seen_seq=f.fresh(deal).seq, by=None)
    ask(pipeline, "entering")
    assert not Spared.objects.exists()


def test_everybody_sees_on_the_deal_since_when_and_until_when_it_is_spared(pipeline, client):
    rep = f.make_user()
    deal = f.next_step(f.make_deal(pipeline, owner=rep, stage="Two"))
    kept = f.next_step(f.make_deal(pipeline, owner=rep, stage="One"))
    f.satisfy(kept, finding(kept, "score").definition)
    ask(pipeline, f.today() + timedelta(days=9))
    tighten(pipeline, "entering")
    client.force_login(rep)
    page = client.get(reverse("deal", args=[deal.pk])).content.decode()
    assert "Asked of this deal from" in page and "version 2" in page
    page = client.get(reverse("deal", args=[kept.pk])).content.decode()
    assert "Judged as before version 3" in page


def test_another_time_zone_than_ours_decides_which_day_it_is(pipeline):
    Organisation.objects.update_or_create(pk=1, defaults={"time_zone": "Pacific/Kiritimati"})
    at(pipeline, "Three")
    ask(pipeline, f.today() + timedelta(days=9))
    assert binding.end_due(f.at(f.today() + timedelta(days=8), hour=13)) == 1
