"""What a text comes to is read once and kept; other placeholders make it unknown until it is read again."""

import pytest
from django.utils import timezone

from automations import tick
from deals.answers import Given, save
from deals.evidence import measures
from deals.models import Answer
from pipeline.vocabulary import Kind
from team.models import Organisation

from .. import factories as f

pytestmark = pytest.mark.django_db
TEXT = "1. night stops, 2. spare parts, 3. two sites"


@pytest.fixture
def deal(rep):
    asked = [("problem", Kind.TEXT, {"min_items": 3, "evidence": "words"})]
    return f.make_deal(f.make_pipeline(stages={"Qualify": asked, "Close": []}), owner=rep)


@pytest.fixture
def answer(deal, rep):
    lena = f.make_contact(deal.company)
    call = f.log_call(deal, lena)
    said = "We cannot go on like that"
    item = Given(
        f.criterion_of(deal.pipeline, "problem").pk,
        value=TEXT,
        conversation=str(call.pk),
        by=str(lena.pk),
        words=said,
    )
    save(deal.pk, [item], by=rep)
    return Answer.objects.get(is_current=True, text=TEXT)


def read_of(answer):
    return Answer.objects.values_list(*measures.COLUMNS).get(pk=answer.pk)


def test_an_answer_is_read_when_it_is_stored(answer):
    assert read_of(answer) == (True, len(TEXT), 3, True)


def test_the_tick_reads_what_nobody_has_read(answer):
    Answer.objects.filter(pk=answer.pk).update(**dict.fromkeys(measures.COLUMNS))
    assert tick.run(timezone.now()).texts_read == 1
    assert read_of(answer) == (True, len(TEXT), 3, True)
    assert tick.run(timezone.now()).texts_read == 0


def test_other_placeholders_are_known_of_all_texts_after_the_next_tick(answer):
    organisation = Organisation.current()
    organisation.placeholders = "spare parts\nWe cannot go on like that"
    organisation.save()
    assert read_of(answer) == (None,) * 4
    tick.run(timezone.now())
    assert read_of(answer) == (True, len(TEXT), 2, False)


def test_a_deal_whose_proof_is_a_placeholder_now_is_claimed_after_the_next_tick(deal, answer):
    assert (f.fresh(deal).held_here, answer.opens) == (1, True)
    organisation = Organisation.current()
    organisation.placeholders = "We cannot go on like that"
    organisation.save()
    tick.run(timezone.now())
    judged = Answer.objects.get(pk=answer.pk)
    assert not judged.opens and "placeholder" in judged.flaw and f.fresh(deal).held_here == 0
    organisation.placeholders = ""
    organisation.save()
    tick.run(timezone.now())
    assert Answer.objects.get(pk=answer.pk).opens and f.fresh(deal).held_here == 1


def test_other_settings_leave_what_was_read(answer):
    organisation = Organisation.current()
    organisation.grace_days += 1
    organisation.save()
    assert read_of(answer) == (True, len(TEXT), 3, True)
