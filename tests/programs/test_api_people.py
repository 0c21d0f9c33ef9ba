"""Companies, contacts, tasks, activities and processes over the API; pages of lists; statements per request."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from api.paging import cursor_of
from deals.models import Activity, Company, Contact, Deal, Task

from .. import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(rep):
    return f.make_deal(f.make_pipeline(), rep)


def test_a_company_is_made_read_and_changed(program):
    made = program.post("/companies", {"name": "Norrholt Mills", "employees": 240}).json()
    assert program.get(f"/companies/{made['id']}").json() == made
    changed = program.patch(f"/companies/{made['id']}", {"rev": made["rev"], "industry": "Paper"}).json()
    assert (changed["industry"], changed["employees"], changed["name"]) == ("Paper", 240, "Norrholt Mills")
    said = program.refused(
        "patch", f"/companies/{made['id']}", {"rev": made["rev"], "industry": "Steel"}, 409
    )
    assert said["code"] == "stale" and said["state"] == {"rev": changed["rev"]}
    said = program.refused("patch", f"/companies/{made['id']}", {"rev": changed["rev"], "name": "tbd"}, 422)
    assert list(said["fields"]) == ["name"]
    assert program.refused("patch", f"/companies/{made['id']}", {"name": "New"}, 400)["code"] == "malformed"


def test_a_contact_who_left_stops_counting_at_once(program, deal):
    f.walk_to(deal, "Discover")
    contact = deal.company.contacts.first()
    assert f.fresh(deal).open_before == 0
    rev = program.get(f"/contacts/{contact.pk}").json()["rev"]
    told = program.patch(f"/contacts/{contact.pk}", {"rev": rev, "email": deal.owner.email}).json()
    assert told["email"] == deal.owner.email
    assert f.fresh(deal).open_before > 0, "whoever is one of us is no buyer"


def test_what_is_in_the_address_book_is_not_made_twice(program, deal):
    asked = {"name": "Aldenvoe Hotels"}
    assert program.post("/companies", asked).status_code == 201
    assert list(program.refused("post", "/companies", {"name": "ALDENVOE hotels"}, 422)["fields"]) == ["name"]
    person = {"company_id": deal.company_id, "name": "Jonas Rehm", "email": "j@buyer.example"}
    assert program.post("/contacts", person).status_code == 201
    again = person | {"name": "J. Rehm"}
    assert list(program.refused("post", "/contacts", again, 422)["fields"]) == ["name"]
    assert Company.objects.filter(name__iexact="aldenvoe hotels").count() == 1
    assert deal.company.contacts.filter(email="j@buyer.example").count() == 1


def test_a_contact_belongs_to_a_company_of_the_address_book(program, deal):
    made = program.post(
        "/contacts", {"company_id": deal.company_id, "name": "Jonas Rehm", "email": "j@buyer.example"}
    )
    assert made.status_code == 201 and made.json()["company"]["id"] == deal.company_id
    assert list(
        program.refused("post", "/contacts", {"company_id": 999999, "name": "A B"}, 422)["fields"]
    ) == ["company_id"]
    bad = {"company_id": deal.company_id, "name": "n/a", "email": "nobody"}
    assert set(program.refused("post", "/contacts", bad, 422)["fields"]) == {"name", "email"}
    found = program.get("/contacts", company=deal.company_id, q="jonas").json()["items"]
    assert [item["name"] for item in found] == ["Jonas Rehm"]


def test_a_task_is_added_and_done_once(program, deal, rep):
    made = program.post("/tasks", {"deal_id": deal.pk, "title": "Call Lena"}).json()
    assert (made["assignee"]["name"], made["due_on"], made["done_at"]) == (rep.name, str(f.today()), None)
    url = f"/tasks/{made['id']}/done"
    assert list(program.refused("post", url, {"outcome": " "}, 422)["fields"]) == ["outcome"]
    done = program.post(url, {"outcome": "They agreed"}).json()
    again = program.post(f"/tasks/{made['id']}/done", {"outcome": "Something else"}).json()
    assert again == done and done["outcome"] == "They agreed"
    assert program.get("/tasks", open="true").json()["items"] == []
    assert len(program.get("/tasks", assignee="me", deal=deal.pk).json()["items"]) == 1
    assert list(program.refused("post", "/tasks", {"deal_id": deal.pk, "title": "tbd"}, 422)["fields"]) == [
        "title"
    ]


def test_a_conversation_is_put_on_record_with_what_it_confirmed(program, deal):
    budget = f.criterion_of(deal.pipeline, "budget").pk
    body = {"kind": "meeting", "attendees": ["Lena Vossberg", "Daniel Oseidan"], "body": "They want two plants",
            "answers": [{"criterion": budget, "value": "60-90k"}],
            "next_step": "Send the offer", "next_step_on": "2030-01-01"}  # fmt: skip
    told = program.post(f"/deals/{deal.pk}/activities", body).json()
    assert [person["name"] for person in told["attendees"]] == ["Daniel Oseidan", "Lena Vossberg"] and told[
        "from_buyer"
    ]
    answer = deal.answers.get(is_current=True)
    assert (answer.activity_id, answer.source, answer.opens) == (told["id"], "api", True)
    assert f.fresh(deal).next_step == "Send the offer"
    assert program.get(f"/deals/{deal.pk}/activities").json()["items"] == [told]


def test_a_conversation_that_cannot_be_stored_says_why(program, deal):
    path = f"/deals/{deal.pk}/activities"
    late = {"kind": "meeting", "happened_on": "2090-01-01", "attendees": ["Lena Vossberg"]}
    assert list(program.refused("post", path, late, 422)["fields"]) == ["happened_on"]
    assert list(program.refused("post", path, {"kind": "meeting"}, 422)["fields"]) == ["attendees"]
    program.refused("post", path, {"kind": "party"}, 400)
    assert not Activity.objects.exists()


def test_the_process_says_what_each_stage_asks(program):
    pipeline = f.make_pipeline()
    f.make_loss_reason("Price")
    (head,) = program.get("/process").json()["items"]
    told = program.get(f"/process/{head['slug']}").json()
    assert told["version"] == 1 and [stage["name"] for stage in told["stages"]] == [
        "Qualify",
        "Discover",
        "Propose",
        "Close",
    ]
    assert told["stages"][0]["criteria"][1]["slug"] == "budget" and told["loss_reasons"] == ["Price"]
    assert head["slug"] == pipeline.slug and program.get("/process/no-such").status_code == 404


def walked(program, path, limit, between=lambda: None, **query):
    """Ids of all pages, one after the other."""
    ids, cursor = [], ""
    while cursor is not None:
        page = program.get(path, limit=limit, cursor=cursor, **query).json()
        ids += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        between()
    return ids


def test_pages_neither_skip_nor_repeat_while_rows_come_in(program):
    for number in range(5):
        f.make_company(f"Mill {number}")
    ids = walked(program, "/companies", 2, between=lambda: Company.objects.count() < 8 and f.make_company())
    assert ids == list(Company.objects.order_by("pk").values_list("pk", flat=True)) and len(ids) == 8
    assert walked(program, "/companies", 2, q="mill") == ids[:5]
    assert program.get("/companies", cursor=cursor_of(10**17)).json() == {"items": [], "next_cursor": None}


def test_deals_are_narrowed_by_what_one_asks_for(program, deal, rep):
    other = f.make_deal(f.make_pipeline(), f.make_user("Jonas Lindqvar"), name="Zanzibar")
    every = walked(program, "/deals", 200)
    assert every == [deal.pk, other.pk]
    for query, ids in [
        ({"q": "zanzi"}, [other.pk]),
        ({"pipeline": deal.pipeline.slug}, [deal.pk]),
        ({"stage": other.stage_id}, [other.pk]),
        ({"status": "won"}, []),
        ({"owner": "me"}, [deal.pk]),
        ({"owner": str(other.owner_id)}, [other.pk]),
    ]:
        assert walked(program, "/deals", 200, **query) == ids, query


def statements(program, path):
    program.get("/process")  # what a server keeps
    with CaptureQueriesContext(connection) as captured:
        assert program.get(path).status_code == 200
    return len(captured)


def test_a_list_sends_as_many_statements_for_twenty_rows_as_for_two(program, deal):
    def fill(count):
        for number in range(count):
            other = f.make_deal(deal.pipeline, deal.owner)
            f.log_call(deal, f.make_contact(deal.company, f"Person {number}"))
            moment = timezone.now()
            Task.objects.create(
                deal=other, assignee=deal.owner, title="Call", due_on=f.today(), created_at=moment
            )

    paths = ["/deals", "/companies", "/contacts", "/tasks", f"/deals/{deal.pk}/activities",
             f"/deals/{deal.pk}/transitions", f"/deals/{deal.pk}", f"/deals/{deal.pk}/gate"]  # fmt: skip
    fill(2)
    few = {path: statements(program, path) for path in paths}
    fill(10)
    assert {path: statements(program, path) for path in paths} == few
    assert max(few.values()) <= 12, few
    assert Deal.objects.count() == 13 and Contact.objects.count() >= 12


def test_a_move_sends_few_statements(program, deal):
    from pipeline.process import process_of

    f.satisfy_all(deal, process_of(deal.pipeline).exit_criteria(deal.stage_id))
    program.get("/process")
    body = {"to": f.stage_of(deal.pipeline, "Discover").pk, "seen_seq": 1}
    with CaptureQueriesContext(connection) as captured:
        assert program.post(f"/deals/{deal.pk}/moves", body, **{"idempotency-key": "k"}).status_code == 200
    assert len(captured) <= 32, len(captured)
