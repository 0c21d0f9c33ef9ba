"""The pages about a process, notices and the library: usable by all, in both sizes, under the policy."""

import pytest
from django.urls import reverse
from django.utils import timezone

from team.notices import tell

from .. import factories as f
from ..browser import DESKTOP, PHONE
from .test_process_page import shipped

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_they_are_usable_by_all_and_break_no_policy(open_page, axe, size):
    pipeline, admin = shipped()
    f.make_deal(pipeline, f.make_user())
    f.make_pipeline("Small", {**f.SIMPLE, "Interested": []})
    tell([admin], "“Small” is due for its review.", key="review:1", url="/process/small/health/")
    tell([admin], "A deal was handed to you.", key="handed:1", now=timezone.now())
    admin.notices.filter(key="handed:1").update(read_at=timezone.now())
    for path in (
        "/process/b2b-seven-stages/qualify/",
        "/process/b2b-seven-stages/read/",
        "/process/b2b-seven-stages/read/?step=4",
        "/process/b2b-seven-stages/health/",
        "/process/small/health/",
        "/notices/",
        reverse("admin:pipeline_stage_library", args=[pipeline.stages.first().pk]),
    ):
        page = open_page(path, user=admin, size=size)
        assert page.complaints == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert list(axe(page)) == [], path


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_notice_is_opened_from_the_bell(open_page, javascript):
    shipped()
    user = f.make_user()
    tell([user], "“B2B sale” is due for its review.", key="review:1", url="/process/b2b-seven-stages/health/")
    page = open_page("/process/", user=user, javascript=javascript)
    page.get_by_role("link", name="Notices: 1 unread").click()
    page.get_by_role("button", name="Open: “B2B sale” is due").click()
    page.get_by_role("heading", name="How healthy is this process?").wait_for()
    page.get_by_role("link", name="Notices: nothing unread").wait_for()


def test_the_top_bar_fits_on_a_phone_with_many_unread_notices(open_page):
    shipped()
    admin = f.make_admin()
    for number in range(120):
        tell([admin], f"Notice {number}", key=f"n{number}")
    page = open_page("/process/", user=admin, size=PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.get_by_role("link", name="Notices: 120 unread").inner_text() == "99+"
