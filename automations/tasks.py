"""What a worker does when it is called. Loaded only where REDIS_URL is set; tick.py knows nothing of it."""

import logging
import time

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

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


def hurry():
    """Ask for `send` now. Never fails and never takes long: without it the mail leaves with the next tick."""
    global _asked_again_at
    if time.monotonic() < _asked_again_at:
        return
    try:
        send.delay()
    except (OperationalError, RedisError, OSError) as error:
        _asked_again_at = time.monotonic() + NOT_ASKED_AGAIN
        logger.warning("Redis does not answer, mail leaves with the next tick: %s", error)
