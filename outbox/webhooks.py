"""Webhooks: put into the outbox in the transaction of what they are about, then signed and posted, with retries."""

import json
import secrets
import time
from dataclasses import dataclass

from django.utils.translation import gettext as _

from . import attempts, calling, posting, signing
from .attempts import Sent
from .models import Delivery, Endpoint

TEST_EVENT = "headgate.test"
# One round takes no longer than this, and spends no more than a third of it on one receiver.
ROUND_SECONDS = 30
# What a receiver says when it wants no more of this: Gone.
_GONE = 410


@dataclass(frozen=True)
class Message:
    """One thing to tell one endpoint; `payload` is what the receiver reads as `data`."""

    endpoint_id: int
    key: str
    event: str
    payload: dict


def put(endpoint, *, key, event, payload, now):
    """Queue one message; the same key again gives the one there is."""
    row = _row(Message(endpoint.pk, key, event, payload), now)
    fields = ("endpoint_id", "message_id", "event", "payload", "created_at", "next_attempt_at")
    defaults = {name: getattr(row, name) for name in fields}
    delivery, _made = Delivery.objects.get_or_create(key=key, defaults=defaults)
    calling.call()
    return delivery


def put_many(messages, *, now):
    """Queue a set of messages; those whose key is there already stay as they are."""
    Delivery.objects.bulk_create([_row(message, now) for message in messages], ignore_conflicts=True)
    calling.call()


def _row(message, now):
    return Delivery(
        endpoint_id=message.endpoint_id,
        key=message.key,
        message_id=f"msg_{secrets.token_hex(16)}",
        event=message.event,
        payload=message.payload,
        created_at=now,
        next_attempt_at=now,
    )


def put_test(endpoint, *, now):
    """A message that says nothing, to see that it arrives."""
    key = f"test:{endpoint.pk}:{secrets.token_hex(8)}"
    return put(endpoint, key=key, event=TEST_EVENT, payload={"webhook": endpoint.name}, now=now)


def try_again(ids, *, now):
    """Give messages that were given up another round of attempts. Returns how many."""
    count = attempts.try_again(Delivery.objects.filter(pk__in=ids), now)
    calling.call()
    return count


def send_webhooks(now, limit=100):
    """Send what is due, oldest first. A receiver that does not answer, or slowly, waits for the next round."""
    done, spent, ends = Sent("webhooks"), {}, time.monotonic() + ROUND_SECONDS
    while done.sent + done.failed < limit and time.monotonic() < ends:
        slow = [pk for pk, seconds in spent.items() if seconds > ROUND_SECONDS / 3]
        delivery = attempts.claim(Delivery.objects.exclude(endpoint__in=slow), now)
        if delivery is None:
            break
        began = time.monotonic()
        answered = _send(delivery, Endpoint.objects.get(pk=delivery.endpoint_id), now, done)
        took = time.monotonic() - began if answered else ROUND_SECONDS
        spent[delivery.endpoint_id] = spent.get(delivery.endpoint_id, 0) + took
    return done


def _send(delivery, endpoint, now, done):
    """Whether the receiver answered at all."""
    delivery.status = None
    if not endpoint.is_active:
        _failed(delivery, _("The webhook is not in use."), now, done, is_final=True)
        return True
    try:
        delivery.status = posting.post(endpoint.url, *signed(delivery, endpoint, now))
    except (OSError, ValueError) as error:
        _failed(delivery, attempts.one_line(str(error)) or type(error).__name__, now, done)
        return False
    if 200 <= delivery.status < 300:
        attempts.succeeded(delivery, now, also=["status"])
        done.sent += 1
    else:
        _failed(delivery, _words_of(delivery.status), now, done, is_final=delivery.status == _GONE)
    return True


def _failed(delivery, words, now, done, is_final=False):
    attempts.failed(delivery, words, now, done, is_final=is_final, also=["status"])


def _words_of(status):
    if 300 <= status < 400:
        return _("Answered %d: it sends us elsewhere, and we do not follow.") % status
    return _("Answered %d.") % status


def signed(delivery, endpoint, now):
    """(headers, body) of a message as it leaves at `now`."""
    body, timestamp = body_of(delivery), int(now.timestamp())
    known = [endpoint.secret]
    if endpoint.former_secret and endpoint.former_until and now < endpoint.former_until:
        known.append(endpoint.former_secret)
    headers = signing.headers(known, delivery.message_id, timestamp, body)
    return headers | {"Content-Type": "application/json", "User-Agent": "Headgate"}, body


def body_of(delivery):
    """The same bytes at every attempt."""
    told = {"type": delivery.event, "timestamp": delivery.created_at.isoformat(), "data": delivery.payload}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
