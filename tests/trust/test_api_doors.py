"""Rows B01, B02, B04, B05, B32, B38, B47, B48 over every operation of the API, for every kind of user and token."""

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from api import bodies as shapes_of_bodies
from api import tokens
from api.door import api
from api.people import rev_of
from deals.models import Company, Deal, Transition
from deals.people.address_book import CompanyForm, ContactForm

from .. import factories as f
from ..api import Program
from ..fingerprint import fingerprint
from .api_inventory import BESIDE, BODIES, FIELDS, MOVE, OPERATIONS, READ, bodies
from .doors import HOSTILE, state
from .office import Office

pytestmark = pytest.mark.django_db
OF_A_DEAL = [name for name, (_m, path, _k) in OPERATIONS.items() if "{deal_id}" in path or "task" in path]
OF_THIS_DEAL = [name for name in OF_A_DEAL if name not in ("list_tasks",)]
WRITING = [name for name, (_m, _p, kind) in OPERATIONS.items() if kind != READ]
WITH_BODY = [name for name in WRITING if name != "add_file"]
PEOPLE = ["rep", "manager", "admin"]


@pytest.fixture(scope="module")
def rooms(company, django_db_blocker):
    with django_db_blocker.unblock():
        office = Office(company)
        office.people = {
            "rep": company.rep, "manager": f.make_manager(), "admin": f.make_admin(),
            "teammate": f.make_user("Piet Olen"), "stranger": f.make_user("Ines Roth", team="South"),
            "strange manager": f.make_manager("Karl Ost", team="South"),
        }  # fmt: skip
        office.programs = {name: Program(user) for name, user in office.people.items()}
    return office


@pytest.fixture
def office(rooms, db):
    return rooms


def path_of(office, name):
    known = {
        "deal_id": office.deal.pk, "company_id": office.deal.company_id, "contact_id": office.contact.pk,
        "task_id": office.task.pk, "slug": office.pipeline.slug,
    }  # fmt: skip
    return OPERATIONS[name][1].format(**known)


FORMS = {"change_company": CompanyForm, "change_contact": ContactForm}


def body_of(office, name):
    body = bodies(office).get(name)
    if name not in FORMS:
        return body
    row = office.contact if name == "change_contact" else office.deal.company
    return {**body, "rev": rev_of(type(row).objects.get(pk=row.pk), FORMS[name])}


def send(office, program, name, extra=None):
    """The operation with what it should be sent, and perhaps more."""
    method, path = OPERATIONS[name][0].lower(), path_of(office, name)
    if name == "add_file":
        return program.send_file(path, f.upload())
    body = None if method == "get" else {**(extra or {}), **body_of(office, name)}
    return program.ask(method, path, body)


def refusing(office, program, name, extra=None):
    before = fingerprint()
    response = send(office, program, name, extra)
    assert fingerprint() == before, name
    assert response.status_code < 500, (name, response.content)
    return response


# The inventory


