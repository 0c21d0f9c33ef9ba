"""Rows B03, B04, B05, B20, B21, B33, B37, B39, B56, B57 and B58, and every kind of criterion passing and failing."""

import contextlib
from datetime import timedelta
from decimal import Decimal
from itertools import combinations

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from deals import activities, answers, edits, facts, facts_query, moves, stakeholders
from deals.gate import Reading, State
from deals.models import Answer, Deal, GateRefusal, LossReason, Stakeholder, Transition
from pipeline.process import process_of
from pipeline.publishing import publish
from pipeline.vocabulary import Evidence, Kind
from team.models import Organisation

from .. import factories as f
from ..fingerprint import fingerprint
from ..test_normalise import FILLERS, INVISIBLE, PHRASES, REAL
from .gates import Gate
from .world import refused, undone

pytestmark = pytest.mark.django_db
NOTHING = {"needs_buyer": False, "evidence": "none"}
GUARDED = {
    **{name: list(criteria) for name, criteria in f.SIMPLE.items()},
    "Propose": [("sponsor", Kind.YES_NO, {"side": "entry"}), *f.SIMPLE["Propose"]],
}
PAIRS = [*combinations(range(4), 2), *((start, None) for start in range(4))]


def refuse(gate, **options):
    """The gate refuses; nothing has changed but that the refusal is on record."""
    recorded = GateRefusal.objects.count()
    with refused(moves.GateClosed) as caught:
        gate.try_to_pass(**options)
    # Recorded after the move rolled back, within the test's own transaction.
    assert GateRefusal.objects.count() in (recorded, recorded + 1)
    return caught.value


# B03


def attempt(process, deal, end):
    if end is None:
        return moves.win(deal.pk, seen_seq=deal.seq, by=None)
    return moves.advance(deal.pk, to=process.stages[end].stage_id, seen_seq=deal.seq, by=None)


def asked_by_hand(start, end):
    """Slugs of what the jump is asked, from the table above: in stage order."""
    stages, found = list(GUARDED.values()), []
    for number, criteria in enumerate(stages):
        for slug, _kind, columns in criteria:
            is_entry = columns.get("side") == "entry"
            passed = start < number < (len(stages) if end is None else end)
            if passed or (number == start and not is_entry) or (number == end and is_entry):
                found.append(slug)
    return found


@pytest.mark.parametrize("start, end", PAIRS)
def test_a_jump_answers_for_every_stage_it_passes(start, end):
    """B03, B56: all exits, all sides of the stages between, the entry side of the target, in stage order."""
    pipeline = f.make_pipeline(stages=GUARDED)
    process = process_of(pipeline)
    deal = f.make_deal(pipeline, stage=process.stages[start].name)
    to_id = None if end is None else process.stages[end].stage_id
    with refused(moves.GateClosed) as refusal:
        attempt(process, deal, end)
    asked = [finding.definition for finding in refusal.value.open_criteria]
    assert [d.slug for d in asked] == asked_by_hand(start, end)
    for missing in {0, len(asked) - 1}:
        with undone():
            f.satisfy_all(deal, asked[:missing] + asked[missing + 1 :])
            with refused(moves.GateClosed) as refusal:
                attempt(process, f.fresh(deal), end)
            assert [x.definition.slug for x in refusal.value.open_criteria] == [asked[missing].slug]
    f.satisfy_all(deal, asked)
    moved = attempt(process, f.fresh(deal), end)
    assert moved.stage_id == (to_id or process.last.stage_id)
    row = Transition.objects.get(deal=deal, seq=moved.seq)
    stop = len(process.stages) if end is None else end
    assert row.passed == [s.stage_id for s in process.stages[start + 1 : stop]]


def test_the_snapshot_of_a_move_names_what_it_rested_on_without_words_or_names(w):
    """B16: ids, states and digests."""
    row = Transition.objects.get(deal=w.deal, kind="advance")
    assert {entry["s"] for entry in row.snapshot} == {"holds"}
    assert {entry["c"] for entry in row.snapshot} == {
        c.criterion_id for c in w.process.exit_criteria(w.entry)
    }
    assert all(set(entry) == {"c", "d", "s", "a", "h"} for entry in row.snapshot)


def test_another_pipelines_stage_is_no_target(w):
    stage = w.other.stages.get(position=2)
    for verb, extra in [(moves.advance, {}), (moves.back, {"reason": "Wrong pipeline"})]:
        with refused(moves.UnknownTarget):
            verb(w.deal.pk, to=stage.pk, seen_seq=w.deal.seq, by=w.rep, **extra)


@pytest.mark.parametrize(
    "to", ["", "0", "-1", "٣", "²", "1e3", "9" * 30, "WON", "nowhere", "999999999", "won "]
)
def test_nonsense_is_no_target(w, to):
    with refused(moves.UnknownTarget):
        moves.move(w.deal.pk, to, seen_seq=w.deal.seq, by=w.rep)


