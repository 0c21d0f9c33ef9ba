"""Approvals in a browser: asked for and decided with and without a script, and nothing in anybody's way."""

from datetime import timedelta

import pytest
from django.urls import reverse

from deals.models import Approval, Objection

from .. import factories as f
from ..approving import Room
from ..browser import DESKTOP, PHONE


@pytest.fixture
def room(transactional_db):
    return Room()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_rep_asks_and_legal_decides_in_the_browser(room, open_page, javascript):
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


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_are_accessible(room, open_page, axe, size):
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
