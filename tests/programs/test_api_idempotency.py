"""The same write asked twice happens once."""

import pytest

from api import idempotency
from api.models import Request
from deals.models import Activity, Company, Deal, GateRefusal, Task, Transition

from .. import factories as f
from ..api import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def deal(rep):
    return f.make_deal(f.make_pipeline(), rep)


def twice(program, method, path, body, key="k-1"):
    first = program.ask(method, path, body, **{"idempotency-key": key})
    again = program.ask(method, path, body, **{"idempotency-key": key})
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first
    return first


def test_every_write_asked_twice_happens_once(program, deal):
    path = f"/deals/{deal.pk}"
    writes = [
        ("post", "/deals", {"company": "Vellgrove Dairies"}, 201),
        ("patch", path, {"rev": deal.rev, "goals": "Fewer shutdowns"}, 200),
        ("post", "/tasks", {"deal_id": deal.pk, "title": "Call Lena"}, 201),
        ("post", f"{path}/activities", {"kind": "call", "attendees": ["Lena Vossberg"]}, 201),
        ("post", "/companies", {"name": "Norrholt Mills"}, 201),
        ("post", f"{path}/moves", {"to": "paused", "seen_seq": 1, "reason": "Budget in May"}, 200),
    ]
    for number, (method, address, body, status) in enumerate(writes):
        assert twice(program, method, address, body, f"key-{number}").status_code == status, address
    assert (Deal.objects.count(), Task.objects.count(), Activity.objects.count()) == (2, 1, 1)
    assert Company.objects.filter(name="Norrholt Mills").count() == 1
    assert Transition.objects.filter(deal=deal).count() == 2


def test_a_refusal_is_the_first_answer_too_and_a_new_key_tries_again(program, deal):
    move = {"to": "won", "seen_seq": 1}
    assert twice(program, "post", f"/deals/{deal.pk}/moves", move).status_code == 422
    assert GateRefusal.objects.count() == 1
    assert program.post(f"/deals/{deal.pk}/moves", move, **{"idempotency-key": "k-2"}).status_code == 422
    assert GateRefusal.objects.count() == 2


@pytest.mark.parametrize(
    "method, path, body",
    [
        ("post", "/companies", {"name": "Another"}),
        ("post", "/companies", {"name": "Norrholt", "industry": "Mills"}),
        ("post", "/contacts", {"name": "Norrholt", "company_id": 1}),
    ],
)
def test_a_key_of_another_request_is_refused(program, method, path, body):
    key = {"idempotency-key": "k-1"}
    assert program.post("/companies", {"name": "Norrholt"}, **key).status_code == 201
    said = program.refused(method, path, body, 422, **key)
    assert said["code"] == "idempotency_key_reused" and Company.objects.count() == 1


def test_the_same_body_written_otherwise_is_the_same_request(program):
    key = {"idempotency-key": "k-1"}
    first = program.post("/companies", '{"name": "Norrholt", "industry": "Mills"}', **key)
    again = program.post("/companies", '{ "industry":"Mills","name":"Norrholt" }', **key)
    assert again.content == first.content and Company.objects.count() == 1


def test_another_token_has_keys_of_its_own(program, rep):
    key = {"idempotency-key": "k-1"}
    for one, name in ((program, "Norrholt"), (Program(rep), "Sandvale")):
        assert one.post("/companies", {"name": name}, **key).status_code == 201
    assert Company.objects.count() == 2


def test_what_was_not_tried_may_be_tried_again_with_the_same_key(program):
    key = {"idempotency-key": "k-1"}
    assert program.post("/companies", {"nme": "Norrholt"}, **key).status_code == 400
    assert program.post("/contacts", {"name": "Lena", "company_id": 5, "stage": 1}, **key).status_code == 400
    assert program.patch("/companies/999999", {"rev": "x", "name": "Norrholt"}, **key).status_code == 404
    assert Request.objects.count() == 0
    assert program.post("/companies", {"name": "Norrholt"}, **key).status_code == 201


@pytest.mark.parametrize("key", ["x" * 201, "caf\u00e9"])
def test_a_key_that_cannot_be_kept_is_refused(program, key):
    said = program.refused("post", "/companies", {"name": "Norrholt"}, 400, **{"idempotency-key": key})
    assert said["code"] == "malformed" and not Company.objects.exists()


def test_an_upload_sent_twice_is_one_file(program, deal):
    key = {"idempotency-key": "k-1"}
    path = f"/deals/{deal.pk}/files"
    first, again = (program.send_file(path, f.upload(), **key) for _n in range(2))
    assert first.status_code == 201 and first.json() == again.json() and deal.attachments.count() == 1
    other = program.send_file(path, f.upload(content=b"%PDF-1.4 no"), **key)
    assert other.status_code == 422 and deal.attachments.count() == 1


def test_keys_are_forgotten_after_thirty_days(program):
    twice(program, "post", "/companies", {"name": "Norrholt"})
    Request.objects.update(at=Request.objects.get().at - idempotency.timedelta(days=31))
    from django.core.cache import cache

    cache.clear()  # a day later
    assert program.post("/companies", {"name": "Other"}, **{"idempotency-key": "k-1"}).status_code == 201
