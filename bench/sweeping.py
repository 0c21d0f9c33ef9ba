"""What silence costs: an idle sweep, follow-ups by the thousand against one deal at a time, moves by the thousand.

The deals beyond the generated ones are copies without a ledger, so only those generated are moved.
"""

from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from automations import acts, recording
from automations.people import People
from automations.sweep import sweep
from deals import due_stored
from deals.among import Among
from deals.locking import locked_deal
from deals.models import Deal, Firing, Status, Task
from pipeline.models import RuleDefinition
from team.models import Organisation

from . import measure
from .publishing import grow

OPEN = 1_000_000
DUE = 10_000
_LOOPED = 500


def sweep_rules(runs, live=OPEN):
    """Idle at the generated number of deals and at a hundred times as many, then with deals that are due."""
    now = timezone.now()
    Organisation.objects.update(archive_share=100)
    _quiet()
    found = [_idle(now, runs)]
    made = list(Deal.objects.open().values_list("pk", flat=True))
    grow(live, [(Deal, ["id"])])
    _quiet()
    found.append(_idle(now, runs))
    found += _follow_ups(now, max(1, runs // 5))
    return [*found, _moves(now, made)]


def _quiet():
    """Nothing is due for anybody, and everything in a year."""
    rule = RuleDefinition.objects.filter(valid_until=None, key="follow_up", stage=None).first()
    Deal.objects.live().update(next_due_at=timezone.now() + timedelta(days=365), next_due_rule=rule)


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
    swept, looped, counted = [], [], 0
    for _run in range(runs):
        _make_due(now, DUE)
        swept.append(measure.timed(partial(sweep, now)))
        _forget()
        looped.append(measure.timed(partial(_loop, now, _make_due(now, _LOOPED))))
        _forget()
    _make_due(now, DUE)
    done, counted, _in_database = measure.statements(partial(sweep, now))
    _forget()
    ratio = (DUE / min(ms for ms, _cpu in swept)) / (_LOOPED / min(ms for ms, _cpu in looped))
    note = f"{done.tasks:,} tasks; {ratio:.0f} times as many a second as one by one"
    return [
        measure.result(f"sweep, {DUE:,} follow-ups due", swept, statements=counted, note=note),
        measure.result(f"one by one, {_LOOPED} follow-ups", looped),
    ]


def _make_due(now, number):
    """Ids of deals whose buyer has owed an answer for nine days."""
    ids = list(Deal.objects.open().order_by("-pk").values_list("pk", flat=True)[:number])
    long = now - timedelta(days=9)
    rule = RuleDefinition.objects.filter(valid_until=None, key="follow_up", stage=None).first()
    Deal.objects.filter(pk__in=ids).update(
        awaiting_since=long,
        last_buyer_activity_at=long - timedelta(days=1),
        next_due_at=now,
        next_due_rule=rule,
    )
    return ids


def _forget():
    Task.objects.exclude(firing=None).delete()
    Firing.objects.all().delete()
    _quiet()


def _loop(now, ids):
    """The same by the same parts, each deal in a transaction of its own."""
    for pk in ids:
        with transaction.atomic():
            deal, process = locked_deal(pk)
            fired = due_stored.fired_of([pk]).get(pk, {})
            deal.version_token = process.version.token
            coming = due_stored.coming(deal, process, fired)[0]
            act = acts.act_of(deal, coming, People([deal]), now)
            due_stored.follow_one(
                deal, process, fired | {(coming.key, coming.occurrence): acts.fired_by(act)}
            )
            recording.record([act])


def _moves(now, made):
    """Generated deals silent for a year: re-engaged at once, each with an attempt to do, then archived at once."""
    long = now - timedelta(days=365)
    silent = {"awaiting_since": long, "last_buyer_activity_at": long - timedelta(days=1)}
    rule = RuleDefinition.objects.filter(valid_until=None, key="re_engage", stage=None).first()
    Deal.objects.filter(Among("pk", made)).update(**silent, next_due_at=now, next_due_rule=rule)
    sweep(now - timedelta(days=360))  # their follow-ups, which are not measured here
    Deal.objects.filter(Among("pk", made)).update(next_due_at=now)
    first = measure.timed(partial(sweep, now))
    sweep(now + timedelta(days=20))
    last = measure.timed(partial(sweep, now + timedelta(days=40)))
    archived = Deal.objects.filter(status=Status.ARCHIVED, closed_at__gt=now).count()
    each = [
        f"{count / (ms / 1000):,.0f} a second" for count, (ms, _cpu) in ((len(made), first), (archived, last))
    ]
    note = f"{len(made):,} re-engaged, {each[0]}; archived {each[1]}"
    return measure.result(f"archive of {archived:,} deals", [last], note=note)
