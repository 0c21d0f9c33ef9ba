"""import_deals: an export of another system comes in as it is, once, and says what it lacks."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError
from django.db import connection
from django.utils import timezone

from deals import moves
from deals.importing import landing, reading
from deals.importing.checking import Plan
from deals.importing.landing import NO_REASON
from deals.models import Company, Contact, Deal, ImportedRow, Kind, LossReason, Stakeholder, Transition
from deals.moves import ledger
from pipeline.models import Pipeline
from pipeline.process import process_of
from team.calendar import grace_date
from team.models import Organisation
from tests.data.exports import HEADER, as_csv, opportunities, opportunities_csv
from tests.factories import make_manager, make_team, make_user, next_step, stage_of, today
from tests.fingerprint import fingerprint
from tests.importing import bring, problems, ready, run, write

pytestmark = pytest.mark.django_db

PLAIN = "Deal name,Company,Stage,Amount,Close date\n"
ONE = PLAIN + "Night shift,Vellgrove,Discover,86000,2027-03-01\n"


def test_an_export_of_opportunities_comes_in_without_a_mapping(tmp_path):
    ready()
    said = bring(tmp_path, opportunities_csv(300))
    rows = opportunities(300)
    assert Deal.objects.made().count() == 300
    for stage, name in [("Prospecting", "Qualify"), ("Engaging", "Discover")]:
        expected = sum(row["deal_stage"] == stage for row in rows)
        assert Deal.objects.open().filter(stage__name=name).count() == expected
    assert Deal.objects.filter(status="won").count() == sum(row["deal_stage"] == "Won" for row in rows)
    assert Deal.objects.filter(status="lost").count() == sum(row["deal_stage"] == "Lost" for row in rows)
    assert "300 rows: 300 came in, 0 already here, 0 rejected." in said


@pytest.mark.engine("postgresql")
def test_after_an_import_the_database_knows_how_full_it_is(tmp_path):
    """Else pages that are opened at once are planned as for a company that is nearly empty."""
    ready()
    bring(tmp_path, opportunities_csv(landing.CHUNK))
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'deals_transition'")
        assert cursor.fetchone()[0] >= landing.CHUNK


def test_closed_deals_come_in_with_their_dates_and_their_money(tmp_path):
    ready()
    bring(tmp_path, as_csv([{
        "opportunity_id": "A1", "sales_agent": "Tilda Morrow", "product": "Pro", "account": "Vellgrove",
        "deal_stage": "Won", "engage_date": "2017-01-10", "close_date": "2017-03-01", "close_value": "4821",
    }], HEADER))  # fmt: skip
    deal = Deal.objects.get()
    assert (deal.name, deal.status, deal.amount) == ("Vellgrove: Pro", "won", 4821)
    assert (deal.created_at.date(), deal.closed_at.date()) == (date(2017, 1, 10), date(2017, 3, 1))
    rows = list(deal.transitions.order_by("seq"))
    assert [row.kind for row in rows] == [Kind.CREATE, Kind.IMPORT]
    assert rows[1].happened_at.date() == date(2017, 3, 1)
    assert rows[1].to_stage.name == "Close"
    assert list(ledger.broken_rows(rows)) == []


def test_an_imported_deal_is_claimed_and_outside_the_proven_total(tmp_path):
    ready()
    said = bring(tmp_path, ONE)
    deal = next_step(Deal.objects.get())
    organisation = Organisation.current()
    assert deal.open_before == 2
    assert deal.landed_in == deal.stage
    assert not Deal.objects.proven(today(), grace_date(today(), organisation)).exists()
    assert "claimed €86,000 · proven €0" in said


def test_the_report_says_how_much_money_each_missing_criterion_concerns(tmp_path):
    ready()
    said = bring(tmp_path, ONE + "Roof,Ormfield,Propose,14000,\n")
    assert "Qualify: The buyer confirmed budget – 2 · €100,000" in said
    assert "Discover: The buyer confirmed summary – 1 · €14,000" in said


def test_the_next_advance_asks_the_stages_exit_and_the_core_criteria_before_it(tmp_path):
    admin = ready()
    bring(tmp_path, ONE)
    deal, before = Deal.objects.get(), None
    before = fingerprint()
    with pytest.raises(moves.GateClosed) as refusal:
        moves.advance(deal.pk, to=stage_of(deal.pipeline, "Propose").pk, seen_seq=deal.seq, by=admin)
    assert {finding.definition.slug for finding in refusal.value.open_criteria} == {"problem", "summary"}
    assert fingerprint() == before


def test_landing_proven_puts_a_fresh_import_where_its_answers_reach(tmp_path):
    ready()
    bring(tmp_path, ONE, "--land", "proven")
    deal = Deal.objects.get()
    assert (deal.stage.name, deal.landed_in.name) == ("Qualify", "Qualify")
    assert deal.transitions.count() == 2


def test_landing_proven_passes_gates_that_ask_nothing(tmp_path):
    from tests.factories import OPEN_GATES, make_admin, make_pipeline

    make_pipeline("Loose", stages=OPEN_GATES, owner=make_admin(email="admin@seller.example"))
    bring(tmp_path, ONE, "--land", "proven")
    assert Deal.objects.get().stage.name == "Discover"


def test_a_won_deal_without_an_amount_comes_in_as_won(tmp_path):
    ready()
    bring(tmp_path, PLAIN + "Old one,Vellgrove,Closed Won,,2024-02-01\n")
    deal = Deal.objects.get()
    assert (deal.status, deal.amount, deal.amount_base) == ("won", None, 0)


def test_a_lost_deal_without_a_reason_says_that_the_reason_is_unknown(tmp_path):
    ready()
    LossReason.objects.create(name="Price")
    rows = "Stage,Company,Lost reason\nLost,Vellgrove,\nlost,Ormfield,price\nLost,Tarnhaven,Their cousin sells it\n"
    bring(tmp_path, rows)
    reasons = dict(Deal.objects.values_list("company__name", "loss_reason__name"))
    assert reasons == {"Vellgrove": NO_REASON, "Ormfield": "Price", "Tarnhaven": NO_REASON}
    assert Transition.objects.filter(reason="Their cousin sells it", kind=Kind.IMPORT).count() == 1


def test_the_same_file_twice_adds_nothing(tmp_path):
    ready()
    for content in (opportunities_csv(120), ONE):
        bring(tmp_path, content)
    before = fingerprint()
    assert "120 already here" in bring(tmp_path, opportunities_csv(120))
    assert "1 already here" in bring(tmp_path, ONE)
    assert fingerprint() == before
    assert ImportedRow.objects.count() == 121


def test_the_same_rows_in_another_order_and_dress_add_nothing(tmp_path):
    ready()
    bring(tmp_path, ONE)
    other = "Stage;Amount;Company;Close date;Deal name\nDiscover;86000;Vellgrove;2027-03-01;Night shift\n"
    assert "1 already here" in bring(tmp_path, other.encode("utf-16"))


def test_an_import_that_is_killed_halfway_leaves_no_duplicate_when_it_is_run_again(tmp_path, monkeypatch):
    admin = ready()
    monkeypatch.setattr(landing, "CHUNK", 50)
    data = opportunities_csv(120).encode()

    def die(done):
        if done == 100:
            raise KeyboardInterrupt

    plan = Plan(
        reading.read(data), Pipeline.objects.select_related("version").get(), by=admin, now=timezone.now()
    )
    with pytest.raises(KeyboardInterrupt):
        landing.land(plan, name="half", progress=die)
    assert Deal.objects.made().count() == 100
    bring(tmp_path, data)
    assert Deal.objects.made().count() == Deal.objects.count() == 120


def test_companies_are_matched_whatever_their_case_spaces_and_legal_form(tmp_path):
    ready()
    Company.objects.create(name="Vellgrove GmbH & Co. KG")
    names = ["vellgrove", "VELLGROVE  GmbH", "Vellgrove Ltd.", "Ormfield", "Örmfield, Inc."]
    bring(tmp_path, as_csv([{"Deal": f"Deal {n}", "Company": name} for n, name in enumerate(names)]))
    assert sorted(Company.objects.values_list("name", flat=True)) == ["Ormfield", "Vellgrove GmbH & Co. KG"]


def test_contacts_are_matched_by_their_e_mail_and_put_on_the_deals_map(tmp_path):
    ready()
    company = Company.objects.create(name="Vellgrove")
    known = Contact.objects.create(company=company, name="L. Vossberg", email="Lena@buyer.example")
    rows = [
        {
            "Deal": "One",
            "Company": "Vellgrove",
            "Contact name": "Lena Vossberg",
            "Email": "lena@buyer.example",
        },
        {"Deal": "Two", "Company": "Ormfield", "Contact name": "Jo Tarn", "Email": ""},
        {"Deal": "Three", "Company": "Ormfield AG", "Contact name": "jo  tarn", "Email": "jo@orm.example"},
        {"Deal": "Four", "Company": "Ormfield", "Contact name": "Al Kest", "Email": "nonsense"},
    ]
    bring(tmp_path, as_csv(rows))
    assert Contact.objects.count() == 3
    assert Stakeholder.objects.filter(contact=known).count() == 1
    assert Stakeholder.objects.count() == 4


def test_one_of_us_is_no_contact(tmp_path):
    admin = ready()
    rows = [{"Deal": "One", "Company": "Vellgrove", "Email": admin.email}]
    assert "one of us" in problems(tmp_path, as_csv(rows))[-1]["reason"]
    assert not Contact.objects.exists()


def test_owners_are_found_by_name_or_e_mail_and_strangers_deals_go_to_the_importer(tmp_path):
    admin = ready()
    mara, ivo = make_user("Mara Kessel"), make_user("Ivo Brandt", email="ivo@seller.example")
    rows = [
        {"Deal": name, "Company": "V", "Owner": name}
        for name in ["mara kessel", "IVO@seller.example", "Nobody"]
    ]
    found = problems(tmp_path, as_csv(rows))
    assert set(Deal.objects.values_list("name", "owner")) == {
        ("mara kessel", mara.pk), ("IVO@seller.example", ivo.pk), ("Nobody", admin.pk),
    }  # fmt: skip
    assert [(row["line"], row["column"], row["value"], row["level"]) for row in found] == [
        ("4", "Owner", "Nobody", "note")
    ]


def test_a_manager_cannot_give_a_deal_to_another_teams_person(tmp_path):
    ready()
    make_manager(team="South", email="south@seller.example")
    make_user("Mara Kessel", team="North")
    rows = [{"Deal": "One", "Company": "V", "Owner": "Mara Kessel"}]
    found = problems(tmp_path, as_csv(rows), "--by", "south@seller.example")
    assert (found[0]["level"], found[0]["value"]) == ("error", "Mara Kessel")
    assert "your own teams" in found[0]["reason"]
    assert not Deal.objects.exists()


def test_a_rep_imports_nothing(tmp_path):
    ready()
    make_user(email="rep@seller.example")
    with pytest.raises(CommandError, match="no active manager or admin"):
        bring(tmp_path, ONE, "--by", "rep@seller.example")
    assert not Deal.objects.exists()


def test_a_row_without_a_company_comes_in_and_is_noted(tmp_path):
    ready()
    found = problems(tmp_path, "opportunity_id,product,account\nX7,Pro,\n")
    deal = Deal.objects.get()
    assert (deal.company.name, deal.name, deal.external_id) == ("Unknown account", "Pro, X7", "X7")
    assert [(row["column"], row["level"]) for row in found] == [("account", "note")]


def test_a_dry_run_says_the_same_and_changes_nothing(tmp_path):
    ready()
    before = fingerprint()
    said = bring(tmp_path, ONE, "--dry-run")
    assert "1 row: 1 would come in" in said
    assert "Discover: 1 · €86,000" in said
    assert "The buyer confirmed budget – 1 · €86,000" in said
    assert fingerprint() == before
    assert not Company.objects.exists()


BAD = (
    PLAIN
    + "Good,Vellgrove,Discover,100,\nBad,Vellgrove,Discover,many,\nOdd,Vellgrove,Sideways,5,31.02.2026\nShort,Vell\n"
)


@pytest.mark.parametrize("how", [[], ["--good-only"], ["--all-or-nothing"]])
def test_a_dry_run_that_would_reject_a_row_ends_with_an_error_for_scripts(tmp_path, how):
    ready()
    before, report = fingerprint(), tmp_path / "report.csv"
    with pytest.raises(CommandError, match="3 rows would be rejected") as error:
        bring(tmp_path, BAD, "--dry-run", "--report", str(report), *how)
    assert error.value.returncode == 1
    assert fingerprint() == before and not Company.objects.exists()
    assert "Sideways" in report.read_text(encoding="utf-8-sig")


def test_good_rows_come_in_and_each_bad_one_is_named(tmp_path):
    ready()
    found = problems(tmp_path, BAD)
    assert list(Deal.objects.values_list("name", flat=True)) == ["Good"]
    errors = [(row["line"], row["column"], row["value"]) for row in found if row["level"] == "error"]
    assert errors == [
        ("3", "Amount", "many"), ("4", "Stage", "Sideways"), ("4", "Close date", "31.02.2026"), ("5", "", ""),
    ]  # fmt: skip


def test_all_or_nothing_takes_nothing_from_a_file_with_errors(tmp_path):
    ready()
    before = fingerprint()
    with pytest.raises(CommandError, match="Nothing was imported: 3 rows have errors"):
        bring(tmp_path, BAD, "--all-or-nothing")
    assert fingerprint() == before
    bring(tmp_path, ONE, "--all-or-nothing")
    assert Deal.objects.count() == 1


def test_the_mended_file_adds_only_what_was_missing(tmp_path):
    ready()
    bring(tmp_path, BAD)
    said = bring(
        tmp_path, BAD.replace("many", "200").replace("Sideways", "Propose").replace("31.02.2026", "")
    )
    assert "2 came in, 1 already here, 1 rejected" in said
    assert Deal.objects.count() == 3


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
