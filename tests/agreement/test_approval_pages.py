"""The pages of approvals: what the approver needs and nobody else sees, and the deal's own page of them."""

import copy
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse

from deals.gate import Reading
from deals.models import Approval
from pipeline.process import process_of

from .. import factories as f
from ..approving import Room
from ..fingerprint import fingerprint


@pytest.fixture(scope="module")
def made(kept):
    return Room()


@pytest.fixture
def room(made, db):
    return copy.deepcopy(made)


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
