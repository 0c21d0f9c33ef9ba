"""Taking back what a rule did, by whom it touched, within a week; and deciding what a rule asked."""

from django.db import transaction
from django.utils.translation import gettext as _

from deals import moves
from deals.input import normalise, parsing
from deals.locking import locked_deal
from deals.models import CancelledWhy, Firing, FiringState, MailDraft, Source
from deals.settle import settle
from team.calendar import local_date
from team.models import Organisation


class Undecided(Exception):
    """What was sent decides nothing; `fields` says why, by field."""

    def __init__(self, fields):
        self.fields = fields
        super().__init__("; ".join(str(words) for words in fields.values()))


def may_decide(user, deal):
    """A manager of the deal's team, or an admin."""
    return user.is_admin or (user.is_manager and deal.team_id in user.team_ids)


@transaction.atomic
def undo(firing_id, *, by, now):
    """Take a firing back: its task and draft go, the deal stands where it stood. Raises MoveRefused. Returns it."""
    deal_id = Firing.objects.values_list("deal", flat=True).get(pk=firing_id)
    deal, process = locked_deal(deal_id)
    if not moves.may_edit(by, deal):
        raise moves.NotAllowed(_("Only who acts on the deal or a manager of the team may do this."))
    firing = Firing.objects.select_related("definition").get(pk=firing_id)
    if not firing.can_be_undone(deal, now):
        raise moves.IllegalMove(
            _("This cannot be undone: what it asked for is done, the deal moved on, or a week has passed.")
        )
    _end(firing, FiringState.UNDONE, by, now)
    tasks = deal.tasks.unfinished().filter(firing=firing)
    tasks.update(cancelled_at=now, cancelled_why=CancelledWhy.UNDONE)
    drafts = MailDraft.objects.filter(firing=firing, sent_at__isnull=True, discarded_at__isnull=True)
    drafts.update(discarded_at=now)
    if firing.seq is not None:
        return moves.undo(deal_id, seen_seq=deal.seq, by=by, now=now)
    settle(deal, process, now)
    return deal


@transaction.atomic
def decide(firing_id, *, by, archive, kept_until="", reason="", now):
    """A manager's word on an archive that asks. Raises Undecided, MoveRefused. Returns the deal."""
    deal, process = locked_deal(Firing.objects.values_list("deal", flat=True).get(pk=firing_id))
    if not may_decide(by, deal):
        raise moves.NotAllowed(_("A manager of the team decides this."))
    firing = Firing.objects.asked().filter(pk=firing_id).first()
    if firing is None:
        raise moves.IllegalMove(_("This is decided already, or the buyer has answered meanwhile."))
    if archive:
        _end(firing, FiringState.DONE, by, now, seq=deal.seq + 1)
        text = normalise.clean(reason)[:2000] or _("Decided by %s") % by
        return moves.archive(deal.pk, seen_seq=None, by=by, now=now, source=Source.RULE, reason=text)
    _end(firing, FiringState.KEPT, by, now, kept_until=_day(kept_until, now))
    settle(deal, process, now)
    return deal


def _day(text, now):
    organisation = Organisation.current()
    today = local_date(now, organisation)
    try:
        day = parsing.day(text, today=today) if text else None
    except parsing.ParseError as error:
        raise Undecided({"kept_until": str(error)}) from error
    if day is None or day <= today:
        raise Undecided({"kept_until": _("Name a day to come until which the deal is kept.")})
    if (day - today).days > organisation.pause_days:
        raise Undecided({"kept_until": _("At most %d days. Name an earlier day.") % organisation.pause_days})
    return day


def _end(firing, state, by, now, **columns):
    firing.state, firing.ended_at, firing.ended_by = state, now, by
    for name, value in columns.items():
        setattr(firing, name, value)
    firing.save(update_fields=["state", "ended_at", "ended_by", *columns])
