"""What waits for one person's word: deals handed over, exceptions, approvals, archives, holds.

Each has a page where it is decided.
"""

from dataclasses import dataclass, field

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from deals import new_owner
from deals.approving.approvals import waiting_for
from deals.models import Deal, ExceptionState, GateException
from team import formats

from . import operations

MOST = 50


@dataclass(frozen=True)
class Item:
    """One thing to decide."""

    title: str
    words: str
    url: str
    since: object
    money: str = ""
    deal: int | None = None  # where several are decided at once


@dataclass
class Group:
    """Things of one kind, at most so many of them; `all_url` has the rest."""

    key: str
    label: str
    all_url: str
    items: list = field(default_factory=list)
    more: bool = False


@require_safe
def page(request):
    """Everything that waits for this person; each goes when it is decided."""
    groups = [group for group in found(request.user) if group.items]
    context = {"groups": groups, "count": sum(len(group.items) for group in groups)}
    return render(request, "automations/waiting.html", context)


def found(user):
    """The groups of what this person may decide, whether or not anything is in them."""
    groups = [_handovers(user), _approvals(user)]
    if user.is_manager:
        groups = [_exceptions(user), *groups, _archives(user), _holds()]
    return groups


def _group(key, label, url, rows, item):
    rows = list(rows[: MOST + 1])
    return Group(key, label, reverse(url), [item(row) for row in rows[:MOST]], len(rows) > MOST)


def _money(deal):
    return formats.money_short(deal.amount, deal.currency)


def _exceptions(user):
    """Who asked does not grant."""
    rows = GateException.objects.filter(state=ExceptionState.ASKED, deal__in=Deal.objects.visible_to(user))
    rows = (
        rows.exclude(asked_by=user).select_related("deal", "asked_by", "to_stage").order_by("asked_at", "pk")
    )
    return _group("exceptions", _("Exceptions to grant or decline"), "exceptions", rows, _exception)


def _exception(row):
    words = _("%(who)s asks to move it to %(stage)s: %(why)s") % {
        "who": row.asked_by, "stage": row.to_stage, "why": row.reason,
    }  # fmt: skip
    return Item(row.deal.name, words, reverse("exceptions"), row.asked_at, _money(row.deal))


def _handovers(user):
    return _group("handovers", _("Deals handed to you"), "deals", new_owner.waiting_for(user), _handover)


def _handover(row):
    words = _("From %(old)s. %(told)s") % {"old": row.old, "told": row.told}
    url = reverse("deal", args=[row.deal_id])
    return Item(row.deal.name, words, url, row.at, _money(row.deal), row.deal_id)


def _approvals(user):
    return _group("approvals", _("Approvals"), "my_approvals", waiting_for(user), _approval)


def _approval(row):
    words = row.subject if row.due_on is None else _("%(what)s, by %(day)s") % {
        "what": row.subject, "day": formats.day(row.due_on),
    }  # fmt: skip
    return Item(row.deal.name, words, reverse("approval", args=[row.pk]), row.asked_at, _money(row.deal))


def _archives(user):
    rows = operations.asked(user).select_related("deal")
    return _group("archives", _("Archives to decide"), "operations", rows, _archive)


def _archive(row):
    words = _("A rule would archive it: the buyer is silent since %s.") % formats.day(row.since)
    url = reverse("archive_decision", args=[row.deal_id, row.pk])
    return Item(row.deal.name, words, url, row.fired_at, _money(row.deal))


def _holds():
    return _group("holds", _("Held back"), "operations", operations.held(), _hold)


def _hold(row):
    return Item(_("Re-engaging and archiving wait"), row.words, reverse("operations"), row.since)
