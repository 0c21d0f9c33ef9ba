"""Imported deals come in as they are. A manager names a day for each stage; on it, those that do not prove the stage
land in the deepest one that they do prove, as one run that can be undone."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.process import process_of
from team import formats
from team.calendar import add_business_days, calendar_of, local_date
from team.models import Organisation, User
from team.notices import tell

from ..input import parsing
from ..models import BulkAction, Deal, LandingDay, Status
from . import bulk

LONGEST = 366


class Unlanded(Exception):
    """The day cannot be set; the text says why."""


def unproven(deals):
    """The imported deals among these that do not prove the stage they stand in."""
    return deals.filter(
        import_batch__isnull=False, status=Status.OPEN, open_before__gt=0, exception_until__isnull=True
    )


def waiting():
    """Days that are to come, or whose tick is."""
    return LandingDay.objects.filter(run__isnull=True, withdrawn_at__isnull=True).select_related(
        "stage", "by"
    )


def by_stage(pipeline, user):
    """[(stage, how many unproven imported deals, their money, LandingDay or None)] of stages that have either."""
    deals = unproven(Deal.objects.editable_by(user).filter(pipeline=pipeline)).order_by()
    counted = {
        pk: (n, money)
        for pk, n, money in deals.values_list("stage").annotate(Count("pk"), Sum("amount_base"))
    }
    days = {row.stage_id: row for row in waiting().filter(stage__pipeline=pipeline)}
    return [
        (stage, *counted.get(stage.stage_id, (0, 0)), days.get(stage.stage_id))
        for stage in process_of(pipeline).stages[1:]
        if stage.stage_id in counted or stage.stage_id in days
    ]


@transaction.atomic
def set_day(pipeline, stage_id, text, *, by, now):
    """From this day on the stage's imported deals have to prove it; their owners are told. Returns the LandingDay."""
    process = process_of(pipeline)
    if stage_id not in process or process.index(stage_id) == 0:
        raise Unlanded(_("This stage asks nothing of those who stand in it."))
    day = _day(text, local_date(now, Organisation.current()))
    _withdraw(stage_id, now)
    row = LandingDay.objects.create(stage_id=stage_id, day=day, by=by, set_at=now)
    _tell(row, now, "set")
    return row


def _day(text, today):
    try:
        day = parsing.day(text, today=today) if text.strip() else None
    except parsing.ParseError as error:
        raise Unlanded(str(error)) from error
    if day is None or day <= today:
        raise Unlanded(_("Name a day to come: whoever owns these deals is told before."))
    if (day - today).days > LONGEST:
        raise Unlanded(_("At most %d days. Name an earlier day.") % LONGEST)
    return day


@transaction.atomic
def withdraw(stage_id, *, now):
    """The stage's imported deals stay where they are."""
    _withdraw(stage_id, now)


def _withdraw(stage_id, now):
    waiting().filter(stage=stage_id).update(withdrawn_at=now)


def meant(row):
    """The deals that would land: those that who set the day may move."""
    return unproven(Deal.objects.editable_by(row.by).filter(stage=row.stage_id))


def _tell(row, now, when):
    """Each owner hears how many deals of theirs are meant."""
    counted = meant(row).order_by().values_list("owner").annotate(Count("pk"))
    people = User.objects.active().in_bulk([pk for pk, _n in counted])
    for pk, count in counted:
        if pk in people:
            deals = ngettext("%d imported deal of yours", "%d imported deals of yours", count) % count
            said = {"deals": deals, "stage": row.stage.name, "day": formats.day(row.day)}
            words = _(
                "%(day)s: %(deals)s in %(stage)s will land in the stage they prove. Confirm what is missing before."
            )
            url = f"/deals/?show=live&owner=me&stage={row.stage_id}"
            tell([people[pk]], words % said, key=f"landing-{row.pk}-{when}", url=url, now=now)


def land_due(now):
    """Remind of the days that are near, and begin the runs of those that have come. Returns how many runs."""
    today = local_date(now, Organisation.current())
    near = add_business_days(today, 1, calendar_of(None))
    for row in waiting().filter(
        day__gt=today, day__lte=max(near, today + timedelta(days=1)), reminded_on=None
    ):
        if LandingDay.objects.filter(pk=row.pk, reminded_on=None).update(reminded_on=today):
            _tell(row, now, "near")
    return sum(_land(pk, now) for pk in list(waiting().filter(day__lte=today).values_list("pk", flat=True)))


@transaction.atomic
def _land(pk, now):
    """Whether a run was begun; of several ticks at once one begins it."""
    row = waiting().select_for_update(of=("self",)).filter(pk=pk).first()
    if row is None:
        return False
    reason = _("Imported, and its stage not proven by %s") % formats.day(row.day)
    token = uuid.uuid5(uuid.NAMESPACE_OID, f"landing-{pk}")
    row.run = bulk.ask_all(BulkAction.BACK, {"reason": reason}, meant(row), by=row.by, token=token, now=now)
    row.save(update_fields=["run"])
    return True
