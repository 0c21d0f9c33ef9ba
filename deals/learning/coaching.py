"""A manager's advice on a deal or on one of its criteria; whoever acts on the deal says when it is taken up."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from pipeline.process import process_of
from team.digits import number_in
from team.models import User
from team.notices import tell

from ..edits import Unfit
from ..input import normalise
from ..models import CoachingNote
from ..moves import NotAllowed, may_edit
from ..rows.rows_within import RowsWithin, moment

LONGEST = 2000
MOST = 20


@dataclass(frozen=True)
class Advice:
    """A note as the deal's page shows it."""

    pk: int
    text: str
    criterion_id: int | None
    by: str
    at: datetime
    done_at: datetime | None
    # What it is about, in words: a criterion, or the deal as a whole.
    about: str = ""


def may_advise(user, deal):
    """A manager who may act on the deal."""
    return user.is_manager and may_edit(user, deal)


@transaction.atomic
def advise(deal, *, text, criterion, by, now):
    """Put advice on record and tell the deal's owner. Raises NotAllowed, Unfit. Returns the note."""
    if not may_advise(by, deal):
        raise NotAllowed(_("Only a manager of this deal's team advises on it."))
    said, errors = normalise.clean(text, lines=True), {}
    if flaw := normalise.flaw(text):
        errors["text"] = flaw
    elif len(said) > LONGEST:
        errors["text"] = _("At most %d characters.") % LONGEST
    definition = _criterion(deal, criterion, errors)
    if errors:
        raise Unfit(errors)
    note = CoachingNote.objects.create(
        deal=deal, criterion_id=definition and definition.criterion_id, text=said, by=by, at=now
    )
    if deal.owner_id != by.pk:
        words = _("%(who)s advises on %(deal)s: %(text)s") % {"who": by.name, "deal": deal.name, "text": said}
        url = f"{reverse('deal', args=[deal.pk])}#coaching"
        tell(
            User.objects.active().filter(pk=deal.owner_id), words, key=f"coaching:{note.pk}", url=url, now=now
        )
    return note


def _criterion(deal, typed, errors):
    """The definition that was chosen; None for the deal as a whole."""
    if not typed:
        return None
    by_criterion = process_of(deal.pipeline).by_criterion
    found = by_criterion.get(number_in(typed))
    if found is None:
        errors["criterion"] = _("Choose one of the criteria of this process.")
    return found


def take_up(note, *, by, now):
    """Whoever acts on the deal has taken it up. Raises NotAllowed. Whether it was still open."""
    if not may_edit(by, note.deal):
        raise NotAllowed(_("Only those who act on this deal, or a manager of its team, may do this."))
    return bool(CoachingNote.objects.filter(pk=note.pk, done_at__isnull=True).update(done_at=now))


def within():
    """The notes as one column of a deal that is read."""
    notes = CoachingNote.objects.filter(deal=OuterRef("pk")).order_by("-at", "-pk")[:MOST]
    return RowsWithin(notes, "pk", "text", "criterion", "by__name", "at", "done_at")


def shown(rows, process):
    """[Advice] of such a column: what is open first, then what was taken up, the newest first in each."""
    found = [_advice(row, process) for row in rows]
    return sorted(found, key=lambda note: (note.done_at is not None, -note.at.timestamp(), -note.pk))


def _advice(row, process):
    definition = process.by_criterion.get(row["criterion"]) if process else None
    done = row["done_at"]
    return Advice(
        row["pk"], row["text"], row["criterion"], row["by__name"], moment(row["at"]), done and moment(done),
        definition.label if definition else "",
    )  # fmt: skip


def open_on(notes):
    """{criterion id: [Advice]} of what is not taken up yet."""
    found = defaultdict(list)
    for note in notes:
        if note.criterion_id and note.done_at is None:
            found[note.criterion_id].append(note)
    return dict(found)


def of_criteria(deal):
    """The same for the gate's dialog, one statement: {criterion id: [CoachingNote]}."""
    found = defaultdict(list)
    notes = CoachingNote.objects.filter(deal=deal, done_at__isnull=True, criterion__isnull=False)
    for note in notes.select_related("by").order_by("-at", "-pk")[:MOST]:
        found[note.criterion_id].append(note)
    return dict(found)
