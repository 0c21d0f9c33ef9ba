"""The review on Mondays and the stalled deals of a month: to whom, when, once, and what stands in them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core import mail as sent

from automations import tick
from insights.weekly import mails
from outbox.models import Mail
from team.models import Organisation, User, remembered

from .. import factories as f
from ..receivers import at_once
from . import worlds as w

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = date(2026, 11, 9)


def at(day, hour=7, minute=0):
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


@pytest.fixture
def ruth():
    Organisation.current()
    Organisation.objects.update(time_zone="Europe/Berlin", holiday_country="DE", holiday_region="BY")
    return f.make_manager("Ruth Adelmar", email="ruth@seller.example")


@pytest.fixture
def deal(ruth):
    boss = f.make_admin(mail_review=False)
    pipeline = f.make_pipeline(stages=f.OPEN_GATES, owner=boss)
    return w.stood(pipeline, f.make_user(), 30, ended="", name="Cold store", amount=Decimal(4000))


def reviews():
    return Mail.objects.filter(key__startswith="review:")


def reports():
    return Mail.objects.filter(key__startswith="stalled:")


def test_on_monday_at_seven_a_manager_gets_the_headline_and_the_first_answers(ruth, deal, settings):
    settings.SITE_URL = "https://crm.example.com"
    assert mails.monday_review(at(MONDAY, 6, 59)) is None and not reviews()
    assert mails.monday_review(at(MONDAY)) == "1 Monday review made ready"
    mail = reviews().get()
    assert mail.to_address == "ruth@seller.example"
    assert mail.subject == "Review: €0 proven, of €4k in the pipeline"
    assert "PROVEN AND CLAIMED" in mail.body and "€4,000" in mail.body
    assert (
        "https://crm.example.com/dashboard/" in mail.body
        and "https://crm.example.com/dashboard/print/" in mail.body
    )
    assert (
        "<table" in mail.html
        and "€4,000" in mail.html
        and 'href="https://crm.example.com/dashboard/"' in mail.html
    )


def test_once_a_week_however_often_the_clock_is_looked_at(ruth):
    for minute in range(0, 60, 20):
        mails.monday_review(at(MONDAY, 7, minute))
    assert reviews().count() == 1
    mails.monday_review(at(date(2026, 11, 16)))
    assert reviews().count() == 2


@pytest.mark.parametrize(
    ("day", "count"), [(MONDAY, 1), (date(2026, 11, 10), 1), (date(2026, 11, 11), 0), (date(2026, 11, 8), 0)]
)
def test_a_scheduler_that_was_away_catches_up_on_the_next_day_and_not_later(ruth, day, count):
    mails.monday_review(at(day, 12))
    assert reviews().count() == count


def test_after_a_holiday_the_first_working_day_is_the_day(ruth):
    easter_monday, tuesday = date(2027, 3, 29), date(2027, 3, 30)
    assert mails.monday_review(at(easter_monday, 12)) is None
    assert mails.monday_review(at(tuesday)) and reviews().count() == 1


def test_nobody_gets_a_review_who_stopped_it_who_is_gone_or_who_manages_nobody(ruth):
    User.objects.filter(pk=ruth.pk).update(mail_review=False)
    f.make_manager("Karl Ost", is_active=False)
    f.make_user()
    assert mails.monday_review(at(MONDAY)) is None and not reviews()


def test_each_manager_is_told_of_the_deals_they_may_see(ruth, deal):
    f.make_manager("Karl Ost", team="South")
    mails.monday_review(at(MONDAY))
    mails.stalled_report(at(date(2026, 12, 1)))
    said = {mail.to_name: mail for mail in reviews()}
    assert "€4k" in said["Ruth Adelmar"].subject and "€0 in the pipeline" in said["Karl Ost"].subject
    late = {mail.to_name: mail.body for mail in reports()}
    assert "Cold store" in late["Ruth Adelmar"] and "Cold store" not in late["Karl Ost"]


def test_a_manager_turns_it_off_on_the_profile_page_and_a_rep_is_not_asked(client, ruth):
    client.force_login(ruth)
    assert "Monday review by mail" in client.get("/profile/").content.decode()
    client.post("/profile/", {"name": ruth.name, "theme": "light"})
    assert User.objects.get(pk=ruth.pk).mail_review is False
    client.post("/profile/", {"name": ruth.name, "theme": "light", "mail_review": "on"})
    assert User.objects.get(pk=ruth.pk).mail_review is True
    rep = f.make_user()
    client.force_login(rep)
    assert "Monday review by mail" not in client.get("/profile/").content.decode()
    client.post("/profile/", {"name": rep.name, "theme": "dark"})
    assert User.objects.get(pk=rep.pk).mail_review is True


def test_on_the_first_working_day_of_a_month_managers_get_the_stalled_deals(ruth, deal):
    assert mails.stalled_report(at(date(2026, 11, 1), 12)) is None  # a Sunday
    assert mails.stalled_report(at(date(2026, 12, 1), 6)) is None
    assert mails.stalled_report(at(date(2026, 12, 1))) == "2 stalled reports made ready"
    mail = reports().get(to_name="Ruth Adelmar")
    days = (at(date(2026, 12, 1)) - f.fresh(deal).stage_entered_at).days
    assert (
        mail.subject == "1 deal stalls, €4k"
        and f"Cold store, Mara Kessel, €4,000: {days} days in Qualify" in mail.body
    )
    assert "10 days (target of the stage: fewer than 5 wins to learn from)" in mail.body
    assert "Mara Kessel: 1, €4,000" in mail.body


def test_stalled_deals_are_told_once_a_month_and_caught_up_within_a_week(ruth):
    for day in (date(2026, 12, 1), date(2026, 12, 2), date(2026, 12, 31)):
        mails.stalled_report(at(day, 9))
    assert reports().count() == 1
    assert mails.stalled_report(at(date(2027, 1, 31), 9)) is None
    mails.stalled_report(at(date(2027, 1, 5), 9))  # the first was a holiday, the fourth the first working day
    assert reports().count() == 2


def test_what_people_typed_stays_text_and_breaks_no_header(ruth, deal):
    type(deal).objects.filter(pk=deal.pk).update(name="<b>Cold</b> & store")
    mails.stalled_report(at(date(2026, 12, 1)))
    mail = reports().get(to_name="Ruth Adelmar")
    assert "<b>Cold</b> & store" in mail.body and "&lt;b&gt;Cold&lt;/b&gt; &amp; store" in mail.html


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_send_one(ruth):
    at_once(lambda: mails.monday_review(at(MONDAY)))
    assert reviews().count() == 1


@pytest.mark.certain_days
def test_the_tick_sends_it_the_same_minute_as_text_and_html(ruth, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    done = tick.run(at(MONDAY))
    assert "1 Monday review made ready" in str(done) and reviews().get().sent_at
    message = next(found for found in sent.outbox if found.subject.startswith("Review"))
    assert [kind for _content, kind in message.alternatives] == ["text/html"]


def test_a_tick_with_nothing_to_send_asks_once_for_each_mail(ruth, django_assert_max_num_queries):
    mails.monday_review(at(MONDAY))
    mails.stalled_report(at(MONDAY))
    with remembered(), django_assert_max_num_queries(4):
        mails.monday_review(at(MONDAY, 8))
        mails.stalled_report(at(MONDAY, 8))
