"""What speaks against an answer: it counts no more until that is settled, one by one and all at once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from deals import counts, moves
from deals.approving import contradictions
from deals.edits import Unfit
from deals.gate import Reading, State
from deals.models import Contradiction, Deal
from pipeline.process import process_of
from pipeline.vocabulary import Kind

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
AGAINST = {"text": "The register names his boss as the one who signs", "source": "Trade register"}
STAGES = {
    "First": [
        ("signer", Kind.TEXT, {}),
        ("large", Kind.YES_NO, {"applies_when": "amount >= 25000"}),
        ("goals", Kind.DEAL_FIELD, {"deal_fields": "goals", "needs_buyer": False, "evidence": "none"}),
        ("yes", Kind.APPROVAL, {"expires_after_days": 20}),
        ("none_left", Kind.NO_OPEN_OBJECTION, {}),
    ],
    "Second": [("more", Kind.TEXT, {})],
    "Third": [],
}


@pytest.fixture
def deal():
    return f.make_deal(f.make_pipeline(stages=STAGES), owner=f.make_user(), stage="Second")


def note(deal, definition, **typed):
    return contradictions.note(deal.pk, definition.criterion_id, {**AGAINST, **typed}, by=deal.owner)


def state(deal, definition):
    process = process_of(deal.pipeline)
    return Reading(f.fresh(deal), process, f.today()).finding(definition, True).state


def numbers(deal):
    """Stored, derived and recounted alike."""
    stored = Deal.objects.values(*counts.COLUMNS).get(pk=deal.pk)
    deal = f.fresh(deal)
    process = process_of(deal.pipeline)
    assert stored == counts.of_reading(Reading(deal, process, f.today()))
    Deal.objects.filter(pk=deal.pk).update(open_before=99, held_here=99, claimed_here=99, total_here=99)
    counts.recount(process, f.today())
    assert Deal.objects.values(*counts.COLUMNS).get(pk=deal.pk) == stored
    return stored


@pytest.mark.parametrize("number", range(5))
def test_whatever_its_kind_a_contested_criterion_counts_as_open_until_it_is_settled(deal, number):
    definition = process_of(deal.pipeline).criteria_of_all()[number]
    assert numbers(deal)["open_before"] == 0
    made = note(deal, definition)
    assert state(deal, definition) == State.CONTESTED and numbers(deal)["open_before"] == 1
    contradictions.settle_note(deal.pk, made.pk, {"settlement": "He showed us the mandate"}, by=deal.owner)
    assert state(deal, definition) == State.HOLDS and numbers(deal)["open_before"] == 0


def test_the_gate_it_is_behind_stays_shut(deal):
    definition = process_of(deal.pipeline).criteria_of_all()[0]
    f.satisfy(deal, process_of(deal.pipeline).criteria_of_all()[5])
    note(deal, definition)
    deal, before = f.fresh(deal), fingerprint()
    with pytest.raises(moves.GateClosed) as refusal:
        moves.advance(deal.pk, to=f.stage_of(deal.pipeline, "Third").pk, seen_seq=deal.seq, by=deal.owner)
    (open_one,) = refusal.value.open_criteria
    assert "Trade register" in open_one.why and fingerprint() == before


def test_a_later_answer_settles_it_and_an_earlier_conversation_does_not(deal):
    definition = process_of(deal.pipeline).criteria_of_all()[0]
    old = f.log_call(deal, days_ago=1)
    note(deal, definition)
    f.save_answers(deal.pk, [f.good_answer(deal, definition, old)], by=deal.owner)
    assert state(deal, definition) == State.CONTESTED
    f.save_answers(deal.pk, [f.good_answer(deal, definition, f.log_call(deal))], by=deal.owner)
    assert state(deal, definition) == State.HOLDS
    assert Contradiction.objects.get().settlement.startswith("A later answer: Lena Vossberg")


def test_a_claim_settles_nothing(deal):
    definition = process_of(deal.pipeline).criteria_of_all()[0]
    note(deal, definition)
    item = f.good_answer(deal, definition, f.log_call(deal))
    item.state = "claimed"
    f.save_answers(deal.pk, [item], by=deal.owner)
    assert state(deal, definition) == State.CONTESTED and numbers(deal)["open_before"] == 1


def test_it_is_told_apart_on_the_page_and_the_gate_it_let_through_is_broken(deal, client):
    definition = process_of(deal.pipeline).criteria_of_all()[0]
    client.force_login(deal.owner)
    page = reverse("deal", args=[deal.pk])
    assert "Gate broken" not in client.get(page).content.decode()
    note(deal, definition)
    shown = client.get(page).content.decode()
    assert "Gate broken" in shown and "One answer is contested." in shown
    assert "Gate broken: 1 open" in client.get(reverse("board")).content.decode()


def test_a_proof_of_sixty_days_breaks_the_gate_it_opened_and_still_true_mends_it(client):
    from automations import tick
    from deals.answers import still_true

    stages = {"A": [("budget", Kind.MONEY, {"expires_after_days": 60})], "B": [], "C": []}
    deal = f.make_deal(f.make_pipeline(stages=stages), owner=f.make_user(), stage="B")
    later = timezone.now() + timedelta(days=61)
    assert tick.run(later).recounted == 1 and f.fresh(deal).open_before == 1
    (definition,) = process_of(deal.pipeline).criteria_of_all()
    reading = Reading(f.fresh(deal), process_of(deal.pipeline), f.today() + timedelta(days=61))
    assert [finding.state for finding in reading.before()] == [State.LAPSED]
    talk = f.log_call(deal, now=later, days_ago=-61)
    still_true(deal.pk, definition.criterion_id, activity_id=talk.pk, by=deal.owner, now=later)
    assert f.fresh(deal).open_before == 0


@pytest.mark.parametrize("typed", [{"text": ""}, {"text": "-"}, {"source": ""}, {"source": "x" * 201}])
def test_a_note_says_what_and_from_where(deal, typed):
    definition = process_of(deal.pipeline).criteria_of_all()[0]
    before = fingerprint()
    with pytest.raises(Unfit):
        note(deal, definition, **typed)
    assert fingerprint() == before


def test_who_only_sees_the_deal_contests_nothing_and_its_manager_may(deal):
    definition = process_of(deal.pipeline).criteria_of_all()[0]
    before = fingerprint()
    with pytest.raises(moves.NotAllowed):
        contradictions.note(deal.pk, definition.criterion_id, AGAINST, by=f.make_user("Jonas Lindvarr"))
    assert fingerprint() == before
    contradictions.note(deal.pk, definition.criterion_id, AGAINST, by=f.make_manager())
