"""The stored counts are what one would count by hand, for every kind of criterion, one by one and all at once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from deals import counts, moves
from deals.answers import save
from deals.evidence import colleagues
from deals.evidence.judging import House
from deals.gate import Reading
from deals.models import Answer, Contact, Deal
from pipeline.process import process_of
from pipeline.publishing import publish
from pipeline.vocabulary import Evidence, Kind
from team.models import Organisation

from .. import factories as f

pytestmark = pytest.mark.django_db

EVERY_KIND = {
    "First": [
        ("text", Kind.TEXT, {"evidence": Evidence.WORDS}),
        ("number", Kind.NUMBER, {"minimum": 4, "maximum": 6, "needs_buyer": False, "evidence": "none"}),
        ("money", Kind.MONEY, {"expires_after_days": 90}),
        ("date", Kind.DATE, {"future": True, "expires_after_days": 60}),
        ("choice", Kind.CHOICE, {"choices": "tender\ndirectly"}),
        ("yes", Kind.YES_NO, {"applies_when": "amount >= 25000"}),
        ("person", Kind.CONTACT, {"needs_buyer": False, "evidence": "none"}),
        ("next_step", Kind.NEXT_STEP, {}),
    ],
    "Second": [
        ("entry", Kind.TEXT, {"side": "entry", "min_items": 1, "needs_buyer": False, "evidence": "none"}),
        ("file", Kind.FILE_OR_LINK, {"evidence": Evidence.OWN}),
        ("field", Kind.DEAL_FIELD, {"deal_fields": "amount,goals", "needs_buyer": False, "evidence": "none"}),
        (
            "people",
            Kind.STAKEHOLDER,
            {"roles": "champion", "min_people": 3, "needs_buyer": False, "evidence": "none"},
        ),
        ("signer", Kind.STAKEHOLDER, {"roles": "economic_buyer", "requires_priority": True}),
        ("meeting", Kind.ACTIVITY, {"activity_kinds": "meeting,demo", "min_people": 2, "needs_buyer": False}),
        ("approval", Kind.APPROVAL, {"applies_when": "amount >= 25000", "expires_after_days": 20}),
        ("next_step", Kind.NEXT_STEP, {}),
    ],
    "Third": [("signed", Kind.FILE_OR_LINK, {"evidence": Evidence.FILE, "with_date": True})],
}


def stored(deal):
    return Deal.objects.values(*counts.COLUMNS).get(pk=deal.pk)


def derived(deal):
    deal = f.fresh(deal)
    return counts.of_reading(Reading(deal, process_of(deal.pipeline), f.today()))


def recounted(deal):
    process = process_of(f.fresh(deal).pipeline)
    Deal.objects.filter(pk=deal.pk).update(open_before=99, held_here=99, total_here=99, claimed_here=99)
    counts.recount(process, f.today())
    return stored(deal)


def test_every_kind_counts_the_same_one_by_one_and_all_at_once():
    pipeline = f.make_pipeline(stages=EVERY_KIND)
    deal = f.make_deal(pipeline)
    process = process_of(pipeline)
    for stage in process.stages[:2]:
        asked = process.asked_from(deal.stage_id, process.stage_after(stage.stage_id).stage_id)
        for definition in asked:
            assert stored(deal) == derived(deal) == recounted(deal), definition.slug
            f.satisfy(deal, definition)
            assert Reading(f.fresh(deal), process, f.today()).finding(definition, True).holds, definition.slug
        assert stored(deal) == derived(deal) == recounted(deal)
        deal.refresh_from_db()
        moves.advance(deal.pk, to=process.stage_after(stage.stage_id).stage_id, seen_seq=deal.seq, by=None)
        deal.refresh_from_db()
    assert stored(deal) == derived(deal) == recounted(deal)


def test_an_answer_lapses_by_itself_on_the_day_after_its_last():
    pipeline = f.make_pipeline()
    deal = f.make_deal(pipeline, stage="Discover")
    budget = f.criterion_of(pipeline, "budget")
    assert stored(deal)["holds_until"] == f.today() + timedelta(days=90)
    Answer.objects.filter(criterion=budget).update(holds_until=f.today() - timedelta(days=1))
    assert recounted(deal)["open_before"] == 1 == derived(deal)["open_before"]


def test_a_criterion_for_large_deals_is_not_counted_on_a_small_one():
    pipeline = f.make_pipeline(
        stages={"A": [("big", Kind.YES_NO, {"applies_when": "amount >= 25000"})], "B": []}
    )
    small, large = f.make_deal(pipeline, amount=Decimal(9000)), f.make_deal(pipeline, amount=Decimal(90000))
    assert (stored(small)["total_here"], stored(large)["total_here"]) == (0, 1)
    assert recounted(small)["total_here"] == 0 and recounted(large)["total_here"] == 1


def test_publishing_a_new_criterion_makes_deals_behind_it_claimed_at_once():
    pipeline = f.make_pipeline()
    deal = f.make_deal(pipeline, stage="Discover")
    assert stored(deal)["open_before"] == 0
    f.add_criterion(f.stage_of(pipeline, "Qualify"), "pain", Kind.TEXT, position=9)
    publish(pipeline, by=pipeline.process_owner)
    assert stored(deal)["open_before"] == 1 == derived(deal)["open_before"]


def test_new_limits_judge_old_answers_again():
    pipeline = f.make_pipeline(
        stages={"A": [("score", Kind.NUMBER, {"needs_buyer": False, "evidence": "none"})], "B": []}
    )
    deal = f.make_deal(pipeline, stage="B")
    criterion = f.criterion_of(pipeline, "score")
    criterion.minimum = 6
    criterion.save()
    publish(pipeline, by=pipeline.process_owner)
    assert stored(deal)["open_before"] == 1
    criterion.minimum = 4
    criterion.save()
    publish(pipeline, by=pipeline.process_owner)
    assert stored(deal)["open_before"] == 0


def test_disproving_an_answer_behind_the_deal_makes_it_claimed_the_same_second():
    pipeline = f.make_pipeline()
    deal = f.next_step(f.make_deal(pipeline, stage="Discover"))
    proven = Deal.objects.proven(f.today(), f.today())
    assert proven.filter(pk=deal.pk).exists()
    item = f.good_answer(deal, process_of(pipeline).by_criterion[f.criterion_of(pipeline, "problem").pk])
    item.state = "disproved"
    save(deal.pk, [item], by=None)
    assert not proven.filter(pk=deal.pk).exists()
    assert Answer.objects.filter(deal=deal, criterion__slug="problem").count() == 2


# Who is one of us, by address or by name, and who is not
PEOPLE = [
    ("Lena Vossberg", "lena@buyer.example", False),
    ("Jonas Rehm", "", False),
    ("Ole Brandt", "ole@own.example", True),
    ("Ole Brandt", "OLE@EU.OWN.EXAMPLE", True),
    ("Ole Brandt", "ole@notown.example", False),
    ("Ole Brandt", "ole@own.example.org", False),
    ("Mara", "mara@freemail.example", True),
    ("MARA KESSEL", "", True),
    ("Mara Kessel", "mara@buyer.example", False),
    ("mara@freemail.example", "", True),
    ("anna@own.example", "", True),
    ("anna@buyer.example", "", False),
    ("Left Long Ago", "", False),
]


@pytest.mark.parametrize("name, email, ours", PEOPLE)
def test_a_colleague_in_the_role_asked_for_fills_it_for_no_deal(name, email, ours):
    """One by one and all at once, however they came on the map."""
    Organisation.objects.update_or_create(pk=1, defaults={"own_domains": "own.example\n"})
    rep = f.make_user(email="mara@freemail.example")
    f.make_user("Left Long Ago", is_active=False)
    rules = {"needs_buyer": False, "evidence": "none"}
    asked = [
        ("signer", Kind.STAKEHOLDER, {"roles": "economic_buyer", **rules}),
        ("anybody", Kind.STAKEHOLDER, rules),
        ("map", Kind.DEAL_FIELD, {"deal_fields": "stakeholder_map", **rules}),
        ("talk", Kind.ACTIVITY, {"activity_kinds": "call", "roles": "economic_buyer", "needs_buyer": False}),
    ]
    deal = f.make_deal(f.make_pipeline(stages={"First": asked, "Second": []}), owner=rep)
    person = f.make_contact(deal.company, name, email=email)
    f.put_in_role(deal, person, "economic_buyer")
    f.log_call(deal, person)
    assert House.current().is_ours(person) is ours
    assert list(Contact.objects.filter(colleagues.ours())) == [person] * ours
    held = 0 if ours else len(asked)
    assert stored(deal)["held_here"] == derived(deal)["held_here"] == recounted(deal)["held_here"] == held


def test_the_day_of_a_next_step_that_is_not_asked_for_ends_no_proof():
    pipeline = f.make_pipeline(
        stages={"First": [("next_step", Kind.NEXT_STEP, {"applies_when": "amount >= 25000"})], "Second": []}
    )
    small, large = (
        f.next_step(f.make_deal(pipeline, amount=Decimal(amount)), days=3) for amount in (9_000, 25_000)
    )
    counts.recount(process_of(pipeline), f.today())
    assert stored(small)["stands_until"] != stored(large)["stands_until"] == f.today() + timedelta(days=3)
    for deal in (small, large):
        assert stored(deal) == derived(deal)
