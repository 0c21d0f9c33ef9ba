"""B20: what says nothing opens nothing, and short real answers do."""

import pytest

from deals import answers, moves
from pipeline.process import process_of
from pipeline.vocabulary import Evidence, Kind

from .. import factories as f
from ..imports.test_normalise import FILLERS, INVISIBLE, PHRASES, REAL
from .gates import Gate, refuse
from .world import refused, undone

pytestmark = pytest.mark.django_db


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
