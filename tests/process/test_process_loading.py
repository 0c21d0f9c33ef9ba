"""Processes as files that are loaded into pipelines and exported from them."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.forms.models import model_to_dict

from pipeline.documents import (
    CriterionDocument,
    ProcessError,
    TimersDocument,
    read,
)
from pipeline.loading import TEMPLATES, document_of, load
from pipeline.models import Criterion, Pipeline, ProcessVersion, Rule, Stage
from team.models import Level, Role, User

from ..data.processes import SHIPPED, SMALL


@pytest.fixture
def admin(db):
    return User.objects.create_user("sofia@demo.example", name="Sofia Brandvik", level=Level.ADMIN)


def rows():
    """Everything a load could have changed."""
    models = (Pipeline, Stage, Criterion, Rule, Role, ProcessVersion)
    return {model: [model_to_dict(row) for row in model.objects.order_by("pk")] for model in models}


def test_a_process_of_seven_stages_and_thirty_criteria_is_loaded_with_few_statements(
    admin, django_assert_max_num_queries
):
    process = read(TEMPLATES / "b2b-seven-stages.toml")
    with django_assert_max_num_queries(55):
        load(process, by=admin, owner=admin)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_process_is_loaded_published_and_exported_as_it_was(path, admin):
    process = read(path)
    pipeline = load(process, by=admin, owner=admin)
    assert pipeline.version.number == 1 and pipeline.process_owner == admin
    assert pipeline.entry_stage.slug == process.stages[0].slug
    assert document_of(pipeline) == process


def test_loading_the_same_process_twice_changes_nothing(admin):
    load(read(SMALL), by=admin, owner=admin)
    before = rows()
    load(read(SMALL), by=admin, owner=admin)
    assert rows() == before


def test_two_pipelines_stand_side_by_side_from_one_file(admin):
    call_command("load_process", "smb-four-stages", stdout=StringIO())
    call_command("load_process", "smb-four-stages", "--slug", "north", "--name", "North", stdout=StringIO())
    assert [pipeline.slug for pipeline in Pipeline.objects.all()] == ["smb-four-stages", "north"]


def test_a_criterion_the_file_no_longer_names_is_retired_and_comes_back_with_the_file(admin):
    process = read(SMALL)
    stated = Criterion.objects.get(pk=_published(process, admin).stages.first().criteria.first().pk)
    shorter = replace(process.stages[0], criteria=process.stages[0].criteria[1:])
    pipeline = load(replace(process, stages=(shorter, process.stages[1])), by=admin, owner=admin)
    stated.refresh_from_db()
    assert stated.retired_at and pipeline.version.number == 2
    assert document_of(load(process, by=admin, owner=admin)) == process
    assert Criterion.objects.get(slug="problem_stated").pk == stated.pk


def test_stages_change_places_without_losing_their_criteria(admin):
    process = read(SMALL)
    first = {stage.slug: stage.pk for stage in _published(process, admin).stages.all()}
    turned = replace(process, stages=process.stages[::-1])
    pipeline = load(turned, by=admin, owner=admin)
    assert document_of(pipeline) == turned
    assert {stage.slug: stage.pk for stage in pipeline.stages.all()} == first


def test_a_timer_the_file_no_longer_names_stops(admin):
    process = read(SMALL)
    _published(process, admin)
    silent = replace(process, timers=replace(process.timers, follow_up_business_days=()))
    assert document_of(load(silent, by=admin, owner=admin)) == silent
    assert document_of(load(process, by=admin, owner=admin)) == process


def test_a_published_stage_that_the_file_does_not_name_is_refused_and_nothing_changes(admin):
    process = read(SMALL)
    _published(process, admin)
    before = rows()
    with pytest.raises(ProcessError, match="Stage “Talk” is in use but not in the file"):
        load(replace(process, name="Other", stages=process.stages[1:]), by=admin, owner=admin)
    assert rows() == before


def test_a_name_that_another_pipeline_has_is_refused_and_nothing_changes(admin):
    _published(read(SMALL), admin)
    before = rows()
    with pytest.raises(ProcessError, match="already called “Small”"):
        load(replace(read(SMALL), slug="other"), by=admin, owner=admin)
    assert rows() == before


def test_a_draft_is_loaded_without_being_published(admin):
    call_command("load_process", "saas", "--draft", stdout=StringIO())
    assert Pipeline.objects.get().version is None


def test_a_broken_file_says_every_problem_and_changes_nothing(admin, tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text(
        SMALL.replace('kind = "text"', 'kind = "essay"').replace("target_days = 10", "target_days = -1")
    )
    before = rows()
    with pytest.raises(CommandError, match="2 to mend") as refusal:
        call_command("load_process", str(path))
    assert 'criterion "problem_stated": kind' in str(refusal.value)
    assert 'stage "offer": target_days' in str(refusal.value)
    assert rows() == before


def test_a_process_needs_an_owner_who_works_here(db):
    with pytest.raises(CommandError, match="--owner EMAIL"):
        call_command("load_process", "saas")
    with pytest.raises(CommandError, match=r"nobody@demo\.example"):
        call_command("load_process", "saas", "--owner", "nobody@demo.example")
    assert not Pipeline.objects.exists()


def test_an_exported_process_can_be_loaded_elsewhere(admin, tmp_path):
    call_command("load_process", "saas", stdout=StringIO())
    call_command("export_process", "saas", "--output", str(tmp_path / "mine.toml"))
    assert read(tmp_path / "mine.toml") == read(TEMPLATES / "saas.toml")
    shown = StringIO()
    call_command("export_process", "saas", stdout=shown)
    assert shown.getvalue() == (tmp_path / "mine.toml").read_text()


def test_exporting_a_pipeline_that_is_not_there_names_those_that_are(admin):
    _published(read(SMALL), admin)
    with pytest.raises(CommandError, match="no pipeline with the slug large; there are: small"):
        call_command("export_process", "large")


def test_a_criterion_edited_by_hand_is_exported_as_it_stands(admin):
    pipeline = _published(read(SMALL), admin)
    Criterion.objects.filter(slug="problem_stated").update(kind="choice", choices="now\nlater\n", core=True)
    edited = document_of(pipeline).stages[0].criteria[0]
    assert isinstance(edited, CriterionDocument) and edited.choices == ("now", "later") and edited.core
    assert document_of(pipeline).timers == TimersDocument(
        follow_up_business_days=(5,),
        re_engage_days=14,
        re_engage_attempts=2,
        attempt_window_days=8,
        archive_days=30,
    )


def _published(process, admin):
    return load(process, by=admin, owner=admin)
