"""The outbox against a real mail server: sent once, tried again, given up; F1, I7, B44 of the failure table."""

import contextlib
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from django.core.exceptions import ValidationError
from django.core.mail.message import BadHeaderError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from automations import tick
from outbox import queue, sending
from outbox.models import Mail
from team.notices import Notice

from .. import factories as f
from ..receivers import at_once

pytestmark = pytest.mark.django_db
NOW = timezone.now()


class Server:
    """A mail server that keeps what it took, and answers RCPT and DATA as told."""

    def __init__(self):
        self.took, self.recipient_says, self.data_says = [], "250 OK", "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.recipient_says.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_says

    async def handle_DATA(self, server, session, envelope):
        if self.data_says.startswith("250"):
            self.took.append((list(envelope.rcpt_tos), message_from_bytes(envelope.content)))
        return self.data_says


class FreePort(Controller):
    """Asks itself whether it is there at the port the system gave."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def server(settings):
    server = Server()
    controller = FreePort(server, hostname="127.0.0.1", port=0)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = controller.server.sockets[0].getsockname()[:2]
    settings.EMAIL_TIMEOUT = 5
    yield server
    controller.stop()


def put(key="one", **fields):
    fields = {
        "to": "lena@buyer.example",
        "name": "Lena Vossberg",
        "subject": "Hello",
        "body": "Dear Lena\n",
    } | fields
    return queue.put(key=key, now=NOW, **fields)


def after(**times):
    return NOW + timedelta(**times)


def test_a_mail_is_sent_once(server):
    mail = put(reply_to="mara@seller.example")
    assert sending.send_due(NOW).sent == 1 and sending.send_due(after(days=1)).sent == 0
    ((recipients, message),) = server.took
    assert recipients == ["lena@buyer.example"] and message["Message-ID"] == mail.message_id
    assert (
        message["To"] == "Lena Vossberg <lena@buyer.example>" and message["Reply-To"] == "mara@seller.example"
    )
    assert message.get_payload().strip() == "Dear Lena"
    mail.refresh_from_db()
    assert (mail.sent_at, mail.attempts, mail.next_attempt_at, mail.body) == (NOW, 1, None, "Dear Lena\n")


@pytest.mark.parametrize(
    ("fields", "said"),
    [({}, "auto-generated"), ({"reply_to": "mara@seller.example"}, None),
     ({"reply_to": "mara@seller.example", "is_automatic": True}, "auto-generated")],
)  # fmt: skip
def test_only_a_mail_that_nobody_sends_by_hand_says_that_a_machine_made_it(server, fields, said):
    put(**fields)
    sending.send_due(NOW)
    assert server.took[0][1]["Auto-Submitted"] == said


def test_the_words_of_a_mail_with_a_secret_are_gone_once_it_is_sent(server):
    mail = put(is_secret=True, body="https://crm.example.com/confirm/abc/")
    sending.send_due(NOW)
    mail.refresh_from_db()
    assert mail.body == "" and "confirm/abc" in server.took[0][1].get_payload()


def test_the_same_key_is_one_mail_and_it_goes_with_the_transaction_it_is_about(server):
    first = put()
    assert put(subject="Another").pk == first.pk and Mail.objects.get().subject == "Hello"
    with contextlib.suppress(ZeroDivisionError), transaction.atomic():
        put("two")
        raise ZeroDivisionError
    assert Mail.objects.count() == 1


def test_a_temporary_refusal_is_tried_again_with_the_same_message_id(server):
    mail = put()
    server.recipient_says = "450 try later"
    assert sending.send_due(NOW).failed == 1
    mail.refresh_from_db()
    assert mail.error == "450 try later" and mail.next_attempt_at == after(minutes=1) and mail.sent_at is None
    assert not sending.send_due(after(seconds=59))
    server.recipient_says = "250 OK"
    server.data_says = "451 nor now"
    sending.send_due(after(minutes=1))
    mail.refresh_from_db()
    assert mail.next_attempt_at == after(minutes=6) and mail.error == "451 nor now"
    server.data_says = "250 OK"
    assert sending.send_due(after(minutes=6)).sent == 1
    assert [message["Message-ID"] for _to, message in server.took] == [mail.message_id]


def test_it_waits_longer_each_time_and_then_gives_up_where_people_see_it(server, client):
    mail, moment, waits = put(), NOW, []
    server.data_says = "451 full"
    for _attempt in range(7):
        done = sending.send_due(moment)
        mail.refresh_from_db()
        if mail.next_attempt_at:
            waits.append(mail.next_attempt_at - moment)
            moment = mail.next_attempt_at
    assert waits == sending.WAITS and done.given_up == ["one"] and mail.given_up_at == moment
    client.force_login(f.make_admin())
    text = client.get(reverse("admin:outbox_mail_changelist")).content.decode()
    assert (
        "Given up" in text and "451 full" in text and "lena@buyer.example" in text and "Dear Lena" not in text
    )
    client.post(reverse("admin:outbox_mail_changelist"), {"action": "try_again", "_selected_action": mail.pk})
    server.data_says = "250 OK"
    assert sending.send_due(timezone.now()).sent == 1 and server.took[0][1]["Message-ID"] == mail.message_id


@pytest.mark.parametrize("says", ["550 no such user", "554 not wanted"])
def test_a_final_refusal_is_given_up_at_once(server, says):
    mail = put()
    server.recipient_says = says
    assert sending.send_due(NOW).given_up == ["one"]
    mail.refresh_from_db()
    assert mail.error == says and mail.given_up_at == NOW and mail.next_attempt_at is None
    assert not sending.send_due(after(days=30))


def test_one_that_is_refused_holds_up_no_other(server):
    put("bad")
    for number in range(3):
        put(f"good {number}")
    refuse_first = iter(["550 no such user", "250 OK", "250 OK", "250 OK"])

    async def handle_RCPT(server_, session, envelope, address, options):
        says = next(refuse_first)
        if says.startswith("250"):
            envelope.rcpt_tos.append(address)
        return says

    server.handle_RCPT = handle_RCPT
    done = sending.send_due(NOW)
    assert (done.sent, done.failed, len(server.took)) == (3, 1, 3)


def test_a_server_that_is_away_ends_the_round_and_nothing_is_lost(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 2
    for number in range(5):
        put(str(number))
    done = sending.send_due(NOW)
    assert (done.sent, done.failed, done.given_up) == (0, 1, [])
    assert Mail.objects.filter(attempts=0, next_attempt_at=NOW).count() == 4


def test_a_crash_between_the_servers_ok_and_our_note_sends_the_same_message_id_again(server, monkeypatch):
    """I7: at least once, with one Message-ID."""
    put()

    def crash(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(sending, "_note_success", crash)
        sending.send_due(NOW)
    assert len(server.took) == 1 and not sending.send_due(after(minutes=9))  # still claimed by who died
    assert sending.send_due(after(minutes=10)).sent == 1
    assert len({message["Message-ID"] for _to, message in server.took}) == 1 and len(server.took) == 2


def test_what_was_withdrawn_is_not_sent(server):
    put(is_secret=True)
    queue.withdraw("one", reason="A newer one took its place.", now=NOW)
    assert not sending.send_due(after(days=1)) and server.took == []
    mail = Mail.objects.get()
    assert mail.body == "" and mail.error.startswith("A newer")
    assert queue.try_again([mail.pk], now=NOW) == 0  # there is nothing left to send


@pytest.mark.parametrize("name", ["subject", "name"])
def test_no_line_break_gets_into_a_header(server, name):
    put(**{name: "Lena\r\nBcc: all@elsewhere.example\u2028X: y"})
    assert sending.send_due(NOW).sent == 1
    recipients, message = server.took[0]
    assert recipients == ["lena@buyer.example"] and message["Bcc"] is None and message["X"] is None


@pytest.mark.parametrize(
    "address", ["", "lena", "lena@buyer.example\nBcc: a@b.example", "a@b.example, c@d.example"]
)
def test_what_is_no_single_address_is_not_taken(address):
    with pytest.raises(ValidationError):
        put(to=address or " ")
    assert not Mail.objects.exists()


def test_a_header_that_was_spoiled_in_the_database_does_not_leave(server):
    mail = put()
    Mail.objects.update(subject="Hello\nBcc: a@b.example")
    with pytest.raises(BadHeaderError):
        sending.message_of(Mail.objects.get()).message()
    assert sending.send_due(NOW).given_up == [mail.key] and server.took == []


def test_names_in_any_writing_arrive(server):
    put(name="Žofie Ångström 山田", subject="Ça va? 山", body="Größe: 5 µm\n")
    assert sending.send_due(NOW).sent == 1
    message = server.took[0][1]
    assert message.get_payload(decode=True).decode() == "Größe: 5 µm\r\n"


def test_the_tick_sends_and_the_sender_of_a_recap_hears_when_it_cannot_be_delivered(server):
    rep = f.make_user()
    deal = f.make_deal(f.make_pipeline(), rep, stage="Discover")
    lena = deal.company.contacts.first()
    f.put_in_role(deal, lena, "user")
    f.send_recap(deal, lena, by=rep)
    server.recipient_says = "550 no such user"
    assert str(tick.run(timezone.now()).mail) == "0 mails sent, 1 not"
    assert "could not be delivered" in Notice.objects.get(user=rep, key__endswith="undelivered").text


NOON = datetime(2026, 3, 28, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def test_the_fourth_automatic_mail_to_an_address_waits_for_the_next_day_and_says_so(server, client):
    """In the organisation's time, whose 29 March 2026 has 23 hours."""
    for number in range(7):
        put(str(number), is_automatic=True, to=["lena@buyer.example", "Lena@Buyer.Example"][number % 2])
    put("by hand"), put("to another", to="jonas@buyer.example", is_automatic=True)
    Mail.objects.update(next_attempt_at=NOON)
    assert sending.send_due(NOON, zone=lambda: BERLIN).sent == 5 and not sending.send_due(NOON)
    held = Mail.objects.filter(sent_at__isnull=True)
    assert [(mail.key, mail.attempts) for mail in held.order_by("pk")] == [
        ("3", 0),
        ("4", 0),
        ("5", 0),
        ("6", 0),
    ]
    midnight = datetime(2026, 3, 29, tzinfo=BERLIN)
    assert {mail.next_attempt_at for mail in held} == {midnight}
    client.force_login(f.make_admin())
    text = client.get(reverse("admin:outbox_mail_changelist")).content.decode()
    assert text.count("Held until the next day") == 4 and "three automatic mails have gone" in text
    assert not sending.send_due(midnight - timedelta(seconds=1), zone=lambda: BERLIN)
    assert sending.send_due(midnight, zone=lambda: BERLIN).sent == 3
    assert sending.send_due(datetime(2026, 3, 30, tzinfo=BERLIN), zone=lambda: BERLIN).sent == 1
    assert not Mail.objects.filter(sent_at__isnull=True).exists() and len(server.took) == 9


