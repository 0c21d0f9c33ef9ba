"""Webhooks against real receivers: signed, sent once, tried again, given up where an admin sees it."""

import base64
import contextlib
import hashlib
import hmac
import json
import socket
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from automations import tick
from outbox import attempts, posting, rotating, signing, webhooks
from outbox.models import Delivery, Endpoint
from team.notices import Notice

from .. import factories as f
from ..receivers import at_once, receiving

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def after(**times):
    return NOW + timedelta(**times)


def endpoint_at(url, name="Warehouse", **fields):
    return Endpoint.objects.create(name=name, url=url, secret=signing.new_secret(), **fields)


def put(endpoint, key="one", **payload):
    return webhooks.put(endpoint, key=key, event="deal.silent", payload=payload or {"deal": 7}, now=NOW)


def fresh(delivery):
    return Delivery.objects.get(pk=delivery.pk)


def test_the_signature_is_that_of_the_specifications_example():
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    made = signing.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_check_of_the_docs_takes_what_we_send_and_nothing_else(settings):
    with receiving(settings) as server:
        endpoint = endpoint_at(server.url)
        put(endpoint)
        webhooks.send_webhooks(timezone.now())
    ((_path, headers, body),) = server.took
    text = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
    page = {}
    exec(text.partition("```python\n")[2].partition("```")[0], page)
    assert page["is_ours"](headers, body, endpoint.secret)
    assert not page["is_ours"](headers, body + b" ", endpoint.secret)
    assert not page["is_ours"](headers, body, signing.new_secret())


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_abc", "whsec_äöü", base64.b64encode(b"x" * 32).decode(),
               "whsec_" + base64.b64encode(b"x" * 23).decode(), "whsec_" + base64.b64encode(b"x" * 65).decode()]
)  # fmt: skip
def test_what_is_no_secret_is_told(secret):
    with pytest.raises(ValueError):
        signing.key_of(secret)


