import pytest
from deals import moves

from . import factories as f
from .fingerprint import fingerprint

pytestmark = pytest.mark.django_db


def test_a_deal_is_refused_answered_and_moves():
    pipeline = f.make_pipeline()
    deal = f.make_deal(pipeline)
    discover = f.stage_of(pipeline, "Discover")
    before = fingerprint()
    with pytest.raises(moves.GateClosed) as refusal:
        moves.advance(deal.pk, to=discover.pk, seen_seq=1, by=None)
    assert [x.definition.slug for x in refusal.value.open_criteria] == ["problem", "budget"]
    assert fingerprint() == before
    f.walk_to(deal, "Close")
    assert deal.seq == 4 and deal.open_before == 0


def test_winning():
    deal = f.make_deal(f.make_pipeline(), stage="Close")
    from pipeline.process import process_of
    f.satisfy_all(deal, process_of(deal.pipeline).exit_criteria(deal.stage_id))
    moves.win(deal.pk, seen_seq=deal.seq, by=None)
    assert f.fresh(deal).status == "won"
