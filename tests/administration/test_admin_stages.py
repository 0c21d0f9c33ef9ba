"""An admin adds, moves, renames and deletes stages; all of it is a draft."""

import pytest
from django.urls import reverse

from pipeline.models import Pipeline, Stage

from .. import factories as f
from ..admin_process import add_stage, current, draft, page_of, put_in_force, save
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db


def test_a_new_stage_takes_the_next_position_and_its_slug_from_its_name(client, pipeline):
    add_stage(client, pipeline)
    stage = Stage.objects.get(pipeline=pipeline, name="Legal review")
    assert (stage.position, stage.slug) == (5, "legal-review")
    assert draft(pipeline).last.name == "Legal review"


def test_a_new_stage_offers_to_add_a_criterion_once_and_then_another(client, pipeline):
    page = client.get(reverse("admin:pipeline_stage_add")).content.decode()
    assert [
        page.count(words) for words in ("Add a criterion</summary>", "Add another criterion</summary>")
    ] == [1, 2]


def test_two_stages_at_the_same_position_are_refused_beside_the_field(client, pipeline):
    stage = f.stage_of(pipeline, "Close")
    response = save(client, page_of(stage), position="2")
    errors = response.context["adminform"].form.errors
    assert errors == {"position": ["“Discover” stands at this position; the next free one is 5."]}
    assert Stage.objects.get(pk=stage.pk).position == 4


def test_two_stages_of_one_name_are_refused(client, pipeline):
    response = add_stage(client, pipeline, name="discover")
    assert "Another stage of this pipeline has this name." in response.content.decode()
    assert pipeline.stages.count() == 4


def test_a_stage_put_in_between_leaves_deals_and_history_as_they_are(client, pipeline):
    deal = f.make_deal(pipeline, stage="Propose")
    before = fingerprint()
    add_stage(client, pipeline, position=3)
    stages = draft(pipeline).stages
    assert [stage.position for stage in stages] == [1, 2, 3, 4, 5]
    names = [stage.name for stage in stages]
    assert names == ["Qualify", "Discover", "Legal review", "Propose", "Close"]
    assert f.fresh(deal).stage_id == deal.stage_id and f.fresh(deal).seq == deal.seq
    assert deal.transitions.count() == 3 and before


def test_stages_change_places_with_a_button_and_no_deal_moves(client, pipeline):
    deal = f.make_deal(pipeline, stage="Discover")
    save(client, page_of(pipeline), _save=None, _down=str(deal.stage_id))
    assert [stage.name for stage in draft(pipeline).stages] == ["Qualify", "Propose", "Discover", "Close"]
    assert f.fresh(deal).stage_id == deal.stage_id


@pytest.mark.parametrize("asked", [{"_up": "first"}, {"_up": "999999"}, {"_down": ""}, {"_up": "-1"}])
def test_a_move_of_nothing_changes_nothing(client, pipeline, asked):
    save(client, page_of(pipeline), _save=None, **asked)
    assert [stage.name for stage in draft(pipeline).stages] == ["Qualify", "Discover", "Propose", "Close"]


def test_criteria_change_places_with_a_button(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    save(client, page_of(stage), _save=None, _down=str(f.criterion_of(pipeline, "problem").pk))
    assert [c.slug for c in draft(pipeline).exit_criteria(stage.pk)] == ["budget", "problem"]


def test_the_order_the_browser_sends_is_kept(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    save(client, page_of(stage), {"problem": {"position": "2"}, "budget": {"position": "1"}})
    assert [c.slug for c in draft(pipeline).exit_criteria(stage.pk)] == ["budget", "problem"]


def test_a_renamed_stage_has_its_new_name_everywhere_once_published_and_history_keeps_the_old_one(
    client, pipeline
):
    """R023"""
    deal = f.make_deal(pipeline, stage="Discover")
    save(client, page_of(f.stage_of(pipeline, "Discover")), name="Understand")
    shown = ["/deals/", "/pipeline/", "/process/new-business/", f"/deals/{deal.pk}/", "/find/?q=Vellgrove"]
    for page in shown:
        assert "Understand" not in client.get(page).content.decode(), page
    put_in_force(client, pipeline)
    for page in shown:
        assert "Understand" in client.get(page).content.decode(), page
    assert "Moved from Qualify to Discover" in client.get(f"/deals/{deal.pk}/").content.decode()


def test_an_empty_stage_leaves_the_draft_its_history_stays_and_it_comes_back(client, pipeline):
    deal = f.make_deal(pipeline, stage="Propose")
    stage = f.stage_of(pipeline, "Discover")
    url = reverse("admin:pipeline_stage_retire", args=[stage.pk])
    client.post(url, {"criteria": "drop"})
    assert [s.name for s in draft(pipeline).stages] == ["Qualify", "Propose", "Close"]
    assert [s.name for s in current(pipeline).stages] == ["Qualify", "Discover", "Propose", "Close"]
    assert deal.transitions.filter(to_stage=stage).exists()
    assert "This stage is retired" in client.get(page_of(stage)).content.decode()
    client.post(url, {"criteria": "drop"})
    assert [s.name for s in draft(pipeline).stages] == ["Qualify", "Propose", "Close", "Discover"]


# ---------------------------------------------------------------- deleting


def test_a_stage_criterion_or_pipeline_in_use_is_not_deleted_and_says_the_numbers(client, pipeline):
    f.make_deal(pipeline, stage="Discover")
    before = fingerprint()
    stage = f.stage_of(pipeline, "Discover")
    for row, words in [
        (stage, "<b>1</b> deals"),
        (f.criterion_of(pipeline, "budget"), "<b>1</b> answers"),
        (pipeline, "<b>4</b> stages"),
    ]:
        url = reverse(f"admin:pipeline_{row._meta.model_name}_delete", args=[row.pk])
        for response in (client.get(url), client.post(url, {"post": "yes"})):
            assert response.status_code == 409 and words in response.content.decode()
        assert type(row).objects.filter(pk=row.pk).exists()
    assert fingerprint() == before


def test_a_draft_that_nothing_points_to_may_be_deleted(client, admin):
    save(client, reverse("admin:pipeline_pipeline_add"), name="Mistake", process_owner=str(admin.pk))
    made = Pipeline.objects.get(name="Mistake")
    client.post(reverse("admin:pipeline_pipeline_delete", args=[made.pk]), {"post": "yes"})
    assert not Pipeline.objects.filter(pk=made.pk).exists()