def test_every_operation_is_classified_and_every_classified_one_is_there():
    found = {
        operation["operationId"]: (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    }
    assert found == {name: (method, path) for name, (method, path, _kind) in OPERATIONS.items()}


def test_each_operation_asks_for_the_scope_of_what_it_does():
    for methods in api.get_openapi_schema()["paths"].values():
        for operation in methods.values():
            assert operation["x-scope"] == OPERATIONS[operation["operationId"]][2], operation["operationId"]


@pytest.mark.parametrize("table", FIELDS)
def test_every_column_is_classified_and_every_field_writes_one(table):
    """B38: a new column, or a new field of a body, fails here until it is listed."""
    columns = {field.name for field in apps.get_model("deals", table)._meta.concrete_fields}
    assert set(FIELDS[table]) == columns
    written = {name for names in FIELDS[table].values() for name in names}
    offered = {name for body in BODIES[table] for name in getattr(shapes_of_bodies, body).model_fields}
    assert offered - BESIDE - written == set() and written - offered == set()


# B01, B02, B04, B05


@pytest.mark.parametrize("who", PEOPLE)
def test_a_move_past_the_gate_is_refused_with_everything_that_is_missing(office, who):
    """B01"""
    for to in (office.w.last, office.w.later, "won"):
        body = {"to": to, "seen_seq": office.deal.seq}
        said = office.programs[who].refused("post", f"/deals/{office.deal.pk}/moves", body, 422)
        expected = office.w.process.asked_from(office.w.here, None if to == "won" else to)
        assert [item["criterion"] for item in said["criteria"]] == [d.criterion_id for d in expected]


@pytest.mark.parametrize("who", PEOPLE)
def test_no_operation_moves_a_deal_whose_gate_is_shut(office, who):
    """B02: with what it should be sent, and with everything an attacker might add."""
    stages = dict.fromkeys(["stage", "stage_id", "to_stage", "landed_in"], office.w.last)
    for name in WRITING:
        for extra in ({}, HOSTILE | stages, {"stage": office.w.last}, {"status": "won"}):
            before = state()
            response = send(office, office.programs[who], name, extra)
            assert response.status_code < 500 and (not extra or response.status_code in (400, 201)), name
            assert extra == {} or name == "add_file" or response.status_code == 400, name
            after = state()
            assert {pk: after[pk] for pk in before} == before, name
            for pk in set(after) - set(before):
                made = Deal.objects.get(pk=pk)
                assert (made.stage_id, made.status, made.seq) == (made.pipeline.entry_stage_id, "open", 1)


@pytest.mark.parametrize("off, status", [(-1, 409), (1, 409), (None, 400)])
def test_a_program_that_saw_another_state_is_told_so(office, off, status):
    """B04"""
    body = {"to": "archived"} | ({} if off is None else {"seen_seq": office.deal.seq + off})
    office.programs["rep"].refused("post", f"/deals/{office.deal.pk}/moves", body, status)


def test_two_moves_with_one_key_are_one_and_with_two_keys_a_conflict(office):
    """B05"""
    program, path = office.programs["rep"], f"/deals/{office.deal.pk}/moves"
    body = {"to": "archived", "seen_seq": office.deal.seq, "key": "k-1"}
    assert [program.post(path, body).status_code for _n in range(2)] == [200, 200]
    program.refused("post", path, {**body, "key": "k-2"}, 409)
    assert Transition.objects.filter(deal=office.deal, kind="archive").count() == 1


def test_a_write_sent_twice_with_one_idempotency_key_happens_once(office):
    """B05"""
    program, key = office.programs["rep"], {"idempotency-key": "once"}
    first = program.post("/companies", {"name": "Norrholt Mills"}, **key)
    before = fingerprint()
    again = program.post("/companies", {"name": "Norrholt Mills"}, **key)
    assert (first.status_code, again.status_code) == (201, 201) and again.content == first.content
    assert fingerprint() == before and Company.objects.filter(name="Norrholt Mills").count() == 1
    program.refused("post", "/companies", {"name": "Norrholt Foods"}, 422, **key)


# B32, B38


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_field_no_body_has_is_refused_and_named(office, name):
    """B38: every column that the API does not write, on every operation that writes."""
    offered = {part for body in vars(shapes_of_bodies).values() if hasattr(body, "model_fields")
               for part in body.model_fields}  # fmt: skip
    closed = {column for table in FIELDS.values() for column, names in table.items() if not names} | {
        *HOSTILE,
        "owner",
    }
    for column in sorted(closed - offered):
        response = refusing(office, office.programs["admin"], name, {column: "1"})
        assert response.status_code == 400, (name, column, response.content)
        assert column in response.json()["error"]["fields"], (name, column)


@pytest.mark.parametrize(
    "field", ["stage", "stage_id", "status", "seq", "created_at", "won_at", "probability"]
)
def test_a_new_deal_in_a_stage_of_ones_own_is_refused(office, field):
    """B32"""
    body = {"company": "Vellgrove Dairies", field: office.w.last}
    said = office.programs["admin"].refused("post", "/deals", body, 400)
    assert said["fields"] == {field: said["fields"][field]} and "cannot be set" in said["fields"][field]


# B47, B48


@pytest.mark.parametrize("who", ["stranger", "strange manager"])
@pytest.mark.parametrize("name", OF_THIS_DEAL)
def test_another_teams_deal_is_not_there(office, who, name):
    """B47: 404, not 403, with a body that would be right for its owner."""
    assert refusing(office, office.programs[who], name).status_code == 404


@pytest.mark.parametrize("who", ["stranger", "strange manager"])
def test_another_teams_deal_shows_nowhere_else(office, who):
    """B47"""
    Deal.objects.filter(pk=office.deal.pk).update(name="Zanzibar secret", next_step="Zanzibar secret")
    for name, (method, _path, _kind) in OPERATIONS.items():
        if method == "GET":
            response = refusing(office, office.programs[who], name)
            assert b"Zanzibar" not in response.content, name
    assert office.programs[who].get("/tasks").json()["items"] == []
    assert office.programs[who].get("/deals", q="Zanzibar").json()["items"] == []


def test_a_teammate_sees_and_does_not_touch(office):
    """B48: permission before any write."""
    for name in OF_THIS_DEAL:
        kind = OPERATIONS[name][2]
        status = refusing(office, office.programs["teammate"], name).status_code
        assert status == (200 if kind == READ else 403), name


@pytest.mark.parametrize("name", OPERATIONS)
def test_without_a_token_that_works_nothing_is_shown_or_done(office, name):
    """B47: none, a session, a revoked one, one that is over, one whose user is closed."""
    rep = office.people["rep"]
    programs = [Program(rep), Program(rep), Program(f.make_user("Jan Ort", is_active=False)), Program(rep)]
    tokens.revoke(programs[0].token, timezone.now())
    type(programs[1].token).objects.filter(pk=programs[1].token.pk).update(expires_on="2020-01-01")
    programs[3].secret = ""
    programs[3].client.force_login(rep)
    assert {refusing(office, program, name).status_code for program in programs} == {401}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_token_without_the_scope_is_refused(office, name):
    others = [scope for scope in ("read", "write", "move") if scope != OPERATIONS[name][2]]
    response = refusing(office, Program(office.people["admin"], others), name)
    assert response.status_code == 403 and response.json()["error"]["code"] == "missing_scope"


@pytest.mark.parametrize("who", PEOPLE)
def test_who_may_is_answered(office, who):
    """Nothing above is refused for another reason than the one it tests."""
    for name, (_method, _path, kind) in OPERATIONS.items():
        response = send(office, office.programs[who], name)
        assert response.status_code in ((422,) if kind == MOVE else (200, 201)), (name, response.content)
        office.deal.refresh_from_db()


def test_who_was_closed_or_demoted_meanwhile_is_asked_again(office):
    """B60"""
    people = type(office.people["rep"]).objects
    people.filter(pk=office.people["admin"].pk).update(level="rep")
    office.people["admin"].teams.clear()
    people.filter(pk=office.people["rep"].pk).update(is_active=False)
    for name in OF_THIS_DEAL:
        assert refusing(office, office.programs["admin"], name).status_code == 404, name
        assert refusing(office, office.programs["rep"], name).status_code == 401, name


def test_reading_changes_nothing_whatever_stands_behind_the_question_mark(office):
    """B49"""
    for name, (method, _path, _kind) in OPERATIONS.items():
        if method == "GET":
            before = fingerprint()
            answer = office.programs["admin"].get(
                path_of(office, name), stage=office.w.last, status="won", seq="9"
            )
            assert answer.status_code == 400 and fingerprint() == before, name


def test_the_schema_is_for_everybody_and_the_page_about_it_for_those_signed_in(client, office):
    assert client.get(reverse("api:openapi-json")).json()["info"]["title"] == "Headgate"
    assert client.get(reverse("api_about")).status_code == 302
    client.force_login(office.people["rep"])
    html = client.get(reverse("api_about")).content.decode()
    assert all(f'id="{name}"' in html for name in OPERATIONS)
