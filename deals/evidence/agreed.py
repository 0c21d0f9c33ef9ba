"""What one deal still waits for before both sides agree: its approvals and objections, in words."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from team import formats

from ..models import Approval, Decision, Objection


def approvals_of(deal):
    """{criterion id: its approvals that nobody has withdrawn}."""
    found = {}
    rows = Approval.objects.filter(deal=deal).exclude(decision=Decision.WITHDRAWN)
    for row in rows.select_related("approver", "contact", "activity", "attachment", "asked_by", "decided_by"):
        found.setdefault(row.criterion_id, []).append(row)
    return found


def lapse_of(approvals, today):
    """The first day to come on which one of them runs out."""
    days = [row.holds_until for row in approvals if row.decision == Decision.APPROVED and row.holds_until]
    return min((day for day in days if day >= today), default=None)


def missing_approval(definition, approvals, today):
    """(what is missing, whether all of it was there once and ran out)."""
    old = [row for row in approvals if row.has_run_out(today)]
    waiting = [_waiting(row, today) for row in approvals if row.decision != Decision.APPROVED]
    roles = {row.role for row in approvals}
    lacking = (
        [role for role in definition.role_list if role not in roles] if not definition.needs_buyer else []
    )
    if lacking:
        waiting.append(_("Not asked yet: %s.") % ", ".join(lacking))
    if waiting:
        return " ".join(waiting), False
    if old:
        return _("Too old, ask again: %s.") % ", ".join(str(row.who) for row in old), True
    if approvals:
        return _(
            "The approval on record does not show what is asked. Record it from the buyer's words."
        ), False
    return (
        _("Nobody of the buyer has approved it yet.") if definition.needs_buyer else _no_approval()
    ), False


def _no_approval():
    return _("No approval has been asked for yet.")


def _waiting(row, today):
    details = {"who": row.who, "day": formats.day(row.due_on) if row.due_on else ""}
    if row.decision == Decision.REJECTED:
        said = f" “{row.comment}”" if row.comment else ""
        return _("Rejected by %s.") % row.who + said
    if row.is_late(today):
        return _("Waits for %(who)s, late since %(day)s.") % details
    return (_("Waits for %(who)s, due %(day)s.") if row.due_on else _("Waits for %(who)s.")) % details


def objections_of(deal):
    rows = Objection.objects.filter(deal=deal).select_related("raised_by")
    return list(rows.order_by("raised_at", "pk"))


def missing_settlement(objections):
    """How many objections keep the gate shut."""
    count = sum(not objection.is_settled for objection in objections)
    return ngettext("%d objection is not settled.", "%d objections are not settled.", count) % count
