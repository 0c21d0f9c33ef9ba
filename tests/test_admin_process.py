"""An admin edits the process, and what is saved is in force at once."""

import pytest
from django.core import checks
from django.urls import reverse

from deals import moves
from pipeline.documents import read
from pipeline.loading import TEMPLATES, load
from pipeline.models import Criterion, CriterionDefinition, Pipeline, ProcessVersion, Rule, Stage
from pipeline.process import process_of
from pipeline.vocabulary import Kind

from . import factories as f
from .fingerprint import fingerprint
from .forms_of import form_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    user = f.make_admin()
    client.force_login(user)
    return user


@pytest.fixture
def pipeline(admin):
    return f.make_pipeline("New business", owner=admin)


def page_of(row):
    return reverse(f"admin:pipeline_{row._meta.model_name}_change", args=[row.pk])


def save(client, url, **typed):
    """Open the page, type this into the form the page shows, save."""
    return post(client, url, {**form_of(client.get(url), "_form"), "_save": "Save", **typed})


def post(client, url, data):
    return client.post(url, {name: value for name, value in data.items() if value is not None}, follow=True)


def said(response):
    return [str(message) for message in response.context["messages"]]


def row_of(client, stage, slug):
    """The prefix of a criterion's fields on the page of its stage."""
    data = form_of(client.get(page_of(stage)), "_form")
    pk = str(Criterion.objects.get(stage=stage, slug=slug).pk)
    return next(name[: -len("id")] for name, value in data.items() if name.endswith("-id") and value == pk)


def new_row(client, stage):
    total = int(form_of(client.get(page_of(stage)), "_form")["criteria-TOTAL_FORMS"])
    return f"criteria-{total - 1}-"


def current(pipeline):
    return process_of(Pipeline.objects.select_related("version").get(pk=pipeline.pk))


# ---------------------------------------------------------------- saving publishes


def test_the_very_next_attempt_obeys_a_criterion_the_admin_added(client, pipeline):
    deal = f.make_deal(pipeline)
    process = current(pipeline)
    f.satisfy_all(deal, process.exit_criteria(deal.stage_id))
    stage = f.stage_of(pipeline, "Qualify")
    new = new_row(client, stage)
    label = "The buyer said who else they talk to"
    response = save(client, page_of(stage), **{f"{new}label": label})
    assert "Version 2 of “New business” is in force from now on." in said(response)
    before = fingerprint()
    with pytest.raises(moves.GateClosed) as refusal:
        moves.advance(deal.pk, to=f.stage_of(pipeline, "Discover").pk, seen_seq=f.fresh(deal).seq, by=None)
    assert [x.definition.label for x in refusal.value.open_criteria] == [label]
    assert fingerprint() == before


def test_the_very_next_attempt_passes_a_gate_whose_criterion_the_admin_retired(client, pipeline):
    deal = f.make_deal(pipeline)
    discover = f.stage_of(pipeline, "Discover")
    with pytest.raises(moves.GateClosed):
        moves.advance(deal.pk, to=discover.pk, seen_seq=1, by=None)
    stage = f.stage_of(pipeline, "Qualify")
    f.satisfy(deal, current(pipeline).by_criterion[f.criterion_of(pipeline, "problem").pk])
    save(client, page_of(stage), **{row_of(client, stage, "budget") + "retire": "on"})
    moves.advance(deal.pk, to=discover.pk, seen_seq=f.fresh(deal).seq, by=None)
    assert f.fresh(deal).stage_id == discover.pk


def test_saving_publishes_once_with_the_note_and_who_it_was(client, pipeline, admin):
    stage = f.stage_of(pipeline, "Discover")
    row = row_of(client, stage, "summary")
    changed = {
        "name": "Explore",
        f"{row}label": "The buyer signed our summary",
        "note": "Agreed in the quarterly",
    }
    save(client, page_of(stage), **changed)
    version = ProcessVersion.objects.get(pipeline=pipeline, number=2)
    assert (version.note, version.published_by) == ("Agreed in the quarterly", admin)
    assert pipeline.versions.count() == 2


def test_saving_without_a_change_publishes_nothing(client, pipeline):
    save(client, page_of(f.stage_of(pipeline, "Discover")))
    save(client, page_of(pipeline))
    assert pipeline.versions.count() == 1


