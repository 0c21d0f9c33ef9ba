"""Judging many answers at once comes to what judging each of them comes to, whatever is asked and said."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from deals.evidence import measures, verdicts
from deals.evidence.judging import House, judge
from deals.evidence.rejudging import rejudge_criterion
from deals.models import Activity, Answer, AnswerState, Attachment
from pipeline.models import CriterionDefinition
from pipeline.vocabulary import Evidence, Kind
from team.models import Organisation

from .. import factories as f

pytestmark = pytest.mark.django_db

SOME = settings(
    max_examples=80,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
VERY_MANY = settings(SOME, max_examples=2000)
WORDS = [
    "", "tbd", "n/a", "We lose a shift a month", "Night stops, spare parts, two sites", "tender", "directly", "aaaa",
    "1. stops 2. parts 3. sites", "our own word",
]  # fmt: skip
NUMBERS = [None, *map(Decimal, ["-1", "0", "0.01", "4", "5", "6.50", "90000"])]
LIMITS = st.sampled_from([None, Decimal(0), Decimal(4), Decimal("6.5")])
DAYS = st.sampled_from([None, -400, -31, -1, 0, 1, 30])

DEFINITIONS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(Kind.values),
        "needs_buyer": st.booleans(),
        "evidence": st.sampled_from(Evidence.values),
        "expires_after_days": st.sampled_from([None, 1, 30]),
        "minimum": LIMITS,
        "maximum": LIMITS,
        "min_length": st.sampled_from([None, 5, 30]),
        "min_items": st.sampled_from([None, 2, 3]),
        "choices": st.sampled_from(["", "tender\ndirectly"]),
        "future": st.booleans(),
        "with_date": st.booleans(),
    }
)
ANSWERS = st.fixed_dictionaries(
    {
        "state": st.sampled_from([AnswerState.CONFIRMED] * 6 + [AnswerState.CLAIMED, AnswerState.DISPROVED]),
        "text": st.sampled_from(WORDS),
        "number": st.sampled_from(NUMBERS),
        "yes": st.sampled_from([None, True, False]),
        "day": DAYS,
        "words": st.sampled_from(WORDS),
        "link": st.sampled_from(["", "https://files.example/summary"]),
        "person": st.sampled_from([None, "buyer", "colleague", "nameless"]),
        "contact": st.sampled_from([None, "buyer", "buyer", "colleague", "nameless"]),
        "activity": st.sampled_from([None, "call", "call", "invitation", "note"]),
        "attachment": st.sampled_from([None, None, "file"]),
        "recorded": st.sampled_from([0, 2, 40]),
    }
)


@pytest.fixture
def world():
    """A deal with people of theirs and of ours, conversations of several kinds, and a file."""
    Organisation.objects.update_or_create(
        pk=1,
        defaults={"own_domains": "own.example", "placeholders": "our own word", "time_zone": "Asia/Tokyo"},
    )
    deal = f.make_deal(f.make_pipeline(stages={"A": [("asked", Kind.TEXT, {})], "B": []}))
    company = deal.company
    rep = f.make_user("Ole Brandt")
    found = {
        "deal": deal,
        "criterion": f.criterion_of(deal.pipeline, "asked"),
        "buyer": f.make_contact(company),
        "colleague": f.make_contact(company, "Ole", email="ole@eu.own.example"),
        "nameless": f.make_contact(company, rep.name, email=""),
        "file": Attachment.objects.create(deal=deal, name="a.pdf", size=1, added_at=timezone.now()),
        None: None,
    }
    for kind, from_buyer, days in (("call", True, 1), ("invitation", True, 31), ("note", False, 0)):
        moment = timezone.now() - timedelta(days=days, hours=9)
        found[kind] = Activity.objects.create(
            deal=deal, kind=kind, from_buyer=from_buyer, happened_at=moment, recorded_at=moment
        )
    return found


def answered(world, given):
    values = {name: world[given[name]] for name in ("person", "contact", "activity", "attachment")}
    values |= {name: given[name] for name in ("state", "text", "number", "yes", "words", "link")}
    day = None if given["day"] is None else f.today() + timedelta(days=given["day"])
    moment = timezone.now() - timedelta(days=given["recorded"])
    return Answer.objects.create(
        deal=world["deal"], criterion=world["criterion"], day=day, recorded_at=moment, **values
    )


def defined(world, columns):
    return CriterionDefinition(criterion=world["criterion"], label="Asked", **columns)


def one_by_one(answer, definition):
    answer = Answer.objects.select_related("activity", "contact", "person").get(pk=answer.pk)
    verdict = judge(answer, definition, House.current())
    return verdict.opens, verdict.flaw[:200], verdict.holds_until


def read_texts(mine):
    """As the tick does it; nothing is left for it to read."""
    measures.read_some()
    assert not mine.filter(measures.UNREAD).exists()


def stored_anew(mine, definition, before=None):
    """What a publication stores, which says how many answers it changed: a second time none."""
    was = mine.values_list("opens", "flaw", "holds_until").get()
    written = rejudge_criterion(definition, House.current(), before=before)
    stored = mine.values_list("opens", "flaw", "holds_until").get()
    assert written == (was != stored)
    assert rejudge_criterion(definition, House.current(), before=before) == 0
    return stored


def forget(mine):
    """As if it had never been judged."""
    mine.update(opens=False, flaw="Never looked at", holds_until=None)


@SOME
@given(columns=DEFINITIONS, said=ANSWERS)
def test_at_once_and_one_by_one_come_to_the_same(world, columns, said):
    come_to_the_same(world, columns, said)


@pytest.mark.soak
@VERY_MANY
@given(columns=DEFINITIONS, said=ANSWERS)
def test_at_once_and_one_by_one_come_to_the_same_very_often(world, columns, said):
    come_to_the_same(world, columns, said)


def come_to_the_same(world, columns, said):
    with transaction.atomic():
        answer, definition = answered(world, said), defined(world, columns)
        mine = Answer.objects.filter(pk=answer.pk)
        right = one_by_one(answer, definition)
        (unread,) = verdicts.verdicts(mine, definition, House.current())
        assert unread.now == right == stored_anew(mine, definition)
        forget(mine)
        read_texts(mine)
        (read,) = verdicts.verdicts(mine, definition, House.current())
        assert read.now == right == stored_anew(mine, definition)
        transaction.set_rollback(True)


@SOME
@given(before=DEFINITIONS, columns=DEFINITIONS, said=ANSWERS)
def test_what_an_older_definition_let_pass_need_not_be_looked_at_again(world, before, columns, said):
    need_not_be_looked_at_again(world, before, columns, said)


@pytest.mark.soak
@VERY_MANY
@given(before=DEFINITIONS, columns=DEFINITIONS, said=ANSWERS)
def test_what_very_many_older_definitions_let_pass_need_not_be_looked_at_again(world, before, columns, said):
    need_not_be_looked_at_again(world, before, columns, said)


def need_not_be_looked_at_again(world, before, columns, said):
    house = House.current()
    with transaction.atomic():
        answer, definition, older = answered(world, said), defined(world, columns), defined(world, before)
        opens, flaw, until = one_by_one(answer, older)
        Answer.objects.filter(pk=answer.pk).update(opens=opens, flaw=flaw, holds_until=until)
        mine = Answer.objects.filter(pk=answer.pk)
        known = verdicts.known_passed(older, house)
        (verdict,) = verdicts.verdicts(mine, definition, house, known)
        assert verdict.now == one_by_one(answer, definition)
        condition, unread = verdicts.opening(definition, house, f.today(), known)
        opens, _flaw, until = verdict.now
        holds = opens and (until is None or until >= f.today())
        found = mine.filter(condition).exists()
        assert found == holds or (unread and found and not opens)
        read_texts(mine)
        assert mine.filter(condition).exists() == holds
        alone, _unread = verdicts.opening(definition, house, f.today(), known, is_open=True)
        assert mine.filter(alone).exists() == mine.filter(condition, opens=True).exists()
        assert stored_anew(mine, definition, older) == verdict.now
        transaction.set_rollback(True)
