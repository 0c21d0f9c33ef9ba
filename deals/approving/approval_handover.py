"""Approvals that wait for somebody who leaves: to another with the same role, or withdrawn and asked for anew."""

from django.db import transaction
from django.utils.translation import gettext as _

from team.models import User

from ..answers.approving import put_aside
from ..edits import Unfit
from ..locking import locked_deal
from ..models import Activity, ActivityKind, Approval, Decision
from ..settle import settle
from .approvals import is_asked_already, tell_approver, tell_left


def waiting(user):
    """Every decision that waits for this person, of closed deals too: they could be reopened."""
    rows = Approval.objects.filter(approver=user, decision=Decision.PENDING)
    return rows.select_related("deal__stage", "asked_by").order_by("deal", "pk")


def roles(user):
    """In which roles this person is asked, by name; "" where any colleague may decide."""
    return sorted(waiting(user).order_by().values_list("role", flat=True).distinct())


def deciders(role, leaving):
    """Who may decide instead."""
    people = User.objects.active().exclude(pk=leaving.pk)
    return (people.filter(roles__name=role) if role else people).distinct().order_by("name")


@transaction.atomic
def pass_on(user, instead, *, by, now):
    """`instead` maps each role to who decides now, or to None: withdraw it. Returns how many approvals that were.

    Raises Unfit, with the role as the field, where somebody would decide what they asked for themselves.
    """
    rows = list(waiting(user))
    problems = {row.role: _own(row) for row in rows if _is_own(row, instead)}
    problems |= {row.role: _("Choose who decides instead.") for row in rows if row.role not in instead}
    if problems:
        raise Unfit(problems)
    return sum(_pass(row.deal_id, row.pk, instead[row.role], user, by, now) for row in rows)


def _is_own(row, instead):
    to = instead.get(row.role)
    return to is not None and to.pk == row.asked_by_id


def _own(row):
    return _("%(who)s asked for one of them: nobody approves what they ask for themselves.") % {
        "who": row.asked_by
    }


def _pass(deal_id, approval_id, to, user, by, now):
    deal, process = locked_deal(deal_id)
    approval = Approval.objects.select_related("asked_by").get(pk=approval_id)
    if not approval.is_pending or approval.approver_id != user.pk:
        return 0  # decided while we waited for the lock
    approval.deal, approval.approver = deal, to
    if to is None or is_asked_already(approval):
        approval.approver = user
        put_aside(approval, by, now, _("%s does not work here any more.") % user.name)
        tell_left(approval, user, now)
    else:
        approval.save(update_fields=["approver"])
        Activity.objects.create(**_note(deal, approval, user, by, now))
        tell_approver(approval, now)
    settle(deal, process, now)
    return 1


def _note(deal, approval, old, by, now):
    """What the deal's timeline says of it."""
    subject = _("Asked of %(new)s instead of %(old)s: %(what)s") % {
        "new": approval.approver, "old": old.name, "what": approval.subject,
    }  # fmt: skip
    note = {"deal": deal, "kind": ActivityKind.NOTE, "subject": subject[:200]}
    return note | {"happened_at": now, "recorded_at": now, "recorded_by": by}