def test_one_that_is_tried_again_on_the_same_day_counts_once(server):
    server.data_says = "451 full"
    put("first", is_automatic=True)
    for _attempt in range(2):
        Mail.objects.update(next_attempt_at=NOON)
        sending.send_due(NOON)
    assert (Mail.objects.get().attempts, Mail.objects.get().counted_as) == (2, 1)
    server.data_says = "250 OK"
    for number in range(3):
        put(str(number), is_automatic=True)
    Mail.objects.update(next_attempt_at=NOON)
    assert sending.send_due(NOON).sent == 3 and Mail.objects.get(sent_at__isnull=True).key == "2"


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_let_three_automatic_mails_out(server):
    for number in range(12):
        put(str(number), is_automatic=True)
    at_once(lambda: sending.send_due(NOW))
    assert len(server.took) == 3 and Mail.objects.filter(sent_at__isnull=True, attempts=0).count() == 9


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_each_mail_once(server):
    """B44"""
    for number in range(20):
        put(str(number))
    at_once(lambda: sending.send_due(NOW))
    ids = [message["Message-ID"] for _to, message in server.took]
    assert len(ids) == len(set(ids)) == 20


def test_in_a_demo_mail_is_written_to_the_data_folder(settings, tmp_path):
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    put()
    assert sending.send_due(NOW).sent == 1
    (written,) = (tmp_path / "mail").iterdir()
    assert "To: Lena Vossberg <lena@buyer.example>" in written.read_text()
