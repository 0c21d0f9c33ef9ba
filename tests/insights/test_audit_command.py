"""The audit on the command line: the same figures, for scripts and for the first evening with imported deals."""

import csv
import json
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from insights.models import Audit

from .. import factories as f
from ..fingerprint import fingerprint
from .test_audit import lose_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def deals():
    """One of 1,000 that holds, one of 4,000 that does not."""
    pipeline = f.make_pipeline("New business")
    good = f.next_step(f.make_deal(pipeline, stage="Discover", name="Good", amount=Decimal(1000)))
    bad = f.next_step(f.make_deal(pipeline, stage="Discover", name="Bad", amount=Decimal(4000)))
    lose_answer(bad, "problem")
    return good, bad


def test_it_says_the_headline_the_stages_and_how_many_fail(deals, capsys):
    before = fingerprint()
    call_command("audit_pipeline")
    said = capsys.readouterr().out
    assert "New business (version 1): €5k claimed before, €1k after" in said
    assert "Discover" in said and "1 of 2 fail" in said and "1 deal fails of 2" in said
    assert fingerprint() == before


def test_as_json_it_is_for_scripts(deals, capsys):
    call_command("audit_pipeline", "new-business", "--json")
    (found,) = json.loads(capsys.readouterr().out)
    assert (found["pipeline"], found["against"], found["currency"]) == ("new-business", 1, "EUR")
    assert (found["deals"], found["failing"], found["before"], found["after"]) == (2, 1, "5000.00", "1000.00")
    assert found["stages"][0]["stage"] == "Discover" and found["owners"][0]["before"] == "5000.00"


def test_it_writes_a_sheet_whose_sums_are_its_figures(deals, tmp_path):
    path = tmp_path / "audit.csv"
    call_command("audit_pipeline", csv=str(path))
    rows = list(csv.DictReader(path.open(encoding="utf-8-sig")))
    assert (sum(Decimal(row["before"]) for row in rows), sum(Decimal(row["after"]) for row in rows)) == (
        5000,
        1000,
    )


def test_kept_it_can_be_compared_later(deals):
    call_command("audit_pipeline", "--keep", "--note", "After the import")
    audit = Audit.objects.get()
    assert (audit.note, audit.by, audit.failing, audit.rows.count()) == ("After the import", None, 1, 2)


def test_against_the_draft_it_says_what_publishing_would_leave(deals, capsys):
    f.add_criterion(f.stage_of(deals[0].pipeline, "Qualify"), "sponsor", "text")
    call_command("audit_pipeline", "--draft")
    assert "New business (draft): €5k claimed before, €0 after" in capsys.readouterr().out


def test_its_status_says_whether_a_deal_fails_where_that_is_asked(deals):
    with pytest.raises(SystemExit) as ended:
        call_command("audit_pipeline", "--check")
    assert ended.value.code == 3
    f.make_pipeline("Renewals")
    call_command("audit_pipeline", "renewals", "--check")


@pytest.mark.parametrize("arguments", [["no-such"], ["--csv", "/no/such/folder/audit.csv"]])
def test_what_cannot_be_done_is_said_in_a_line(deals, arguments):
    with pytest.raises(CommandError):
        call_command("audit_pipeline", *arguments)


def test_without_a_published_pipeline_it_says_so():
    with pytest.raises(CommandError, match="No pipeline is published"):
        call_command("audit_pipeline")
