"""After a meeting: who was there, what they confirmed, a sentence and the next step, stored once however often sent."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.models import Activity, Answer, Deal

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db


@pytest.fixture
def mara(client):
    user = f.make_user()
    client.force_login(user)
    return user


@pytest.fixture
def deal(mara):
    """Its next step is dated today."""
    deal = f.make_deal(owner=mara, company=f.make_company("Kestermont Parks"))
    f.make_contact(deal.company, "Noor Tavarro")
    return f.next_step(deal, days=0, text="Walk through hall 4")


def typed(deal, **fields):
    person = deal.company.contacts.get(name="Noor Tavarro")
    said = "Payback under two years, no stop in the cold halls"
    return {"key": "one", "kind": "meeting", "people": person.pk, "said": said, "step": ""} | fields


def save(client, deal, **fields):
    return client.post(reverse("just_now", args=[deal.pk]), typed(deal, **fields))


def refused(client, deal, **fields):
    before = fingerprint()
    response = save(client, deal, **fields)
    assert response.status_code == 422 and fingerprint() == before
    return response.content.decode()


def confirmed(deal, slug, value):
    name = f"c{f.criterion_of(deal.pipeline, slug).pk}"
    return {name: value, f"{name}_tick": "1", f"{name}_asked": "1"}


def today_page(client, query=""):
    return client.get(f"/today/{query}").content.decode()


def test_a_meeting_dated_today_is_offered_until_something_of_it_is_on_record(client, deal):
    assert "Just now: Kestermont Parks" in today_page(client)
    save(client, deal)
    assert "Just now" not in today_page(client)


def test_it_can_wait_and_is_reached_from_the_calendar(client, deal):
    text = today_page(client, f"?later={deal.pk}")
    assert "Just now" not in text and f'href="/deals/{deal.pk}/just-now/"' in text


def test_a_meeting_of_another_day_is_not_offered(client, deal):
    f.next_step(deal, days=1)
    assert "Just now" not in today_page(client)


def test_meeting_answers_and_next_step_are_stored_together(client, deal):
    answers = confirmed(deal, "problem", "We lose a shift a month to shutdowns")
    response = save(client, deal, step="week", next_step="Go through the figures", **answers)
    activity = Activity.objects.get(deal=deal)
    assert response.status_code == 303 and response["Location"] == f"/today/?saved={activity.pk}"
    deal = f.fresh(deal)
    assert activity.kind == "meeting" and activity.from_buyer and "cold halls" in activity.body
    assert (deal.next_step, deal.next_step_on) == ("Go through the figures", f.today() + timedelta(days=7))
    answer = Answer.objects.get(deal=deal, is_current=True)
    assert answer.activity == activity and answer.opens and answer.contact.name == "Noor Tavarro"


def test_what_was_saved_is_not_shown_of_a_deal_that_went_to_another_team(client, deal):
    shown = save(client, deal, step="week", next_step="Figures")["Location"]
    assert 'id="saved"' in client.get(shown).content.decode()
    other = f.make_user("Karl Ost", team="South")
    Deal.objects.filter(pk=deal.pk).update(owner=other, next_owner=other, team=other.teams.get())
    assert 'id="saved"' not in client.get(shown).content.decode()


def test_what_was_saved_is_shown_back(client, deal):
    answers = confirmed(deal, "problem", "We lose a shift a month to shutdowns")
    text = client.get(
        save(client, deal, step="week", next_step="Figures", **answers)["Location"]
    ).content.decode()
    panel = text.split('id="saved"')[1].split("</section>")[0]
    for words in ("Kestermont Parks is proven", "The buyer confirmed problem", "We lose a shift", "Figures",
                  "1 of 2 to leave Qualify.", f"/deals/{deal.pk}/recap/"):  # fmt: skip
        assert words in panel


def test_nobody_is_shown_what_somebody_else_saved(client, deal):
    save(client, deal)
    client.force_login(f.make_user("Piet Olen"))
    assert 'id="saved"' not in today_page(client, f"?saved={Activity.objects.get().pk}")
    for text in ("x", "²", "99999999999999999999", "0"):
        assert client.get(f"/today/?saved={text}&later={text}").status_code == 200


@pytest.mark.parametrize("step", ["own", "week", "pick"])
def test_the_next_step_chosen_is_agreed_to_in_the_meeting(client, mara, step):
    deal = f.make_deal(owner=mara, stage="Propose", company=f.make_company("Kestermont Parks"))
    f.make_contact(deal.company, "Noor Tavarro")
    f.next_step(deal, days=9, text="Walk through hall 4")
    day = (f.today() + timedelta(days=3)).isoformat()
    fields = {"next_step": "Meet finance", "next_step_on": day}
    save(client, deal, step=step, **fields)
    deal = f.fresh(deal)
    expected = {"own": ("Walk through hall 4", 9), "week": ("Meet finance", 7), "pick": ("Meet finance", 3)}
    text, days = expected[step]
    assert (deal.next_step, deal.next_step_on) == (text, f.today() + timedelta(days=days))
    agreed = Answer.objects.current().get(deal=deal, criterion__slug="next_step")
    assert agreed.opens and agreed.contact.name == "Noor Tavarro" and agreed.day == deal.next_step_on


def test_no_next_step_leaves_the_deals_own(client, deal):
    save(client, deal, step="", next_step="Typed and dropped", next_step_on="2099-01-01")
    assert f.fresh(deal).next_step == "Walk through hall 4"


def test_the_same_form_sent_again_adds_nothing(client, deal):
    answers = confirmed(deal, "problem", "We lose a shift a month to shutdowns")
    first = save(client, deal, step="week", next_step="Figures", **answers)
    before = fingerprint()
    again = save(client, deal, step="week", next_step="Figures", **answers)
    assert again["Location"] == first["Location"] and fingerprint() == before
    assert Activity.objects.filter(deal=deal).count() == 1
    other = save(client, deal, key="two")
    assert other["Location"] != first["Location"] and Activity.objects.filter(deal=deal).count() == 2


def test_the_key_of_one_deal_says_nothing_of_another(client, deal, mara):
    other = f.make_deal(owner=mara)
    f.make_contact(other.company, "Noor Tavarro")
    save(client, deal)
    save(client, other)
    assert Activity.objects.filter(key="one").count() == 2


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"people": []}, "Say who on the buyer"), ({"step": "soon"}, "Choose what comes next"),
     ({"step": "pick", "next_step": "Meet"}, "A next step has a date"),
     ({"step": "week", "next_step": ""}, "This is empty"), ({"step": "pick"}, "or choose none yet"),
     ({"step": "pick", "next_step": "Meet", "next_step_on": "2001-01-01"}, "This day has passed"),
     ({"kind": "party"}, "Choose what it was"), ({"key": "k" * 65}, "cannot be told from another")],
)  # fmt: skip
def test_what_does_not_fit_is_said_beside_its_field_and_what_was_typed_stays(client, deal, fields, words):
    page = refused(client, deal, **fields)
    assert words in page and "cold halls" in page


def test_a_tick_without_its_value_stores_nothing(client, deal):
    page = refused(client, deal, **confirmed(deal, "budget", ""))
    assert "cold halls" in page and 'aria-invalid="true"' in page


def test_it_is_recorded_on_the_day_it_was_typed(client, deal):
    Deal.objects.filter(pk=deal.pk).update(created_at=timezone.now() - timedelta(days=9))
    save(client, deal, happened_on=(f.today() - timedelta(days=1)).isoformat())
    assert Activity.objects.get().happened_at.date() == f.today() - timedelta(days=1)


def test_only_what_can_be_said_aloud_is_offered(client, mara):
    deal = f.make_deal(owner=mara, stage="Discover")
    text = client.get(reverse("just_now", args=[deal.pk])).content.decode()
    assert "What did they confirm?" not in text  # the summary is a document
