"""load_process: a new process is in force at once; of one that is in force the file is the draft."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from pipeline.documents import read, write
from pipeline.loading import TEMPLATES
from pipeline.models import Pipeline
from pipeline.process import process_of

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
SMALL = (TEMPLATES / "smb-four-stages.toml").read_text()


@pytest.fixture
def edited(tmp_path):
    """The shipped process with another probability in its first stage."""
    f.make_admin()
    run("smb-four-stages")
    path = tmp_path / "smb.toml"
    path.write_text(SMALL.replace("probability = 20", "probability = 25", 1))
    return path


def run(file, *options):
    out = StringIO()
    call_command("load_process", str(file), *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def pipeline():
    return Pipeline.objects.select_related("version").get(slug="smb-four-stages")


def first_probability():
    return process_of(pipeline()).entry.probability


def test_a_new_process_is_published_at_once():
    f.make_admin()
    assert run("smb-four-stages").endswith("version 1 in force.\n")
    assert pipeline().version.number == 1


def test_a_process_in_force_gets_the_file_as_its_draft_and_says_what_would_change(edited):
    deal, was = f.make_deal(pipeline()), first_probability()
    before = fingerprint()
    said = run(edited)
    assert "version 1 in force." in said and "1 change is not in force:" in said
    assert f"probability, % from “{was}” to “25”." in said and "--publish --note TEXT" in said
    assert (pipeline().version.number, first_probability()) == (1, was)
    assert fingerprint() == before and f.fresh(deal).probability == was


def test_the_same_file_again_changes_nothing_and_says_so_by_silence(edited):
    assert "not in force" not in run("smb-four-stages")
    assert pipeline().version.number == 1


def test_publish_with_a_note_puts_it_in_force(edited):
    said = run(edited, "--publish", "--note", "We hear of more deals that close early")
    assert "version 2 in force." in said and "not in force" not in said
    assert pipeline().version.note == "We hear of more deals that close early"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--publish"], "Say with --note what changes and why, in at least 10 characters."),
        (["--publish", "--note", "because"], "in at least 10 characters"),
        (["--publish", "--draft"], "exclude each other"),
    ],
)
def test_publishing_without_saying_why_is_refused_and_loads_nothing(edited, options, words):
    was = pipeline().stages.current().first().probability
    with pytest.raises(CommandError, match=words):
        run(edited, *options)
    assert pipeline().version.number == 1 and pipeline().stages.current().first().probability == was


def test_an_open_gate_never_comes_from_a_file(edited):
    """B57"""
    whole = read(edited)
    last = replace(whole.stages[-1], criteria=())
    edited.write_text(write(replace(whole, stages=(*whole.stages[:-1], last))))
    with pytest.raises(CommandError, match="needs at least one criterion with side"):
        run(edited, "--publish", "--note", "Nothing is asked at the end")
    assert pipeline().version.number == 1
