"""The daily mail: for those who chose it, on working days from seven, with what is due and not read; else none."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automations import digests, tick
from deals.models import Task
from outbox.models import Mail
from team.models import Organisation, Team, User
from team.notices import tell

from .. import factories as f
from ..receivers import at_once

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 2)


def at(day, hour=7, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


@pytest.fixture
def berlin():
    Organisation.current()
    Organisation.objects.update(time_zone="Europe/Berlin", holiday_country="DE", holiday_region="BY")


@pytest.fixture
def mara(berlin):
    return f.make_user(mail_digest="daily", email="mara@seller.example")


def task(user, due_on=MONDAY, title="Call Lena about the tender", deal=None, **fields):
    deal = deal or f.make_deal(f.make_pipeline(), user, name="Cold store")
    return Task.objects.create(
        deal=deal, assignee=user, title=title, due_on=due_on, created_at=at(MONDAY), **fields
    )


def digest_of(user):
    return Mail.objects.filter(key__startswith=f"digest:{user.pk}:")


def test_at_seven_of_a_working_day_one_mail_says_what_is_due_and_not_read(mara):
    deal = task(mara, date(2026, 10, 30)).deal
    task(mara, title="Send the offer", deal=deal)
    tell([mara], "Your exception was granted.", key="granted", url="/exceptions/", now=at(MONDAY, 6))
    assert digests.send_digests(at(MONDAY) - timedelta(seconds=1)) == 0
    assert digests.send_digests(at(MONDAY)) == 1
    mail = digest_of(mara).get()
    assert (mail.to_address, mail.subject) == ("mara@seller.example", "2 things to do, 1 new notice")
    assert "* Call Lena about the tender (Cold store), since Fri 30 Oct\n" in mail.body
    assert "* Send the offer (Cold store)\n" in mail.body and "* Your exception was granted.\n" in mail.body
    assert mail.body.index("Call Lena") < mail.body.index("Send the offer") < mail.body.index("exception")
    assert mail.is_automatic is False and "http" not in mail.body


def test_once_a_day_however_often_the_clock_is_looked_at(mara):
    task(mara)
    for minute in range(0, 60, 10):
        digests.send_digests(at(MONDAY, 7, minute))
    assert digest_of(mara).count() == 1
    digests.send_digests(at(MONDAY + timedelta(days=1)))
    assert digest_of(mara).count() == 2


def test_a_scheduler_that_was_away_sends_one_when_it_is_back(mara):
    task(mara)
    assert digests.send_digests(at(MONDAY, 15)) == 1
    assert digests.send_digests(at(date(2026, 11, 13), 8)) == 1 and digest_of(mara).count() == 2


def test_nothing_due_is_no_mail_and_what_comes_up_later_waits_for_the_next_day(mara):
    assert digests.send_digests(at(MONDAY)) == 0
    task(mara)
    assert digests.send_digests(at(MONDAY, 10)) == 0 and not digest_of(mara).exists()
    assert digests.send_digests(at(MONDAY + timedelta(days=1))) == 1


@pytest.mark.parametrize("day", [date(2026, 10, 31), date(2026, 11, 1), date(2027, 1, 6)])
def test_no_mail_on_a_weekend_or_a_holiday(mara, day):
    task(mara, day - timedelta(days=1))
    assert digests.send_digests(at(day, 12)) == 0


@pytest.mark.parametrize("day", [date(2026, 3, 27), date(2026, 3, 30), date(2026, 10, 26)])
def test_seven_is_seven_on_both_sides_of_a_change_of_the_clock(mara, day):
    task(mara, day)
    assert digests.send_digests(at(day, 6, 59)) == 0 and digests.send_digests(at(day, 7)) == 1


@pytest.mark.parametrize("fields", [{"mail_digest": "never"}, {"mail_digest": "daily", "is_active": False}])
def test_nobody_gets_one_who_did_not_choose_it_or_is_gone(berlin, fields):
    user = f.make_user(**fields)
    task(user, deal=f.make_deal(f.make_pipeline(), f.make_manager()))
    assert digests.send_digests(at(MONDAY)) == 0


def test_what_is_done_cancelled_put_off_read_or_not_due_is_left_out(mara):
    deal = task(mara, date(2026, 11, 3), "Tomorrow").deal
    task(mara, title="Done", deal=deal, done_at=at(MONDAY))
    task(mara, title="Cancelled", deal=deal, cancelled_at=at(MONDAY), cancelled_why="reply")
    task(mara, title="Put off", deal=deal, snoozed_until=date(2026, 11, 4))
    tell([mara], "Read already", key="read", now=at(MONDAY, 6))
    mara.notices.update(read_at=at(MONDAY, 6))
    tell([f.make_manager()], "Of somebody else", key="else", now=at(MONDAY, 6))
    assert digests.send_digests(at(MONDAY)) == 0
    task(mara, title="Put off until today", deal=deal, snoozed_until=MONDAY)
    assert digests.send_digests(at(date(2026, 11, 3))) == 1
    body = digest_of(mara).get().body
    assert "Put off until today" in body and "Tomorrow" in body
    for words in ("Done", "Cancelled", "Put off (", "Read already", "somebody else"):
        assert words not in body


def test_a_task_of_a_deal_one_does_not_see_any_more_is_not_told(mara):
    task(mara, deal=f.make_deal(f.make_pipeline(), f.make_user("Ines Roth", team="South")))
    mara.teams.set(Team.objects.filter(name="North"))
    assert digests.send_digests(at(MONDAY)) == 0


def test_a_long_list_is_cut_and_says_so(mara):
    deal = task(mara).deal
    for number in range(40):
        task(mara, title=f"Thing {number}", deal=deal)
    digests.send_digests(at(MONDAY))
    mail = digest_of(mara).get()
    assert mail.subject == "more than 30 things to do" and mail.body.count("* ") == 30
    assert "There is more" in mail.body


def test_where_the_address_of_the_site_is_known_each_line_has_its_link(mara, settings):
    settings.SITE_URL = "https://crm.example.com"
    deal = task(mara).deal
    tell([mara], "A notice", key="n", url="/approvals/", now=at(MONDAY, 6))
    digests.send_digests(at(MONDAY))
    lines = digest_of(mara).get().body.splitlines()
    for path in (f"/deals/{deal.pk}/", "/approvals/", "/profile/"):
        assert f"  https://crm.example.com{path}".strip() in [line.strip() for line in lines]


def test_what_people_typed_stays_text_and_breaks_no_header(mara):
    task(mara, title='Ask <Lena> & "Jonas"')
    digests.send_digests(at(MONDAY))
    assert '* Ask <Lena> & "Jonas" (Cold store)' in digest_of(mara).get().body


def test_looking_costs_no_more_with_many_people_who_have_had_theirs(mara):
    digests.send_digests(at(MONDAY))
    with CaptureQueriesContext(connection) as one:
        digests.send_digests(at(MONDAY, 8))
    for number in range(5):
        f.make_user(f"Person {number}", mail_digest="daily", digest_on=MONDAY)
    with CaptureQueriesContext(connection) as many:
        digests.send_digests(at(MONDAY, 8))
    assert len(many) == len(one)


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_send_one(mara):
    task(mara)
    at_once(lambda: digests.send_digests(at(MONDAY)))
    assert digest_of(mara).count() == 1


def test_the_tick_sends_it_the_same_minute(mara, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    task(mara)
    done = tick.run(at(MONDAY))
    assert done.digests == 1 and "1 daily mail made ready" in str(done)
    assert digest_of(mara).get().sent_at


def test_each_chooses_on_the_profile_page(client, berlin):
    user = f.make_user()
    client.force_login(user)
    assert "Working days" in client.get("/profile/").content.decode()
    client.post("/profile/", {"name": "Mara Kessel", "theme": "light", "mail_digest": "daily"})
    assert User.objects.get(pk=user.pk).mail_digest == "daily"
    client.post("/profile/", {"name": "Mara Kessel", "theme": "dark"})  # a form that does not ask
    assert User.objects.get(pk=user.pk).mail_digest == "daily"
    refused = client.post("/profile/", {"name": "Mara", "theme": "dark", "mail_digest": "hourly"})
    assert refused.status_code == 422 and User.objects.get(pk=user.pk).mail_digest == "daily"
    client.post("/profile/", {"name": "Mara Kessel", "theme": "dark", "mail_digest": "never"})
    assert User.objects.get(pk=user.pk).mail_digest == "never"
