"""What is kept of the ways deals went is what the ledger says of them, whatever happened to them since."""

import random
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from deals import moves
from deals.models import Deal
from deals.moves import errors
from insights.flow import keeping, ledger, reading
from insights.lens import Lens
from insights.metrics import cohorts, stays
from insights.models import Reached, Stay

from .. import factories as f
from .lives import spring, tell

pytestmark = pytest.mark.django_db
STAGES = list(f.OPEN_GATES)
KEPT = [(Reached, ledger.REACHED), (Stay, ledger.STAYS)]


@pytest.fixture
def pipeline():
    return f.make_pipeline(stages=f.OPEN_GATES)


def kept():
    return [sorted(model.objects.values_list(*columns)) for model, columns in KEPT]


def anew():
    """What all deals' ledgers say, as if nothing had been kept."""
    for model, _columns in KEPT:
        model.objects.all().delete()
    Deal.objects.update(flow_seq=0)
    keeping.go_on()
    return kept()


def random_move(dice, pk, now):
    """Any of them; what is not legal there is refused and changes nothing."""
    deal = Deal.objects.get(pk=pk)
    stage = f.stage_of(deal.pipeline, dice.choice(STAGES)).pk
    who = {"seen_seq": None, "by": None, "now": now}
    until = (now + timedelta(days=dice.randint(1, 20))).date().isoformat()
    move = dice.choice([
        lambda: moves.advance(pk, to=stage, **who), lambda: moves.advance(pk, to=stage, **who),
        lambda: moves.advance(pk, to=stage, **who), lambda: moves.back(pk, to=stage, reason="Not so far yet", **who),
        lambda: moves.undo(pk, **who), lambda: moves.undo(pk, **who),
        lambda: moves.pause(pk, reason="Budget year", until=until, **who), lambda: moves.resume(pk, **who),
        lambda: moves.win(pk, **who), lambda: moves.archive(pk, **who),
        lambda: moves.lose(pk, loss_reason="Price", **who), lambda: moves.reopen(pk, reason="They wrote", **who),
        lambda: moves.reopen(pk, reason="They came back", **who),
    ])  # fmt: skip
    try:
        with transaction.atomic():
            move()
    except (errors.IllegalMove, errors.UnknownTarget, errors.MissingInput):
        return False
    return True


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_the_rows_kept_are_those_of_the_ledger(pipeline, seed):
    dice = random.Random(seed)
    f.make_loss_reason("Price")
    start = timezone.now() - timedelta(days=80)
    deals = [f.make_deal(pipeline, now=start).pk for _each in range(4)]
    boss, hours = f.make_admin(), 0
    for _move in range(60):
        while not random_move(dice, dice.choice(deals), start + timedelta(hours=hours)):
            hours += 1
        hours += 20
        if dice.random() < 0.2:
            keeping.go_on()
        if dice.random() < 0.2:
            assert figures(boss, due=keeping.due().count()) == figures(boss, all_anew=True)
    keeping.go_on()
    found = kept()
    assert found == anew() and Stay.objects.exclude(pauses="").exists()


def figures(boss, *, all_anew=False, due=None):
    lens = Lens.from_query(boss, {"period": "90"}, timezone.now())
    if all_anew:  # as where too many are due
        lens.__dict__["counted"] = {(reading.__name__, "_due"): None}
    found = cohorts.cohorts(lens).of, stays.stays(lens)
    if due is not None:
        assert len(lens.__dict__["counted"][reading.__name__, "_due"]) == due
    return found


def test_a_deal_that_moved_since_is_read_from_the_ledger_at_once(pipeline):
    boss, told = f.make_admin(), tell(pipeline, f.make_user())
    keeping.go_on()
    deal, discover = told["stands"], f.stage_of(pipeline, "Discover").pk
    before = cohorts.cohorts(spring(boss)).stage(discover)
    moves.advance(deal.pk, to=f.stage_of(pipeline, "Propose").pk, seen_seq=None, by=None)
    assert [each.pk for each in keeping.due()] == [deal.pk]
    after = cohorts.cohorts(spring(boss)).stage(discover)
    assert (after.moved, after.under_way) == (before.moved + 1, before.under_way - 1)
    assert Deal.objects.filter(pk__in=cohorts.deal_ids(spring(boss), discover, True), pk=deal.pk).exists()


def test_undoing_takes_back_what_was_kept(pipeline):
    deal = f.make_deal(pipeline)
    moves.advance(deal.pk, to=f.stage_of(pipeline, "Discover").pk, seen_seq=None, by=None)
    keeping.go_on()
    assert Reached.objects.count() == 2 and Stay.objects.count() == 1
    moves.undo(deal.pk, seen_seq=None, by=None)
    keeping.go_on()
    assert Reached.objects.get().path == str(deal.stage_id) and not Stay.objects.exists()


def test_what_is_kept_is_written_once_and_what_is_due_found_in_chunks(pipeline, monkeypatch):
    monkeypatch.setattr(keeping, "CHUNK", 2)
    deals = [f.make_deal(pipeline).pk for _each in range(5)]
    assert keeping.go_on() == 5
    assert keeping.go_on() == 0 and keeping.duty(timezone.now()) is None
    moves.advance(deals[0], to=f.stage_of(pipeline, "Discover").pk, seen_seq=None, by=None)
    assert keeping.duty(timezone.now()) and not keeping.due().exists()
    assert Reached.objects.filter(deal=deals[0]).count() == 2 and Reached.objects.count() == 6


def test_where_too_many_are_due_the_period_is_read_from_the_ledger(pipeline, monkeypatch):
    boss = f.make_admin()
    tell(pipeline, f.make_user())
    expected = cohorts.cohorts(spring(boss)).of
    monkeypatch.setattr(reading, "FEW", 3)
    assert cohorts.cohorts(spring(boss)).of == expected
