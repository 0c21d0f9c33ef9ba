"""Criteria of the library become part of a stage's draft."""

import pytest
from django.urls import reverse

from pipeline.models import Criterion, Pipeline, Stage
from pipeline.process import process_of

from .. import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage():
    return f.stage_of(f.make_pipeline("Small"), "Discover")


def page(stage):
    return reverse("admin:pipeline_stage_library", args=[stage.pk])


def slugs(stage):
    found = stage.criteria.filter(retired_at__isnull=True).order_by("position")
    return list(found.values_list("slug", flat=True))


def test_the_stages_page_leads_there_and_every_criterion_is_offered_with_its_help(client, stage):
    client.force_login(stage.pipeline.process_owner)
    url = reverse("admin:pipeline_stage_change", args=[stage.pk])
    assert page(stage) in client.get(url).content.decode()
    text = client.get(page(stage)).content.decode()
    for words in (
        "The buyer said why it has to change now",
        "There is money, and a way to it",
        "BANT",
        "MEDDIC",
    ):
        assert words in text
    assert text.count('name="criteria"') >= 30


def test_several_at_once_become_draft_criteria_and_deals_notice_nothing(client, stage):
    client.force_login(stage.pipeline.process_owner)
    version = stage.pipeline.version_id
    answer = client.post(page(stage), {"criteria": ["why_now", "decision_date"]}, follow=True)
    assert "2 criteria added to the draft" in answer.content.decode()
    assert slugs(stage) == ["summary", "why_now", "decision_date"]
    made = stage.criteria.get(slug="decision_date")
    assert (made.kind, made.future, made.expires_after_days, made.core) == ("date", True, 60, True)
    pipeline = Pipeline.objects.select_related("version").get(pk=stage.pipeline_id)
    assert pipeline.version_id == version
    assert [c.slug for c in process_of(pipeline).exit_criteria(stage.pk)] == ["summary"]


def test_a_whole_set_comes_with_one_tick(client, stage):
    client.force_login(stage.pipeline.process_owner)
    client.post(page(stage), {"sets": ["bant"]})
    assert slugs(stage) == [
        "summary",
        "problem_stated",
        "budget_named",
        "economic_buyer_named",
        "decision_date",
    ]


def test_what_the_stage_asks_already_is_not_added_twice(client, stage):
    client.force_login(stage.pipeline.process_owner)
    client.post(page(stage), {"criteria": ["why_now"]})
    Criterion.objects.filter(stage=stage, slug="why_now").update(label="Our own words for it")
    text = client.get(page(stage)).content.decode()
    assert "This stage asks it already." in text
    client.post(page(stage), {"criteria": ["why_now", "budget_named"], "sets": ["bant"]})
    assert slugs(stage).count("why_now") == 1
    assert stage.criteria.get(slug="why_now").label == "Our own words for it"


def test_one_that_was_retired_comes_back(client, stage):
    client.force_login(stage.pipeline.process_owner)
    client.post(page(stage), {"criteria": ["why_now"]})
    first = stage.criteria.get(slug="why_now")
    Criterion.objects.filter(pk=first.pk).update(retired_at="2026-01-01T00:00Z")
    client.post(page(stage), {"criteria": ["why_now"]})
    assert slugs(stage)[-1] == "why_now" and stage.criteria.get(slug="why_now").pk == first.pk


@pytest.mark.parametrize("data", [{}, {"criteria": ["no_such_thing"]}, {"sets": ["spin"]}])
def test_nothing_or_something_unknown_is_refused_with_words(client, stage, data):
    client.force_login(stage.pipeline.process_owner)
    answer = client.post(page(stage), {**data})
    assert answer.status_code == 422 and 'class="errornote"' in answer.content.decode()
    assert slugs(stage) == ["summary"]


def test_only_admins_come_in(client, stage):
    for person in (f.make_user(), f.make_manager()):
        client.force_login(person)
        assert client.post(page(stage), {"criteria": ["why_now"]}).status_code in (302, 403)
    assert slugs(stage) == ["summary"]


def test_a_stage_chooses_its_step_from_the_journey_of_its_pipeline(client, stage):
    Pipeline.objects.filter(pk=stage.pipeline_id).update(buying_journey="Decide to act\nCompare")
    client.force_login(stage.pipeline.process_owner)
    url = reverse("admin:pipeline_stage_change", args=[stage.pk])
    form = client.get(url).context["adminform"].form
    assert [key for key, _label in form.fields["journey_step"].choices] == ["", "Decide to act", "Compare"]
    Stage.objects.filter(pk=stage.pk).update(journey_step="Dream")
    form = client.get(url).context["adminform"].form
    assert ("Dream", "Dream (no longer in the journey)") in form.fields["journey_step"].choices