def test_the_stage_it_stands_in_and_earlier_ones_are_no_advance(w):
    for stage in (w.here, w.entry):
        with refused(moves.IllegalMove):
            moves.advance(w.deal.pk, to=stage, seen_seq=w.deal.seq, by=w.rep)
    for stage in (w.here, w.later, w.last):
        with refused(moves.IllegalMove):
            moves.back(w.deal.pk, to=stage, reason="Further ahead", seen_seq=w.deal.seq, by=w.rep)


@pytest.mark.parametrize("reason", ["", "  ", ".", "n/a", "\u200b\u200b\u200b", "x", "tbd"])
def test_going_back_pausing_and_reopening_need_a_reason_that_says_something(w, reason):
    with refused(moves.MissingInput):
        moves.back(w.deal.pk, to=w.entry, reason=reason, seen_seq=w.deal.seq, by=w.rep)
    with refused(moves.MissingInput):
        moves.pause(w.deal.pk, reason=reason, seen_seq=w.deal.seq, by=w.rep)
    archived = moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep)
    with refused(moves.MissingInput):
        moves.reopen(w.deal.pk, reason=reason, seen_seq=archived.seq, by=w.rep)


@pytest.mark.parametrize("reason", ["", "99999", "whatever", "9" * 40])
def test_losing_needs_a_reason_of_the_list(w, reason):
    LossReason.objects.create(name="Silent", by_rule=True)
    LossReason.objects.create(name="Old", is_active=False)
    for text in (reason, "Silent", "Old"):
        with refused(moves.MissingInput):
            moves.lose(w.deal.pk, loss_reason=text, seen_seq=w.deal.seq, by=w.rep)


# B04, B05


def test_a_page_from_before_the_last_move_moves_nothing(w):
    """B04"""
    with refused(moves.StaleDeal) as refusal:
        moves.archive(w.deal.pk, seen_seq=w.deal.seq - 1, by=w.rep)
    assert refusal.value.last.seq == w.deal.seq and refusal.value.deal.stage_id == w.here
    with refused(moves.StaleDeal):
        moves.archive(w.deal.pk, seen_seq=w.deal.seq + 1, by=w.rep)


def test_the_same_key_again_gives_the_first_answer(w):
    """B05"""
    first = moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep, key="click-1")
    before = fingerprint()
    again = moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep, key="click-1")
    assert (again.seq, again.status) == (first.seq, "archived") and fingerprint() == before


def test_another_key_on_the_same_page_is_stale(w):
    """B05"""
    moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep, key="click-1")
    with refused(moves.StaleDeal):
        moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep, key="click-2")


def test_a_key_opens_no_door_to_others(w):
    """B05, B48: who may not move the deal learns nothing from repeating a key."""
    moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep, key="click-1")
    with refused(moves.NotAllowed):
        moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=f.make_user("Piet Olen"), key="click-1")


# B20


BATCH = 25


def held_after_saying(texts):
    """Which of the texts open a text criterion, as values of answers that are good but for their text."""
    pipeline = f.make_pipeline(stages={"A": [(f"q{n}", Kind.TEXT, {}) for n in range(BATCH)], "B": []})
    deal, held = f.make_deal(pipeline), set()
    definitions = process_of(pipeline).criteria_of_all()
    for start in range(0, len(texts), BATCH):
        said = dict(zip(definitions, texts[start : start + BATCH], strict=False))
        items = [f.good_answer(deal, definition) for definition in said]
        for item, text in zip(items, said.values(), strict=True):
            item.value = text
        _deal, reading = answers.save(deal.pk, items, by=None)
        held |= {text for definition, text in said.items() if reading.finding(definition, True).holds}
    return held


def test_no_filler_opens_a_text_criterion():
    """B20: the whole table, through the answers a page sends."""
    fillers = sorted({*INVISIBLE, *FILLERS, *PHRASES})
    assert len(fillers) >= 60 and held_after_saying(fillers) == set()


def test_short_real_answers_open_it():
    """B20"""
    assert len(REAL) >= 20 and held_after_saying(REAL) == set(REAL)


def test_no_filler_counts_as_the_buyers_words():
    """B20"""
    gate = Gate(Kind.YES_NO, evidence=Evidence.WORDS)
    for text in [*INVISIBLE[:6], "n/a", "...", "TBD"]:
        with undone():
            gate.said(words=text)
            refuse(gate)
    gate.said(words="We lose a shift a month")
    gate.try_to_pass()


def test_the_same_text_in_all_fields_answers_none_of_them():
    """B20"""
    pipeline = f.make_pipeline(
        stages={"A": [(slug, Kind.TEXT, {}) for slug in ("one", "two", "three")], "B": []}
    )
    deal = f.make_deal(pipeline)
    items = [f.good_answer(deal, d) for d in process_of(pipeline).criteria_of_all()]
    for item in items:
        item.value = "They lose a shift a month"
    with refused(answers.AnswerErrors):
        answers.save(deal.pk, items, by=None)


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity", "1e400", "", "zero", "x"])
def test_no_filler_is_an_amount(value):
    """B20"""
    gate = Gate(Kind.MONEY)
    with refused(answers.AnswerErrors, moves.GateClosed):
        gate.said(value=value)
        gate.try_to_pass()


