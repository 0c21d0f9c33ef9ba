"""Mails to managers on certain days: the review each Monday, stalled deals each month. Each goes out once.

They leave at seven of the organisation's first working day of the week or month; a scheduler that was away catches up
within the days given here, later it does not bother.
"""

import logging
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from automations.digests import AT
from outbox import queue
from outbox.models import Mail
from team import formats
from team.calendar import calendar_of, is_business_day
from team.models import Level, User

from ..lens import Lens
from ..panels import headline
from . import answers, stalled
from .answers import link

logger = logging.getLogger("headgate.insights")

REVIEW_DAYS, STALLED_DAYS = 2, 7
# Stalled deals a mail lists.
DEALS = 30


def monday_review(now):
    """The dashboard's first answers, for managers who want them by mail."""
    with _here(now) as today:
        monday = today - timedelta(days=today.weekday())
        if not _is_time(monday, today, REVIEW_DAYS, now):
            return None
        people = _waiting(f"review:{monday}:").filter(mail_review=True)
        count = _send_all(people, f"review:{monday}:", _review, now)
    return (
        ngettext("%d Monday review made ready", "%d Monday reviews made ready", count) % count
        if count
        else None
    )


def stalled_report(now):
    """Deals that stand in their stage for longer than won deals did, for each manager those they may see."""
    with _here(now) as today:
        first = today.replace(day=1)
        if not _is_time(first, today, STALLED_DAYS, now):
            return None
        month = f"{first:%Y-%m}"
        people = _waiting(f"stalled:{month}:")
        count = _send_all(people, f"stalled:{month}:", _stalled, now)
    return (
        ngettext("%d stalled report made ready", "%d stalled reports made ready", count) % count
        if count
        else None
    )


class _here:
    """The organisation's time zone for a while; gives its local date."""

    def __init__(self, now):
        self.zone = ZoneInfo(calendar_of(None).time_zone)
        self.today = timezone.localtime(now, self.zone).date()
        self.override = timezone.override(self.zone)

    def __enter__(self):
        self.override.__enter__()
        return self.today

    def __exit__(self, *error):
        self.override.__exit__(*error)


def _is_time(start, today, days, now):
    """Whether seven o'clock of the first working day from `start` on is over, and not longer ago than `days`."""
    calendar, day = calendar_of(None), start
    while not is_business_day(day, calendar) and day < today:
        day += timedelta(days=1)
    if not is_business_day(day, calendar) or not day <= today < day + timedelta(days=days):
        return False
    return today > day or timezone.localtime(now).time() >= AT


def _waiting(prefix):
    """Managers who have not been sent the mail of that name. One statement, so that each tick may ask."""
    key = Concat(Value(prefix), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    managers = User.objects.active().filter(level__in=[Level.MANAGER, Level.ADMIN])
    return managers.filter(~Exists(Mail.objects.filter(key=key))).order_by("pk")


def _send_all(people, prefix, compose, now):
    """How many mails were made ready. One that cannot be made keeps none of the others back."""
    count = 0
    for user in people:
        try:
            count += _send(user, f"{prefix}{user.pk}", compose, now)
        except Exception:
            logger.exception("no mail %s%s", prefix, user.pk)
    return count


@transaction.atomic
def _send(user, key, compose, now):
    """Whether a mail was made ready. Of several ticks at once the row's key lets one through."""
    if Mail.objects.filter(key=key).exists():
        return False
    queue.put(key=key, to=user.email, name=user.name, now=now, **compose(user, now))
    return True


def _review(user, now):
    lens = Lens.from_query(user, {}, now)
    head = headline.of(lens)
    title = headline.title(head, lens.currency)
    context = {
        "user": user, "lens": lens, "title": title, "answers": answers.of(lens),
        "page": link(reverse("dashboard")), "pack": link(reverse("review_pack")), "profile": link(reverse("profile")),
    }  # fmt: skip
    return _rendered("monday", _("Review: %s") % title, context)


def _stalled(user, now):
    lens = Lens.from_query(user, {}, now)
    known = stalled.normal(lens)
    data = stalled.of(lens, known)
    deals = stalled.with_days(stalled.listed(lens, known)[:DEALS], known, now)
    context = {
        "user": user, "lens": lens, "data": data, "page": link(reverse("stalled")),
        "deals": [(deal, link(reverse("deal", args=[deal.pk]))) for deal in deals],
        "more": max(0, data.count - DEALS),
    }  # fmt: skip
    subject = ngettext("%(n)d deal stalls, %(money)s", "%(n)d deals stall, %(money)s", data.count) % {
        "n": data.count, "money": formats.money_short(data.money, lens.currency),
    }  # fmt: skip
    return _rendered("stalled", subject, context)


def _rendered(name, subject, context):
    text = render_to_string(f"insights/mail/{name}.txt", context).strip() + "\n"
    html = render_to_string(f"insights/mail/{name}.html", context | {"subject": subject}).strip() + "\n"
    return {"subject": subject, "body": text, "html": html}
