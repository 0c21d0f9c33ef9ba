"""The audit in a real browser: what fails moves back at once and is undone, and a stage is walked with keys alone."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from deals.models import Deal, Status

from .. import factories as f
from ..browser import DESKTOP, ON_BOTH_ENGINES, PHONE
from .test_audit import lose_answer

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
BOTH = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])


@pytest.fixture
def ruth():
    return f.make_manager()


@pytest.fixture
def deals(ruth):
    """Of 3,000, 2,000 and 1,000 in Discover; the second proves Qualify alone."""
    pipeline, mara = f.make_pipeline("New business"), f.make_user()
    found = [
        f.next_step(f.make_deal(pipeline, mara, "Discover", name=name, amount=Decimal(money)))
        for name, money in [
            ("Marrowfen Clinics", 3000),
            ("Vellgrove Dairies", 2000),
            ("Stennick Print", 1000),
        ]
    ]
    lose_answer(found[1], "problem")
    return found


def stage_of(deal):
    return Deal.objects.get(pk=deal.pk).stage.name


@ON_BOTH_ENGINES
@BOTH
def test_what_fails_is_moved_back_and_all_of_it_undone(open_page, ruth, deals, javascript):
    page = open_page("/audit/", ruth, javascript=javascript)
    expect(page.locator("main h1")).to_have_text("€6k claimed before, €4k after")
    page.check("input[name=all]")
    page.click("button:has-text('Move back')")
    expect(page.locator("main h1")).to_have_text("Move 1 deal back to what it proves")
    page.click("button:has-text('Do it for 1 deal')")
    expect(page.locator(".err").first).to_be_visible()
    page.fill("[name=reason]", "The buyer took the problem back")
    page.click("button:has-text('Do it for 1 deal')")
    expect(page.locator(".lede")).to_contain_text("1 deal done")
    assert stage_of(deals[1]) == "Qualify"
    page.click("button:has-text('Undo for 1 deal')")
    expect(page.locator("main h1")).to_contain_text("Undo: Move back")
    expect(page.locator(".lede")).to_contain_text("1 deal done")
    assert stage_of(deals[1]) == "Discover"
    assert [line for line in page.complaints if "status of 4" not in line] == []


def test_a_stage_is_walked_and_decided_with_keys_alone(open_page, ruth, deals):
    page = open_page("/audit/review/", ruth)
    title = page.locator("main h1")
    for key, name in [("j", "Vellgrove"), ("j", "Stennick"), ("k", "Vellgrove"), ("ArrowLeft", "Marrowfen"),
                      ("ArrowRight", "Vellgrove"), ("k", "Marrowfen")]:  # fmt: skip
        page.keyboard.press(key)
        expect(title).to_contain_text(name)
    page.keyboard.press("a")
    expect(title).to_contain_text("Vellgrove")
    page.keyboard.press("b")
    expect(title).to_contain_text("Stennick")
    page.keyboard.press("s")
    expect(page.locator("button[aria-pressed=true]")).to_contain_text("Keep")
    assert not Deal.objects.filter(status=Status.ARCHIVED).exists()
    page.focus("#archive_reason")
    page.keyboard.type("They bought elsewhere, jab")
    page.keyboard.press("Enter")
    expect(page.locator(".lede")).to_contain_text("1 deal done")
    assert Deal.objects.get(pk=deals[0].pk).status == Status.ARCHIVED
    assert page.complaints == []


def test_who_switched_letter_keys_off_walks_with_arrows(open_page, ruth, deals):
    ruth.letter_keys = False
    ruth.save(update_fields=["letter_keys"])
    page = open_page("/audit/review/", ruth)
    for key in "jab":
        page.keyboard.press(key)
    expect(page.locator("main h1")).to_contain_text("Marrowfen")
    page.keyboard.press("ArrowRight")
    expect(page.locator("main h1")).to_contain_text("Vellgrove")
    expect(page.locator("[aria-pressed]")).to_have_count(0)


@SIZES
def test_its_pages_are_accessible(open_page, axe, ruth, deals, size):
    page = open_page("/audit/", ruth, size)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.click("button:has-text('Keep it as it stands now')")
    expect(page.locator("main h1")).to_contain_text("claimed before")
    assert axe(page) == []
    page.goto("/audit/review/?stage=" + str(deals[0].stage_id))
    page.click("button:has-text('Archive')")
    expect(page.locator("h2:has-text('1 deal decided')")).to_be_visible()
    assert axe(page) == [] and page.evaluate("document.documentElement.scrollWidth <= innerWidth")
