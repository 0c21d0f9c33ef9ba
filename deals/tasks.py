"""Things to do about a deal: added, put off and done."""

from datetime import timedelta

from django.utils.translation import gettext as _

from team.calendar import local_date

from .edits import Unfit
from .input import normalise, parsing
from .models import Task

MOST_SNOOZED_DAYS = 90


def add(deal, *, title, due_on, by, now):
    """A task for oneself, due today where no day is typed. Raises Unfit. Returns the Task."""
    values, errors = {"due_on": local_date(now)}, {}
    values["title"] = normalise.clean(title)[:200]
    if flaw := normalise.flaw(title):
        errors["title"] = flaw
    try:
        if due_on.strip():
            values["due_on"] = parsing.day(due_on, today=values["due_on"])
    except ValueError as error:
        errors["due_on"] = str(error)
    if errors:
        raise Unfit(errors)
    return Task.objects.create(deal=deal, assignee=by, created_by=by, created_at=now, **values)


def finish(task, *, outcome, now):
    """With what came of it. Whether it was still to do; done twice it stays as it was the first time.

    Raises Unfit where nothing is said.
    """
    said = normalise.clean(outcome)[:300]
    if normalise.has_unstorable(outcome):
        raise Unfit({"outcome": _("This contains a character that cannot be stored.")})
    if not said:
        raise Unfit({"outcome": _("Say what came of it.")})
    done = Task.objects.unfinished().filter(pk=task.pk).update(done_at=now, outcome=said)
    if done:
        task.done_at, task.outcome = now, said
    return bool(done)


def snooze(task, *, until, now):
    """Out of sight until a day to come; what was due stays due. Raises Unfit. Whether it was still to do."""
    today = local_date(now)
    try:
        day = parsing.day(until, today=today) if until.strip() else None
    except parsing.ParseError as error:
        raise Unfit({"until": str(error)}) from error
    if day is None or day <= today:
        raise Unfit({"until": _("Name a day to come.")})
    if day > today + timedelta(days=MOST_SNOOZED_DAYS):
        raise Unfit({"until": _("At most %d days ahead.") % MOST_SNOOZED_DAYS})
    task.snoozed_until = day
    return bool(Task.objects.unfinished().filter(pk=task.pk).update(snoozed_until=day))
