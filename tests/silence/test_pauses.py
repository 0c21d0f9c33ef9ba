"""A pause says why and until when, at most as long as pauses last; a deal that nurtures waits up to a year."""

from datetime import date, datetime, time, timedelta
from importlib import import_module
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from automations import waits, watch
from deals import activities, clocks
from deals.models import Deal, Status
from pipeline.process import process_of
from team.models import Organisation, Team

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
WHY = "Buyer on leave"


@pytest.fixture
def mara(client):
    user = f.make_user()
    client.force_login(user)
    return user


@pytest.fixture
def deal(mara):
    return f.next_step(f.make_deal(owner=mara), days=20)


def in_days(days):
    return (f.today() + timedelta(days=days)).isoformat()


def pause(client, deal, **fields):
    data = {"to": "paused", "seen_seq": deal.seq, "reason": WHY} | fields
    return client.post(reverse("move", args=[deal.pk]), data, headers={"Accept": "text/html"})


def refused(client, deal, **fields):
    before = fingerprint()
    response = pause(client, deal, **fields)
    assert response.status_code == 422 and fingerprint() == before
    return response.content.decode()


def test_the_dialog_asks_why_and_until_when(client, deal):
    text = client.get(reverse("gate", args=[deal.pk]), {"to": "paused"}).content.decode()
    assert 'name="until"' in text and 'name="nurture"' in text and 'name="reason"' in text


def test_a_deal_is_paused_until_a_day_and_says_so_on_its_page_and_its_card(client, deal):
    assert pause(client, deal, until=in_days(30)).status_code == 303
    assert f.fresh(deal).paused_until == f.today() + timedelta(days=30)
    words = f"Paused until {(f.today() + timedelta(days=30)).strftime('%-d %b')}"
    for url in (f"/deals/{deal.pk}/", "/pipeline/"):
        page = client.get(url).content.decode()
        assert words in page and f": {WHY}" in page


def test_it_goes_on_by_itself_on_the_day_and_its_days_are_not_counted_as_silence(client, deal):
    pause(client, deal, until=in_days(30))
    waits.resume_due(timezone.now() + timedelta(days=29))
    assert f.fresh(deal).status == Status.PAUSED
    waits.resume_due(timezone.now() + timedelta(days=30))
    deal = f.fresh(deal)
    assert (deal.status, deal.held_days, deal.paused_until) == (Status.OPEN, 30, None)


def test_without_a_day_it_lasts_as_long_as_pauses_may(client, deal):
    pause(client, deal)
    assert f.fresh(deal).paused_until == f.today() + timedelta(days=Organisation.current().pause_days)


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"until": 0}, "This day has passed"), ({"until": -1}, "This day has passed"), ({"until": 91}, "at most 90 days"),
     ({"until": "soon"}, "not a day"), ({"until": 366, "nurture": "1"}, "At most 365 days ahead"),
     ({"until": "", "nurture": "1"}, "Say until when"), ({"until": 91, "reason": ""}, "at most 90 days")],
)  # fmt: skip
def test_a_day_that_does_not_fit_is_said_beside_its_field_and_stays_typed(client, deal, fields, words):
    if isinstance(fields["until"], int):
        fields = fields | {"until": in_days(fields["until"])}
    page = refused(client, deal, **fields)
    assert words in page.split('name="until"')[1] and f'value="{fields["until"]}"' in page
    if not fields.get("reason", WHY):
        assert 'id="e-reason"' in page  # both at once


def test_a_deal_that_nurtures_leaves_the_pipeline_and_comes_back_on_the_day(client, deal):
    day = f.today() + timedelta(days=365)
    assert pause(client, deal, until=day.isoformat(), nurture="1").status_code == 303
    assert Deal.objects.open().count() == 0 and f.fresh(deal).paused_until == day
    waits.resume_due(f.at(day))
    assert f.fresh(deal).status == Status.OPEN


def test_undo_takes_the_pause_back(client, deal):
    pause(client, deal, until=in_days(30))
    deal = f.fresh(deal)
    client.post(reverse("move", args=[deal.pk]), {"to": "undo", "seen_seq": deal.seq})
    deal = f.fresh(deal)
    assert (deal.status, deal.paused_until, deal.paused_on) == (Status.OPEN, None, None)


def on(client, deal, days, **fields):
    """What is typed so many days from now."""
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        client.force_login(deal.owner)
        return client.post(reverse("move", args=[deal.pk]), {"seen_seq": f.fresh(deal).seq} | fields)


def say(deal, days, kind, **fields):
    """An activity of that day."""
    moment = timezone.now() + timedelta(days=days)
    with time_machine.travel(moment):
        activities.log(deal.pk, by=deal.owner, kind=kind, happened_at=moment, now=moment, **fields)
    return f.fresh(deal)


def days_of(deal):
    """When each timer of silence comes, in days from today."""
    face = clocks.face(deal, process_of(deal.pipeline), Organisation.current())
    return {mark.key: (mark.day - f.today()).days for mark in face}


