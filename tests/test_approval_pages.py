"""The pages of approvals: what the approver needs and nobody else sees, and the deal's own page of them."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse

from deals.gate import Reading
from deals.models import Approval, Objection
from pipeline.process import process_of
from pipeline.vocabulary import Kind

from . import factories as f
from .browser import DESKTOP, PHONE
from .fingerprint import fingerprint

OURS = {"roles": "Legal", "needs_buyer": False, "evidence": "none"}
STAGES = {
    "Negotiate": [("ours", Kind.APPROVAL, OURS), ("theirs", Kind.APPROVAL, {}), ("signed", Kind.TEXT, {})],
    "Close": [],
}


class Room:
    """A rep with a deal, and somebody of legal who is in no team."""

    def __init__(self):
        self.rep, self.hugo = f.make_user(), f.make_user("Hugo Lenzmar", team=None)
        self.hugo.roles.add(f.make_role("Legal"))
        self.deal = f.make_deal(f.make_pipeline(stages=STAGES), owner=self.rep, name="Three plants")
        self.lena = f.make_contact(self.deal.company)
        self.call = f.log_call(self.deal, self.lena)
        self.ours, self.theirs, self.signed = process_of(self.deal.pipeline).criteria_of_all()
        self.page = reverse("approvals", args=[self.deal.pk])


@pytest.fixture
def room(db):
    return Room()


def test_the_approver_sees_what_they_need_without_seeing_the_deal(room, client):
    asked = f.ask_for(room.deal, room.hugo, asked_by=room.rep, due_on=f.today() - timedelta(days=2))
    client.force_login(room.hugo)
    assert client.get(reverse("deal", args=[room.deal.pk])).status_code == 404
    shown = client.get(reverse("approval", args=[asked.pk])).content.decode()
    for words in ("Three plants", "86,000", "Negotiate", "The final terms", "Late: the deal waits for this"):
        assert words in shown
    listed = client.get(reverse("my_approvals")).content.decode()
    assert "Late since" in listed and "The deal cannot go on until you decide." in listed


@pytest.mark.parametrize("who", ["rep", "teammate", "manager", "admin"])
def test_for_everybody_else_it_is_not_there(room, client, who):
    asked = f.ask_for(room.deal, room.hugo)
    people = {
        "rep": room.rep,
        "teammate": f.make_user("Piet Olen"),
        "manager": f.make_manager(),
        "admin": f.make_admin(),
    }
    client.force_login(people[who])
    before, url = fingerprint(), reverse("approval", args=[asked.pk])
    assert client.get(url).status_code == 404
    assert client.post(url, {"decision": "approved"}).status_code == 404
    assert fingerprint() == before


def test_bad_input_shows_the_form_again_with_what_was_typed(room, client):
    client.force_login(room.rep)
    wrong = client.post(
        room.page, {"criterion": room.ours.criterion_id, "approver": "", "subject": "Annex 2"}
    )
    assert wrong.status_code == 422 and b"Annex 2" in wrong.content and b"aria-invalid" in wrong.content
    json = {"accept": "application/json"}
    listed = client.post(room.page, {"criterion": room.ours.criterion_id}, headers=json).json()
    assert "approver" in listed["error"]["fields"]
    assert client.post(room.page, {"criterion": "1", "stage": "1"}).status_code == 400
    client.force_login(room.hugo)
    asked = f.ask_for(room.deal, room.hugo)
    url = reverse("approval", args=[asked.pk])
    assert client.post(url, {"decision": "perhaps", "comment": "Annex 2"}).status_code == 422
    assert client.post(url, {"decision": "approved"}).status_code == 303
    assert client.post(url, {"decision": "rejected", "comment": "Annex 2"}).status_code == 409


def test_a_yes_that_was_an_answer_becomes_an_approval_when_upgrading(room):
    migration = import_module("deals.migrations.0003_approvals_as_facts")
    shared = {
        "deal": room.deal,
        "opens": True,
        "yes": True,
        "recorded_at": room.call.happened_at,
        "recorded_by": room.rep,
    }
    answers = apps.get_model("deals", "Answer").objects
    answers.create(criterion_id=room.theirs.criterion_id, contact=room.lena, activity=room.call, **shared)
    answers.create(criterion_id=room.ours.criterion_id, **shared)
    migration.answers_become_approvals(apps, None)
    process = process_of(room.deal.pipeline)
    reading = Reading(f.resettle(room.deal), process, f.today())
    assert reading.finding(room.ours, True).holds and reading.finding(room.theirs, True).holds
    assert f.fresh(room.deal).held_here == 2
    assert set(Approval.objects.values_list("side", "role")) == {("buyer", ""), ("legal", "Legal")}


# In a browser


@pytest.fixture
def wide_room(transactional_db):
    return Room()


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("javascript", [True, False])
def test_a_rep_asks_and_legal_decides_in_the_browser(wide_room, open_page, javascript):
    room = wide_room
    page = open_page(reverse("deal", args=[room.deal.pk]), user=room.rep, javascript=javascript)
    page.get_by_role("link", name="Ask, record").click()
    page.locator("summary", has_text="Ask for it").first.click()
    page.get_by_label("Who of us").select_option(label="Hugo Lenzmar, Legal")
    page.get_by_role("button", name="Ask", exact=True).first.click()
    page.get_by_text("Waits for Hugo Lenzmar").wait_for()
    theirs = open_page("/approvals/", user=room.hugo, javascript=javascript)
    theirs.get_by_role("link", name=room.ours.label).click()
    theirs.get_by_text("I approve it").click()
    theirs.get_by_role("button", name="Save my decision").click()
    theirs.get_by_text("Nothing waits for you").wait_for()
    assert Approval.objects.get().decision == "approved" and page.complaints == theirs.complaints == []


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_are_accessible(wide_room, open_page, axe, size):
    room = wide_room
    approval, objection, _note = f.make_agreement(room.deal, room.lena)
    Approval.objects.filter(pk=approval.pk).update(criterion=room.theirs.criterion_id)
    Objection.objects.create(
        deal=room.deal,
        stage_id=room.deal.stage_id,
        text="No time",
        raised_at=objection.raised_at,
        status="withdrawn",
    )
    asked = f.ask_for(room.deal, room.hugo, due_on=f.today() - timedelta(days=1))
    deal_pages = [
        reverse("approvals", args=[room.deal.pk]),
        reverse("objections", args=[room.deal.pk]),
        reverse("contested", args=[room.deal.pk, room.ours.criterion_id]),
    ]
    for path, user in [*((path, room.rep) for path in deal_pages), ("/approvals/", room.hugo),
                       (reverse("approval", args=[asked.pk]), room.hugo)]:  # fmt: skip
        page = open_page(path, user=user, size=size)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.complaints == []
