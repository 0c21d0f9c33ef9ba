"""What speaks against an answer: while it stands, the criterion is contested and opens no gate."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ..answers.contested import settle_notes
from ..edits import Unfit
from ..evidence.judging import House
from ..input import normalise
from ..locking import locked_deal
from ..models import Contradiction
from ..moves import NotAllowed, may_edit
from ..settle import settle

LIMITS = {"text": 2000, "source": 200, "settlement": 300}


@transaction.atomic
def note(deal_id, criterion_id, typed, *, by, now=None):
    """Put on record what speaks against a criterion's answer. Raises Unfit, NotAllowed, KeyError. Returns the note."""
    now = now or timezone.now()
    deal, process = _opened(deal_id, by)
    texts = checked(typed, ("text", "source"))
    definition = process.by_criterion[criterion_id]
    made = Contradiction.objects.create(
        deal=deal, criterion_id=definition.criterion_id, noted_by=by, noted_at=now, **texts
    )
    settle(deal, process, now)
    return made


@transaction.atomic
def settle_note(deal_id, note_id, typed, *, by, now=None):
    """Say how it was settled. Settled twice stays as it was the first time."""
    now = now or timezone.now()
    deal, process = _opened(deal_id, by)
    found = Contradiction.objects.get(deal=deal, pk=note_id)
    texts = checked(typed, ("settlement",))
    if found.settled_at is None:
        settle_notes([found.pk], by, now, texts["settlement"])
        settle(deal, process, now)
    return found


def _opened(deal_id, by):
    deal, process = locked_deal(deal_id)
    if not may_edit(by, deal):
        raise NotAllowed(_("Only those who act on this deal, or a manager of its team, may do this."))
    return deal, process


def checked(typed, names):
    """The texts of these names, cleaned; Unfit with what is wrong with them."""
    house = House.current()
    problems = {name: flaw for name in names if (flaw := text_flaw(typed.get(name, ""), LIMITS[name], house))}
    if problems:
        raise Unfit(problems)
    return {name: normalise.clean(typed[name], lines=LIMITS[name] > 300) for name in names}


def text_flaw(text, limit, house):
    """What is wrong with a text that has to say something; empty where it does."""
    if normalise.has_unstorable(text):
        return _("This contains a character that cannot be stored.")
    if len(text) > limit:
        return _("This has %(given)d characters; at most %(limit)d are possible.") % {
            "given": len(text),
            "limit": limit,
        }
    return normalise.flaw(normalise.clean(text), min_length=3, extra=house.placeholders) or ""
