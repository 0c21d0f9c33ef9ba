"""Things to do about a deal: added and done."""

from django.utils.translation import gettext as _

from team.calendar import local_date

from . import normalise, parsing
from .edits import Unfit
from .models import Task


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
    """With what came of it. Whether it was still to do; done twice it stays as it was the first time."""
    if normalise.has_unstorable(outcome):
        raise Unfit({"outcome": _("This contains a character that cannot be stored.")})
    said = normalise.clean(outcome)[:300]
    done = Task.objects.filter(pk=task.pk, done_at=None).update(done_at=now, outcome=said)
    if done:
        task.done_at, task.outcome = now, said
    return bool(done)
