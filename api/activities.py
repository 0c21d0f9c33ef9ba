"""What happened on a deal: read, and put on record with what it confirmed."""

from ninja import Query

from deals import logging_talks
from deals.answers import AnswerErrors
from deals.edits import Unfit
from deals.models import Activity, Source
from deals.views.access import editable_deal, visible_deal

from . import answering, bodies, paging, shapes
from .door import operation
from .lists import DealList, listed


class Activities(listed(shapes.Activity)):
    """What happened on the deal."""


@operation("GET", "/deals/{int:deal_id}/activities", Activities, tag="Deals")
def list_activities(request, deal_id: int, asked: Query[DealList]):
    """What happened on the deal, in the order it was recorded."""
    rows = told_activities().filter(deal=visible_deal(request, deal_id))
    return Activities(**paging.page(rows, asked.cursor, asked.limit, shapes.Activity.of))


def told_activities():
    return Activity.objects.select_related("recorded_by").prefetch_related("attendees")


@operation("POST", "/deals/{int:deal_id}/activities", shapes.Activity, status=201, tag="Deals")
def log_activity(request, deal_id: int, body: bodies.NewActivity):
    """Put a conversation on record; answers sent along come from it, and the next step was agreed in it."""
    deal = editable_deal(request, deal_id)
    form = answering.submission(body)
    answering.check_files(deal, body)
    form.fields |= {name: value for name, value in _fields(body).items() if value}
    people = [name for name in body.attendees if name.isascii() and name.isdecimal() and len(name) < 18]
    try:
        logging_talks.save(deal.pk, form, people, by=request.user, source=Source.API)
    except Unfit as error:
        raise Unfit({NAMES.get(name, name): text for name, text in error.fields.items()}) from error
    except AnswerErrors as error:
        raise AnswerErrors({_name(key): text for key, text in error.fields.items()}) from error
    return shapes.Activity.of(told_activities().get(pk=form.fields["conversation"]))


NAMES = {"who": "attendees", "said": "body"}


def _name(key):
    return key if isinstance(key, tuple) else NAMES.get(key, key)


def _fields(body):
    """As the page for logging a conversation names them."""
    names = [name for name in body.attendees if not (name.isascii() and name.isdecimal())]
    return {
        "kind": body.kind,
        "direction": body.direction,
        "who": ", ".join(names),
        "happened_on": body.happened_on.isoformat() if body.happened_on else "",
        "said": body.body,
        "subject": body.subject,
        "expects_answer": "1" if body.expects_answer else "",
        "is_auto": "1" if body.is_auto else "",
        "outcome": body.outcome,
        "later_on": body.later_on.isoformat() if body.later_on else "",
        "next_step": body.next_step,
        "next_step_on": body.next_step_on.isoformat() if body.next_step_on else "",
    }
