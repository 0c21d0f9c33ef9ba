"""The pages about the API and of one's tokens, as people see them."""

import pytest

from api import tokens

from .. import factories as f
from ..browser import DESKTOP, PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_are_readable_for_everybody_and_run_no_script_of_others(open_page, axe, size):
    admin = f.make_admin()
    for person in (admin, f.make_user()):
        tokens.make(person, "Nightly report", ["read", "move"])
    page = open_page("/api/", user=admin, size=size)
    page.locator("#move_deal summary").click()
    assert "seen_seq" in page.locator("#move_deal").inner_text()
    assert axe(page) == [] and page.complaints == []
    page.goto("/profile/tokens/")
    assert axe(page) == [] and page.complaints == []
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width == 0


def test_a_person_makes_a_token_without_javascript_and_takes_it_back(open_page):
    rep = f.make_user()
    page = open_page("/profile/tokens/", user=rep, javascript=False)
    page.get_by_label("What it is for").fill("Nightly report")
    page.get_by_label("Move deals").check()
    page.get_by_role("button", name="Make a token").click()
    assert page.locator(".secret code").inner_text().startswith("hg_")
    page.get_by_role("button", name="Revoke Nightly report").click()
    assert "opens nothing any more" in page.content()
    assert not tokens.is_live(rep.api_tokens.get(), f.timezone.now())