@pytest.mark.parametrize("value", ["0000-00-00", "32.13.2026", "soon", "1970-01-01", "9999-12-31"])
def test_no_filler_is_a_date_to_come(value):
    """B20"""
    gate = Gate(Kind.DATE, future=True)
    with refused(answers.AnswerErrors, moves.GateClosed):
        gate.said(value=value)
        gate.try_to_pass()


@pytest.mark.parametrize("name", ["n/a", "x", "Max Mustermann", "\u200b", "tbd", "..."])
def test_no_filler_is_a_person(name):
    """B21"""
    gate = Gate(Kind.CONTACT)
    with refused(answers.AnswerErrors):
        gate.said(value=name)
    with refused(answers.AnswerErrors):
        gate.said(value="Lena Vossberg", by=name)


# B21


@pytest.mark.parametrize("kind", [Kind.CONTACT, Kind.YES_NO, Kind.TEXT, Kind.MONEY])
@pytest.mark.parametrize("address", ["colleague@own.example", "x@eu.own.example", "X@OWN.EXAMPLE", "user"])
def test_one_of_us_confirms_nothing(kind, address):
    """B21: our domain, its subdomains, and every user's own address."""
    organisation = Organisation.current()
    organisation.own_domains = "own.example\n"
    organisation.save()
    gate = Gate(kind)
    email = (
        f.make_user("Ole Brandt", email="ole@freemail.example").email.upper()
        if address == "user"
        else address
    )
    us = f.make_contact(gate.deal.company, "Ole Brandt", email=email)
    call = f.log_call(gate.deal, us)
    assert not call.from_buyer and f.fresh(gate.deal).last_buyer_activity_at is None
    parts = {"value": str(us.pk)} if kind == Kind.CONTACT else {}
    gate.said(by=str(us.pk), conversation=str(call.pk), **parts)
    assert "one of us" in gate.finding().why
    refuse(gate)


@pytest.mark.parametrize("address", ["ole@own.example", "user"])
def test_naming_one_of_us_puts_nobody_on_the_map(address):
    """B21"""
    Organisation.objects.update_or_create(pk=1, defaults={"own_domains": "own.example"})
    gate = Gate(Kind.STAKEHOLDER, roles="economic_buyer", **NOTHING)
    email = gate.rep.email.upper() if address == "user" else address
    us = f.make_contact(gate.deal.company, "Ole Brandt", email=email)
    gate.answer(value=str(us.pk), priority="Payback")
    assert not Stakeholder.objects.filter(deal=gate.deal, contact=us).exists()
    refuse(gate)
    gate.answer(value=str(f.make_contact(gate.deal.company).pk), priority="Payback")
    gate.try_to_pass()


@pytest.mark.parametrize("address", ["ole@own.example", "user"])
def test_one_of_us_is_put_on_no_map_by_hand(address):
    """B21: the people's form of the deal's page."""
    Organisation.objects.update_or_create(pk=1, defaults={"own_domains": "own.example"})
    gate = Gate(Kind.STAKEHOLDER, roles="economic_buyer", **NOTHING)
    email = gate.rep.email.upper() if address == "user" else address
    typed = {"name": "Ole Brandt", "email": email, "stance": "for", "influence": "3"}
    contacts = gate.deal.company.contacts.count()
    with refused(edits.Unfit):
        stakeholders.put(gate.deal.pk, typed, ["economic_buyer"], by=gate.rep)
    assert gate.deal.company.contacts.count() == contacts
    f.make_contact(gate.deal.company, "Ole Brandt", email=email)
    with refused(edits.Unfit):
        stakeholders.put(gate.deal.pk, typed | {"email": ""}, ["economic_buyer"], by=gate.rep)
    refuse(gate)


def test_a_contact_of_a_stranger_confirms_nothing():
    """B21, B47: somebody of another company who is not on the map."""
    gate = Gate(Kind.YES_NO)
    stranger = f.make_contact(f.make_company())
    with refused(answers.AnswerErrors):
        gate.said(by=str(stranger.pk))


def test_a_conversation_of_another_deal_proves_nothing():
    gate = Gate(Kind.YES_NO)
    other = f.make_deal(gate.pipeline, owner=gate.rep)
    with refused(answers.AnswerErrors):
        gate.answer(value="yes", conversation=str(f.log_call(other).pk), by="")


@pytest.mark.parametrize("key", ["²", "٣", "9" * 30, "-1", "x", "0"])
def test_ids_that_are_none_are_refused_in_words(key):
    gate = Gate(Kind.CONTACT)
    item = gate.good()
    item.conversation = key
    with refused(answers.AnswerErrors):
        gate.answer(item)


