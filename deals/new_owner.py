"""A deal changes hands: what came along is written down, and the new owner is asked to accept it.

The new owner owns the deal at once, so that it is never nobody's; until they accept, its page and its card say so.
"""

from collections import defaultdict
from contextlib import suppress

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.process import process_of
from team import formats
from team.models import User
from team.notices import tell

from .locking import locked_deal
from .models import LIVE, Activity, ActivityKind, Deal, Handover, Status, Task
from .moves import NotAllowed
from .rows.rows_within import RowsWithin, moment

CHUNK = 500
REASON_LIMIT = 500
SHOWN_TEXT = 120


def follow(deal, old_id, *, by, now, reason="", once=""):
    """After one deal's owner was changed from `old_id`: nothing where it was not. `once` is said for many deals."""
    if deal.owner_id != old_id:
        record([deal], {deal.pk: old_id}, by=by, now=now, reason=reason, once=once)


def record(deals, old, *, by, now, reason="", once=""):
    """Of deals that have their new owner already, `old` is {deal id: who had it}. Their open tasks go along.

    Who takes a deal has accepted it. `once` is the key of a notice that stands for all of them.
    """
    people = User.objects.in_bulk({*old.values(), *(deal.owner_id for deal in deals)})
    for start in range(0, len(deals), CHUNK):
        part = deals[start : start + CHUNK]
        _tasks_go_along(part, old)
        Handover.objects.waiting().filter(deal__in=part).update(ended_at=now)
        told = _told(part)
        made = [_row(deal, old[deal.pk], by, now, reason, told[deal.pk]) for deal in part]
        Handover.objects.bulk_create(made)
        Activity.objects.bulk_create([_note(row, people, by, now) for row in made])
        _tell(made, people, by, now, once)


def _tasks_go_along(deals, old):
    pairs = defaultdict(list)
    for deal in deals:
        pairs[old[deal.pk], deal.owner_id].append(deal.pk)
    for (old_id, new_id), ids in pairs.items():
        Task.objects.unfinished().filter(deal__in=ids, assignee=old_id).update(assignee=new_id)


def _row(deal, old_id, by, now, reason, told):
    taken = now if by is not None and by.pk == deal.owner_id else None
    return Handover(
        deal=deal,
        old_id=old_id,
        new_id=deal.owner_id,
        by=by,
        at=now,
        reason=reason,
        told=told,
        accepted_at=taken,
    )


def _note(row, people, by, now):
    names = {"old": people[row.old_id].name, "new": people[row.new_id].name}
    return Activity(
        deal=row.deal, kind=ActivityKind.NOTE, happened_at=now, recorded_at=now, recorded_by=by,
        subject=_("Handed over from %(old)s to %(new)s") % names, body=row.reason,
    )  # fmt: skip


def _tell(rows, people, by, now, once):
    """Who has to accept; for many deals at once it is said once."""
    for row in rows:
        if row.accepted_at is not None:
            continue
        if once:
            words = (
                _("Deals of %s were handed to you. They wait for you to accept them.")
                % people[row.old_id].name
            )
            tell([people[row.new_id]], words, key=once, url=reverse("waiting"), now=now)
            continue
        names = {"old": people[row.old_id].name, "deal": row.deal.name}
        words = _("%(deal)s was handed over from %(old)s to you. Accept it on its page.") % names
        tell([people[row.new_id]], words, key=f"handover:{row.pk}", url=_address(row.deal_id), now=now)


def _address(deal_id):
    return reverse("deal", args=[deal_id])


# What came along


def _told(deals):
    """{deal id: what is handed over, in words}."""
    counted = Deal.objects.filter(pk__in=[deal.pk for deal in deals]).select_related(
        "pipeline__version", "next_owner"
    )
    open_tasks = Q(tasks__done_at__isnull=True, tasks__cancelled_at__isnull=True, tasks__assignee=F("owner"))
    counted = counted.annotate(
        people=Count("stakeholders", distinct=True), to_do=Count("tasks", filter=open_tasks, distinct=True)
    )
    return {deal.pk: _in_words(deal) for deal in counted}


def _in_words(deal):
    said = [_stage(deal), _next_step(deal), *_counted(deal)]
    if deal.next_owner_id != deal.owner_id:
        said.append(_("The next action stays with %s.") % deal.next_owner.name)
    return " ".join(filter(None, said))


def _stage(deal):
    process = process_of(deal.pipeline)
    name = process.stage(deal.stage_id).name if deal.stage_id in process else deal.stage.name
    words = _("It is in %(stage)s, %(held)d of %(total)d criteria confirmed.")
    return words % {"stage": name, "held": deal.held_here, "total": deal.total_here}


def _next_step(deal):
    if not (deal.next_step and deal.next_step_on):
        return _("No next step is agreed.")
    what = deal.next_step[:SHOWN_TEXT].rstrip(". ")
    return _("Next step: %(day)s, %(what)s.") % {"day": formats.day(deal.next_step_on), "what": what}


def _counted(deal):
    people = ngettext("%d person", "%d people", deal.people) % deal.people
    tasks = ngettext("%d open task", "%d open tasks", deal.to_do) % deal.to_do
    if not deal.people and not deal.to_do:
        return []
    if not deal.to_do:
        return [_("%s on the map.") % people]
    return [_("%(people)s on the map, %(tasks)s.") % {"people": people, "tasks": tasks}]


# Accepting


@transaction.atomic
def accept(deal_id, *, by, now):
    """The new owner has taken it over. Raises NotAllowed for anybody else. Whether it was still waiting."""
    deal, _process = locked_deal(deal_id)
    row = Handover.objects.waiting().filter(deal=deal).select_related("new").first()
    if row is None:
        return False
    if row.new_id != by.pk:
        raise NotAllowed(_("Only %s accepts this deal.") % row.new.name)
    Handover.objects.filter(pk=row.pk).update(accepted_at=now)
    Deal.objects.filter(pk=deal.pk).update(rev=F("rev") + 1)
    Activity.objects.create(
        deal=deal, kind=ActivityKind.NOTE, happened_at=now, recorded_at=now, recorded_by=by,
        subject=_("%s accepted the deal") % by.name,
    )  # fmt: skip
    return True


def accept_all(deal_ids, *, by, now):
    """Those of these deals that wait for this person, each by itself. How many there were.

    One that is handed to somebody else meanwhile is left to them.
    """
    done = 0
    for pk in list(waiting_for(by).filter(deal__in=deal_ids).values_list("deal", flat=True)):
        with suppress(NotAllowed):
            done += accept(pk, by=by, now=now)
    return done


# Reading


def waiting_for(user):
    """What this person has to accept, the oldest first: of deals that still run, or were won."""
    rows = Handover.objects.waiting().filter(new=user, deal__status__in=[*LIVE, Status.WON])
    return rows.select_related("deal", "old").order_by("at", "pk")


def is_waiting():
    """Condition over deals: their owner has not accepted them yet."""
    return Exists(Handover.objects.waiting().filter(deal=OuterRef("pk")))


def within():
    """The hand-over that waits, as one column of a deal that is read."""
    rows = Handover.objects.waiting().filter(deal=OuterRef("pk"))
    return RowsWithin(rows, "old__name", "new", "new__name", "by__name", "at", "reason", "told")


def shown(rows):
    """Such a column as the page shows it; None where nothing waits."""
    if not rows:
        return None
    row = rows[0]
    return {
        "old": row["old__name"], "new": row["new__name"], "new_id": row["new"], "by": row["by__name"],
        "at": moment(row["at"]), "reason": row["reason"], "told": row["told"],
    }  # fmt: skip
