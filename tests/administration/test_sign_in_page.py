"""The sign-in page in a real browser: usable by everybody, and nothing the strict policy would refuse."""

import pytest

from team.models import User
from tests.browser import DESKTOP, PHONE

SIZES = {"desktop": DESKTOP, "phone": PHONE}


@pytest.mark.engine("sqlite")  # how a page looks does not depend on the database
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
