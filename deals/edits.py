"""Changing what a deal says about itself. Under the door's lock, since gates and counts read it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.vocabulary import Kind
from team.calendar import local_date
from team.digits import number_in
from team.models import User

from . import deal_facts, figures, new_owner
from .evidence.judging import House
from .input import normalise, parsing
from .locking import locked_deal
from .models import Answer, Status
from .moves import IllegalMove, NotAllowed, may_edit
from .settle import settle

# field on the page -> columns it shows
FIELDS = {
    "next_step": ["next_step", "next_step_on"],
    "amount": ["amount", "currency"],
    "expected_close": ["expected_close"],
    "discount": ["discount_percent"],
    "own_probability": ["probability_override"],
    "type": ["deal_type"],
    "source": ["lead_source"],
    "goals": ["goals"],
    "promises": ["commitments"],
    "name": ["name"],
    "owner": ["owner"],
    "next_owner": ["next_owner"],
}
# What the form of a new owner may say besides.
WHY = "why"
MONEY = {"amount", "expected_close", "discount", "own_probability"}  # fixed once the deal is closed


class StaleEdit(Exception):
    """Somebody changed the same field meanwhile; `deal` says what it is now."""

    def __init__(self, deal):
        self.deal = deal
        super().__init__("the field was changed meanwhile")


class Unfit(Exception):
    """What was typed does not fit; `fields` maps columns to messages."""

    def __init__(self, fields):
        self.fields = fields
        super().__init__("; ".join(fields.values()))


def shown(deal, name):
    """The field's value as its form shows it, to tell whether somebody else changed it."""
    return "|".join(plain(deal, column) for column in FIELDS[name])


def plain(deal, column):
    """A column as somebody would type it."""
    if column in ("owner", "next_owner"):
        return str(getattr(deal, f"{column}_id"))
    value = getattr(deal, column)
    return "" if value is None else str(value)


@transaction.atomic
def change(deal_id, name, typed, *, by, rev, was=None, now=None):
    """Write one field. `typed` maps its columns to text; `was` is shown() of what the editor saw.

    With a new owner the next action goes along where it was the old one's; `typed` may say why.
    Raises StaleEdit, Unfit, NotAllowed, IllegalMove; then nothing has changed. Returns the deal.
    """
    now = now or timezone.now()
    deal, process = locked_deal(deal_id)
    _check(deal, name, by)
    if rev != deal.rev and was != shown(deal, name):
        raise StaleEdit(deal)
    house, before, old = House.current(), figures.said(deal), deal.owner_id
    columns = _write(deal, name, typed, local_date(now, house.organisation), house)
    reason = _reason(typed.get(WHY, ""))
    if deal.owner_id != old == deal.next_owner_id:
        deal.next_owner = deal.owner
        columns = {*columns, "next_owner"}
    if columns & {"next_step", "next_step_on"}:
        void_agreement(deal, process, now)
    settle(deal, process, now, also=columns)
    figures.note(deal, before, by, now)
    new_owner.follow(deal, old, by=by, now=now, reason=reason)
    return deal


@transaction.atomic
def change_all(deal_id, fields, *, by, rev, now=None, reason="", once=""):
    """Write several fields or none. `fields` maps their names to what change() takes as typed; `rev` has to be the
    deal's; `reason` and `once` are those of new_owner.record(). Raises what change() raises, Unfit for all of them at
    once. Returns the deal."""
    now = now or timezone.now()
    deal, process = locked_deal(deal_id)
    for name in fields:
        _check(deal, name, by)
    if rev != deal.rev:
        raise StaleEdit(deal)
    before, old = figures.said(deal), deal.owner_id
    columns = _write_all(deal, fields, local_date(now), House.current())
    if columns & {"next_step", "next_step_on"}:
        void_agreement(deal, process, now)
    settle(deal, process, now, also=columns)
    figures.note(deal, before, by, now)
    new_owner.follow(deal, old, by=by, now=now, reason=reason, once=once)
    return deal


def _write_all(deal, fields, today, house):
    columns, problems = set(), {}
    for name, typed in fields.items():
        try:
            columns |= _write(deal, name, typed, today, house)
        except Unfit as error:
            problems |= error.fields
    if problems:
        raise Unfit(problems)
    return columns


def _check(deal, name, by):
    if not may_edit(by, deal):
        raise NotAllowed(
            _("Only the owner, the owner of the next action or a manager of the team may do this.")
        )
    if deal.status in (Status.LOST, Status.ARCHIVED) or (deal.status == Status.WON and name in MONEY):
        raise IllegalMove(_("This deal is closed. Reopen it first."))


def _write(deal, name, typed, today, house):
    if name == "next_step":
        return set_next_step(deal, typed.get("next_step", ""), typed.get("next_step_on", ""), today, house)
    if name in ("owner", "next_owner"):
        return _hand_to(deal, name, typed.get(name, ""))
    columns, problems = set(), {}
    for column in reversed(FIELDS[name]):  # the currency before its amount
        try:
            if column != "currency" or typed.get(column):
                columns |= deal_facts.write(deal, column, typed.get(column, ""), today, house)
        except ValueError as error:
            problems[column] = str(error)
    if problems:
        raise Unfit(problems)
    return columns


def set_next_step(deal, text, day, today, house):
    """Both or neither; a day to come."""
    problems, text, before = {}, normalise.clean(text), (deal.next_step, deal.next_step_on)
    if not text and not day.strip():
        deal.next_step, deal.next_step_on = "", None
        return {"next_step", "next_step_on"} if before != ("", None) else set()
    if flaw := normalise.flaw(text, extra=house.placeholders) or _too_long(text, 200):
        problems["next_step"] = flaw
    found = _coming_day(day, today, problems)
    if problems:
        raise Unfit(problems)
    deal.next_step, deal.next_step_on = text, found
    return {"next_step", "next_step_on"} if before != (text, found) else set()


def _too_long(text, limit):
    words = _("This has %(given)d characters; at most %(limit)d are possible.")
    return words % {"given": len(text), "limit": limit} if len(text) > limit else ""


def _coming_day(day, today, problems):
    try:
        found = parsing.day(day, today=today) if day.strip() else None
    except parsing.ParseError as error:
        problems["next_step_on"] = str(error)
        return None
    if found is None:
        problems["next_step_on"] = _("A next step has a date.")
    elif found < today:
        problems["next_step_on"] = _("This day has passed.")
    return found


def _hand_to(deal, name, text):
    user = User.objects.active().filter(pk=number_in(text)).first()
    if user is None:
        raise Unfit({name: _("Choose somebody who works here.")})
    setattr(deal, name, user)
    return {name}


def _reason(text):
    """Why a deal changes hands; may be empty."""
    said = normalise.clean(text)
    if problem := _too_long(said, new_owner.REASON_LIMIT):
        raise Unfit({WHY: problem})
    return said


def void_agreement(deal, process, now):
    """The buyer agreed to the old next step, not to this one."""
    criteria = [d.criterion_id for d in process.criteria_of_all() if d.kind == Kind.NEXT_STEP]
    current = Answer.objects.current().filter(deal=deal, criterion__in=criteria)
    current.update(is_current=False, replaced_at=now)
