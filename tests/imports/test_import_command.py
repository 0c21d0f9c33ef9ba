"""import_deals: an export of another system comes in as it is, once, and says what it lacks."""

from datetime import date

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
from team.calendar import grace_date
from team.models import Organisation
from tests.data.exports import HEADER, as_csv, opportunities, opportunities_csv
from tests.factories import make_manager, make_user, next_step, stage_of, today
from tests.fingerprint import fingerprint
from tests.importing import bring, problems, ready

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
        {"Deal": f"Of {name}", "Company": "V", "Owner": name}
        for name in ["mara kessel", "IVO@seller.example", "Nobody"]
    ]
    found = problems(tmp_path, as_csv(rows))
    assert set(Deal.objects.values_list("name", "owner")) == {
        ("Of mara kessel", mara.pk), ("Of IVO@seller.example", ivo.pk), ("Of Nobody", admin.pk),
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
