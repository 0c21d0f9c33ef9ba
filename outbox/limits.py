"""At most three automatic mails leave for one address in a day; what comes after waits for the next."""

from datetime import datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from .models import Mail

A_DAY = 3


def admits(mail, now, zone):
    """Whether a claimed mail may leave on this day: it gets a number of the day, or is held until the next.

    The table takes each number once, whoever else sends at the same moment.
    """
    today = now.astimezone(zone).date()
    if mail.counted_on == today:
        return True
    return any(_take(mail, today, number) for number in _free(mail, today)) or _hold(mail, today, zone)


def _free(mail, today):
    others = Mail.objects.filter(to_address__iexact=mail.to_address, counted_on=today)
    taken = set(others.values_list("counted_as", flat=True))
    return [number for number in range(1, A_DAY + 1) if number not in taken]


def _take(mail, today, number):
    mail.counted_on, mail.counted_as = today, number
    try:
        with transaction.atomic():
            mail.save(update_fields=["counted_on", "counted_as"])
    except IntegrityError:
        return False
    return True


def _hold(mail, today, zone):
    mail.attempts -= 1
    mail.next_attempt_at = datetime.combine(today + timedelta(days=1), time(0), tzinfo=zone)
    mail.error = _("Held: three automatic mails have gone to this address today.")
    mail.counted_on = mail.counted_as = None
    mail.save(update_fields=["attempts", "next_attempt_at", "error", "counted_on", "counted_as"])
    return False
