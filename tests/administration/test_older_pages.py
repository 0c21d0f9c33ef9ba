"""Two admins have the same page of a process open."""

import pytest

from pipeline.models import Criterion

from .. import factories as f
from ..admin_process import page_of, post, row_in, save
from ..forms_of import form_of

pytestmark = pytest.mark.django_db


def refused(client, url, sent, changed):
    """The page again, with what was typed, and why nothing of it was saved; then what it would send now."""
    response = client.post(url, sent)
    assert response.status_code == 422
    text = response.content.decode()
    assert "Somebody changed this since you opened it" in text
    assert (f"Changed meanwhile: {changed}." in text) if changed else ("Changed meanwhile" not in text)
    return form_of(response, "_form")


@pytest.mark.parametrize(
    "field, words, name",
    [("objective", "Somebody else wrote this", "Objective"), ("target_days", "33", "Target days")],
)
def test_an_older_page_of_a_stage_takes_back_nothing_that_another_admin_saved(
    client, pipeline, field, words, name
):
    stage = f.stage_of(pipeline, "Qualify")
    url = page_of(stage)
    older = form_of(client.get(url), "_form") | {"_save": "Save", "probability": "44"}
    save(client, url, **{field: words})
    again = refused(client, url, older, name)
    stage.refresh_from_db()
    assert str(getattr(stage, field)) == words and stage.probability != 44
    assert again["probability"] == "44"
    post(client, url, again | {"_save": "Save"})
    stage.refresh_from_db()
    assert stage.probability == 44 and str(getattr(stage, field)) == older[field]


def test_nor_of_its_criteria(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    url = page_of(stage)
    older = form_of(client.get(url), "_form") | {"_save": "Save", "probability": "44"}
    criterion = stage.criteria.order_by("position").first()
    save(client, url, {criterion.slug: {"label": "The buyer said what it costs them"}})
    again = refused(client, url, older, "Criteria")
    assert Criterion.objects.get(pk=criterion.pk).label == "The buyer said what it costs them"
    assert again[f"{row_in(again, criterion.slug)}label"] == criterion.label


def test_nor_an_older_page_of_a_pipeline(client, pipeline):
    url = page_of(pipeline)
    older = form_of(client.get(url), "_form") | {"_save": "Save", "name": "Mine"}
    save(client, url, use_when="A written offer is asked for")
    refused(client, url, older, "Use when")
    pipeline.refresh_from_db()
    assert (pipeline.name != "Mine", pipeline.use_when) == (True, "A written offer is asked for")


def test_a_page_nobody_else_touched_is_saved_as_often_as_wanted(client, pipeline):
    stage, other = f.stage_of(pipeline, "Qualify"), f.stage_of(pipeline, "Discover")
    older = form_of(client.get(page_of(stage)), "_form") | {"_save": "Save", "probability": "44"}
    save(client, page_of(other), objective="Another stage, another page")
    assert client.post(page_of(stage), older).status_code == 302
    stage.refresh_from_db()
    assert stage.probability == 44


def test_all_that_changed_is_named(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    older = form_of(client.get(page_of(stage)), "_form") | {"_save": "Save"}
    criterion = stage.criteria.order_by("position").first()
    save(
        client, page_of(stage), {criterion.slug: {"label": "Another"}}, objective="Another", target_days="33"
    )
    refused(client, page_of(stage), older, "Target days, Objective, Criteria")


def test_a_page_that_says_what_no_page_does_is_an_older_one(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    sent = form_of(client.get(page_of(stage)), "_form") | {
        "_save": "Save",
        "probability": "44",
        "_shown": "0123",
    }
    refused(client, page_of(stage), sent, "")
    stage.refresh_from_db()
    assert stage.probability != 44
