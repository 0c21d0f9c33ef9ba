"""What waits in the outbox leaves; who waits for what could not be delivered hears of it."""

from zoneinfo import ZoneInfo

from deals.recaps import undelivered as undelivered_recaps
from outbox.sending import send_due
from outbox.webhooks import send_webhooks
from team.models import Organisation

from . import undelivered


def mail(now):
    """Returns what was Sent."""
    done = send_due(now, zone=lambda: ZoneInfo(Organisation.current().time_zone))
    undelivered_recaps(done.given_up, now)
    undelivered.drafted_mails(done.given_up, now)
    return done


def webhooks(now):
    """Returns what was Sent."""
    done = send_webhooks(now)
    undelivered.webhooks(done.given_up, now)
    return done
