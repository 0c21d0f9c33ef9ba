"""What a rule left to do lives as long as what it counted from: a reply or a change takes it away, and it says so."""

from django.db.models import Q

from pipeline.vocabulary import RuleAction, RuleTrigger

from ..models import CancelledWhy, Firing, FiringState, MailDraft
from .due import OF_SILENCE, Schedule, stamp


def cancel_stale(deal, process, calendar, now):
    """Cancel tasks, drafts and questions of firings that no longer stand. The deal is locked."""
    stale = {firing.pk: why for firing in _open(deal) if (why := _why(firing, deal, process, calendar))}
    for why in set(stale.values()):
        ids = [pk for pk, its in stale.items() if its == why]
        deal.tasks.unfinished().filter(firing__in=ids).update(cancelled_at=now, cancelled_why=why)
    if stale:
        waiting = MailDraft.objects.filter(firing__in=stale, sent_at__isnull=True, discarded_at__isnull=True)
        waiting.update(discarded_at=now)
        Firing.objects.asked().filter(pk__in=stale).update(state=FiringState.LAPSED, ended_at=now)


def _open(deal):
    """Firings of the deal that left something to do."""
    tasks = deal.tasks.unfinished().filter(firing__isnull=False).values("firing")
    drafts = deal.mail_drafts.filter(sent_at__isnull=True, discarded_at__isnull=True).values("firing")
    left = Q(pk__in=tasks) | Q(pk__in=drafts) | Q(state=FiringState.ASKED)
    return Firing.objects.filter(left, deal=deal).select_related("definition").order_by("pk")


def _why(firing, deal, process, calendar):
    """Why it no longer stands; empty while it does."""
    if not deal.is_live:
        return CancelledWhy.CLOSED
    rule = firing.definition
    if rule.trigger == RuleTrigger.STAGE_ENTERED or deal.stage_id not in process:
        return ""
    if Schedule(deal, process, calendar, {}).stands(rule, firing.occurrence):
        return ""
    silent = rule.trigger in OF_SILENCE or rule.action in (RuleAction.RE_ENGAGE, RuleAction.ARCHIVE)
    heard = deal.last_buyer_activity_at and deal.last_buyer_activity_at > firing.fired_at
    return CancelledWhy.REPLY if silent and heard else CancelledWhy.MOVED


def revive(deal, cancelled_at):
    """Undo of a move brings back what was left to do when it was made."""
    again = deal.tasks.filter(done_at__isnull=True, cancelled_at=cancelled_at)
    again.filter(cancelled_why__in=[CancelledWhy.CLOSED, CancelledWhy.MOVED]).update(
        cancelled_at=None, cancelled_why=""
    )
    MailDraft.objects.filter(deal=deal, sent_at__isnull=True, discarded_at=cancelled_at).update(
        discarded_at=None
    )


def never_entered(deal, row, now):
    """Undo of a move takes back what entering the stage gave somebody to do."""
    if row.from_stage_id == row.to_stage_id:
        return
    entering = deal.firings.filter(
        definition__trigger=RuleTrigger.STAGE_ENTERED, occurrence=stamp(row.happened_at)
    ).values("pk")
    deal.tasks.unfinished().filter(firing__in=entering).update(
        cancelled_at=now, cancelled_why=CancelledWhy.UNDONE
    )
    waiting = MailDraft.objects.filter(firing__in=entering, sent_at__isnull=True, discarded_at__isnull=True)
    waiting.update(discarded_at=now)
