"""Every version of a process: who, when and why, what changed between any two, and the way back."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from automations import tick
from pipeline.difference import of_versions
from pipeline.models import Criterion, Rule, ScheduledPublication
from pipeline.publishing import publish
from pipeline.vocabulary import Kind

from .. import factories as f
from ..admin_process import NOTE, current, draft, form_of, post, publish_page, put_in_force, said
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
LIST, COMPARE = "/process/new-business/versions/", "/process/new-business/versions/compare/"


@pytest.fixture
def second(pipeline, admin):
    """A version that asks more in Qualify, renames Discover and archives sooner."""
    f.add_criterion(f.stage_of(pipeline, "Qualify"), "pain", Kind.YES_NO, position=9, label="They feel pain")
    pipeline.stages.filter(name="Discover").update(name="Understand")
    Criterion.objects.filter(slug="budget").update(retired_at=timezone.now())
    Rule.objects.filter(pipeline=pipeline, key="archive").update(days=20)
    return publish(pipeline, by=admin, note="We ask for pain now")


def text_of(response):
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def test_the_list_says_number_who_and_why_and_what_is_in_force(client, pipeline, second):
    """R014"""
    client.force_login(f.make_user())
    text = text_of(client.get(LIST))
    assert "2 today" in text and "Sofia Brandvik in force asks less: 1 criterion We ask for pain now" in text
    assert "Go back to it" not in text


def test_any_two_versions_are_compared_in_words_both_ways(client, pipeline, second):
    client.force_login(f.make_user())
    text = text_of(client.get(COMPARE, {"from": 1, "to": 2}))
    assert "From version 1 to version 2" in text and "asks a new criterion: “They feel pain”." in text
    assert "the stage is called “Understand” instead of “Discover”." in text
    assert "Archive after 20 days, instead of Archive after 30 days." in text
    back = text_of(client.get(COMPARE, {"from": 2, "to": 1}))
    assert "no longer asks “They feel pain”." in back and "instead of Archive after 20 days" in back


@pytest.mark.parametrize(
    "query", ["", "?from=9&to=x", "?from=&to=", "?to=99999999999999999999", "?from=²&to=2"]
)
def test_an_address_nobody_meant_shows_what_the_newest_version_changed(client, pipeline, second, query):
    response = client.get(COMPARE + query)
    assert response.status_code == 200 and "From version 1 to version 2" in text_of(response)


def test_a_process_without_a_second_version_has_nothing_to_compare(client, pipeline):
    assert "Nothing differs." in text_of(client.get(COMPARE))
    empty = pipeline.__class__.objects.create(slug="empty", name="Empty")
    assert "Nothing published yet" in text_of(client.get(f"/process/{empty.slug}/versions/"))
    assert client.get(f"/process/{empty.slug}/versions/compare/").status_code == 200


# ---------------------------------------------------------------- back to an older version


def go_back(client, pipeline, number):
    url = reverse("admin:pipeline_pipeline_restore", args=[pipeline.pk, number])
    return url, client.post(url, follow=True)


def test_an_older_version_is_looked_at_as_a_draft_and_published_as_a_new_one(client, pipeline, second):
    deal = f.make_deal(pipeline, stage="Understand")
    before = fingerprint()
    url, page = go_back(client, pipeline, 1)
    assert fingerprint() == before and current(pipeline).version == second
    assert "This puts version 1 of" in text_of(page) and "no longer asks “They feel pain”" in text_of(page)
    budget = f.criterion_of(pipeline, "budget")
    data = {**form_of(page, "publish_form"), "note": NOTE, f"binding_{budget.pk}": "now"}
    assert "Version 3 of “New business” is in force" in said(post(client, publish_page(pipeline), data))[0]
    third = current(pipeline).version
    assert (third.number, third.restores.number) == (3, 1)
    assert not of_versions(pipeline.versions.get(number=1), third)
    assert [stage.name for stage in current(pipeline).stages] == ["Qualify", "Discover", "Propose", "Close"]
    assert current(pipeline).rule("archive").days == 30
    assert f.fresh(deal).open_before == 1  # budget is asked again, and the deal never answered it
    assert "goes back to 1" in text_of(client.get(LIST))


def test_going_back_at_a_set_time_says_afterwards_which_version_it_put_back(client, pipeline, second):
    _url, page = go_back(client, pipeline, 1)
    tomorrow = (timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    asked = {f"binding_{f.criterion_of(pipeline, 'budget').pk}": "now"}
    data = {**form_of(page, "publish_form"), "note": NOTE, "when": "at", "at": f"{tomorrow:%Y-%m-%dT%H:%M}"}
    assert "It will be put in force" in said(post(client, publish_page(pipeline), {**data, **asked}))[0]
    assert current(pipeline).version == second
    tick.run(tomorrow)
    third = current(pipeline).version
    assert (third.number, third.restores.number) == (3, 1)
    assert "goes back to 1" in text_of(client.get(LIST))


def scheduled_to_restore(client, pipeline, number, day):
    """The answer to the publish page sent for that day, as if the draft were that version."""
    pipeline.stages.filter(name="Qualify").update(probability=15)
    page = client.get(publish_page(pipeline, f"?restores={number}"))
    typed = {"note": NOTE, "when": "at", "at": f"{day:%Y-%m-%dT%H:%M}"}
    return client.post(publish_page(pipeline), {**form_of(page, "publish_form"), **typed})


def test_a_version_that_never_was_is_not_said_to_be_put_back(client, pipeline, second):
    tomorrow = (timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)
    assert scheduled_to_restore(client, pipeline, 99, tomorrow).status_code == 302
    tick.run(tomorrow)
    assert (current(pipeline).version.number, current(pipeline).version.restores) == (3, None)


def test_a_number_beyond_all_versions_is_refused(client, pipeline, second):
    tomorrow = timezone.now() + timedelta(days=1)
    assert scheduled_to_restore(client, pipeline, 99_999_999_999, tomorrow).status_code == 422
    assert not ScheduledPublication.objects.exists() and current(pipeline).version == second


def test_looking_at_the_page_that_goes_back_changes_nothing(client, pipeline, second):
    url = reverse("admin:pipeline_pipeline_restore", args=[pipeline.pk, 1])
    assert "Version 1 of" in text_of(client.get(url))
    assert "pain" in [c.slug for c in draft(pipeline).criteria_of_all()]
    assert client.get(url.replace("/1/", "/99/")).status_code == 404


def test_an_edit_after_going_back_makes_it_a_version_of_its_own(client, pipeline, second):
    go_back(client, pipeline, 1)
    pipeline.stages.filter(name="Qualify").update(probability=15)
    budget = f.criterion_of(pipeline, "budget")
    page = client.get(publish_page(pipeline, "?restores=1"))
    post(
        client,
        publish_page(pipeline),
        {**form_of(page, "publish_form"), "note": NOTE, f"binding_{budget.pk}": "now"},
    )
    assert current(pipeline).version.number == 3 and current(pipeline).version.restores is None


def test_going_back_keeps_rows_and_answers_and_retires_what_came_later(client, pipeline, second):
    deal = f.make_deal(pipeline)
    pain = f.criterion_of(pipeline, "pain")
    f.satisfy(deal, current(pipeline).by_criterion[pain.pk])
    ids = sorted(pipeline.stages.values_list("pk", flat=True))
    go_back(client, pipeline, 1)
    put_in_force(client, pipeline)
    pain.refresh_from_db()
    assert pain.retired_at and deal.answers.filter(criterion=pain).exists()
    assert sorted(pipeline.stages.values_list("pk", flat=True)) == ids
