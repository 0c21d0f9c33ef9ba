"""A process is reviewed every quarter: its owner is told once, and says when it is done."""

from datetime import timedelta

import pytest
from django.utils import timezone

from automations import tick
from pipeline import reviews
from pipeline.models import Pipeline
from pipeline.publishing import publish
from team.notices import Notice

from .. import factories as f
from ..fingerprint import fingerprint
from .test_process_page import text_of

pytestmark = pytest.mark.django_db
DONE = "/process/small/reviewed/"


@pytest.fixture(scope="module")
def made(kept):
    return f.make_pipeline("Small").pk


@pytest.fixture
def pipeline(made, db):
    return Pipeline.objects.get(pk=made)


def later(days):
    return timezone.now() + timedelta(days=days)


def test_a_quarter_after_the_first_publication_the_owner_is_told_with_the_page_to_look_at(pipeline):
    assert reviews.remind(later(90)) == 0 and Notice.objects.count() == 0
    tick.run(later(91))
    notice = Notice.objects.get()
    assert notice.user == pipeline.process_owner and notice.url == "/process/small/health/"
    assert "due for its review" in notice.text


def test_they_are_told_once_per_period(pipeline):
    for day in (91, 92, 120):
        reviews.remind(later(day))
    assert Notice.objects.count() == 1


def test_a_later_version_does_not_put_the_review_off(pipeline):
    f.stage_of(pipeline, "Discover")
    pipeline.stages.filter(slug="discover").update(target_days=3)
    publish(pipeline, by=pipeline.process_owner, note="Faster", now=later(80))
    assert reviews.remind(later(91)) == 1


def test_once_reviewed_the_next_one_counts_from_that_day(pipeline):
    reviews.mark_reviewed(pipeline, later(95))
    assert reviews.remind(later(150)) == 0
    assert reviews.remind(later(186)) == 1


def test_the_owner_or_an_admin_marks_it_as_reviewed_and_nobody_else(client, pipeline):
    owner = f.make_user("Ruth Adelmar")
    Pipeline.objects.filter(pk=pipeline.pk).update(process_owner=owner)
    before = fingerprint()
    for person in (f.make_user("Piet Olen"), f.make_manager("Karl Ost")):
        client.force_login(person)
        assert client.post(DONE).status_code == 403
    pipeline.refresh_from_db()
    assert fingerprint() == before and pipeline.reviewed_on is None
    client.force_login(owner)
    assert client.get(DONE).status_code == 405
    assert client.post(DONE)["Location"] == "/process/small/health/"
    pipeline.refresh_from_db()
    assert pipeline.reviewed_on == f.today()
    page = text_of(client, owner, "/process/small/health/")
    assert "Last reviewed" in page and "Mark as reviewed" in page


def test_the_process_page_says_when_the_next_review_is(client, pipeline):
    reviews.mark_reviewed(pipeline, timezone.now())
    due = f.today() + timedelta(days=91)
    assert reviews.due_on(pipeline) == due
    assert f"{due:%b}" in text_of(client, f.make_user(), "/process/small/")


def test_where_the_owner_has_left_the_admins_are_told(pipeline):
    owner = f.make_user("Ruth Adelmar", is_active=False)
    Pipeline.objects.filter(pk=pipeline.pk).update(process_owner=owner)
    reviews.remind(later(91))
    assert [notice.user.level for notice in Notice.objects.all()] == ["admin"]


def test_a_process_out_of_use_or_never_in_force_is_left_alone(pipeline):
    Pipeline.objects.filter(pk=pipeline.pk).update(is_active=False)
    Pipeline.objects.create(slug="started", name="Started")
    assert reviews.remind(later(400)) == 0


def test_on_a_late_review_the_page_says_since_when(client, pipeline):
    Pipeline.objects.filter(pk=pipeline.pk).update(reviewed_on=f.today() - timedelta(days=100))
    assert "The review was due" in text_of(client, f.make_user(), "/process/small/health/")
