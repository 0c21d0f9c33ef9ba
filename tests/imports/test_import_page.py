"""The import's pages: upload, preview, correct, bring in. For managers and admins."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from deals.importing import keeping
from deals.models import Deal, ImportBatch
from team.models import User
from tests.browser import DESKTOP, ON_BOTH_ENGINES, PHONE
from tests.data.exports import opportunities_csv
from tests.factories import make_admin, make_manager, make_pipeline, make_user
from tests.fingerprint import fingerprint

pytestmark = pytest.mark.django_db
ODD = (
    "Deal,Company,Stage,Worth,Owner\nA,Vellgrove,Sideways,86000,Mara Kessel\nB,Ormfield,Discover,12,Nobody\n"
)


@pytest.fixture
def manager(client):
    make_pipeline("Sale", owner=make_admin())
    person = make_manager()
    client.force_login(person)
    return person


@pytest.fixture(autouse=True)
def _nothing_kept():
    for path in keeping.folder().iterdir():
        path.unlink()


def csv_file(content, name="deals.csv"):
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content, "text/csv")


def send(client, content, **fields):
    return client.post("/import/", {"file": csv_file(content), "pipeline": "sale", **fields})


def preview(client, content):
    assert send(client, content).headers["Location"] == "/import/check/"
    return client.get("/import/check/").content.decode()


def kept_files():
    return [path for path in keeping.folder().iterdir() if not path.name.endswith(".report")]


def test_a_rep_may_not_import(client, manager):
    client.force_login(make_user(team="North"))
    for path in ("/import/", "/import/check/", "/import/1/", "/import/1/report/"):
        answer = client.get(path)
        assert answer.status_code == 403
        assert "Only managers" in answer.content.decode() and "A deal is" not in answer.content.decode()
    assert send(client, ODD).status_code == 403
    assert not Deal.objects.exists()


def test_a_manager_looks_first_and_nothing_is_written(client, manager):
    before = fingerprint()
    page = preview(client, opportunities_csv(40))
    assert "40 rows: 40 would come in" in page
    assert "Prospecting" in page
    assert fingerprint() == before


def test_then_the_deals_come_in_and_the_file_is_gone(client, manager):
    preview(client, opportunities_csv(40))
    answer = client.post("/import/check/", {"act": "land"}, follow=True)
    assert "40 came in" in answer.content.decode()
    assert Deal.objects.made().count() == 40
    assert kept_files() == []
    report = client.get(f"/import/{ImportBatch.objects.get().pk}/report/")
    assert report["Content-Disposition"].startswith("attachment")
    assert b"line,column,value,reason,level" in b"".join(report.streaming_content)


def test_deals_that_came_in_claimed_lead_to_the_audit_of_their_pipeline(client, manager):
    preview(client, opportunities_csv(40))
    page = client.post("/import/check/", {"act": "land"}, follow=True).content.decode()
    audit = f"/audit/?pipeline={Deal.objects.made().first().pipeline_id}"
    assert f'href="{audit}"' in page and client.get(audit).status_code == 200


def test_an_import_of_which_nothing_was_reported_has_no_page(client, manager):
    now = timezone.now()
    batch = ImportBatch.objects.create(name="old.csv", started_at=now, finished_at=now, by=manager)
    for path in (f"/import/{batch.pk}/", f"/import/{batch.pk}/report/"):
        assert client.get(path).status_code == 404


def test_a_file_that_is_here_already_offers_nothing_to_bring_in(client, manager):
    preview(client, opportunities_csv(40))
    client.post("/import/check/", {"act": "land"})
    page = preview(client, opportunities_csv(40))
    assert "there is nothing to bring in" in page and "Bring in 0" not in page


def test_what_was_not_understood_is_said_and_corrected_on_the_page(client, manager):
    mara = make_user("Mara K.", email="mara@seller.example", team="North")
    page = preview(client, ODD)
    assert "1 would come in" in page
    assert "means nothing here" in page
    fields = {
        "column": ["Worth"], "field": ["amount"], "stage": ["Sideways"], "stage_to": ["propose"],
        "owner": ["Mara Kessel"], "owner_to": ["mara@seller.example"],
    }  # fmt: skip
    client.post("/import/check/", {"act": "check", **fields})
    assert "2 would come in" in client.get("/import/check/").content.decode()
    client.post("/import/check/", {"act": "land", **fields})
    deal = Deal.objects.get(name="A")
    assert (deal.stage.name, deal.amount, deal.owner) == ("Propose", 86000, mara)


def test_all_or_nothing_on_the_page(client, manager):
    preview(client, ODD)
    before = fingerprint()
    answer = client.post("/import/check/", {"act": "land", "rows": "all"})
    assert answer.status_code == 422
    assert "Nothing was brought in" in answer.content.decode()
    assert fingerprint() == before
    client.post("/import/check/", {"act": "land", "rows": "good"})
    assert list(Deal.objects.values_list("name", flat=True)) == ["B"]


def test_rows_copied_from_a_spreadsheet_are_pasted(client, manager):
    client.post("/import/", {"text": ODD.replace(",", "\t"), "pipeline": "sale"})
    assert "Pasted rows" in client.get("/import/check/").content.decode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "The file is empty"),
        (b"Deal,Company\n", "no row below the header"),
        (b"PK\x03\x04" + bytes(100), "Save it as CSV"),
        (b"Deal,Company\nA,B\nC\0,D\n", "Line 3 holds a NUL"),
        (b"Deal\nA\n", "Only one column"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(client, manager, content, message):
    answer = send(client, content)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert kept_files() == []


def test_nothing_and_two_things_at_once_are_refused(client, manager):
    for fields in ({}, {"file": csv_file(ODD), "text": ODD}):
        answer = client.post("/import/", {"pipeline": "sale", **fields})
        assert answer.status_code == 422
        assert "one of the two" in answer.content.decode()


def test_columns_that_name_no_deal_are_asked_for(client, manager):
    send(client, "One,Two\nA,Vellgrove\n")
    answer = client.get("/import/check/")
    assert answer.status_code == 422
    assert "No column names the deal" in answer.content.decode()
    client.post("/import/check/", {"act": "check", "column": ["One", "Two"], "field": ["name", "company"]})
    assert "1 would come in" in client.get("/import/check/").content.decode()


def test_too_many_rows_are_sent_to_the_command_with_the_line_to_type(client, manager):
    rows = "Deal,Company\n" + "A,B\n" * 10_001
    page = send(client, rows).content.decode()
    assert f"python manage.py import_deals deals.csv --pipeline sale --by {manager.email}" in page


def test_a_form_no_page_of_ours_sends_is_refused(client, manager):
    preview(client, ODD)
    answer = client.post("/import/check/", {"act": "land", "stage": "Sideways", "stage_to": "nowhere"})
    assert answer.status_code == 422
    assert "no stage nowhere" in answer.content.decode()
    assert not Deal.objects.exists()


def test_an_upload_is_its_owners_alone(client, manager):
    preview(client, ODD)
    client.force_login(make_manager("Otto Quill", email="otto@seller.example"))
    assert client.get("/import/check/").headers["Location"] == "/import/"


def test_another_managers_result_is_not_there(client, manager):
    preview(client, ODD)
    client.post("/import/check/", {"act": "land"})
    pk = ImportBatch.objects.get().pk
    client.force_login(make_manager("Otto Quill", email="otto@seller.example"))
    assert client.get(f"/import/{pk}/").status_code == 404
    assert client.get(f"/import/{pk}/report/").status_code == 404
    client.force_login(User.objects.get(level="admin"))
    assert client.get(f"/import/{pk}/").status_code == 200


def test_a_dropped_file_is_gone(client, manager):
    preview(client, ODD)
    client.post("/import/check/", {"act": "drop"})
    assert kept_files() == []
    assert client.get("/import/check/").headers["Location"] == "/import/"


def test_what_a_file_holds_is_text_on_the_page(client, manager):
    page = preview(client, "Deal,Company,Stage\nA,V,<script>alert(1)</script>\n")
    assert "<script>alert(1)" not in page


SIZES = {"desktop": DESKTOP, "phone": PHONE}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", SIZES)
def test_the_import_pages_have_no_barrier_and_break_no_policy(open_page, axe, size):
    make_pipeline("Sale", owner=make_admin())
    page = open_page("/import/", user=make_manager(), size=SIZES[size])
    assert axe(page) == []
    page.fill("[name=text]", ODD)
    page.click("form.panel footer button")
    page.wait_for_url("**/import/check/")
    assert axe(page) == []
    page.click("[value=land]")
    page.wait_for_url("**/import/*/")
    assert axe(page) == []
    slid = "[...document.querySelectorAll('main .scroll')].filter(t => t.scrollWidth > t.clientWidth).length"
    assert page.evaluate(slid) == 0  # a table is read without sliding, on a phone too
    assert page.complaints == []


@pytest.mark.django_db(transaction=True)
@ON_BOTH_ENGINES
def test_a_file_comes_in_without_javascript(open_page, tmp_path):
    make_pipeline("Sale", owner=make_admin())
    path = tmp_path / "deals.csv"
    path.write_text(opportunities_csv(30))
    page = open_page("/import/", user=make_manager(), javascript=False)
    page.set_input_files("[name=file]", path)
    page.click("form.panel footer button")
    page.click("[value=land]")
    assert "30 came in" in page.inner_text("main")
    assert Deal.objects.made().count() == 30


def test_of_a_file_and_pasted_rows_neither_is_called_optional(client, manager):
    page = client.get("/import/").content.decode()
    assert "CSV file" in page and "optional" not in page
