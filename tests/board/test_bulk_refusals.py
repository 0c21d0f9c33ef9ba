"""What the pages for many deals refuse, and how they look and read."""

import uuid

import pytest
from django.urls import reverse

from deals.models import BulkRun, Deal
from deals.runs import bulk

from .. import factories as f
from ..browser import DESKTOP, PHONE
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


@pytest.fixture
def deal(client):
    deal = f.make_deal(f.make_pipeline(stages=f.OPEN_GATES))
    client.force_login(deal.owner)
    return deal


@pytest.mark.parametrize(
    "action, fields, words",
    [
        ("move", {}, "This field is required"),
        ("move", {"to": "999999"}, "Select a valid choice"),
        ("move", {"to": "x" * 300}, "Select a valid choice"),
        ("reassign", {"owner": "999999"}, "Select a valid choice"),
        ("archive", {}, "This field is required"),
        ("archive", {"reason": "."}, "aria-invalid"),
        ("archive", {"reason": "x" * 2001}, "aria-invalid"),
        ("next_step", {"next_step": "Call Lena"}, "This field is required"),
        ("next_step", {"next_step": "Call Lena", "next_step_on": "2020-01-01"}, "This day has passed"),
        ("next_step", {"next_step": "Call Lena", "next_step_on": "soon"}, "aria-invalid"),
        ("next_step", {"next_step": "n/a", "next_step_on": "2099-01-01"}, "aria-invalid"),
    ],
)
def test_a_form_that_lacks_something_comes_back_with_what_was_typed(client, deal, action, fields, words):
    before = fingerprint()
    data = {"action": action, "token": str(uuid.uuid4()), "deal": f"{deal.pk}:1", **fields}
    response = client.post(reverse("bulk_start"), data)
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page and data["token"] in page and f'value="{deal.pk}:1"' in page
    assert all(value in page for name, value in fields.items() if name != "to" and name != "owner")
    assert fingerprint() == before and not BulkRun.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"action": "win"},
        {"action": "archive", "deal": "abc"},
        {"action": "archive", "deal": "1"},
        {"action": "archive", "deal": "1:99999999999999999999"},
        {"action": "archive", "deal": "\u0661:1"},
    ],
)
@pytest.mark.parametrize("address", ["bulk_choose", "bulk_start"])
def test_what_no_page_of_ours_sends_is_malformed(client, deal, address, fields):
    before = fingerprint()
    response = client.post(reverse(address), {"token": str(uuid.uuid4()), **fields})
    assert response.status_code == 400
    assert fingerprint() == before and not BulkRun.objects.exists()


def test_a_form_without_its_token_is_malformed(client, deal):
    data = {"action": "archive", "deal": f"{deal.pk}:1", "reason": "Duplicate of another"}
    assert client.post(reverse("bulk_start"), data).status_code == 400


def test_choosing_nothing_says_how_to_choose(client, deal):
    response = client.post(reverse("bulk_choose"), {"action": "move"})
    assert response.status_code == 422 and "No deal is chosen" in response.content.decode()
    assert client.get(reverse("bulk_choose")).status_code == 302


@pytest.mark.django_db(transaction=True)
@SIZES
def test_many_deals_are_moved_without_a_script_and_nothing_is_in_the_way(open_page, axe, size):
    rep = f.make_user()
    pipeline = f.make_pipeline(stages={"Qualify": [("asked", "yes_no", {})], "Discover": [], "Close": []})
    for number in range(3):
        f.make_deal(pipeline, rep, name=f"Deal {number}")
    first = f.process_of(pipeline).exit_criteria(f.stage_of(pipeline, "Qualify").pk)[0]
    f.satisfy(Deal.objects.latest("pk"), first)
    page = open_page("/deals/?chosen=page", rep, size, javascript=False)
    page.get_by_role("button", name="Move…").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Move 3 deals"
    page.get_by_label("Move to").select_option(label="Discover")
    page.get_by_role("button", name="Do it for 3 deals").click()
    assert "1 deal done, 2 refused" in page.inner_text("main")
    assert page.locator('[data-outcome="refused"]').count() == 2
    for url in ("/deals/", page.url):
        looked = open_page(url, rep, size)
        assert axe(looked) == []
        assert looked.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert looked.complaints == []


@pytest.mark.django_db(transaction=True)
@SIZES
def test_the_confirm_page_has_no_barriers(open_page, axe, size):
    deal = f.make_deal(f.make_pipeline(stages=f.OPEN_GATES))
    for name in ("Move…", "Hand over…", "Archive…", "Next step…"):
        page = open_page("/deals/?chosen=page", deal.owner, size)
        page.get_by_role("button", name=name).click()
        page.get_by_role("button", name="Do it for 1 deal").wait_for()
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.django_db(transaction=True)
def test_with_a_script_a_long_run_goes_on_by_itself(open_page, monkeypatch):
    from deals.views import bulk as pages

    monkeypatch.setattr(pages, "SECONDS", -1)
    rep, pipeline = f.make_user(), f.make_pipeline(stages=f.OPEN_GATES)
    for number in range(4):
        f.make_deal(pipeline, rep, name=f"Deal {number}")
    page = open_page("/deals/?chosen=page", rep)
    page.get_by_role("button", name="Archive…").click()
    page.get_by_label("Why").fill("Duplicate of another")
    page.get_by_role("button", name="Do it for 4 deals").click()
    page.get_by_text("4 deals done, 0 refused").wait_for()
    assert page.get_by_role("button", name="Go on").count() == 0
    assert page.complaints == []
    assert bulk.in_words(BulkRun.objects.get()) == "Archive: Duplicate of another: 4 deals done, 0 refused."