@pytest.mark.parametrize("kind", ["note", "proposal", "introduction", "kickoff"])
def test_what_we_wrote_ourselves_is_no_conversation(kind):
    """B21: the buyer confirms in something the buyer took part in."""
    gate = Gate(Kind.YES_NO)
    person = f.make_contact(gate.deal.company)
    ours = activities.log(
        gate.deal.pk, by=gate.rep, kind=kind, happened_at=timezone.now(), attendees=[person]
    )
    assert not ours.from_buyer
    with refused(answers.AnswerErrors, moves.GateClosed):
        gate.answer(value="yes", conversation=str(ours.pk), by=str(person.pk))
        gate.try_to_pass()


def test_an_auto_reply_confirms_nothing():
    """B25"""
    gate = Gate(Kind.YES_NO)
    person = f.make_contact(gate.deal.company)
    details = {"kind": "email", "direction": "in", "is_auto": True}
    reply = activities.log(gate.deal.pk, by=None, happened_at=timezone.now(), attendees=[person], **details)
    with refused(answers.AnswerErrors, moves.GateClosed):
        gate.answer(value="yes", conversation=str(reply.pk), by=str(person.pk))
        gate.try_to_pass()


# States of an answer


@pytest.mark.parametrize("state, shown", [("claimed", State.CLAIMED), ("disproved", State.DISPROVED)])
def test_only_what_is_confirmed_opens_the_gate(state, shown):
    gate = Gate(Kind.YES_NO)
    gate.said(state=state)
    assert gate.finding().state == shown
    assert refuse(gate).open_criteria[0].state == shown
    gate.said(state="confirmed")
    gate.try_to_pass()


def test_a_state_nobody_knows_is_refused():
    gate = Gate(Kind.YES_NO)
    with refused(answers.AnswerErrors):
        gate.said(state="certain")


def test_a_correction_appends_and_the_newest_counts():
    gate = Gate(Kind.YES_NO)
    gate.said()
    gate.said(state="disproved")
    rows = Answer.objects.filter(deal=gate.deal).order_by("pk")
    assert [(row.state, row.is_current) for row in rows] == [("confirmed", False), ("disproved", True)]
    refuse(gate)


# Evidence, just below and just at each level

LEVELS = [Evidence.NONE, Evidence.WHO, Evidence.WORDS, Evidence.OWN, Evidence.FILE]


def with_evidence(gate, level):
    """An answer whose evidence is exactly of that level."""
    person = f.make_contact(gate.deal.company)
    item = gate.given(value="yes")
    if level == Evidence.NONE:
        return item
    item.by, item.how = str(person.pk), "invitation" if level == Evidence.OWN else "call"
    item.on = f.today().isoformat()
    item.words = "We lose a shift a month" if level == Evidence.WORDS else ""
    item.file = f.upload() if level == Evidence.FILE else None
    return item


@pytest.mark.parametrize("asked", LEVELS)
@pytest.mark.parametrize("given", LEVELS)
def test_the_least_evidence_asked_opens_and_anything_less_does_not(asked, given):
    gate = Gate(Kind.YES_NO, evidence=asked, needs_buyer=False)
    gate.answer(with_evidence(gate, given))
    assert Answer.objects.get(deal=gate.deal).evidence == given
    assert gate.finding().holds == (LEVELS.index(given) >= LEVELS.index(asked))


def test_the_buyers_criterion_needs_a_buyer_whatever_the_evidence():
    gate = Gate(Kind.YES_NO, evidence=Evidence.NONE)
    gate.answer(gate.given(value="yes", file=f.upload(), words="They said so, on the phone"))
    refuse(gate)


# Time


def test_proof_holds_through_its_last_day_and_not_a_day_longer():
    gate = Gate(Kind.MONEY, expires_after_days=90)
    gate.said()
    last = f.today() + timedelta(days=90)
    assert gate.finding(last).holds
    assert gate.finding(last + timedelta(days=1)).state == State.LAPSED
    noon = f.at(last + timedelta(days=1))
    refuse(gate, now=noon)
    with undone():
        gate.try_to_pass(now=f.at(last))


def test_proof_is_as_old_as_its_conversation_not_as_its_entry():
    gate = Gate(Kind.MONEY, expires_after_days=10)
    old = f.log_call(gate.deal, days_ago=10)
    gate.said(conversation=str(old.pk), by="")
    assert gate.finding().holds
    older = f.log_call(gate.deal, days_ago=11)
    gate.said(conversation=str(older.pk), by="")
    assert gate.finding().state == State.LAPSED


def test_a_conversation_still_to_come_is_refused():
    """B26"""
    gate = Gate(Kind.YES_NO)
    tomorrow = timezone.now() + timedelta(days=1)
    with refused(ValidationError):
        activities.log(gate.deal.pk, by=gate.rep, kind="call", happened_at=tomorrow, attendees=[])


@pytest.mark.parametrize("days, holds", [(-1, False), (0, True), (1, True)])
def test_a_next_step_holds_today_and_not_yesterday(days, holds):
    """R054"""
    gate = Gate(Kind.NEXT_STEP, **NOTHING)
    f.next_step(gate.deal, days)
    if holds:
        gate.try_to_pass()
    else:
        refuse(gate)


