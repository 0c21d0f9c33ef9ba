"""The process page says how we sell: everybody reads it, only admins are led to change it."""

import re

import pytest
from django.urls import reverse

from pipeline.documents import read
from pipeline.loading import TEMPLATES, load
from pipeline.models import Criterion, Pipeline
from pipeline.publishing import publish
from pipeline.vocabulary import Kind

from .. import factories as f
from ..browser import DESKTOP, PHONE

pytestmark = pytest.mark.django_db


def shipped(stem="b2b-seven-stages"):
    admin = f.make_admin()
    return load(read(TEMPLATES / f"{stem}.toml"), by=admin, owner=admin, note="Loaded"), admin


def text_of(client, user, path="/process/", status=200):
    client.force_login(user)
    response = client.get(path)
    assert response.status_code == status
    return response.content.decode()


@pytest.mark.parametrize("level", ["rep", "manager", "admin"])
def test_everybody_who_works_here_reads_the_process(client, level):
    shipped()
    page = text_of(client, f.make_user("Somebody", level))
    assert "The buyer stated the business problem" in page
    assert ("Edit in admin" in page) == (level == "admin")


def test_a_stranger_is_sent_to_the_sign_in_page(client):
    shipped()
    for path in ("/process/", "/process/b2b-seven-stages/"):
        assert client.get(path)["Location"].startswith(reverse("account_login"))


def test_the_page_only_reads(client):
    _pipeline, admin = shipped()
    client.force_login(admin)
    assert client.post("/process/").status_code == 405


def test_version_owners_stages_criteria_and_timers_are_in_one_place(client):
    pipeline, admin = shipped()
    page = text_of(client, admin)
    for words in (
        "B2B sale, seven stages, version 1, in force since", "Published by Sofia Brandvik",
        "Process owner Sofia Brandvik", "Next review", "Account executive", "5% · 10 days", "not counted", "qualified",
        "Shown a reason to act now", "Three pains are written down", "To enter", "(amount from 25,000)",
        "<b class=\"num\">14 days</b> re-engage, 2 attempts", "<b class=\"num\">30 days</b> archive",
        "From 100,000 on a manager decides", "Above 100 it goes to group", "holds 90 days", "Questions to ask",
    ):  # fmt: skip
        assert words in page, words
    assert all(stage.objective in page for stage in pipeline.stages.all())


def test_what_every_gate_asks_alike_is_said_once(client):
    _pipeline, admin = shipped()
    page = text_of(client, admin).partition("Stage by stage")[0]
    assert page.count("The buyer agreed to a next step on a date to come") == 1
    assert "Also asked on leaving Qualify, Discover, Present, Propose, Negotiate" in page


def test_evidence_shows_as_own_hand_conversation_or_fact(client):
    fact = {"evidence": "none", "needs_buyer": False, "deal_fields": "amount", "label": "Amount"}
    asks = [
        ("paper", Kind.FILE_OR_LINK, {"evidence": "own", "label": "Signed summary"}),
        ("word", Kind.YES_NO, {"evidence": "who", "label": "Said yes"}),
        ("fact", Kind.DEAL_FIELD, fact),
    ]
    f.make_pipeline("Small", {"Talk": asks})
    page = text_of(client, f.make_user())
    for mark, label in (("l2", "Signed summary"), ("l1", "Said yes"), ("l0", "Amount")):
        assert f'<li class="{mark}">{label}' in page


def test_one_pipeline_leads_to_the_other_and_each_shows_its_own_numbers(client):
    shipped()
    other = f.make_pipeline("Renewals")
    stage = f.stage_of(other, "Qualify")
    stage.probability, stage.target_days = 88, 3
    stage.save(update_fields=["probability", "target_days"])
    publish(other, by=None)
    user = f.make_user()
    first, second = text_of(client, user), text_of(client, user, "/process/renewals/")
    assert 'href="/process/renewals/"' in first and 'href="/process/b2b-seven-stages/"' in second
    assert "20% · 10 days" in first and "88% · 3 days" in second and "88%" not in first


def test_a_stage_that_asks_nothing_is_told_as_an_open_gate(client):
    f.make_pipeline("Small", {**f.SIMPLE, "Discover": []})
    assert "Open gate: Discover." in text_of(client, f.make_user())


def test_a_draft_is_not_shown_until_it_is_in_force(client):
    pipeline = f.make_pipeline("Small")
    Criterion.objects.filter(stage__pipeline=pipeline, slug="budget").update(label="A label nobody obeys yet")
    assert "nobody obeys yet" not in text_of(client, f.make_user())


