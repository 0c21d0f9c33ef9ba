"""A new deal in a real browser: sent twice it is one deal, and nothing of it is left in the form for another."""

import pytest

from deals.models import Company, Deal

from .. import factories as f

pytestmark = pytest.mark.django_db(transaction=True)
PAUSE = 30  # milliseconds between two clicks: the first form is on its way
BOTH_WAYS = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])


@pytest.fixture
def page_of(open_page, rep):
    f.make_pipeline()
    return lambda javascript: open_page("/deals/new/", rep, javascript=javascript)


@BOTH_WAYS
def test_a_double_click_makes_one_deal(page_of, javascript):
    page = page_of(javascript)
    page.fill("[name=company]", "Marrowfen Clinics")
    box = page.locator("text=Add the deal").bounding_box()
    for _press in range(2):
        page.mouse.click(box["x"] + 5, box["y"] + 5)
        page.wait_for_timeout(PAUSE)
    page.get_by_role("heading", name="Marrowfen Clinics", exact=True).wait_for()
    assert (Deal.objects.count(), Company.objects.count()) == (1, 1)


@BOTH_WAYS
def test_the_way_back_leads_to_an_empty_form(page_of, javascript):
    page = page_of(javascript)
    page.fill("[name=company]", "Marrowfen Clinics")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Marrowfen Clinics", exact=True).wait_for()
    page.go_back()
    assert page.input_value("[name=company]") == ""
    page.keyboard.press("Enter")
    page.wait_for_selector("[aria-invalid=true]")
    assert Deal.objects.count() == 1
