"""The sign-in page in a real browser: usable by everybody, and nothing the strict policy would refuse."""

import pytest

from team.models import User
from tests import factories as f
from tests.browser import DESKTOP, PHONE

SIZES = {"desktop": DESKTOP, "phone": PHONE}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", SIZES)
def test_the_sign_in_page_has_no_barrier_and_breaks_no_policy(open_page, axe, size):
    page = open_page("/accounts/login/", size=SIZES[size])
    assert axe(page) == []
    assert page.complaints == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_person_signs_in_through_the_page(open_page, javascript):
    User.objects.create_user("ren@example.com", "correct-horse-battery", name="Ren Ito")
    page = open_page("/accounts/login/?next=/profile/", javascript=javascript)
    page.fill("[name=login]", "ren@example.com")
    page.fill("[name=password]", "correct-horse-battery")
    page.click("form button")
    page.wait_for_url("**/profile/")
    assert page.complaints == []


@pytest.mark.django_db(transaction=True)
def test_what_was_typed_comes_back_after_a_session_that_ended_and_is_forgotten_once_it_is_saved(open_page):
    f.make_pipeline()
    rep = f.make_user(password="correct-horse-battery")
    page = open_page("/deals/new/", user=rep)
    page.get_by_label("Company").fill("Varnsted Glass")
    page.context.clear_cookies(name="session")
    page.get_by_role("button", name="Add the deal").click()
    page.get_by_text("What you sent was not saved.").wait_for()
    page.fill("[name=login]", rep.email)
    page.fill("[name=password]", "correct-horse-battery")
    page.click("form button")
    page.wait_for_url("**/deals/new/")
    assert page.get_by_label("Company").input_value() == "Varnsted Glass"
    page.get_by_role("button", name="Add the deal").click()
    page.get_by_role("heading", name="Varnsted Glass", exact=True).wait_for()
    page.goto("/deals/new/")
    assert page.get_by_label("Company").input_value() == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_person_signs_in_by_keys_alone_and_types_a_wrong_password_anew(open_page, javascript):
    User.objects.create_user("ren@example.com", "correct-horse-battery", name="Ren Ito")
    page = open_page("/accounts/login/?next=/profile/", javascript=javascript)
    page.keyboard.type("ren@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type("wrong")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    page.keyboard.type("correct-horse-battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/profile/")