@pytest.mark.parametrize("text", ["", "   ", "tbd"])
def test_a_next_step_without_words_is_none(text):
    gate = Gate(Kind.NEXT_STEP)
    item = gate.good()
    item.value = text
    with refused(answers.AnswerErrors, moves.GateClosed):
        gate.answer(item)
        gate.try_to_pass()


@pytest.mark.parametrize("days, holds", [(-1, False), (0, True)])
def test_a_date_to_come_must_still_lie_ahead_when_the_gate_is_passed(days, holds):
    gate = Gate(Kind.DATE, future=True)
    gate.said(value=(f.today() + timedelta(days=5)).isoformat())
    then = f.today() + timedelta(days=5 - days)
    assert gate.finding(then).holds == holds


# Every kind, failing and passing


def fails_then_passes(gate, fail, succeed):
    """`fail` leaves the gate shut, `succeed` opens it."""
    refuse(gate)
    with undone():
        with contextlib.suppress(answers.AnswerErrors):
            fail()
        refuse(gate)
    succeed()
    assert gate.finding().holds
    gate.try_to_pass()


def test_text_with_a_least_length():
    gate = Gate(Kind.TEXT, min_length=20)
    fails_then_passes(
        gate, lambda: gate.said(value="Nineteen letters so"), lambda: gate.said(value="Twenty letters it is")
    )


def test_text_with_items():
    gate = Gate(Kind.TEXT, min_items=3)
    fails_then_passes(
        gate, lambda: gate.said(value="leaks, bills"), lambda: gate.said(value="leaks, bills, reports")
    )


@pytest.mark.parametrize("below, at", [("3.99", "4"), ("10.01", "10")])
def test_number_between_limits(below, at):
    gate = Gate(Kind.NUMBER, minimum=4, maximum=10)
    fails_then_passes(gate, lambda: gate.said(value=below), lambda: gate.said(value=at))


def test_money_above_zero_and_from_a_least():
    gate = Gate(Kind.MONEY, minimum=1000)
    fails_then_passes(gate, lambda: gate.said(value="999.99"), lambda: gate.said(value="1000"))


def test_a_choice_of_the_list():
    gate = Gate(Kind.CHOICE, choices="tender\ndirectly")
    fails_then_passes(gate, lambda: gate.said(value="by fax"), lambda: gate.said(value="tender"))


def test_yes_and_not_no():
    gate = Gate(Kind.YES_NO)
    fails_then_passes(gate, lambda: gate.said(value="no"), lambda: gate.said(value="yes"))


def test_a_person_of_the_buyer():
    gate = Gate(Kind.CONTACT)
    fails_then_passes(gate, lambda: gate.said(value=""), gate.said)


def test_a_file_or_a_link():
    gate = Gate(Kind.FILE_OR_LINK)
    fails_then_passes(
        gate,
        lambda: gate.said(file=None, value="javascript:alert(1)"),
        lambda: gate.said(file=None, value="https://buyer.example/offer.pdf"),
    )


def test_a_document_with_its_date():
    gate = Gate(Kind.FILE_OR_LINK, evidence=Evidence.FILE, with_date=True)
    fails_then_passes(
        gate, lambda: gate.said(date=""), lambda: gate.said(file=f.upload(), date=f.today().isoformat())
    )


@pytest.mark.parametrize("content", [b"", b"<html><script>alert(1)</script>", b"MZ\x90\x00 not a document"])
def test_a_file_that_is_no_document(content):
    gate = Gate(Kind.FILE_OR_LINK, evidence=Evidence.FILE)
    with refused(answers.AnswerErrors):
        gate.said(file=f.upload("offer.pdf", content))


def test_a_field_of_the_deal():
    gate = Gate(Kind.DEAL_FIELD, deal_fields="amount", minimum=5000, **NOTHING, amount=Decimal("4999.99"))
    amount = lambda value: Deal.objects.filter(pk=gate.deal.pk).update(amount=value)  # noqa: E731
    fails_then_passes(gate, lambda: amount(None), lambda: amount(5000))


def test_several_fields_of_the_deal():
    gate = Gate(Kind.DEAL_FIELD, deal_fields="goals,commitments", **NOTHING)
    write = lambda **columns: Deal.objects.filter(pk=gate.deal.pk).update(**columns)  # noqa: E731
    fails_then_passes(
        gate,
        lambda: write(goals="Fewer leaks"),
        lambda: write(goals="Fewer leaks", commitments="None in May"),
    )


def test_a_role_on_the_map():
    gate = Gate(Kind.STAKEHOLDER, roles="economic_buyer", **NOTHING)
    person = f.make_contact(gate.deal.company)
    fails_then_passes(
        gate,
        lambda: f.put_in_role(gate.deal, person, "champion"),
        lambda: f.put_in_role(gate.deal, person, "economic_buyer"),
    )


def test_a_role_with_its_priority():
    gate = Gate(Kind.STAKEHOLDER, roles="economic_buyer", requires_priority=True, **NOTHING)
    person = f.make_contact(gate.deal.company)
    fails_then_passes(
        gate,
        lambda: f.put_in_role(gate.deal, person, "economic_buyer", priority=""),
        lambda: f.put_in_role(gate.deal, person, "economic_buyer", priority="Payback"),
    )