def test_a_message_is_sent_once_signed_and_says_what_happened(settings):
    with receiving(settings) as server:
        endpoint = endpoint_at(server.url)
        delivery = put(endpoint, deal=7, name="Größe 山")
        assert webhooks.send_webhooks(NOW).sent == 1 and not webhooks.send_webhooks(after(days=1))
    ((path, headers, body),) = server.took
    assert path == "/hooks?from=headgate" and headers["Host"] == server.place
    assert headers["webhook-id"] == delivery.message_id and headers["Content-Type"] == "application/json"
    told = json.loads(body)
    assert told == {
        "type": "deal.silent", "timestamp": NOW.isoformat(), "data": {"deal": 7, "name": "Größe 山"},
    }  # fmt: skip
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(endpoint.secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    row = fresh(delivery)
    assert (row.sent_at, row.attempts, row.next_attempt_at, row.status) == (NOW, 1, None, 204)


def test_the_same_key_is_one_message_and_it_goes_with_the_transaction_it_is_about(settings):
    endpoint = endpoint_at("https://hooks.example.com/")
    first = put(endpoint)
    assert put(endpoint, deal=8).pk == first.pk and Delivery.objects.get().payload == {"deal": 7}
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        put(endpoint, "two")
        raise ZeroDivisionError
    assert Delivery.objects.count() == 1


def test_a_set_is_queued_in_one_statement_and_what_is_there_stays():
    endpoint = endpoint_at("https://hooks.example.com/")
    put(endpoint, "k1", deal=1)
    rows = [webhooks.Message(endpoint.pk, f"k{n}", "deal.silent", {"deal": 100 + n}) for n in range(50)]
    with CaptureQueriesContext(connection) as captured:
        webhooks.put_many(rows, now=NOW)
    assert len([q for q in captured if "INSERT" in q["sql"]]) == 1
    webhooks.put_many(rows, now=after(hours=1))
    assert Delivery.objects.count() == 50 and Delivery.objects.get(key="k1").payload == {"deal": 1}
    assert len(set(Delivery.objects.values_list("message_id", flat=True))) == 50
    assert set(Delivery.objects.values_list("created_at", flat=True)) == {NOW}


def test_one_that_answers_500_is_tried_again_with_the_same_id_and_the_same_words(settings):
    with receiving(settings, 500, 200) as server:
        delivery = put(endpoint_at(server.url))
        assert webhooks.send_webhooks(NOW).failed == 1
        row = fresh(delivery)
        assert (row.error, row.status, row.next_attempt_at) == ("Answered 500.", 500, after(minutes=1))
        assert not webhooks.send_webhooks(after(seconds=59))
        assert webhooks.send_webhooks(after(minutes=1)).sent == 1
    (_path, first, body), (_again, second, same) = server.took
    assert first["webhook-id"] == second["webhook-id"] and body == same
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 60
    assert fresh(delivery).error == "" and fresh(delivery).status == 200


def test_it_waits_longer_each_time_and_then_gives_up_where_an_admin_sees_it_and_tries_again(settings, client):
    with receiving(settings, 503) as server:
        delivery, moment, waits = put(endpoint_at(server.url)), NOW, []
        for _attempt in range(7):
            done = webhooks.send_webhooks(moment)
            row = fresh(delivery)
            if row.next_attempt_at:
                waits.append(row.next_attempt_at - moment)
                moment = row.next_attempt_at
        assert waits == attempts.WAITS and done.given_up == ["one"] and row.given_up_at == moment
        client.force_login(f.make_admin())
        listed = reverse("admin:outbox_delivery_changelist")
        text = client.get(listed).content.decode()
        assert "Given up" in text and "Answered 503." in text and "Warehouse" in text
        server.answers = [200]
        answer = client.post(listed, {"action": "try_again", "_selected_action": delivery.pk}, follow=True)
        assert "1 message will be tried again." in answer.content.decode()
        assert webhooks.send_webhooks(timezone.now()).sent == 1
    assert len({headers["webhook-id"] for _path, headers, _body in server.took}) == 1


def test_gone_is_given_up_at_once(settings):
    with receiving(settings, 410) as server:
        delivery = put(endpoint_at(server.url))
        assert webhooks.send_webhooks(NOW).given_up == ["one"]
    assert fresh(delivery).error == "Answered 410."


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(settings, status):
    with (
        receiving(settings) as elsewhere,
        receiving(settings, status, headers={"Location": elsewhere.url}) as server,
    ):
        delivery = put(endpoint_at(server.url))
        assert webhooks.send_webhooks(NOW).failed == 1
    assert elsewhere.took == [] and len(server.took) == 1
    assert "we do not follow" in fresh(delivery).error and fresh(delivery).status == status


def test_what_a_receiver_answers_is_neither_kept_nor_shown(settings, client):
    with receiving(settings, 500, headers={"X-Inside": "db-7"}, body=b"root:x:0:0") as server:
        delivery = put(endpoint_at(server.url))
        webhooks.send_webhooks(NOW)
    client.force_login(f.make_admin())
    text = client.get(reverse("admin:outbox_delivery_change", args=[delivery.pk])).content.decode()
    assert "Answered 500." in text and "root:x" not in text and "db-7" not in text


def test_a_receiver_that_does_not_answer_in_time_is_tried_later_and_holds_up_no_other(settings, monkeypatch):
    monkeypatch.setattr(posting, "SECONDS", 2)
    with receiving(settings) as slow, receiving(settings) as quick:
        slow.waits = threading.Event()
        late = endpoint_at(slow.url, "Slow")
        first, second = put(late, "a"), put(late, "b")
        other = put(endpoint_at(quick.url, "Quick"), "c")
        done = webhooks.send_webhooks(NOW)
    assert (done.sent, done.failed) == (1, 1) and fresh(other).sent_at == NOW
    assert fresh(first).error == "timed out" and fresh(first).next_attempt_at == after(minutes=1)
    assert (
        fresh(second).attempts == 0 and fresh(second).next_attempt_at == NOW
    )  # not even tried in this round


def place_of(listener):
    return "{}:{}".format(*listener.getsockname())


def dripping(listener, stop):
    """One byte at a time, for ever: each of them in time."""
    with contextlib.suppress(OSError):
        taken, _address = listener.accept()
        with taken:
            taken.recv(65536)
            while not stop.wait(0.05):
                taken.sendall(b"H")


def test_a_receiver_that_answers_byte_by_byte_does_not_hold_us(settings):
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = place_of(listener)
        settings.WEBHOOK_ALLOW_PRIVATE = [place]
        thread = threading.Thread(target=dripping, args=(listener, stop))
        thread.start()
        began = time.monotonic()
        with pytest.raises(OSError, match="in time|timed out"):
            posting.post(f"http://{place}/", {}, b"{}", seconds=0.6)
        assert time.monotonic() - began < 20  # it drips for ever
        stop.set()
        thread.join()


@pytest.mark.parametrize("answer", [b"", b"hello\r\n", b"HTTP/1.1 999 Odd\r\n\r\n", b"SSH-2.0-OpenSSH\r\n"])
def test_what_is_no_answer_of_the_web_is_a_failure(settings, answer):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = place_of(listener)
        settings.WEBHOOK_ALLOW_PRIVATE = [place]
        thread = threading.Thread(target=answering, args=(listener, answer))
        thread.start()
        with pytest.raises(OSError, match="understand"):
            posting.post(f"http://{place}/", {}, b"{}")
        thread.join()


def answering(listener, answer):
    taken, _address = listener.accept()
    with taken:
        sent = b""
        while not sent.endswith(b"{}"):
            sent += taken.recv(65536)
        taken.sendall(answer)


def test_a_promise_of_an_answer_is_not_the_answer(settings):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = place_of(listener)
        settings.WEBHOOK_ALLOW_PRIVATE = [place]
        said = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 202 Accepted\r\n\r\n"
        thread = threading.Thread(target=answering, args=(listener, said))
        thread.start()
        assert posting.post(f"http://{place}/", {}, b"{}") == 202
        thread.join()


def test_nobody_there_is_a_failure_that_is_tried_again(settings):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        place = place_of(listener)
    settings.WEBHOOK_ALLOW_PRIVATE = [place]
    delivery = put(endpoint_at(f"http://{place}/"))
    assert webhooks.send_webhooks(NOW).failed == 1
    assert "refused" in fresh(delivery).error and fresh(delivery).next_attempt_at == after(minutes=1)


def test_a_proxy_of_the_environment_is_not_asked(settings, monkeypatch):
    with receiving(settings) as proxy, receiving(settings) as server:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        put(endpoint_at(server.url))
        assert webhooks.send_webhooks(NOW).sent == 1
    assert proxy.took == [] and len(server.took) == 1


def test_a_crash_between_the_receivers_ok_and_our_note_sends_the_same_id_again(settings, monkeypatch):
    """I7: at least once, with one id."""

    def crash(*_args, **_kwargs):
        raise KeyboardInterrupt

    with receiving(settings) as server:
        put(endpoint_at(server.url))
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(attempts, "succeeded", crash)
            webhooks.send_webhooks(NOW)
        assert len(server.took) == 1 and not webhooks.send_webhooks(after(minutes=9))
        assert webhooks.send_webhooks(after(minutes=10)).sent == 1
    assert (
        len({headers["webhook-id"] for _path, headers, _body in server.took}) == 1 and len(server.took) == 2
    )


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_message_once(settings):
    """B44"""
    with receiving(settings) as server:
        endpoint = endpoint_at(server.url)
        for number in range(20):
            put(endpoint, str(number))
        at_once(lambda: webhooks.send_webhooks(NOW))
    ids = [headers["webhook-id"] for _path, headers, _body in server.took]
    assert len(ids) == len(set(ids)) == 20


def test_a_webhook_out_of_use_gets_nothing_and_its_messages_say_so(settings):
    with receiving(settings) as server:
        endpoint = endpoint_at(server.url, is_active=False)
        delivery = put(endpoint)
        assert webhooks.send_webhooks(NOW).given_up == ["one"] and server.took == []
        assert fresh(delivery).error == "The webhook is not in use."
        Endpoint.objects.update(is_active=True)
        webhooks.try_again([delivery.pk], now=NOW)
        assert webhooks.send_webhooks(NOW).sent == 1


def test_a_new_secret_signs_at_once_and_the_former_one_for_a_day_beside_it(settings):
    with receiving(settings) as server:
        endpoint = endpoint_at(server.url)
        former = endpoint.secret
        rotating.rotate(endpoint, NOW)
        put(endpoint, "a")
        webhooks.send_webhooks(NOW)
        put(endpoint, "b")
        webhooks.send_webhooks(after(hours=24))
    (_path, within, body), (_again, later, _body) = server.took
    told = (within["webhook-id"], within["webhook-timestamp"], body)
    both = [signing.signature(secret, *told) for secret in (endpoint.secret, former)]
    assert within["webhook-signature"].split() == both and endpoint.secret != former
    assert len(later["webhook-signature"].split()) == 1


def test_the_tick_sends_and_admins_hear_once_a_day_of_what_was_given_up(settings):
    boss, rep = f.make_admin(), f.make_user()
    with receiving(settings, 410) as server:
        endpoint = endpoint_at(server.url)
        put(endpoint, "a"), put(endpoint, "b")
        done = tick.run(NOW)
    assert str(done.webhooks) == "0 webhooks sent, 2 not" and "webhooks" in str(done)
    (notice,) = Notice.objects.filter(key__startswith="webhook")
    assert notice.user == boss and "Warehouse" in notice.text and "Answered 410." in notice.text
    assert not Notice.objects.filter(user=rep).exists()
    assert notice.url == reverse("admin:outbox_delivery_changelist")
