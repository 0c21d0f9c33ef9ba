"""A draft is put in force at a set time, as it was when its effect was looked at; else somebody is told why not."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from automations import tick
from pipeline.models import Pipeline, ScheduledPublication
from pipeline.publishing import publish
from pipeline.vocabulary import Kind
from team.models import Notice

from .. import factories as f
from ..admin_process import NOTE, current, page_of, publish_page, put_in_force, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def tomorrow():
    return (timezone.now() + timedelta(days=1)).replace(second=0, microsecond=0)


@pytest.fixture
def waiting(client, pipeline, tomorrow):
    """A drafted criterion, to be in force tomorrow for deals that enter from then on."""
    new = f.add_criterion(f.stage_of(pipeline, "Qualify"), "pain", Kind.YES_NO, position=9)
    put_in_force(
        client, pipeline, when="at", at=f"{tomorrow:%Y-%m-%dT%H:%M}", **{f"binding_{new.pk}": "entering"}
    )
    return ScheduledPublication.objects.get()


def row(waiting):
    waiting.refresh_from_db()
    return waiting


def test_a_scheduled_draft_is_in_force_from_its_time_on_and_not_before(pipeline, waiting, tomorrow, admin):
    deal = f.make_deal(pipeline, stage="Discover")
    tick.run(tomorrow - timedelta(minutes=1))
    assert current(pipeline).version.number == 1
    done = tick.run(tomorrow)
    assert done.published == 1 and "1 process published" in str(done)
    version = current(pipeline).version
    assert (version.number, version.note, version.published_by) == (2, NOTE, admin)
    assert row(waiting).version == version and f.fresh(deal).open_before == 0  # entered before: spared
    assert tick.run(tomorrow).published == 0 and pipeline.versions.count() == 2
    notice = Notice.objects.get(key=f"scheduled-{waiting.pk}")
    assert notice.user == admin and notice.text == "“New business” version 2 is in force, as scheduled."


def test_who_sets_a_time_is_told_by_which_clock(client, pipeline):
    f.add_criterion(f.stage_of(pipeline, "Qualify"), "pain", Kind.YES_NO, position=9)
    html = client.get(publish_page(pipeline)).content.decode()
    assert re.search(r"By the clock of [\w/]+, where it is \d\d:\d\d now\.", html)


def test_the_command_that_does_what_is_due_publishes_too(pipeline, waiting, tomorrow):
    call_command("run_automations", "--at", tomorrow.isoformat())
    assert current(pipeline).version.number == 2


def test_every_page_of_the_draft_says_when_it_will_be_in_force(client, pipeline, waiting):
    html = client.get(page_of(pipeline)).content.decode()
    assert "To be put in force on" in html and "set by Sofia Brandvik" in html
    page = client.get(publish_page(pipeline)).content.decode()
    assert "To be put in force" in page and 'name="note"' not in page


def test_it_is_called_off_and_the_draft_stays(client, pipeline, waiting, tomorrow):
    url = reverse("admin:pipeline_pipeline_unschedule", args=[pipeline.pk])
    assert client.get(url).status_code == 405
    response = client.post(url, follow=True)
    assert "The scheduled publication is cancelled. The draft stays as it is." in said(response)
    assert tick.run(tomorrow).published == 0 and current(pipeline).version.number == 1
    assert "Draft: 1 change not in force." in response.content.decode()


def test_a_second_one_waits_for_nobody(client, pipeline, waiting, tomorrow):
    before = ScheduledPublication.objects.count()
    response = client.post(
        publish_page(pipeline),
        {"note": NOTE, "when": "at", "at": f"{tomorrow:%Y-%m-%dT%H:%M}", "digest": waiting.draft_digest},
    )
    assert response.status_code == 422 and ScheduledPublication.objects.count() == before


def refused(pipeline, waiting, tomorrow, why):
    done = tick.run(tomorrow)
    assert (done.published, done.not_published) == (0, 1)
    assert row(waiting).error == why and current(pipeline).version.number == 1
    notice = Notice.objects.get(key=f"scheduled-{waiting.pk}")
    assert notice.user == pipeline.process_owner and why in notice.text
    assert tick.run(tomorrow).not_published == 0


def test_a_draft_edited_since_is_not_published_and_the_process_owner_is_told(pipeline, waiting, tomorrow):
    f.add_criterion(f.stage_of(pipeline, "Discover"), "sneaked", Kind.YES_NO, position=9)
    refused(pipeline, waiting, tomorrow, "The draft was edited after it was scheduled.")


def test_a_draft_that_is_incomplete_by_then_is_not_published(pipeline, waiting, tomorrow):
    owner = pipeline.process_owner
    Pipeline.objects.filter(pk=pipeline.pk).update(process_owner=None)
    done = tick.run(tomorrow)
    assert done.not_published == 1 and row(waiting).error == "The pipeline has no process owner."
    assert Notice.objects.get(key=f"scheduled-{waiting.pk}").user == owner  # who had scheduled it


def test_a_draft_published_meanwhile_leaves_nothing_to_do(pipeline, waiting, tomorrow, admin):
    publish(pipeline, by=admin, note="Could not wait")
    assert tick.run(tomorrow).not_published == 1
    assert row(waiting).error == "Nothing was left to publish." and pipeline.versions.count() == 2
