"""One mail each working day for those who chose so: what is due and what they have not read; else none."""

from datetime import time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deals.models import Deal, Task
from outbox import queue
from team.calendar import calendar_of, is_business_day
from team.models import User

AT = time(7)
MOST = 30


def send_digests(now):
    """Make ready what is due from seven o'clock of the organisation's working days. Returns how many mails."""
    calendar = calendar_of(None)
    here = timezone.localtime(now, ZoneInfo(calendar.time_zone))
    today = here.date()
    if here.time() < AT or not is_business_day(today, calendar):
        return 0
    with timezone.override(ZoneInfo(calendar.time_zone)):
        return sum(_send(user, today, now) for user in _waiting(today))


def _waiting(today):
    """Whom nobody has looked for on this day."""
    unseen = Q(digest_on__isnull=True) | Q(digest_on__lt=today)
    return User.objects.active().filter(unseen, mail_digest="daily")


@transaction.atomic
def _send(user, today, now):
    """Whether a mail was made ready. Of several ticks at once, one claims the day."""
    if not _waiting(today).filter(pk=user.pk).update(digest_on=today):
        return False
    tasks, notices = _tasks(user, today), list(user.notices.filter(read_at__isnull=True)[: MOST + 1])
    if not tasks and not notices:
        return False
    queue.put(
        key=f"digest:{user.pk}:{today}",
        to=user.email,
        name=user.name,
        subject=_subject(tasks, notices),
        body=_body(user, tasks, notices, today),
        now=now,
    )
    return True


def _tasks(user, today):
    """What is due, the oldest first; what was put off until later is not."""
    mine = Task.objects.unfinished().filter(assignee=user, deal__in=Deal.objects.visible_to(user))
    due = mine.filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=today), due_on__lte=today)
    return list(due.select_related("deal")[: MOST + 1])


def _subject(tasks, notices):
    """'3 things to do, 2 new notices'; of more than a mail lists it says so."""
    due = ngettext("%s thing to do", "%s things to do", len(tasks)) % _count(tasks)
    new = ngettext("%s new notice", "%s new notices", len(notices)) % _count(notices)
    return ", ".join(words for words, rows in ((due, tasks), (new, notices)) if rows)


def _count(rows):
    return len(rows) if len(rows) <= MOST else _("more than %d") % MOST


def _body(user, tasks, notices, today):
    context = {
        "user": user,
        "tasks": [
            (task, task.due_on < today, _link(reverse("deal", args=[task.deal_id]))) for task in tasks[:MOST]
        ],
        "notices": [(notice, _link(notice.url) if notice.url else "") for notice in notices[:MOST]],
        "has_more": len(tasks) > MOST or len(notices) > MOST,
        "profile": _link(reverse("profile")),
    }
    return render_to_string("team/mail/digest.txt", context).strip() + "\n"


def _link(path):
    return f"{settings.SITE_URL}{path}" if settings.SITE_URL else ""
