"""import_deals: files of other systems, however they are written, with or without a mapping."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError

from deals.models import Contact, Deal
from pipeline.process import process_of
from tests.factories import make_team, make_user
from tests.importing import bring, problems, ready, run, write

pytestmark = pytest.mark.django_db

PLAIN = "Deal name,Company,Stage,Amount,Close date\n"
ONE = PLAIN + "Night shift,Vellgrove,Discover,86000,2027-03-01\n"


def test_a_mapping_file_names_columns_stages_owners_and_defaults(tmp_path):
    ready()
    make_team("South")
    mara = make_user("Mara Kessel", email="mara@seller.example", team="South")
    said = write(tmp_path, """
[columns]
"Worth" = "amount"
"What" = "name"
"Value" = "ignore"
[stages]
"Sideways" = "propose"
"Gone" = "archived"
[owners]
"M. K." = "mara@seller.example"
[defaults]
deal_type = "Renewal"
""", "map.toml")  # fmt: skip
    rows = 'What,Company,Stage,Worth,Value,Owner\nA,V,Sideways,5,9,M. K.\nB,V,gone,6,9,"M. K."\n'
    bring(tmp_path, rows, "--map", str(said))
    deal = Deal.objects.get(name="A")
    assert (deal.stage.name, deal.amount, deal.owner, deal.team.name) == ("Propose", 5, mara, "South")
    assert deal.deal_type == "Renewal"
    assert Deal.objects.get(name="B").status == "archived"


def test_a_wrong_mapping_file_says_everything_that_is_wrong(tmp_path):
    ready()
    said = '[colums]\n[columns]\n"A"="price"\n[stages]\n"B"="nowhere"\n[owners]\n"C"="x@y.example"\n'
    said += '[defaults]\ndates="odd"\n'
    mapping = write(tmp_path, said, "map.toml")
    with pytest.raises(CommandError) as error:
        bring(tmp_path, ONE, "--map", str(mapping))
    for word in ("colums", "price", "nowhere", "x@y.example", "day_first"):
        assert word in str(error.value)
    assert not Deal.objects.exists()


COMMON = {
    "HubSpot": "Record ID,Deal Name,Deal Stage,Amount,Close Date,Create Date,Deal owner,Associated Company",
    "Pipedrive": "Deal - ID,Deal - Title,Deal - Stage,Deal - Value,Deal - Expected close date,Deal - Deal created,"
    "Deal - Owner,Deal - Organization",
    "Salesforce": "Opportunity ID,Opportunity Name,Stage,Amount,Close Date,Created Date,Opportunity Owner,Account Name",
    "Zoho": "Record Id,Deal Name,Stage,Amount,Closing Date,Created Time,Deal Owner,Account Name",
    "Odoo": "External ID,Opportunity,Stage,Expected Revenue,Expected Closing,Created on,Salesperson,Customer",
}


@pytest.mark.parametrize("system", COMMON)
def test_columns_of_a_common_system_are_recognised(tmp_path, system):
    ready()
    bring(
        tmp_path,
        COMMON[system] + "\n17,Roof,Presentation Scheduled,86000,2027-03-01,2026-01-05,Nobody,Vellgrove\n",
    )
    deal = Deal.objects.get()
    assert (deal.external_id, deal.name, deal.company.name, deal.amount) == ("17", "Roof", "Vellgrove", 86000)
    assert (deal.expected_close, deal.created_at.date()) == (date(2027, 3, 1), date(2026, 1, 5))
    assert deal.status == "open"


def test_a_status_column_closes_a_deal_in_the_stage_it_stood_in(tmp_path):
    ready()
    bring(tmp_path, "Title,Organization,Stage,Status,Lost time\nRoof,V,Propose,Lost,2024-05-06 10:11:12\n")
    deal = Deal.objects.get()
    assert (deal.status, deal.stage.name, deal.closed_at.date()) == ("lost", "Propose", date(2024, 5, 6))


def test_another_currency_is_counted_at_the_rate_of_the_day_and_refused_without_one(tmp_path):
    from deals.models import ExchangeRate

    ready()
    ExchangeRate.objects.create(currency="USD", day=date(2020, 1, 1), rate=Decimal("0.9"))
    rows = "Deal,Company,Amount,Currency\nA,V,1000,USD\nB,V,£500,\nC,V,$200,\n"
    found = problems(tmp_path, rows)
    assert set(Deal.objects.values_list("name", "currency", "amount_base")) == {
        ("A", "USD", 900),
        ("C", "USD", 180),
    }
    assert [(row["line"], row["value"], row["level"]) for row in found] == [("3", "GBP", "error")]


def test_dates_are_read_in_the_order_the_file_shows(tmp_path):
    ready()
    bring(tmp_path, "Deal,Company,Created\nA,V,03/04/2026\nB,V,03/25/2026\n")
    assert Deal.objects.get(name="A").created_at.date() == date(2026, 3, 4)
    said = bring(tmp_path, "Deal,Company,Created\nA,V,03/04/2026\n", "--dry-run")
    assert "Dates like 03/04/2026 are read day first" in said


def test_a_formula_in_a_cell_is_no_formula_in_the_report(tmp_path):
    ready()
    found = problems(tmp_path, PLAIN + "A,V,=HYPERLINK(1),5,\n")
    assert found[0]["value"] == "'=HYPERLINK(1)"


TEXT = "Deal name,Company,Stage,Amount\nGrüße,Vellgröve,Discover,5\n"
READABLE = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": TEXT.encode("utf-8-sig"),
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16 without a mark": TEXT.encode("utf-16-le"),
    "Windows": TEXT.encode("cp1252"),
    "semicolons": TEXT.replace(",", ";").encode(),
    "tabs": TEXT.replace(",", "\t").encode(),
    "old line ends": TEXT.replace("\n", "\r").encode(),
    "a sep line": ("sep=;\r\n" + TEXT.replace(",", ";")).encode(),
    "blank lines": ("\n\n" + TEXT + "\n,,,\n").encode(),
}


@pytest.mark.parametrize("kind", READABLE)
def test_a_file_is_read_however_it_was_written(tmp_path, kind):
    ready()
    bring(tmp_path, READABLE[kind])
    deal = Deal.objects.get()
    assert (deal.name, deal.company.name, deal.amount) == ("Grüße", "Vellgröve", 5)


def test_a_quoted_cell_may_hold_lines_and_the_report_still_names_the_right_line(tmp_path):
    ready()
    found = problems(tmp_path, 'Deal,Company,Amount\n"Two\nlines",V,5\nNext,V,x\n')
    assert Deal.objects.get().name == "Two lines"
    assert found[0]["line"] == "4"


UNREADABLE = {
    "empty": (b"", "The file is empty"),
    "blank": (b"\n \n", "The file is empty"),
    "header only": (b"Deal,Company\n", "no row below the header"),
    "one column": (b"Deal\nA\nB\n", "Only one column was found"),
    "twins": (b"Deal,Amount,amount\nA,1,2\n", "“Amount” appears more than once"),
    "NUL": (b"Deal,Company\nA,B\nC\0,D\n", "Line 3 holds a NUL"),
    "broken UTF-8": (
        "Deal,Company\nGrüße,B\n".encode() + b"\xff\xfe,D\n",
        "Line 3 holds bytes that are not UTF-8",
    ),
    "broken UTF-16": ("Deal,Company\nA,B\n".encode("utf-16") + b"x", "not UTF-16"),
    "open quote": (b'Deal,Company\nA,"B\nC,D\n', "line 2 is never closed"),
    "workbook": (b"PK\x03\x04" + bytes(range(200)), "Save it as CSV"),
    "binary": (bytes(range(1, 256)) * 20, "not a text file"),
    "nothing known": (b"One,Two\n1,2\n", "No column names the deal or the company"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_file_that_cannot_be_read_says_why(tmp_path, kind):
    ready()
    content, message = UNREADABLE[kind]
    with pytest.raises(CommandError) as error:
        bring(tmp_path, content)
    assert message in str(error.value)
    assert not Deal.objects.exists()


def test_a_file_that_is_not_there_and_a_system_without_a_pipeline_are_named(tmp_path):
    from tests.factories import make_admin

    make_admin(email="admin@seller.example")
    with pytest.raises(CommandError, match="no pipeline yet"):
        bring(tmp_path, ONE)
    with pytest.raises(CommandError, match="cannot be read"):
        ready_path = tmp_path / "none.csv"
        from tests.factories import make_pipeline

        make_pipeline("Sale")
        run(ready_path)


def test_stages_are_understood_by_what_they_are_called():
    from deals.importing.stages import target_of
    from pipeline.documents import read
    from pipeline.loading import TEMPLATES, load
    from tests.factories import make_admin, make_pipeline

    admin = make_admin()
    seven = process_of(load(read(TEMPLATES / "b2b-seven-stages.toml"), by=admin, owner=admin))
    expected = {
        "Prospecting": "Prospect", "Engaging": "Qualify", "Qualification": "Qualify", "Needs Analysis": "Discover",
        "Presentation Scheduled": "Present", "Demo": "Present", "Proposal/Price Quote": "Propose",
        "Negotiation/Review": "Negotiate", "Contract Sent": "Negotiate", "Appointment Scheduled": "Qualify",
    }  # fmt: skip
    assert {word: seven.stage(target_of(word, seven).stage_id).name for word in expected} == expected
    ends = [target_of(word, seven).status for word in ("Closed Won", "closedlost", "Gewonnen")]
    assert ends == ["won", "lost", "won"]
    assert target_of("Closed", seven) is target_of("Zebra", seven) is None
    four = process_of(make_pipeline("Small"))
    assert four.stage(target_of("Engaging", four).stage_id).name == "Discover"


@pytest.mark.parametrize("filler", ["n/a", "...", "TBD", "-", "???"])
def test_what_says_nothing_becomes_no_company_no_person_and_no_next_step(tmp_path, filler):
    ready()
    header = "opportunity_id,name,account,product,contact_name,contact_email,next_step"
    poor = f"X7,{filler},{filler},Pro,Lena Vossberg,lena@buyer.example,{filler}"
    found = problems(tmp_path, f"{header}\n{poor}\nX8,Roof,Vellgrove,,{filler},,Call them\n")
    first, second = Deal.objects.order_by("pk")
    assert (first.company.name, first.name, first.next_step) == ("Unknown account", "Pro, X7", "")
    assert (second.company.name, second.name, second.next_step) == ("Vellgrove", "Roof", "Call them")
    assert not Contact.objects.exists()
    left_out = {(row["line"], row["column"]) for row in found if "says nothing" in row["reason"]}
    assert left_out == {("2", "name"), ("2", "account"), ("2", "next_step"), ("3", "contact_name")}
    assert {row["level"] for row in found} == {"note"}