@pytest.fixture
def all_days_count():
    Organisation.objects.update(working_days="1234567", holiday_country="")


def test_a_proposal_after_a_pause_is_followed_up_as_soon_as_any(client, deal, all_days_count):
    f.log_call(deal)
    pause(client, deal, until=in_days(21))
    waits.resume_due(timezone.now() + timedelta(days=21))
    deal = say(deal, 22, "proposal", expects_answer=True)
    assert (deal.held_days, deal.awaiting_held_days) == (21, 0)
    assert (days_of(deal)["follow_up"], days_of(deal)["re_engage"]) == (22 + 5, 22 + 14)


def test_a_proposal_before_a_pause_waits_as_long_as_the_pause(client, deal, all_days_count):
    say(deal, 0, "proposal", expects_answer=True)
    pause(client, deal, until=in_days(21))
    waits.resume_due(timezone.now() + timedelta(days=21))
    assert days_of(f.fresh(deal))["follow_up"] == 21 + 5


def test_of_a_pause_in_which_the_buyer_spoke_only_what_is_left_is_not_silence(client, deal, all_days_count):
    contact = f.log_call(deal).attendees.first()
    pause(client, deal, until=in_days(30))
    say(deal, 20, "email", direction="in", attendees=[contact])
    say(deal, 25, "proposal", expects_answer=True)
    waits.resume_due(timezone.now() + timedelta(days=30))
    deal = f.fresh(deal)
    assert (deal.held_days, deal.awaiting_held_days) == (10, 5)
    assert days_of(deal)["follow_up"] == 30 + 5


def test_undo_of_the_end_of_a_pause_waits_until_the_same_day_again(client, deal):
    pause(client, deal, until=in_days(30))
    before = f.fresh(deal)
    assert on(client, deal, 4, to="resume").status_code == 200 and f.fresh(deal).held_days == 4
    assert on(client, deal, 5, to="undo").status_code == 200
    after, columns = f.fresh(deal), ["status", "paused_on", "paused_until", "held_days", "next_due_at"]
    assert [getattr(after, name) for name in columns] == [getattr(before, name) for name in columns]
    waits.resume_due(timezone.now() + timedelta(days=30))
    assert f.fresh(deal).held_days == 30


def test_a_pause_whose_day_has_come_is_not_brought_back(client, deal):
    pause(client, deal, until=in_days(3))
    waits.resume_due(timezone.now() + timedelta(days=3))
    before = fingerprint()
    answer = on(client, deal, 4, to="undo")
    assert answer.status_code == 409 and fingerprint() == before


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_a_pause_ends_at_midnight_where_the_team_is(client, deal, zone):
    Organisation.objects.update(time_zone="UTC")
    type(deal.team).objects.filter(pk=deal.team_id).update(time_zone=zone)
    day = date(2026, 6, 20)
    with time_machine.travel(f.at(day - timedelta(days=5)), tick=False):
        client.force_login(deal.owner)
        pause(client, deal, until=day.isoformat())
    midnight = datetime.combine(day, time(0), tzinfo=ZoneInfo(zone))
    waits.resume_due(midnight - timedelta(minutes=1))
    assert f.fresh(deal).status == Status.PAUSED
    waits.resume_due(midnight)
    assert f.fresh(deal).status == Status.OPEN


def test_a_program_names_the_day_too(program, rep):
    deal = f.make_deal(owner=rep)
    url, body = f"/deals/{deal.pk}/moves", {"to": "paused", "seen_seq": deal.seq, "reason": WHY}
    fields = program.refused("post", url, body | {"until": in_days(200)}, 422)["fields"]
    assert list(fields) == ["until"]
    program.refused("post", url, body | {"nurture": True}, 422)
    program.post(url, body | {"until": in_days(200), "nurture": True})
    assert f.fresh(deal).paused_until == f.today() + timedelta(days=200)


def test_the_day_a_pause_ends_is_judged_where_the_deals_team_is(client, deal):
    Organisation.objects.update(time_zone="Pacific/Pago_Pago")
    Team.objects.filter(pk=deal.team_id).update(
        time_zone="Pacific/Kiritimati"
    )  # 25 hours on: another day always
    here = timezone.localdate(timezone=ZoneInfo("Pacific/Kiritimati"))
    before = fingerprint()
    assert pause(client, deal, until=here.isoformat()).status_code == 422
    assert fingerprint() == before
    assert pause(client, deal, until=(here + timedelta(days=1)).isoformat()).status_code == 303
    assert f.fresh(deal).paused_until == here + timedelta(days=1)


def test_after_an_upgrade_the_next_tick_computes_every_date_anew(deal):
    moment = timezone.now()
    watch.check_dates(moment)
    Deal.objects.filter(pk=deal.pk).update(next_due_at=moment)
    assert watch.check_dates(moment) == 0, "once a day"
    import_module("automations.migrations.0002_dates_anew").check_again(apps, None)
    assert watch.check_dates(moment) == 1
