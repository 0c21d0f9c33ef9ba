"""What silence costs: an idle sweep, follow-ups by the thousand against one deal at a time, moves by the thousand.

The deals beyond the generated ones are thin (thin.py); the moves are made by generated ones, as far as there are any.
"""

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from automations import acts, recording
from automations.people import People
from automations.sweep import sweep
from deals.locking import locked_deal
from deals.models import Deal, Firing, Status, Task
from deals.rows.among import Among
from deals.timers import due_stored
from pipeline.models import RuleDefinition
from team.models import Organisation

from . import bulk, measure, thin

FEW, OPEN = 10_000, 1_000_000
DUE = 10_000
# How often so many are moved, each time others.
MOVED = 3
_LOOPED = 500
_YEAR = timedelta(days=365)


def sweep_rules(runs, live=OPEN):
    """Idle at ten thousand open deals and at a hundred times as many, then with deals that are due."""
    now = timezone.now()
    Organisation.objects.update(archive_share=100)
    _quiet(Deal.objects.live())
    made = list(Deal.objects.open().order_by("-pk").values_list("pk", flat=True)[:DUE])
    thin.fill(FEW, _say)
    found = [_idle(now, runs)]
    thin.fill(live, _say)
    found.append(_idle(now, runs))
    found += _follow_ups(now, max(2, runs // 5))
    return [*found, *_moves(now, made)]


def _say(words):
    print(words, flush=True)


def _quiet(deals):
    """Nothing is due for them, and everything in a year."""
    deals.update(next_due_at=timezone.now() + _YEAR, next_due_rule=_rule("follow_up"))


def _rule(key):
    return RuleDefinition.objects.filter(valid_until=None, key=key, stage=None).first()


def _idle(now, runs):
    sweep(now)
    _done, statements, in_database = measure.statements(partial(sweep, now))
    times = [measure.timed(partial(sweep, now)) for _run in range(max(runs, 5))]
    number = Deal.objects.live().count()
    return measure.result(
        f"idle sweep, {number:,} open deals", times, statements=statements, in_database=in_database
    )


def _follow_ups(now, runs):
    """So many proposals unanswered for nine days, in one sweep; beside it the same one deal at a time."""
    swept, looped = [], []
    for _run in range(runs):
        ids = _make_due(now, DUE)
        swept.append(measure.timed(partial(sweep, now)))
        _forget(ids)
        ids = _make_due(now, _LOOPED)
        looped.append(measure.timed(partial(_loop, now, ids)))
        _forget(ids)
    ids = _make_due(now, DUE)
    done, counted, _in_database = measure.statements(partial(sweep, now))
    _forget(ids)
    ratio = (DUE / min(ms for ms, _cpu in swept)) / (_LOOPED / min(ms for ms, _cpu in looped))
    note = f"{done.tasks:,} tasks; {ratio:.0f} times as many a second as one by one"
    return [
        measure.result(f"sweep, {DUE:,} follow-ups due", swept, statements=counted, note=note),
        measure.result(f"one by one, {_LOOPED} follow-ups", looped),
    ]


def _make_due(now, number):
    """Ids of deals whose buyer has owed an answer for nine days."""
    ids = list(Deal.objects.open().order_by("-pk").values_list("pk", flat=True)[:number])
    _silent_since(now - timedelta(days=9), ids)
    return ids


def _silent_since(long, ids):
    """A proposal of that day is unanswered, and the follow-up of a week later is due."""
    Deal.objects.filter(Among("pk", ids)).update(
        awaiting_since=long,
        last_buyer_activity_at=long - timedelta(days=1),
        next_due_at=long + timedelta(days=9),
        next_due_rule=_rule("follow_up"),
    )


def _forget(ids):
    Task.objects.exclude(firing=None).delete()
    Firing.objects.all().delete()
    _quiet(Deal.objects.filter(Among("pk", ids)))


def _loop(now, ids):
    """The same by the same parts, each deal in a transaction of its own."""
    for pk in ids:
        with transaction.atomic():
            deal, process = locked_deal(pk)
            fired = due_stored.fired_of([pk]).get(pk, {})
            deal.process = process
            coming = due_stored.coming(deal, process, fired)[0]
            act = acts.act_of(deal, coming, People([deal]), now)
            due_stored.follow_one(
                deal, process, fired | {(coming.key, coming.occurrence): acts.fired_by(act)}
            )
            recording.record([act])


def _moves(now, made):
    """Deals silent for a year, a few times over with others: all re-engaged, each with an attempt to do and a mail
    drafted, then all archived. The first are generated ones, as far as there are any.

    Their follow-ups and second attempts are not measured.
    """
    reverse("operations")  # a worker knows its addresses
    others = Deal.objects.open().exclude(Among("pk", made)).order_by("-pk").values_list("pk", flat=True)
    ids = [*made, *others[: DUE * MOVED - len(made)]]
    found = [_moved(now, ids[start : start + DUE]) for start in range(0, len(ids), DUE)]
    first, last = zip(*found, strict=True)
    return [_paces("re-engaged", first), _paces("archived", last)]


def _moved(now, ids):
    """(how many were re-engaged and what that took, how many were archived and what that took)."""
    long = now - _YEAR
    _silent_since(long, ids)
    sweep(long + timedelta(days=9))
    bulk.vacuum()
    first = measure.timed(partial(sweep, now))
    re_engaged = Deal.objects.filter(Among("pk", ids), status=Status.RE_ENGAGING).count()
    sweep(now + timedelta(days=20))
    bulk.vacuum()
    last = measure.timed(partial(sweep, now + timedelta(days=40)))
    return (re_engaged, first), (Deal.objects.filter(Among("pk", ids), status=Status.ARCHIVED).count(), last)


def _paces(what, runs):
    """`runs`: (how many deals, (ms, ms of processor time)) of each."""
    clock, used = (max(number / ms[place] * 1000 for number, ms in runs) for place in (0, 1))
    numbers = ", ".join(f"{number:,}" for number, _ms in runs)
    note = f"best: {clock:,.0f} a second by the clock, {used:,.0f} a second of processor time"
    return measure.result(f"{numbers} deals {what}", [ms for _number, ms in runs], note=note)
