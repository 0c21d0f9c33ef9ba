"""What a worker does when it is called. Loaded only where REDIS_URL is set; tick.py knows nothing of it."""

import logging
import time

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from deals.timers import due_following

from . import leaving
from . import tick as ticks

logger = logging.getLogger("headgate.automations")

# After Redis did not answer, for so many seconds nobody waits for it again; the next tick sends.
NOT_ASKED_AGAIN = 60
_asked_again_at = 0.0


@shared_task
def tick():
    """All that is due, whichever worker looks; any number may look at once."""
    done = ticks.run_now()
    if done:
        logger.info("%s", done)


@shared_task(expires=NOT_ASKED_AGAIN)
def send():
    """What waits in the outbox."""
    now = timezone.now()
    leaving.mail(now)
    leaving.webhooks(now)


@shared_task(expires=NOT_ASKED_AGAIN)
def set_clocks():
    """The clocks that follow a publication."""
    due_following.go_on()


def hurry():
    """Ask for `send` now."""
    _ask(send)


def hurry_clocks():
    """Ask for `set_clocks` now."""
    _ask(set_clocks)


def _ask(task):
    """Never fails and never takes long: without it the next tick does the same."""
    global _asked_again_at
    if time.monotonic() < _asked_again_at:
        return
    try:
        task.delay()
    except (OperationalError, RedisError, OSError) as error:
        _asked_again_at = time.monotonic() + NOT_ASKED_AGAIN
        logger.warning("Redis does not answer, the next tick does it: %s", error)
