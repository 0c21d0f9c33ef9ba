"""The story of a change: drafted, looked at, published, compared; and its pages for everybody, in both sizes."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from deals.models import Deal
from pipeline.models import Criterion, Pipeline, Rule
from pipeline.publishing import publish
from pipeline.vocabulary import Kind

from .. import factories as f
from ..browser import DESKTOP, ON_BOTH_ENGINES, PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin():
    return f.make_admin()


@pytest.fixture
def pipeline(admin):
    made = f.make_pipeline("New business", owner=admin)
    f.next_step(f.make_deal(made, f.make_user(), stage="Discover"))
    return made


@ON_BOTH_ENGINES
def test_an_admin_drafts_looks_publishes_and_reads_the_difference(open_page, pipeline, admin):
    stage = f.stage_of(pipeline, "Qualify")
    page = open_page(reverse("admin:pipeline_stage_change", args=[stage.pk]), user=admin)
    page.get_by_text("Add a criterion").click()
    page.locator("details.new textarea[name$='-label']").first.fill("The buyer named who else is asked")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("Draft: 1 change not in force.").wait_for()
    assert Pipeline.objects.get(pk=pipeline.pk).version.number == 1
    page.get_by_role("link", name="See the effect and publish").click()
    page.get_by_text("asks a new criterion: “The buyer named who else is asked”.").wait_for()
    assert page.locator(".eff tbody tr", has_text="Discover").inner_text().split()[:2] == ["Discover", "1"]
    page.get_by_label("Only for deals that enter the stage from now on").check()
    page.get_by_role("button", name="Show the effect of these choices").click()
    page.get_by_text("No deal that is proven becomes claimed").wait_for()
    assert page.get_by_label("Only for deals that enter the stage from now on").is_checked()
    page.get_by_role("button", name="Publish version 2").click()
    page.get_by_text("This field is required.").wait_for()
    page.get_by_label("Note to the team").fill("Nobody was left out of a decision twice")
    page.get_by_role("button", name="Publish version 2").click()
    page.get_by_text("Version 2 of “New business” is in force from now on.").wait_for()
    page.get_by_role("link", name="Versions", exact=True).click()
    page.get_by_role("link", name="What it changed").click()
    page.get_by_role("heading", name="From version 1 to version 2").wait_for()
    page.get_by_text("asks a new criterion: “The buyer named who else is asked”.").wait_for()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_pages_are_usable_by_all_and_break_no_policy(open_page, axe, pipeline, admin, size):
    f.add_criterion(f.stage_of(pipeline, "Qualify"), "pain", Kind.YES_NO, position=9)
    Criterion.objects.filter(slug="budget").update(evidence="file")
    publish(pipeline, by=admin, note="We ask for pain, and for paper")
    f.add_criterion(f.stage_of(pipeline, "Qualify"), "reach", Kind.YES_NO, position=10)
    Criterion.objects.filter(slug="summary").update(retired_at="2026-01-01T00:00Z")
    for path in (
        reverse("admin:pipeline_pipeline_publish", args=[pipeline.pk]),
        reverse("admin:pipeline_pipeline_discard", args=[pipeline.pk]),
        reverse("admin:pipeline_pipeline_restore", args=[pipeline.pk, 1]),
        "/process/new-business/versions/",
        "/process/new-business/versions/compare/?from=1&to=2",
        "/deals/short-lived-rules/",
    ):
        page = open_page(path, user=admin, size=size)
        assert page.complaints == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert list(axe(page)) == [], path


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_deals_that_another_timer_would_reach_are_shown_without_barriers(
    open_page, axe, pipeline, admin, size
):
    Deal.objects.update(last_buyer_activity_at=timezone.now() - timedelta(days=20))
    Rule.objects.filter(pipeline=pipeline, key="archive").update(days=15)
    page = open_page(reverse("effect", args=[pipeline.slug]) + "?timer=1", admin, size)
    expect(page.locator("main")).to_contain_text(Deal.objects.get().name)
    assert axe(page) == []