def test_without_a_note_the_version_says_which_fields_changed(client, pipeline):
    save(client, page_of(f.stage_of(pipeline, "Discover")), probability="41")
    assert "Probability" in pipeline.versions.first().note


def test_past_answers_and_the_definition_they_met_stay_when_a_criterion_is_retired(client, pipeline):
    deal = f.make_deal(pipeline, stage="Discover")
    stage = f.stage_of(pipeline, "Qualify")
    snapshot = deal.transitions.last().snapshot
    save(client, page_of(stage), **{row_of(client, stage, "budget") + "retire": "on"})
    budget = f.criterion_of(pipeline, "budget")
    assert budget.retired_at and deal.answers.filter(criterion=budget).exists()
    assert deal.transitions.last().snapshot == snapshot
    assert CriterionDefinition.objects.get(criterion=budget).valid_until


def test_a_retired_criterion_is_brought_back(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    save(client, page_of(stage), **{row_of(client, stage, "budget") + "retire": "on"})
    budget = f.criterion_of(pipeline, "budget")
    assert budget.pk not in current(pipeline).by_criterion
    save(client, page_of(stage), _save=None, _bring_back=str(budget.pk))
    assert budget.pk in current(pipeline).by_criterion


# ---------------------------------------------------------------- incomplete, open gates


def test_a_stage_without_a_buyer_action_is_refused_and_what_was_typed_stays(client, pipeline):
    stage = f.stage_of(pipeline, "Discover")
    response = save(client, page_of(stage), buyer_action="", objective="Something I typed")
    assert b"This field is required." in response.content and b"Something I typed" in response.content
    assert Stage.objects.get(pk=stage.pk).objective == "What Discover is for."


def test_a_pipeline_needs_a_process_owner(client, pipeline):
    response = save(client, page_of(pipeline), process_owner="")
    assert b"This field is required." in response.content
    pipeline.refresh_from_db()
    assert pipeline.process_owner


def test_an_empty_pipeline_is_kept_and_says_what_is_missing(client, admin):
    url = reverse("admin:pipeline_pipeline_add")
    response = save(client, url, name="Renewals", process_owner=str(admin.pk))
    assert said(response)[0] == "Saved, but not in force yet: The pipeline has no stage."
    made = Pipeline.objects.get(slug="renewals")
    assert made.version is None and "not in force yet" in client.get("/process/renewals/").content.decode()


def test_a_stage_that_asks_nothing_is_saved_and_warned_of_everywhere(client, pipeline):
    stage = f.stage_of(pipeline, "Discover")
    response = save(client, page_of(stage), **{row_of(client, stage, "summary") + "retire": "on"})
    warning = "Open gate: “Discover” has no exit criterion, so every deal may leave it. Add one."
    assert warning in said(response)
    assert "Open gate" in client.get(page_of(stage)).content.decode()
    assert "Open gate" in client.get(page_of(pipeline)).content.decode()
    assert "Open gate: Discover." in client.get("/process/new-business/").content.decode()
    found = [
        found for found in checks.run_checks(include_deployment_checks=True) if found.id == "pipeline.W001"
    ]
    assert "New business, Discover" in found[0].msg


def test_a_description_alone_is_no_criterion(client, pipeline):
    url = reverse("admin:pipeline_stage_add") + f"?pipeline={pipeline.pk}"
    typed = {
        "name": "Try out",
        "objective": "They try it",
        "buyer_action": "Asked to try it",
        "owner_role": f.make_role().pk,
    }
    response = save(client, url, **{name: str(value) for name, value in typed.items()})
    assert any("Open gate: “Try out”" in line for line in said(response))


# ---------------------------------------------------------------- stages: add, move, rename, retire


def add_stage(client, pipeline, **typed):
    url = reverse("admin:pipeline_stage_add") + f"?pipeline={pipeline.pk}"
    known = {
        "name": "Legal review",
        "buyer_action": "Sent us their contract terms",
        "owner_role": f.make_role().pk,
    }
    return save(client, url, **{name: str(value) for name, value in {**known, **typed}.items()})


def test_a_new_stage_takes_the_next_position_and_its_slug_from_its_name(client, pipeline):
    add_stage(client, pipeline)
    stage = Stage.objects.get(pipeline=pipeline, name="Legal review")
    assert (stage.position, stage.slug) == (5, "legal-review")
    assert current(pipeline).last.name == "Legal review"


def test_two_stages_at_the_same_position_are_refused_beside_the_field(client, pipeline):
    response = add_stage(client, pipeline, position=2)
    errors = response.context["adminform"].form.errors
    assert errors == {"position": ["“Discover” stands at this position; the next free one is 5."]}
    assert pipeline.stages.count() == 4
    stage = f.stage_of(pipeline, "Close")
    response = save(client, page_of(stage), position="1")
    assert "position" in response.context["adminform"].form.errors
    assert Stage.objects.get(pk=stage.pk).position == 4


def test_two_stages_of_one_name_are_refused(client, pipeline):
    response = add_stage(client, pipeline, name="discover")
    assert "Another stage of this pipeline has this name." in response.content.decode()
    assert pipeline.stages.count() == 4


def test_a_stage_put_in_between_leaves_deals_and_history_as_they_are(client, pipeline):
    deal = f.make_deal(pipeline, stage="Propose")
    before = fingerprint()
    add_stage(client, pipeline)
    stage = f.stage_of(pipeline, "Legal review")
    for _time in range(2):
        save(client, page_of(pipeline), _save=None, _up=str(stage.pk))
    names = [stage.name for stage in current(pipeline).stages]
    assert names == ["Qualify", "Discover", "Legal review", "Propose", "Close"]
    assert f.fresh(deal).stage_id == deal.stage_id and f.fresh(deal).seq == deal.seq
    assert deal.transitions.count() == 3 and before


def test_stages_change_places_with_a_button_and_no_deal_moves(client, pipeline):
    deal = f.make_deal(pipeline, stage="Discover")
    save(client, page_of(pipeline), _save=None, _down=str(deal.stage_id))
    assert [stage.name for stage in current(pipeline).stages] == ["Qualify", "Propose", "Discover", "Close"]
    assert f.fresh(deal).stage_id == deal.stage_id


@pytest.mark.parametrize("asked", [{"_up": "first"}, {"_up": "999999"}, {"_down": ""}, {"_up": "-1"}])
def test_a_move_of_nothing_changes_nothing(client, pipeline, asked):
    save(client, page_of(pipeline), _save=None, **asked)
    assert [stage.name for stage in current(pipeline).stages] == ["Qualify", "Discover", "Propose", "Close"]


def test_criteria_change_places_with_a_button(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    save(client, page_of(stage), _save=None, _down=str(f.criterion_of(pipeline, "problem").pk))
    assert [c.slug for c in current(pipeline).exit_criteria(stage.pk)] == ["budget", "problem"]


def test_the_order_the_browser_sends_is_kept(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    places = {row_of(client, stage, "problem"): "2", row_of(client, stage, "budget"): "1"}
    save(client, page_of(stage), **{f"{row}position": place for row, place in places.items()})
    assert [c.slug for c in current(pipeline).exit_criteria(stage.pk)] == ["budget", "problem"]


def test_a_renamed_stage_shows_its_new_name_and_history_the_old_one(client, pipeline):
    f.make_deal(pipeline, stage="Discover")
    save(client, page_of(f.stage_of(pipeline, "Discover")), name="Understand")
    page = client.get("/process/new-business/").content.decode()
    assert "<b>Understand</b>" in page and "Qualify › Discover › Propose" in page
    first = pipeline.versions.get(number=1)
    old = client.get(reverse("admin:pipeline_processversion_change", args=[first.pk])).content.decode()
    assert "Discover" in old and "Understand" not in old


def test_a_stage_that_holds_live_deals_is_not_retired_and_says_how_many(client, pipeline):
    f.make_deal(pipeline, stage="Discover")
    f.make_deal(pipeline, stage="Discover")
    before = fingerprint()
    stage = f.stage_of(pipeline, "Discover")
    url = reverse("admin:pipeline_stage_retire", args=[stage.pk])
    assert "2 live deals stand in this stage" in client.get(url).content.decode()
    response = client.post(url)
    assert response.status_code == 409 and "2 live deals stand in this stage" in response.content.decode()
    assert Stage.objects.get(pk=stage.pk).retired_at is None and fingerprint() == before
    assert pipeline.versions.count() == 1


def test_an_empty_stage_is_retired_its_history_stays_and_it_comes_back(client, pipeline):
    deal = f.make_deal(pipeline, stage="Propose")
    stage = f.stage_of(pipeline, "Discover")
    url = reverse("admin:pipeline_stage_retire", args=[stage.pk])
    client.post(url)
    assert [s.name for s in current(pipeline).stages] == ["Qualify", "Propose", "Close"]
    assert deal.transitions.filter(to_stage=stage).exists()
    assert "This stage is retired" in client.get(page_of(stage)).content.decode()
    client.post(url)
    assert [s.name for s in current(pipeline).stages] == ["Qualify", "Propose", "Close", "Discover"]


def test_looking_at_the_retire_page_retires_nothing(client, pipeline):
    stage = f.stage_of(pipeline, "Discover")
    client.get(reverse("admin:pipeline_stage_retire", args=[stage.pk]))
    assert Stage.objects.get(pk=stage.pk).retired_at is None


# ---------------------------------------------------------------- what each kind needs

WRONG = [
    ({"kind": Kind.CHOICE}, "choices", "A choice needs its choices"),
    ({"kind": Kind.ACTIVITY}, "activity_kinds", "Tick an activity"),
    ({"kind": Kind.STAKEHOLDER}, "roles", "Tick a role"),
    ({"kind": Kind.DEAL_FIELD}, "deal_fields", "Tick at least one"),
    ({"kind": Kind.NUMBER, "minimum": "5", "maximum": "4"}, "maximum", "must not be below"),
    ({"kind": Kind.NUMBER, "minimum": "-1"}, "minimum", "must not be below 0"),
    ({"kind": Kind.TEXT, "min_length": "4000"}, "min_length", "1 to 1000"),
    ({"applies_when": "amount is big"}, "applies_when", "Expected one of >=, <=, >, <, =, not “is”"),
    ({"needs_buyer": "on", "evidence": "none"}, "evidence", "The buyer confirms it"),
    ({"needs_buyer": None, "evidence": "words"}, "evidence", "Only the buyer can give this"),
    ({"kind": "guess"}, "kind", "not one of the available choices"),
    ({"expires_after_days": "0"}, "expires_after_days", "1 to 3650"),
]


def labelled(row, typed):
    return {row + name: value for name, value in {"label": "The buyer did it", **typed}.items()}


@pytest.mark.parametrize(("typed", "field", "words"), WRONG, ids=[f"{w[1]}-{n}" for n, w in enumerate(WRONG)])
def test_a_criterion_nobody_could_answer_is_refused_beside_its_field(client, pipeline, typed, field, words):
    stage = f.stage_of(pipeline, "Qualify")
    new = new_row(client, stage)
    response = save(client, page_of(stage), **labelled(new, typed))
    errors = response.context["inline_admin_formsets"][0].formset.errors[-1]
    assert words in " ".join(errors[field])
    assert stage.criteria.count() == 2 and pipeline.versions.count() == 1
    assert "The buyer did it" in response.content.decode()


RIGHT = [
    (
        {"kind": Kind.CHOICE, "choices": "This year\n\nNext year\nThis year"},
        {"choices": "This year\nNext year"},
    ),
    ({"kind": Kind.ACTIVITY, "activity_kinds": ["demo", "meeting"]}, {"activity_kinds": "meeting, demo"}),
    ({"kind": Kind.STAKEHOLDER, "roles": ["champion"]}, {"roles": "champion"}),
    ({"kind": Kind.DEAL_FIELD, "deal_fields": ["amount", "goals"]}, {"deal_fields": "amount, goals"}),
    ({"kind": Kind.TEXT, "minimum": "7", "min_length": "20"}, {"minimum": None, "min_length": 20}),
    ({"kind": Kind.MONEY, "minimum": "100", "allow_range": "on"}, {"minimum": 100, "allow_range": True}),
    ({"kind": Kind.DATE, "future": "on", "holds_clock": "on"}, {"future": True, "holds_clock": True}),
    ({"kind": Kind.FILE_OR_LINK, "with_date": "on"}, {"with_date": True}),
    ({"kind": Kind.APPROVAL, "approver_roles": ["Account executive"]}, {"roles": "Account executive"}),
    ({"applies_when": "amount >= 25000"}, {"applies_when": "amount >= 25000"}),
    ({"label": "The buyer\r\n said   yes"}, {"label": "The buyer said yes"}),
]


@pytest.mark.parametrize(("typed", "kept"), RIGHT, ids=[str(n) for n in range(len(RIGHT))])
def test_each_kind_of_criterion_is_added_without_code(client, pipeline, typed, kept):
    stage = f.stage_of(pipeline, "Qualify")
    new = new_row(client, stage)
    save(client, page_of(stage), **labelled(new, typed))
    criterion = stage.criteria.latest("pk")
    assert {name: getattr(criterion, name) for name in kept} == kept
    assert criterion.position == 3 and criterion.slug.startswith("the_buyer")
    assert criterion.pk in current(pipeline).by_criterion


def test_a_label_without_latin_letters_still_gets_a_slug(client, pipeline):
    stage = f.stage_of(pipeline, "Qualify")
    save(client, page_of(stage), **{f"{new_row(client, stage)}label": "Покупатель согласен"})
    assert stage.criteria.latest("pk").slug == "criterion"


def test_only_one_stage_is_the_first_of_a_qualified_deal(client, pipeline):
    response = save(client, page_of(f.stage_of(pipeline, "Close")), qualifies="on")
    assert "“Discover” has this mark already" in response.content.decode()


# ---------------------------------------------------------------- timers


def test_a_timer_of_the_pipeline_is_changed(client, pipeline):
    data = form_of(client.get(page_of(pipeline)), "_form")
    name = next(key for key, value in data.items() if key.endswith("-days") and value == "5")
    save(client, page_of(pipeline), **{name: "3"})
    assert current(pipeline).rule("follow_up").days == 3


def test_the_line_of_timers_says_in_plain_words_what_happens_when(client, pipeline):
    stage = f.stage_of(pipeline, "Propose")
    assert "what happens by itself when the buyer does not answer" in line_of_timers(
        client, page_of(pipeline)
    )
    all_of_them = "Follow-up task after 5 business days; Re-engage after 14 days; Archive after 30 days"
    assert f"the same as in the whole pipeline: {all_of_them}" in line_of_timers(client, page_of(stage))
    typed = {"action": "task", "trigger": "no_response", "days": "1"}
    save(client, page_of(stage), **{f"rules-0-{name}": value for name, value in typed.items()})
    assert "this stage has its own, beside those of the whole" in line_of_timers(client, page_of(stage))
    pipeline.rules.filter(stage=None).update(is_on=False)
    assert "this stage alone has some" in line_of_timers(client, page_of(stage))
    assert "none: the pipeline has none" in line_of_timers(client, page_of(f.stage_of(pipeline, "Close")))


def line_of_timers(client, page):
    html = client.get(page).content.decode()
    return html.partition("<h2>Timers</h2>")[2].partition("</summary>")[0]


def test_a_stage_has_its_own_timer_instead_of_the_pipelines(client, pipeline):
    stage = f.stage_of(pipeline, "Propose")
    typed = {"replaces": "archive", "action": "archive", "trigger": "no_activity", "days": "45"}
    save(client, page_of(stage), **{f"rules-0-{name}": value for name, value in typed.items()})
    assert current(pipeline).rule("archive", stage.pk).days == 45
    assert current(pipeline).rule("archive", f.stage_of(pipeline, "Close").pk).days == 30


def test_a_timer_switched_off_in_one_stage_runs_in_the_others(client, pipeline):
    stage = f.stage_of(pipeline, "Propose")
    typed = {
        "replaces": "archive",
        "action": "archive",
        "trigger": "no_activity",
        "days": "45",
        "is_on": None,
    }
    save(client, page_of(stage), **{f"rules-0-{name}": value for name, value in typed.items()})
    assert current(pipeline).rule("archive", stage.pk) is None
    assert current(pipeline).rule("archive", f.stage_of(pipeline, "Close").pk).days == 30


def test_a_timer_is_replaced_once_in_a_stage(client, pipeline):
    stage = f.stage_of(pipeline, "Propose")
    typed = {"replaces": "archive", "action": "archive", "trigger": "no_activity", "days": "45"}
    save(client, page_of(stage), **{f"rules-0-{name}": value for name, value in typed.items()})
    response = save(client, page_of(stage), **{f"rules-1-{name}": value for name, value in typed.items()})
    assert "replaces that timer already" in response.content.decode()
    assert stage.rules.count() == 1


@pytest.mark.parametrize(
    ("days", "words"), [("14", "comes before the last attempt"), ("31", "One archive timer")]
)
def test_timers_that_contradict_each_other_are_refused(client, pipeline, days, words):
    data = form_of(client.get(page_of(pipeline)), "_form")
    name = next(key for key, value in data.items() if key.endswith("-days") and value == "30")
    typed = {name: days}
    if days == "31":
        new = f"rules-{int(data['rules-TOTAL_FORMS']) - 1}-"
        typed |= {f"{new}action": "archive", f"{new}trigger": "no_activity", f"{new}days": "60"}
    response = save(client, page_of(pipeline), **typed)
    assert words in response.content.decode()
    assert Rule.objects.get(pipeline=pipeline, key="archive").days == 30


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


# ---------------------------------------------------------------- templates, files


def new_pipeline(client, button, **typed):
    return client.post(reverse("admin:pipeline_pipeline_new"), {button: "1", **typed}, follow=True)


def test_at_least_five_templates_are_offered(client, admin):
    page = client.get(reverse("admin:pipeline_pipeline_new")).content.decode()
    assert page.count('name="template"') >= 5 and "B2B sale, seven stages" in page


def test_a_template_becomes_a_pipeline_of_ones_own_name_twice_over(client, admin):
    for name in ("New business", "Public sector"):
        response = new_pipeline(
            client, "from_template", template="smb-four-stages", name=name, process_owner=admin.pk
        )
        assert f"“{name}” is ready and in force." in said(response)[0]
    made = Pipeline.objects.get(slug="public-sector")
    assert made.stages.count() == 4 and made.version.number == 1 and made.process_owner == admin
    save(client, page_of(made.stages.first()), name="First talk")
    assert [
        current(Pipeline.objects.get(slug=slug)).entry.name for slug in ("new-business", "public-sector")
    ] != [
        "First talk",
        "First talk",
    ]


def test_a_name_that_is_taken_is_refused_beside_the_field(client, pipeline, admin):
    response = new_pipeline(
        client, "from_template", template="saas", name="new BUSINESS", process_owner=admin.pk
    )
    assert response.status_code == 422 and "There already is a pipeline called" in response.content.decode()
    assert Pipeline.objects.count() == 1


@pytest.fixture
def shipped(admin):
    return load(read(TEMPLATES / "smb-four-stages.toml"), by=admin, owner=admin)


def test_an_exported_pipeline_comes_in_again_as_another(client, shipped, admin):
    exported = client.get(reverse("admin:pipeline_pipeline_export", args=[shipped.pk]))
    assert exported["Content-Disposition"] == 'attachment; filename="smb-four-stages.toml"'
    file = f.upload("smb-four-stages.toml", exported.content)
    new_pipeline(client, "from_file", file=file, name="Second", process_owner=admin.pk)
    assert Pipeline.objects.get(slug="second").stages.count() == 4


def test_timers_that_no_file_can_hold_are_said_instead_of_exported(client, pipeline):
    response = client.get(reverse("admin:pipeline_pipeline_export", args=[pipeline.pk]), follow=True)
    assert "a file cannot hold them" in said(response)[0]


def test_a_file_updates_the_pipeline_it_names_only_when_asked_to(client, shipped, admin):
    text = client.get(reverse("admin:pipeline_pipeline_export", args=[shipped.pk])).content
    second = current(shipped).stages[1].name
    changed = text.replace(f'name = "{second}"'.encode(), b'name = "Understand"')
    refused = new_pipeline(client, "from_file", file=f.upload("p.toml", changed), process_owner=admin.pk)
    assert refused.status_code == 422 and current(shipped).stages[1].name == second
    new_pipeline(client, "from_file", file=f.upload("p.toml", changed), process_owner=admin.pk, update="on")
    assert current(shipped).stages[1].name == "Understand" and Pipeline.objects.count() == 1


@pytest.mark.parametrize(
    "content", [b"slug = ", b"\xff\xfe\x00", b"", b'slug = "x"\nname = "X"', b"x" * 1_000_001]
)
def test_a_broken_file_says_what_is_wrong_and_loads_nothing(client, admin, content):
    response = new_pipeline(client, "from_file", file=f.upload("p.toml", content), process_owner=admin.pk)
    assert response.status_code == 422 and "errorlist" in response.content.decode()
    assert not Pipeline.objects.exists()
