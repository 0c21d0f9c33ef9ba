"""Whatever an admin saves is a draft: deals, gates and pages obey what was published, until somebody publishes."""

import pytest
from django.core import checks
from django.urls import reverse

from deals import moves
from pipeline.models import CriterionDefinition, Pipeline, Stage

from .. import factories as f
from ..admin_process import add_stage, current, draft, page_of, post, publish_page, put_in_force, said, save
from ..fingerprint import fingerprint
from ..forms_of import form_of

pytestmark = pytest.mark.django_db
LABEL = "The buyer said who else they talk to"


def ask_more(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    return save(client, page_of(stage), {"": {"label": LABEL}})


def refusal(deal, to):
    with pytest.raises(moves.GateClosed) as closed:
        moves.advance(deal.pk, to=to.pk, seen_seq=f.fresh(deal).seq, by=None)
    return [finding.definition.label for finding in closed.value.open_criteria]


# ---------------------------------------------------------------- no effect before Publish (R011)


def test_a_criterion_added_to_the_draft_is_asked_of_nobody_until_it_is_published(client, pipeline):
    deal, discover = f.make_deal(pipeline), f.stage_of(pipeline, "Discover")
    f.satisfy_all(deal, current(pipeline).exit_criteria(deal.stage_id))
    before = fingerprint()
    ask_more(client, pipeline)
    assert fingerprint() == before and current(pipeline).version.number == 1
    put_in_force(client, pipeline)
    assert refusal(deal, discover) == [LABEL]


def test_no_edit_of_the_draft_changes_what_any_page_says_or_any_deal_is(client, pipeline):
    deal = f.make_deal(pipeline, stage="Discover")
    stage = f.stage_of(pipeline, "Discover")
    pages = ["/pipeline/", "/deals/", "/process/new-business/", f"/deals/{deal.pk}/"]
    seen = [words(client, page) for page in pages]
    before = fingerprint()
    changed = {
        "name": "Understand", "objective": "Something else", "buyer_action": "Told us all of it", "probability": "77",
        "target_days": "3", "we_do": "Ask them", "counts_as_pipeline": None,
        "rows": {"summary": {"label": "They signed it"}},
    }  # fmt: skip
    save(client, page_of(stage), **changed)
    save(client, page_of(pipeline), _save=None, _up=str(stage.pk))
    save(client, page_of(pipeline), lost_reasons="Nothing of the old list")
    client.post(
        reverse("admin:pipeline_stage_retire", args=[f.stage_of(pipeline, "Close").pk]),
        {"criteria": "drop"},
        follow=True,  # so that its message is read there
    )
    for page, before_it in zip(pages, seen, strict=True):
        assert words(client, page) == before_it, page
    assert fingerprint() == before and pipeline.versions.count() == 1


def words(client, page):
    """The text of a page, word by word."""
    import re

    html = re.sub(r"<[^>]*>", " ", client.get(page).content.decode())
    return html.split()


def test_a_criterion_retired_in_the_draft_is_asked_until_that_is_published(client, pipeline):
    deal, discover = f.make_deal(pipeline), f.stage_of(pipeline, "Discover")
    stage = f.stage_of(pipeline, "Qualify")
    f.satisfy(deal, current(pipeline).by_criterion[f.criterion_of(pipeline, "problem").pk])
    save(client, page_of(stage), {"budget": {"retire": "on"}})
    assert len(refusal(deal, discover)) == 1
    put_in_force(client, pipeline)
    moves.advance(deal.pk, to=discover.pk, seen_seq=f.fresh(deal).seq, by=None)
    assert f.fresh(deal).stage_id == discover.pk


def test_past_answers_and_the_definition_they_met_stay_when_a_criterion_is_retired(client, pipeline):
    """B17"""
    deal = f.make_deal(pipeline, stage="Discover")
    stage = f.stage_of(pipeline, "Qualify")
    snapshot = deal.transitions.last().snapshot
    save(client, page_of(stage), {"budget": {"retire": "on"}})
    put_in_force(client, pipeline)
    budget = f.criterion_of(pipeline, "budget")
    assert budget.retired_at and deal.answers.filter(criterion=budget).exists()
    assert deal.transitions.last().snapshot == snapshot
    assert CriterionDefinition.objects.get(criterion=budget).valid_until


def test_a_retired_criterion_is_brought_back_into_the_draft(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    save(client, page_of(stage), {"budget": {"retire": "on"}})
    budget = f.criterion_of(pipeline, "budget")
    assert budget.pk not in draft(pipeline).by_criterion
    save(client, page_of(stage), _save=None, _bring_back=str(budget.pk))
    assert budget.pk in draft(pipeline).by_criterion


# ---------------------------------------------------------------- the draft bar


def test_every_page_of_the_process_says_how_many_changes_are_not_in_force(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    pages = [page_of(pipeline), page_of(stage), reverse("admin:pipeline_stage_retire", args=[stage.pk])]
    for page in pages:
        assert "Draft: nothing changed." in client.get(page).content.decode()
    ask_more(client, pipeline)
    save(client, page_of(f.stage_of(pipeline, "Discover")), probability="41")
    for page in pages:
        html = client.get(page).content.decode()
        assert "Draft: 2 changes not in force." in html and publish_page(pipeline) in html
        assert reverse("admin:pipeline_pipeline_discard", args=[pipeline.pk]) in html


def test_saving_without_a_change_drafts_nothing(client, pipeline):
    save(client, page_of(f.stage_of(pipeline, "Discover")))
    save(client, page_of(pipeline))
    assert "Draft: nothing changed." in client.get(page_of(pipeline)).content.decode()


def test_the_name_and_the_owner_of_a_pipeline_count_without_publishing(client, pipeline):
    save(client, page_of(pipeline), name="New customers")
    assert "Draft: nothing changed." in client.get(page_of(pipeline)).content.decode()
    assert "New customers" in client.get("/process/new-business/").content.decode()


# ---------------------------------------------------------------- discarding


def test_a_discarded_draft_is_what_is_in_force_and_no_deal_notices(client, pipeline):
    f.make_deal(pipeline, stage="Discover")
    stage = f.stage_of(pipeline, "Qualify")
    ask_more(client, pipeline)
    add_stage(client, pipeline)
    save(client, page_of(stage), {"budget": {"retire": "on"}})
    save(client, page_of(pipeline), _save=None, _down=str(stage.pk))
    data = form_of(client.get(page_of(pipeline)), "_form")
    days = next(key for key, value in data.items() if key.endswith("-days") and value == "5")
    save(client, page_of(pipeline), lost_reasons="Another list", **{days: "3"})
    before, url = fingerprint(), reverse("admin:pipeline_pipeline_discard", args=[pipeline.pk])
    assert LABEL in client.get(url).content.decode() and draft(pipeline).stages[0].name == "Discover"
    response = client.post(url, follow=True)
    assert "The draft is as version 1 again." in said(response)
    assert "Draft: nothing changed." in response.content.decode()
    assert [s.name for s in draft(pipeline).stages] == ["Qualify", "Discover", "Propose", "Close"]
    assert [c.slug for c in draft(pipeline).exit_criteria(stage.pk)] == ["problem", "budget"]
    assert draft(pipeline).rule("follow_up").days == 5
    assert not Stage.objects.filter(name="Legal review").exists()
    assert fingerprint() == before and pipeline.versions.count() == 1


def test_looking_at_the_page_that_discards_discards_nothing(client, pipeline):
    ask_more(client, pipeline)
    client.get(reverse("admin:pipeline_pipeline_discard", args=[pipeline.pk]))
    assert "Draft: 1 change not in force." in client.get(page_of(pipeline)).content.decode()


# ---------------------------------------------------------------- incomplete, open gates


def test_a_stage_without_a_buyer_action_or_an_owner_role_is_refused_and_what_was_typed_stays(
    client, pipeline
):
    """R006, R057"""
    stage = f.stage_of(pipeline, "Discover")
    for name in ("buyer_action", "owner_role"):
        response = save(client, page_of(stage), objective="Something I typed", **{name: ""})
        assert b"This field is required." in response.content and b"Something I typed" in response.content
    assert Stage.objects.get(pk=stage.pk).objective == "What Discover is for."


def test_a_pipeline_needs_a_process_owner(client, pipeline):
    """R013"""
    response = save(client, page_of(pipeline), process_owner="")
    assert b"This field is required." in response.content
    pipeline.refresh_from_db()
    assert pipeline.process_owner


def test_an_empty_pipeline_is_a_draft_and_the_publish_page_says_what_is_missing(client, admin):
    url = reverse("admin:pipeline_pipeline_add")
    save(client, url, name="Renewals", process_owner=str(admin.pk))
    made = Pipeline.objects.get(slug="renewals")
    assert made.version is None and "not in force yet" in client.get("/process/renewals/").content.decode()
    assert "Draft: not in force yet." in client.get(page_of(made)).content.decode()
    assert "The pipeline has no stage." in client.get(publish_page(made)).content.decode()


def test_a_stage_that_asks_nothing_is_warned_of_in_the_draft_and_everywhere_once_published(client, pipeline):
    """B57"""
    stage = f.stage_of(pipeline, "Discover")
    response = save(client, page_of(stage), {"summary": {"retire": "on"}})
    warning = "Open gate: “Discover” has no exit criterion, so every deal may leave it. Add one."
    assert warning in said(response)
    assert "Open gate" in client.get(page_of(stage)).content.decode()
    assert "Open gate: Discover." not in client.get("/process/new-business/").content.decode()
    put_in_force(client, pipeline, **{f"gate_{stage.pk}": "Discover"})
    assert "Open gate: Discover." in client.get("/process/new-business/").content.decode()
    found = [
        found for found in checks.run_checks(include_deployment_checks=True) if found.id == "pipeline.W001"
    ]
    assert "New business, Discover" in found[0].msg


def test_a_description_alone_is_no_criterion(client, pipeline):
    response = add_stage(client, pipeline, name="Try out", buyer_action="Asked to try it")
    assert any("Open gate: “Try out”" in line for line in said(response))
    assert post(client, publish_page(pipeline), {"note": "They try it out first"}).status_code == 422