def test_three_people_one_of_them_a_champion():
    gate = Gate(Kind.STAKEHOLDER, min_people=3, must_include="champion", **NOTHING)

    def people(count, role):
        for number in range(count):
            f.put_in_role(gate.deal, f.make_contact(gate.deal.company, f"Person {number}"), role)

    with undone():
        people(3, "user")
        refuse(gate)
    fails_then_passes(gate, lambda: people(2, "champion"), lambda: people(3, "champion"))


def test_somebody_who_left_is_nobodys_champion():
    gate = Gate(Kind.STAKEHOLDER, roles="champion", **NOTHING)
    gone = f.make_contact(gate.deal.company, "Gone Person", left_at=f.today())
    f.put_in_role(gate.deal, gone, "champion")
    refuse(gate)


def meet(gate, *people, kind="meeting", **fields):
    return activities.log(
        gate.deal.pk, by=gate.rep, kind=kind, happened_at=timezone.now(), attendees=people, **fields
    )


def test_a_meeting_with_two_people():
    """R169"""
    gate = Gate(Kind.ACTIVITY, activity_kinds="meeting,demo", min_people=2)
    one, two = (f.make_contact(gate.deal.company, name) for name in ("Lena Vossberg", "Jonas Rehm"))
    with undone():
        meet(gate, one, one)
        refuse(gate)
    with undone():
        meet(gate, one, two, kind="call")
        refuse(gate)
    with undone():
        meet(gate, one)
        meet(gate, two)
        refuse(gate)
    us = f.make_contact(gate.deal.company, "Mara Kessel", email=gate.rep.email)
    fails_then_passes(gate, lambda: meet(gate, one, us), lambda: meet(gate, one, two))


def test_a_meeting_with_the_role_asked_for():
    gate = Gate(Kind.ACTIVITY, activity_kinds="meeting", roles="technical", **NOTHING)
    person = f.make_contact(gate.deal.company)
    f.put_in_role(gate.deal, person, "technical")
    fails_then_passes(gate, lambda: meet(gate, f.make_contact(gate.deal.company)), lambda: meet(gate, person))


def test_an_approval():
    gate = Gate(Kind.APPROVAL, expires_after_days=20)
    fails_then_passes(gate, lambda: gate.said(value="no"), lambda: gate.said(value="yes"))


# What a criterion applies to


@pytest.mark.parametrize("amount, asked", [("24999.99", False), ("25000", True), (None, False)])
def test_a_criterion_for_large_deals_is_asked_from_its_very_limit(amount, asked):
    gate = Gate(Kind.YES_NO, applies_when="amount >= 25000", amount=amount and Decimal(amount))
    if asked:
        refuse(gate)
    else:
        assert gate.finding().state == State.EXEMPT
        gate.try_to_pass()


def test_a_condition_nobody_can_read_applies_to_everybody():
    """B58"""
    gate = Gate(Kind.YES_NO, applies_when="amount is large")
    refuse(gate)


# Winning


def test_a_deal_without_an_amount_cannot_be_won():
    gate = Gate(Kind.YES_NO, amount=None)
    f.satisfy(gate.deal, gate.definition)
    for amount in (None, Decimal(0)):
        with refused(moves.MissingInput):
            moves.win(gate.deal.pk, seen_seq=1, by=gate.rep, amount=amount)
    won = moves.win(gate.deal.pk, seen_seq=1, by=gate.rep, amount=Decimal(86000))
    assert (won.status, f.fresh(won).amount) == ("won", 86000)


def test_an_amount_typed_while_winning_is_forgotten_when_the_gate_refuses():
    """B48"""
    gate = Gate(Kind.YES_NO, amount=None)
    with refused(moves.GateClosed):
        moves.win(gate.deal.pk, seen_seq=1, by=gate.rep, amount=Decimal(86000))


def test_answers_that_came_with_a_refused_move_are_not_kept_by_the_move():
    """B48: the page keeps them typed; the database has nothing."""
    pipeline = f.make_pipeline()
    deal = f.make_deal(pipeline)
    process = process_of(pipeline)
    item = f.good_answer(deal, process.criteria_of_all()[0])
    with refused(moves.GateClosed) as refusal:
        moves.advance(deal.pk, to=process.stages[1].stage_id, seen_seq=1, by=None, answers=[item])
    assert [x.definition.slug for x in refusal.value.open_criteria] == ["budget"]


# B33


def test_reopening_goes_to_the_deepest_stage_that_holds_never_deeper_than_it_left(w):
    """B33"""
    for verb, extra in [(moves.archive, {}), (moves.lose, {"loss_reason": f.make_loss_reason()})]:
        with undone():
            closed = verb(w.deal.pk, seen_seq=w.deal.seq, by=w.rep, **extra)
            back = moves.reopen(w.deal.pk, reason="They called again", seen_seq=closed.seq, by=w.rep)
            assert back.stage_id == w.here


