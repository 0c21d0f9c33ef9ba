"""Somebody new reads the process one stage at a time, made from what is in force."""

import pytest

from pipeline.models import Pipeline, Stage
from pipeline.publishing import publish

from .. import factories as f
from ..browser import DESKTOP
from .test_process_page import shipped, text_of

pytestmark = pytest.mark.django_db
PATH = "/process/b2b-seven-stages/read/"


def test_the_reading_starts_with_how_it_works_who_buys_and_their_way(client):
    shipped()
    page = text_of(client, f.make_user(), PATH)
    assert "The buyer moves a deal, not we" in page and "reading, 1 of 8" in page
    assert "Runs machines, buildings or services around the clock" in page
    assert "Understand the problem and what it costs" in page and 'href="?step=1"' in page


def test_each_step_is_one_stage_with_the_words_in_force(client):
    pipeline, _admin = shipped()
    user = f.make_user()
    for number, stage in enumerate(pipeline.stages.current(), 1):
        page = text_of(client, user, f"{PATH}?step={number}")
        assert f"<h1>{stage.name}</h1>" in page and stage.objective in page
        assert all(line in page for line in stage.buyer_needs_lines)
    assert "You have read it all" in page and 'rel="next"' not in page


def test_a_step_that_is_not_there_leads_to_the_beginning(client):
    shipped()
    user = f.make_user()
    for step in ("99", "-1", "x", "٣", "1e9", ""):
        assert "The buyer moves a deal, not we" in text_of(client, user, f"{PATH}?step={step}")


def test_a_draft_is_not_read_before_it_is_in_force(client):
    pipeline, admin = shipped()
    Stage.objects.filter(pipeline=pipeline, slug="qualify").update(objective="Something nobody obeys yet")
    assert "nobody obeys yet" not in text_of(client, admin, f"{PATH}?step=2")
    publish(pipeline, by=admin, note="New words")
    assert "nobody obeys yet" in text_of(client, admin, f"{PATH}?step=2")


def test_a_process_that_is_not_in_force_has_no_reading(client):
    Pipeline.objects.create(slug="started", name="Started")
    text_of(client, f.make_user(), "/process/started/read/", status=404)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_new_rep_reads_from_the_first_page_to_the_last(open_page, javascript):
    shipped("smb-four-stages")
    page = open_page("/process/smb-four-stages/", user=f.make_user(), size=DESKTOP, javascript=javascript)
    page.get_by_role("link", name="Read it step by step").click()
    for title in ("Qualify", "Show", "Offer", "Close"):
        page.get_by_role("link", name=f"Next: {title}").click()
        page.get_by_role("heading", level=1, name=title).wait_for()
    page.get_by_role("link", name="You have read it all").click()
    page.wait_for_url("**/process/smb-four-stages/")
