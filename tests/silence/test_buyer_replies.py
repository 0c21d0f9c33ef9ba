"""A buyer's reply in one dialog: what they said and how it stands. Later holds the clocks, no leads to closing."""

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from deals import answers, moves
from deals.models import Activity, Answer, Deal, Status
from deals.timers import buyer_dates
from pipeline.process import process_of
from pipeline.vocabulary import Evidence, Kind
from team import formats
from team.models import Organisation

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
WORDS = "We decide after the board meets"


@pytest.fixture
def mara(client):
    user = f.make_user()
    client.force_login(user)
    return user


@pytest.fixture
def deal(mara):
    """It has waited for an answer for nine days."""
    deal = f.next_step(f.make_deal(owner=mara), days=20)
    f.make_contact(deal.company, "Noor Tavarro")
    Deal.objects.filter(pk=deal.pk).update(
        awaiting_since=timezone.now() - timedelta(days=9),
        last_buyer_activity_at=timezone.now() - timedelta(days=12),
    )
    return f.resettle(deal)


def typed(deal, outcome, **fields):
    person = deal.company.contacts.get(name="Noor Tavarro")
    return {"kind": "email", "people": person.pk, "said": WORDS, "outcome": outcome, **fields}


def in_days(days):
    return (f.today() + timedelta(days=days)).isoformat()


def say(client, deal, outcome, **fields):
    return client.post(reverse("reply", args=[deal.pk]), typed(deal, outcome, **fields))


def refused(client, deal, *args, **fields):
    before = fingerprint()
    response = say(client, deal, *args, **fields)
    assert response.status_code == 422 and fingerprint() == before
    return response.content.decode()


def test_interested_stops_the_clock_and_stores_what_it_confirms(client, deal):
    problem = f.criterion_of(deal.pipeline, "problem")
    yes = f"c{problem.pk}"
    confirmed = {yes: "We lose a shift a month to shutdowns", f"{yes}_tick": "1", f"{yes}_asked": "1"}
    response = say(client, deal, "interested", **confirmed)
    assert response.status_code == 303 and response["Location"] == f"/deals/{deal.pk}/"
    deal, activity = f.fresh(deal), Activity.objects.get(outcome="interested")
    assert deal.awaiting_since is None and deal.last_buyer_activity_at == activity.happened_at
    assert activity.from_buyer and activity.direction == "in"
    answer = Answer.objects.get(criterion=problem)
    assert answer.activity == activity and answer.opens and answer.words


def test_the_dialog_offers_the_open_criteria(client, deal):
    text = client.get(reverse("reply", args=[deal.pk])).content.decode()
    assert "This confirms" in text and "The buyer confirmed problem" in text and "Noor Tavarro" in text
    dialog = client.get(reverse("reply", args=[deal.pk]), headers={"HX-Request": "true"})
    assert dialog["HX-Retarget"] == "#dialog-root" and b"<dialog" in dialog.content


def test_later_holds_the_clocks_until_the_day_the_buyer_named(client, deal):
    assert say(client, deal, "later", later_on=in_days(10)).status_code == 303
    deal = f.fresh(deal)
    day = f.today() + timedelta(days=10)
    assert deal.awaiting_since == f.at(day, 0)
    assert Activity.objects.get(outcome="later").later_on == day
    assert f"How it stands: Later, by {formats.day(day)}" in client.get(f"/deals/{deal.pk}/").content.decode()
    due = deal.next_due_at.date()
    assert deal.next_due_rule.key == "follow_up" and due > day + timedelta(days=4)


def test_the_day_begins_where_the_organisation_is_at_home(client, deal):
    Organisation.objects.filter(pk=1).update(time_zone="America/New_York")
    say(client, deal, "later", later_on=in_days(10))
    zone = ZoneInfo("America/New_York")
    assert f.fresh(deal).awaiting_since == datetime(
        *(f.today() + timedelta(days=10)).timetuple()[:3], tzinfo=zone
    )


@pytest.mark.parametrize(
    ("day", "words"),
    [("", "Say by when."), (0, "This day has passed"), (-3, "This day has passed"), (46, "At most 45 days ahead"),
     ("soon", "not a day")],
)  # fmt: skip
def test_later_asks_for_a_day_to_come_and_not_too_far(client, deal, day, words):
    text = in_days(day) if isinstance(day, int) else day
    page = refused(client, deal, "later", later_on=text)
    assert words in page and f'name="later_on" value="{text}"' in page and WORDS in page