def test_reopening_judges_every_earlier_gate_anew(w):
    """B33"""
    moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep)
    item = f.good_answer(w.deal, w.process.exit_criteria(w.entry)[0])
    item.state = "disproved"
    answers.save(w.deal.pk, [item], by=w.rep)
    back = moves.reopen(w.deal.pk, reason="They called again", seen_seq=w.deal.seq + 1, by=w.rep)
    assert (back.stage_id, back.status) == (w.entry, "open")


def test_a_closed_deal_goes_nowhere_but_through_reopening(w):
    """B33: archived to won is no edge."""
    closed = moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep)
    targets = ["won", "lost", "paused", "resume", "return", "archived", *map(str, (w.entry, w.later, w.last))]
    for to in targets:
        with refused(moves.IllegalMove, moves.GateClosed):
            moves.move(w.deal.pk, to, seen_seq=closed.seq, by=w.rep, reason="Just do it", loss_reason="")
    with refused(TypeError, moves.MoveRefused):
        moves.reopen(w.deal.pk, to=w.last, reason="Deeper", seen_seq=closed.seq, by=w.rep)


# B37


def test_taking_back_what_a_gate_rested_on_shows_at_once_and_stops_the_next_move(w):
    """B37"""
    deal = f.next_step(w.deal)
    proven = Deal.objects.proven(f.today(), f.today())
    assert proven.filter(pk=deal.pk).exists()
    item = f.good_answer(deal, w.process.exit_criteria(w.entry)[1])
    item.state = "disproved"
    answers.save(deal.pk, [item], by=w.rep)
    assert f.fresh(deal).open_before == 1 and not proven.filter(pk=deal.pk).exists()
    f.satisfy_all(deal, w.process.exit_criteria(w.here))
    with refused(moves.GateClosed) as refusal:
        moves.advance(deal.pk, to=w.later, seen_seq=deal.seq, by=w.rep)
    assert [x.definition.slug for x in refusal.value.open_criteria] == ["budget"]


def test_an_answer_keeps_its_past_when_it_is_taken_back(w):
    """B37"""
    before = Answer.objects.filter(deal=w.deal).count()
    item = f.good_answer(w.deal, w.process.exit_criteria(w.entry)[1])
    item.state = "disproved"
    answers.save(w.deal.pk, [item], by=w.rep)
    assert Answer.objects.filter(deal=w.deal).count() == before + 1


# B39


def imported(w, stage_id, status="open", **columns):
    fields = {
        "name": "From the other system",
        "company": w.deal.company,
        "owner": w.rep,
        "team": w.deal.team,
        "amount": Decimal(9000),
        **columns,
    }
    now = timezone.now()
    (deal,) = moves.create_many(w.process, [fields], by=None, now=now, batch="b1")
    moves.land_many(w.process, [(deal, stage_id, status, now, None)], by=None, now=now, batch="b1")
    moves.many.recount_made(w.process, [deal], f.today())
    return f.fresh(deal)


def test_an_imported_deal_is_claimed_and_answers_for_its_stage_and_all_core_criteria(w):
    """B39"""
    deal = f.next_step(imported(w, w.later))
    assert deal.stage_id == w.later and deal.open_before > 0
    assert not Deal.objects.proven(f.today(), f.today()).filter(pk=deal.pk).exists()
    with refused(moves.GateClosed) as refusal:
        moves.advance(deal.pk, to=w.last, seen_seq=deal.seq, by=w.rep)
    assert [x.definition.slug for x in refusal.value.open_criteria] == ["problem", "review", "next_step"]


def test_a_deal_is_imported_once_in_its_life(w):
    """B39: the second row of a deal of that batch, or none."""
    deal = imported(w, w.later)
    now = timezone.now()
    deal.first_hash = Transition.objects.get(deal=deal, seq=2).hash
    for target, batch in [(deal, "b1"), (deal, "b2")]:
        with refused():
            landing = [(target, w.last, "open", now, None)]
            moves.land_many(w.process, landing, by=None, now=now, batch=batch)
    typed = w.fresh_deal()
    typed.first_hash = Transition.objects.get(deal=typed).hash
    for batch in ("", "b1"):
        with refused():
            moves.land_many(w.process, [(typed, w.last, "open", now, None)], by=None, now=now, batch=batch)


# B57


def test_a_stage_that_asks_nothing_is_named_as_an_open_gate():
    """B57"""
    pipeline = f.make_pipeline(stages={"A": [], "B": [("it", Kind.YES_NO, {})], "C": []})
    assert [stage.name for stage in process_of(pipeline).open_gates] == ["A", "C"]


# B58


def test_a_criterion_whose_evaluation_fails_stays_shut(monkeypatch):
    """B58: for facts, for conditions, for answers."""
    gate = Gate(Kind.NEXT_STEP, **NOTHING)
    f.next_step(gate.deal)
    assert gate.finding().holds

    def broken(definition, today):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setitem(facts._KINDS, Kind.NEXT_STEP, broken)
        facts_query.forget()
        with refused(moves.GateClosed, ZeroDivisionError):
            gate.try_to_pass()
    facts_query.forget()
    with monkeypatch.context() as patch:
        patch.setattr("deals.gate.applies", broken)
        with refused(moves.GateClosed, ZeroDivisionError):
            gate.try_to_pass()
    gate.try_to_pass()


