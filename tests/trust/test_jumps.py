"""B03: a jump answers for every stage it passes; what is no target is no move."""

from itertools import combinations

import pytest

from deals import moves
from deals.models import LossReason, Transition
from pipeline.process import process_of
from pipeline.vocabulary import Kind

from .. import factories as f
from .world import refused, undone

pytestmark = pytest.mark.django_db
GUARDED = {
    **{name: list(criteria) for name, criteria in f.SIMPLE.items()},
    "Propose": [("sponsor", Kind.YES_NO, {"side": "entry"}), *f.SIMPLE["Propose"]],
}
PAIRS = [*combinations(range(4), 2), *((start, None) for start in range(4))]


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