def test_the_last_day_allowed_is_taken(client, deal):
    assert say(client, deal, "later", later_on=in_days(buyer_dates.MOST_DAYS)).status_code == 303


@pytest.mark.parametrize("said", ["", "tbd", "n/a", "..."])
def test_a_date_rests_on_the_buyers_words(client, deal, said):
    assert "a date rests on their words" in refused(client, deal, "later", later_on=in_days(5), said=said)


def test_a_day_that_was_told_late_holds_no_clock(client, deal):
    before = f.fresh(deal).awaiting_since
    say(client, deal, "later", later_on=in_days(10), happened_on=in_days(-8))
    assert f.fresh(deal).awaiting_since == before


def test_what_we_send_meanwhile_does_not_bring_the_clocks_forward(client, deal):
    say(client, deal, "later", later_on=in_days(10))
    f.log_call(deal, kind="proposal", expects_answer=True)
    assert f.fresh(deal).awaiting_since == f.at(f.today() + timedelta(days=10), 0)


def test_an_earlier_word_of_the_buyer_ends_the_wait(client, deal):
    say(client, deal, "later", later_on=in_days(10))
    f.log_call(deal)
    assert f.fresh(deal).awaiting_since is None


def test_a_file_and_a_link_of_the_buyer_are_kept_with_their_words(client, deal):
    fields = {
        "later_on": in_days(9),
        "link": "https://buyer.example/minutes",
        "file": f.upload("Minutes.pdf"),
    }
    assert say(client, deal, "later", **fields).status_code == 303
    assert deal.attachments.get().name == "Minutes.pdf"
    assert "https://buyer.example/minutes" in Activity.objects.get(outcome="later").body


@pytest.mark.parametrize(
    "fields", [{"link": "javascript:alert(1)"}, {"file": f.upload("x.exe", b"MZ\x90\x00")}]
)
def test_a_link_or_file_that_cannot_be_kept_is_refused(client, deal, fields):
    refused(client, deal, "later", later_on=in_days(9), **fields)


def test_no_goes_on_to_close_the_deal_with_their_words(client, deal):
    f.make_loss_reason()
    response = say(client, deal, "no")
    where = urlsplit(response["Location"])
    assert where.path == f"/deals/{deal.pk}/gate/"
    assert parse_qs(where.query) == {"to": ["lost"], "reason": [WORDS]}
    assert f.fresh(deal).status == Status.OPEN and f.fresh(deal).awaiting_since is None
    assert WORDS in client.get(response["Location"]).content.decode()


@pytest.mark.parametrize("outcome", ["", "maybe", "LATER"])
def test_how_it_stands_has_to_be_said(client, deal, outcome):
    assert "Say how it stands" in refused(client, deal, outcome)


def test_a_reply_is_somebodys(client, deal):
    page = refused(client, deal, "interested", kind="email", people=[])
    assert "Say who on the buyer" in page and WORDS in page


def test_everything_that_is_missing_is_said_at_once(client, deal):
    page = refused(client, deal, "later", people=[], later_on="", said="")
    assert "Say by when." in page and "Say who on the buyer" in page and "a date rests on their words" in page


def test_one_of_us_is_no_buyer(client, deal):
    Organisation.objects.filter(pk=1).update(own_domains="ours.example")
    colleague = f.make_contact(deal.company, "Piet Olen", email="piet@ours.example")
    assert "Say who on the buyer" in refused(client, deal, "interested", people=colleague.pk)


def test_the_same_form_sent_twice_is_one_reply(client, deal):
    for _again in range(2):
        assert say(client, deal, "interested", key="abc").status_code == 303
    assert Activity.objects.filter(outcome="interested").count() == 1


def test_a_reply_brings_a_re_engaging_deal_back(client, deal):
    moves.re_engage(deal.pk, seen_seq=deal.seq, by=None, reason="silent")
    say(client, deal, "interested")
    assert f.fresh(deal).status == Status.OPEN


def test_logged_from_the_board_it_leads_back_to_the_deals_own_board(client, deal):
    shown = client.get(reverse("board_of", args=[deal.pipeline.slug])).content.decode()
    address = f"{reverse('reply', args=[deal.pk])}?from=board"
    assert f'href="{address}"' in shown  # beside the form that moves, without a script
    assert 'name="from" value="board"' in client.get(address).content.decode()
    goal = say(client, deal, "interested", **{"from": "board"})["Location"]
    assert goal == reverse("board_of", args=[deal.pipeline.slug])


