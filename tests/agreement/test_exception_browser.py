"""An exception in a real browser: asked, granted by a second person, expired; with and without script."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from automations import tick

from .. import factories as f
from ..browser import DESKTOP, PHONE
from ..exceptional import WHY, Case

pytestmark = pytest.mark.django_db(transaction=True)
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


@pytest.fixture
def case():
    return Case()


def deal_page(case):
    return reverse("deal", args=[case.deal.pk])


def complaints(page):
    """What the browser said, without the refusals that are meant."""
    return [line for line in page.complaints if "status of 4" not in line]


def open_form(page):
    page.click("text=Move to Propose")
    page.click("text=Ask Ruth for an exception")
    page.wait_for_selector("#id_reason")


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_asked_granted_by_a_second_person_and_expired(open_page, case, javascript):
    tom = open_page(deal_page(case), case.tom, javascript=javascript)
    open_form(tom)
    tom.fill("#id_reason", "Please!")
    tom.click("button:has-text('Ask for the exception')")
    tom.wait_for_selector("text=This is too short")
    assert tom.input_value("#id_reason") == "Please!"
    tom.fill("#id_reason", WHY)
    tom.click("button:has-text('Ask for the exception')")
    tom.wait_for_selector("text=waits to be decided")
    assert case.fresh().stage.name == "Discover"

    ruth = open_page(reverse("exceptions"), case.ruth, javascript=javascript)
    expect(ruth.locator("article blockquote")).to_have_text(WHY)
    ruth.click("button:has-text('Grant')")
    ruth.wait_for_selector("text=moved to Propose")
    assert case.fresh().stage.name == "Propose"

    tom.goto(deal_page(case))
    assert tom.locator(".chip:has-text('Exception until')").count() == 1
    assert "14 days left." in tom.inner_text("section.exc")

    with time_machine.travel(timezone.now() + timedelta(days=15)):
        assert tick.run(timezone.now()).expired == 1
        later = open_page(deal_page(case), case.tom, javascript=javascript)
        assert later.locator(".chip:has-text('Exception expired')").count() == 1
        assert "the next gate asks for it again" in later.inner_text("section.exc")
        later.goto(reverse("gate", args=[case.deal.pk]) + f"?to={case.close}")
        assert later.locator(f"[data-criterion='{case.summary}']").count() == 1
    assert complaints(tom) == complaints(ruth) == complaints(later) == []


@SIZES
def test_the_dialog_that_asks_is_accessible(open_page, axe, case, size):
    page = open_page(deal_page(case), case.tom, size=size)
    open_form(page)
    assert page.evaluate("document.activeElement.id") == "id_reason"
    assert axe(page) == []
    page.click("button:has-text('Ask for the exception')")
    page.wait_for_selector("#e-reason")
    assert axe(page) == []


@SIZES
def test_the_page_of_all_exceptions_and_the_deals_own_are_accessible(open_page, axe, case, size):
    case.grant()
    case.ask(deal=f.make_deal(case.pipeline, case.tom, "Discover"))
    page = open_page(reverse("exceptions"), case.ruth, size=size)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.goto(deal_page(case))
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert complaints(page) == []