def test_a_kind_nobody_knows_stays_shut():
    """B58"""
    gate = Gate("horoscope")
    gate.said()
    refuse(gate)


def test_a_field_criterion_that_names_no_field_stays_shut():
    """B58"""
    gate = Gate(Kind.DEAL_FIELD, deal_fields="", **NOTHING)
    assert f.fresh(gate.deal).held_here == 0
    refuse(gate)


# B60


def test_who_may_act_is_asked_when_the_move_is_made(w):
    """B60, B48"""
    teammate = f.make_user("Piet Olen")
    stranger = f.make_manager("Ines Roth", team="South")
    gone = f.make_admin("Max Gonder", is_active=False)
    for person in (teammate, stranger, gone):
        with refused(moves.NotAllowed):
            moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=person)
    w.rep.is_active = False
    w.rep.save()
    with refused(moves.NotAllowed):
        moves.archive(w.deal.pk, seen_seq=w.deal.seq, by=w.rep)


def test_a_reading_knows_every_criterion_before_it_judges(w):
    """A refusal is complete: each criterion of the process has a finding, with words where it does not hold."""
    reading = Reading(w.deal, w.process, f.today())
    for finding in reading.of(w.process.criteria_of_all(), at_gate=True):
        assert finding.holds or finding.why


def test_publishing_while_a_page_is_open_asks_the_new_question(w):
    """B16: the very next attempt obeys."""
    f.satisfy_all(w.deal, w.process.exit_criteria(w.here))
    f.add_criterion(f.stage_of(w.pipeline, "Discover"), "pain", Kind.YES_NO, position=9)
    publish(w.pipeline, by=w.pipeline.process_owner)
    with refused(moves.GateClosed) as refusal:
        moves.advance(w.deal.pk, to=w.later, seen_seq=w.deal.seq, by=w.rep)
    assert [x.definition.slug for x in refusal.value.open_criteria] == ["pain"]
    assert Stakeholder.objects.filter(deal=w.deal).exists()


def test_who_confirms_was_in_that_conversation():
    """B22: a name that was not there confirms nothing."""
    gate = Gate(Kind.YES_NO)
    call = f.log_call(gate.deal)
    absent = f.make_contact(gate.deal.company, "Daniel Oseidan")
    item = answers.Given(
        gate.definition.criterion_id, value="yes", conversation=str(call.pk), by=str(absent.pk)
    )
    with refused(answers.AnswerErrors, says="did not take part"):
        answers.save(gate.deal.pk, [item], by=None)


def test_an_answer_that_cannot_be_stored_keeps_the_deal_from_going_back_too():
    """A move that needs no gate does not swallow what was typed."""
    gate = Gate(Kind.DATE)
    item = answers.Given(gate.definition.criterion_id, value="soonish", by="Lena Vossberg")
    with refused(moves.MissingInput):
        moves.archive(gate.deal.pk, seen_seq=gate.deal.seq, by=None, answers=[item])


def test_a_document_is_not_dated_ahead():
    """R048: signed is signed, not about to be."""
    gate = Gate(Kind.FILE_OR_LINK, evidence="file", with_date=True)
    ahead = (f.today() + timedelta(days=2)).isoformat()
    gate.said(date=ahead)
    assert not gate.finding().holds
    gate.said(date=f.today().isoformat())
    assert gate.finding().holds


# What the mover saw


@pytest.mark.parametrize("source", ["page", "api", "admin"])
@pytest.mark.parametrize(
    "verb, extra",
    [
        (moves.advance, {"to": 0}),
        (moves.back, {"to": 0, "reason": "Too early"}),
        (moves.win, {}),
        (moves.lose, {"loss_reason": "No decision"}),
        (moves.archive, {}),
        (moves.pause, {"reason": "Their summer break"}),
        (moves.undo, {}),
    ],
)
def test_nobody_moves_a_deal_by_hand_without_saying_which_state_they_saw(w, verb, extra, source):
    """B04, B05: also where no form stands before the door."""
    f.make_loss_reason()
    to = {"to": w.entry if verb is moves.back else w.later} if "to" in extra else {}
    with refused(moves.MissingInput) as refusal:
        verb(w.deal.pk, seen_seq=None, by=w.rep, source=source, **extra | to)
    assert list(refusal.value.fields) == ["seen_seq"]


def test_what_no_page_shows_moves_without_it_and_strangers_are_told_nothing(w):
    """A rule, an import and a command look at no page; who may not move at all hears only that."""
    for source in ("rule", "import", "command", "bulk"):
        with undone():
            assert moves.archive(w.deal.pk, seen_seq=None, by=w.rep, source=source).status == "archived"
    with refused(moves.NotAllowed):
        moves.archive(w.deal.pk, seen_seq=None, by=f.make_user("Tom", team="South"))