@pytest.mark.parametrize(
    ("seen", "goal"),
    [
        ("http://testserver/pipeline/{slug}/?owner=3&show=blocked", "/pipeline/{slug}/?owner=3&show=blocked"),
        ("http://testserver/pipeline/?owner=3", "/pipeline/?owner=3"),
        ("http://testserver/deals/", "/pipeline/{slug}/"),
        ("https://elsewhere.example/pipeline/{slug}/?owner=3", "/pipeline/{slug}/"),
    ],
)
def test_logged_from_a_narrowed_board_it_leads_back_to_what_one_saw(client, deal, seen, goal):
    slug = deal.pipeline.slug
    fields = typed(deal, "interested", **{"from": "board"})
    headers = {"HX-Request": "true", "HX-Current-URL": seen.format(slug=slug)}
    answer = client.post(reverse("reply", args=[deal.pk]), fields, headers=headers)
    assert answer["HX-Redirect"] == goal.format(slug=slug)


def test_on_a_card_one_does_not_act_on_no_reply_is_offered(client, deal):
    client.force_login(f.make_user("Piet Olen"))
    shown = client.get(reverse("board_of", args=[deal.pipeline.slug])).content.decode()
    assert deal.company.name in shown and "/reply/?from=board" not in shown


def test_the_ones_that_wait_for_an_answer_are_offered_first(client, deal, mara):
    other = f.next_step(f.make_deal(owner=mara, name="Another one"), days=1)
    text = client.get(reverse("whose_reply")).content.decode()
    assert text.index(f"/deals/{deal.pk}/reply/") < text.index(f"/deals/{other.pk}/reply/")
    found = client.get(reverse("whose_reply"), {"q": "another"}).content.decode()
    assert f"/deals/{deal.pk}/reply/" not in found and f"/deals/{other.pk}/reply/" in found
    assert "No deal of yours has this" in client.get(reverse("whose_reply"), {"q": "zzz"}).content.decode()


# a criterion that holds the clock


def test_a_date_that_answers_a_criterion_which_holds_the_clock_does_the_same(mara):
    columns = {"evidence": Evidence.WHO, "future": True, "needs_buyer": True, "holds_clock": True}
    stages = {"Qualify": [("review", Kind.DATE, columns)], "Close": []}
    deal = f.make_deal(f.make_pipeline(stages=stages), mara)
    (definition,) = process_of(deal.pipeline).criteria_of_all()
    given = f.good_answer(deal, definition)
    answers.save(deal.pk, [given], by=mara)
    assert f.fresh(deal).awaiting_since == f.at(f.today() + timedelta(days=10), 0)
    given = f.good_answer(deal, definition)
    given.value = in_days(60)
    answers.save(deal.pk, [given], by=mara)
    assert f.fresh(deal).awaiting_since == f.at(
        f.today() + timedelta(days=10), 0
    )  # too far ahead to wait for


def test_a_date_of_a_criterion_that_does_not_hold_the_clock_changes_no_clock(deal, mara):
    before = f.fresh(deal).awaiting_since
    definition = next(d for d in process_of(deal.pipeline).criteria_of_all() if d.slug == "review")
    activity = deal.activities.filter(from_buyer=True).first() or f.log_call(deal, days_ago=10)
    answers.save(deal.pk, [f.good_answer(deal, definition, activity)], by=mara)
    assert f.fresh(deal).awaiting_since == before


# the API


def test_a_program_says_how_the_reply_stands(program, rep):
    deal = f.make_deal(owner=rep)
    body = {"kind": "email", "direction": "in", "attendees": ["Noor Tavarro"], "body": WORDS}
    later = {"outcome": "later", "later_on": in_days(10)}
    url = f"/deals/{deal.pk}/activities"
    made = program.post(url, body | later).json()
    assert (made["outcome"], made["later_on"]) == ("later", in_days(10))
    assert f.fresh(deal).awaiting_since == f.at(f.today() + timedelta(days=10), 0)
    program.refused("post", url, body | {"outcome": "maybe"}, 400)
    program.refused("post", url, body | {"outcome": "later"}, 422)
    program.refused("post", url, body | later | {"body": ""}, 422)
    program.refused("post", url, body | {"later_on": in_days(3)}, 422)
    program.refused("post", url, body | {"outcome": "no", "attendees": []}, 422)
