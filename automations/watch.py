"""Whether the clock can be believed, and what the engine remembers of its last tick."""

import logging
import time
from contextlib import contextmanager
from datetime import timedelta

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from deals.models import Deal
from deals.timers import due_stored
from pipeline.models import Pipeline
from pipeline.process import process_known
from team.calendar import digest, local_date
from team.models import Organisation

from . import holds
from .models import Hold, HoldReason, Tick

logger = logging.getLogger(__name__)
# Longer than this nobody watched: archives wait for a manager.
LONGEST_GAP = timedelta(days=2)
# Clocks of two machines, or of one before and after it was set, differ by no more.
SKEW = timedelta(minutes=5)
# One tick spends no more on checking dates.
CHECK_SECONDS = 20


def look(now):
    """Hold back what takes deals away where the clock jumped. For ticks of the real clock alone."""
    before = Tick.objects.filter(pk=1).values_list("at", flat=True).first()
    if _skewed():
        return False
    if before is not None:
        _compare(before, now)
    Tick.objects.update_or_create(pk=1, defaults={"at": now})
    return True


def _skewed():
    """The database's clock is another machine's: both cannot be right."""
    if connection.vendor != "postgresql":
        return False
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        apart = abs(cursor.fetchone()[0] - now)
    if apart > SKEW:
        holds.hold(HoldReason.SKEW, now, details={"minutes": apart // timedelta(minutes=1)})
        return True
    _over(HoldReason.SKEW, now)
    return False


def _compare(before, now):
    if now < before - SKEW:
        _went_back(before, now)
    elif now - before > LONGEST_GAP:
        details = {"days": (now - before).days, "since": before.isoformat()}
        holds.hold(HoldReason.GAP, now, details=details)


def _went_back(before, now):
    """A clock that had jumped ahead and is right again takes its own gap back with it."""
    gap = Hold.objects.filter(reason=HoldReason.GAP, released_at__isnull=True).first()
    if gap and gap.details.get("since", "") <= now.isoformat():
        _over(HoldReason.GAP, now)
    else:
        holds.hold(HoldReason.BACKWARDS, now, details={"minutes": (before - now) // timedelta(minutes=1)})


def _over(reason, now):
    Hold.objects.filter(reason=reason, released_at__isnull=True).update(released_at=now)


@contextmanager
def remembered(said):
    """Keep how long a tick took and what it did; `said` is a list that the block puts its words into."""
    started, error = time.monotonic(), ""
    try:
        yield
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
        raise
    finally:
        if not connection.needs_rollback:
            taken = round(time.monotonic() - started, 3)
            Tick.objects.filter(pk=1).update(seconds=taken, done="; ".join(said)[:500], error=error[:500])


def check_dates(now):
    """Compute every deal's next date anew once a day, and when a calendar changed. Returns how many differed.

    Many deals take several ticks; the row of the tick says how far it is.
    """
    today, calendars = local_date(now, Organisation.current()), digest()
    tick, _made = Tick.objects.get_or_create(pk=1, defaults={"at": now})
    after = tick.checking_after if (tick.checked_on, tick.calendars) == (today, calendars) else 0
    if after is None:
        return 0
    deals = Deal.objects.live().filter(pipeline__in=_readable())
    changed, rest = due_stored.follow_some(deals, after, CHECK_SECONDS)
    Tick.objects.filter(pk=1).update(checked_on=today, calendars=calendars, checking_after=rest)
    return changed


def _readable():
    """Ids of the pipelines whose process can be read. What is wrong with another is logged; its deals wait alone."""
    found = []
    for pk, token in Pipeline.objects.filter(version__isnull=False).values_list("pk", "version__token"):
        try:
            process_known(token, pk)
        except (OperationalError, InterfaceError):
            raise  # the database is away or busy: the next tick heals
        except Exception:
            logger.exception("the process of pipeline %s cannot be read", pk)
        else:
            found.append(pk)
    return found
