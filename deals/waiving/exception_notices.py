"""Who hears of an exception: those who decide, those who asked, and the process owner where one is needed often."""

from datetime import timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from team import formats
from team.calendar import local_date
from team.models import Organisation
from team.notices import Notice, tell

from ..models import GateException, WaivedCriterion
from . import granters, waivers

OFTEN, OFTEN_DAYS = 3, 90


def tell_asked(exception, deal, now):
    """Those who may decide. Returns them."""
    people = granters.of(deal, exception.asked_by, now)
    text = _("%(who)s asks for an exception: %(deal)s") % {"who": exception.asked_by, "deal": deal}
    tell(people, text, key=_key(exception, "asked"), url=reverse("exceptions"), now=now)
    return people


def tell_granted(exception, deal, process, now):
    """The one who asked; and the process owner, where the same criterion is waived again and again."""
    text = _("%(who)s granted your exception until %(day)s: %(deal)s") % {
        "who": exception.decided_by,
        "day": formats.day_short(exception.expires_on),
        "deal": deal,
    }
    tell([exception.asked_by], text, key=_key(exception, "granted"), url=_page(deal), now=now)
    _tell_often(exception, deal, process, now)


def tell_declined(exception, deal, now):
    text = _("%(who)s declined your exception: %(deal)s") % {"who": exception.decided_by, "deal": deal}
    tell([exception.asked_by], text, key=_key(exception, "declined"), url=_page(deal), now=now)


def tell_expired(now):
    """Those who asked and granted exceptions that have expired since. Returns how many."""
    today = local_date(now, Organisation.current())
    expired = GateException.objects.filter(expires_on__lt=today, **waivers.LIVE)
    keys = {_key(exception, "expired"): exception for exception in expired.select_related(*_EXPIRED)}
    for told in Notice.objects.filter(key__in=keys).values_list("key", flat=True):
        keys.pop(told, None)
    for key, exception in keys.items():
        text = _("The exception has expired: %s") % exception.deal
        people = [exception.asked_by, exception.decided_by]
        tell(people, text, key=key, url=_page(exception.deal), now=now)
    return len(keys)


_EXPIRED = ["deal", "asked_by", "decided_by"]


def _tell_often(exception, deal, process, now):
    mine = exception.waived.values("criterion")
    since = {"exception__transition__recorded_at__gt": now - timedelta(days=OFTEN_DAYS)}
    rows = WaivedCriterion.objects.filter(criterion__in=mine, **since).order_by()
    for criterion_id, count in rows.values_list("criterion").annotate(count=Count("pk")):
        if count >= OFTEN and criterion_id in process.by_criterion:
            _tell_owner(deal.pipeline, process.by_criterion[criterion_id], count, now)


def _tell_owner(pipeline, definition, count, now):
    people = [pipeline.process_owner] if pipeline.process_owner else []
    text = _("Waived %(count)d times in %(days)d days: %(label)s") % {
        "count": count,
        "days": OFTEN_DAYS,
        "label": definition.label,
    }
    month = local_date(now, Organisation.current()).strftime("%Y-%m")
    key = f"criterion-{definition.criterion_id}-waived-{month}"
    tell(people, text, key=key, url=reverse("exceptions"), now=now)


def _key(exception, event):
    return f"exception-{exception.pk}-{event}"


def _page(deal):
    return reverse("deal", args=[deal.pk])
