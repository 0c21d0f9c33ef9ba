"""What the rules did in the company's past: a firing for each task and re-engagement that silence brought about."""

from datetime import timedelta

from pipeline.process import process_of
from pipeline.vocabulary import RuleAction

from ..models import Deal, Firing, Kind, Status, Task, Transition
from ..timers import due_stored, firing_words
from ..timers.due import Fired

_SHORTLY = timedelta(minutes=5)


def remember(world):
    """For live deals, in the order things came due. What nobody has done yet is left to the first tick."""
    until = world.clock.at(0, 0)
    due = Deal.objects.filter(next_due_at__lte=until).select_related("pipeline__version")
    for deal in due.order_by("pk"):
        _remember(deal, process_of(deal.pipeline), until)


def _remember(deal, process, until):
    fired = {}
    while (coming := next(iter(due_stored.coming(deal, process, fired)), None)) and coming.at <= until:
        row = _row(deal, coming)
        if row is None:
            break
        firing = _written(deal, coming, row)
        fired[coming.key, coming.occurrence] = Fired(firing.fired_at)
    due_stored.follow_one(deal, process, fired)
    deal.save(update_fields=due_stored.COLUMNS)


def _row(deal, coming):
    """The ledger row of a re-engagement, 0 where none belongs to it; None for what has not happened."""
    if coming.definition.action == RuleAction.TASK:
        return 0
    if coming.definition.action != RuleAction.RE_ENGAGE or deal.status != Status.RE_ENGAGING:
        return None
    if coming.definition.attempt > 1:
        return 0
    rows = Transition.objects.filter(deal=deal, kind=Kind.RE_ENGAGE)
    return rows.order_by("seq").values_list("seq", flat=True).last()


def _written(deal, coming, seq):
    rule = coming.definition
    firing = Firing.objects.create(
        deal=deal, key=coming.key, occurrence=coming.occurrence, definition=rule, action=rule.action,
        since=coming.since, due_at=coming.at, fired_at=coming.at + _SHORTLY, seq=seq or None,
    )  # fmt: skip
    made = deal.tasks.filter(
        due_on__gte=coming.on, due_on__lte=coming.on + timedelta(days=1), firing=None
    ).first()
    if made is None:
        made = Task(deal=deal, assignee_id=deal.next_owner_id, due_on=coming.on, created_at=firing.fired_at)
        made.title = rule.title or "Follow up on the offer"
        made.purpose = firing_words.why(rule, coming.since, due_on=coming.on)
    made.firing, made.rule_key = firing, rule.key
    made.save()
    return firing