def test_without_a_process_an_admin_is_led_to_the_templates_and_a_rep_to_an_admin(client):
    page = text_of(client, f.make_admin())
    assert "There is no process yet" in page and reverse("admin:pipeline_pipeline_new") in page
    page = text_of(client, f.make_user())
    assert "An admin sets it up" in page and "/admin/" not in page


def test_a_process_that_was_never_published_says_so(client):
    Pipeline.objects.create(slug="started", name="Started")
    assert "not in force yet" in text_of(client, f.make_admin(), "/process/started/")
    text_of(client, f.make_user(), "/process/nothing/", status=404)


def test_a_process_out_of_use_can_still_be_read(client):
    pipeline = f.make_pipeline("Small")
    Pipeline.objects.filter(pk=pipeline.pk).update(is_active=False)
    assert "No longer offered to new deals" in text_of(client, f.make_user(), "/process/small/")
    assert "There is no process yet" in text_of(client, f.make_admin())


def test_the_page_asks_the_database_the_same_few_questions_however_many_stages(
    client, django_assert_max_num_queries
):
    _pipeline, admin = shipped()
    client.force_login(admin)
    client.get("/process/")
    with django_assert_max_num_queries(9):
        client.get("/process/")


# ---------------------------------------------------------------- in a browser


@pytest.mark.django_db(transaction=True)
def test_the_seven_stages_print_on_one_landscape_page(open_page):
    _pipeline, admin = shipped()
    assert_one_page(open_page("/process/", user=admin))


@pytest.mark.django_db(transaction=True)
def test_they_still_do_when_every_rule_that_is_off_is_switched_on(open_page):
    pipeline, admin = shipped()
    pipeline.rules.update(is_on=True)
    publish(pipeline, by=admin)
    page = open_page("/process/", user=admin)
    assert "When the deal enters the stage: notify Legal" in " ".join(page.inner_text("main").split())
    assert_one_page(page)


def assert_one_page(page):
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
    width, height = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", printed).groups()
    assert (round(float(width)), round(float(height))) == (842, 595)  # A4 in points, landscape


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_process_and_admin_pages_are_usable_by_all_and_break_no_policy(open_page, axe, size):
    pipeline, admin = shipped()
    shipped("smb-four-stages")
    stage = pipeline.stages.get(slug="present")
    for path in (
        "/process/",
        reverse("admin:pipeline_pipeline_change", args=[pipeline.pk]),
        reverse("admin:pipeline_stage_change", args=[stage.pk]),
        reverse("admin:pipeline_pipeline_new"),
    ):
        page = open_page(path, user=admin, size=size)
        page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
        assert page.complaints == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert list(axe(page)) == [], path


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_criterion_moves_down_by_keyboard_alone(open_page, javascript):
    pipeline = f.make_pipeline()
    stage = f.stage_of(pipeline, "Qualify")
    url = reverse("admin:pipeline_stage_change", args=[stage.pk])
    page = open_page(url, user=pipeline.process_owner, javascript=javascript)
    button = page.get_by_role("button", name="Move down: The buyer confirmed problem")
    button.focus()
    if javascript:
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.getAttribute('aria-label')").startswith("Move up")
        page.get_by_role("button", name="Save", exact=True).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    slugs = [c.slug for c in stage.criteria.order_by("position")]
    assert slugs == ["budget", "problem"]


@pytest.mark.django_db(transaction=True)
def test_enter_in_a_field_saves_and_moves_nothing(open_page):
    pipeline = f.make_pipeline()
    stage = f.stage_of(pipeline, "Qualify")
    page = open_page(
        reverse("admin:pipeline_stage_change", args=[stage.pk]), user=pipeline.process_owner, javascript=False
    )
    page.get_by_label("Name:").fill("First talk")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    stage.refresh_from_db()
    assert stage.name == "First talk"
    assert [c.slug for c in stage.criteria.order_by("position")] == ["problem", "budget"]


@pytest.mark.django_db(transaction=True)
def test_only_the_limits_of_the_chosen_kind_are_shown(open_page):
    pipeline = f.make_pipeline()
    stage = f.stage_of(pipeline, "Qualify")
    page = open_page(reverse("admin:pipeline_stage_change", args=[stage.pk]), user=pipeline.process_owner)
    row = page.locator("li.crit").first
    row.locator(".more > summary").click()
    shortest, choices = row.get_by_label("Shortest text"), row.get_by_label("Choices")
    assert shortest.is_visible() and not choices.is_visible()
    row.get_by_label("Kind").select_option("choice")
    assert choices.is_visible() and not shortest.is_visible()
