"""Targets and the forecast in a real browser: they are set and said, and axe finds nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from insights.forecast import nights
from insights.models import ManagerCall, Target

from .. import factories as f
from ..browser import DESKTOP, PHONE
from .forecasts import open_deal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("size", "javascript"), [(DESKTOP, False), (PHONE, True)], ids=["plain", "phone"])
def test_targets_are_set_and_a_manager_says_what_a_month_will_bring(open_page, axe, size, javascript):
    boss, pipeline = f.make_admin(), f.make_pipeline(stages=f.OPEN_GATES)
    open_deal(pipeline, 400, close=timezone.now().date() + timedelta(days=20))
    nights.write(timezone.now())
    page = open_page(reverse("targets"), boss, size, javascript)
    field = page.locator("input[name$=-all]").first
    field.fill("lots")
    page.click("text=Save targets")
    assert "Nothing was saved" in page.inner_text("main")
    assert not javascript or axe(page) == []
    page.locator("input[name$=-all]").first.fill("120k")
    page.click("text=Save targets")
    page.wait_for_selector("input[value='120000']")
    assert Target.objects.get().amount == Decimal(120_000)
    page.goto(reverse("forecast"))
    page.fill("[name=amount]", "90k")
    page.click("text=Note it")
    page.wait_for_selector("text=€90,000")
    assert ManagerCall.objects.get().amount == 90_000
    assert not javascript or axe(page) == []
    assert [line for line in page.complaints if "422" not in line] == []
