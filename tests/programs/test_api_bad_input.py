"""What no program should send: 400 that says what and where, nothing changed, never a 500. (trust.md, Bad input)"""

import json

import pytest

from .. import factories as f
from ..api import Program
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(rep):
    return Program(rep, raise_request_exception=False)


@pytest.fixture
def deal(rep):
    return f.make_deal(f.make_pipeline(), rep)


@pytest.mark.parametrize(
    "body, says",
    [
        ("{", "line 1, column 2"),
        ('{"name": "a",\n "industry": }', "line 2, column 14"),
        ('{"name": NaN}', "NaN is not a number"),
        ('{"name": "a", "employees": Infinity}', "Infinity is not a number"),
        ('{"name": "a", "employees": 1e400}', "out of range"),
        ('{"name": "a", "employees": ' + "9" * 5000 + "}", "out of range"),
        ('{"name": "a\\u0000b"}', "name contains a character that cannot be stored"),
        ('{"name": "\\ud800"}', "name contains a character that cannot be stored"),
        ('{"\\ud800": "a"}', "cannot be stored"),
        ('{"name": "a", "name": "b"}', "name came more than once"),
        ("[]", "Send an object"),
        ('"name"', "Send an object"),
        ("null", "Send an object"),
        ("", "Send an object"),
        ("[" * 100_000, "nested too deeply"),
        (b'{"name": "\xff"}', "not UTF-8"),
        ('{"name": 5}', "valid string"),
        ('{"name": "' + "x" * 161 + '"}', "161 characters; at most 160"),
        ('{"name": "a", "employees": "5"}', "valid integer"),
        ('{"name": "a", "employees": true}', "valid integer"),
        ('{"name": "a", "nme": "b"}', "no such field"),
    ],
)
def test_a_body_that_cannot_be_read_says_where(program, body, says):
    said = program.refused("post", "/companies", body, 400)
    assert says in said["message"] and said["code"] == "malformed"


@pytest.mark.parametrize("probability", [True, "50", 101, -1, 1.5, [], "NaN"])
def test_a_probability_is_a_whole_number_or_it_is_refused(program, deal, probability):
    program.refused("patch", f"/deals/{deal.pk}", {"rev": str(deal.rev), "probability": probability}, 400)


@pytest.mark.parametrize("amount", ["NaN", "-1", -1, "1,5", "1.234,50", "1 000", "١٢", "1e3", 1e12, 1.005, True, [],
                                    "Infinity", ""])  # fmt: skip
def test_an_amount_is_a_number_or_it_is_refused(program, deal, amount):
    body = {"company": "Vellgrove", "amount": amount}
    assert "amount" in program.refused("post", "/deals", body, 400)["fields"]
    move = {"to": "archived", "seen_seq": 1, "amount": amount}
    assert "amount" in program.refused("post", f"/deals/{deal.pk}/moves", move, 400)["fields"]


@pytest.mark.parametrize(
    "day", ["9999-12-31", "2026-13-01", "2026-02-30", "tomorrow", 0, 1700000000, "", "0001-01-01"]
)
def test_a_day_is_a_day_or_it_is_refused(program, deal, day):
    body = {"rev": deal.rev, "expected_close": day}
    assert "expected_close" in program.refused("patch", f"/deals/{deal.pk}", body, 400)["fields"]


@pytest.mark.parametrize("path", ["/deals/abc", "/deals/1e3", "/nothing", "/deals/5/secrets", "", "/deals/-1",
                                  "/process/a%20b", "/deals/999999999999999999999999"])  # fmt: skip
def test_an_address_that_leads_nowhere_is_404_in_json(program, path):
    assert program.get(path).status_code == 404
    assert program.get(path).json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    "query",
    [{"limit": 0}, {"limit": 201}, {"limit": "many"}, {"cursor": "x"}, {"cursor": "YWZ0ZXI6LTE"}, {"stage": "abc"},
     {"status": "lucky"}, {"owner": "you"}, {"stge": 5}, {"q": "x" * 101}, {"stage": "9" * 30}],
)  # fmt: skip
def test_a_list_asked_for_wrongly_says_so(program, query):
    answer = program.get("/deals", **query)
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "malformed"


@pytest.mark.parametrize("query", ["q=a%00b", "a%00=b"])
def test_a_nul_in_the_address_is_refused_in_json(program, query):
    answer = program.get(f"/deals?{query}")
    assert answer.status_code == 400 and "cannot be stored" in answer.json()["error"]["message"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                                  "application/xml", ""])  # fmt: skip
def test_what_is_not_sent_as_json_is_415(program, kind):
    before = fingerprint()
    headers = {"authorization": f"Bearer {program.secret}"}
    answer = program.client.generic("POST", "/api/v1/companies", '{"name": "a"}', kind, headers=headers)
    assert answer.status_code == 415 and answer.json()["error"]["code"] == "wrong_type"
    assert fingerprint() == before


@pytest.mark.parametrize("method", ["put", "delete", "patch", "head", "options"])
def test_a_method_that_an_address_does_not_take_is_405(program, method):
    answer = program.ask(method, "/deals")
    assert answer.status_code == 405 and set(answer["Allow"].split(", ")) == {"GET", "POST"}
    assert method == "head" or answer.json()["error"]["code"] == "method_not_allowed"


def test_a_body_that_is_too_large_is_refused(program, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    program.refused("post", "/companies", json.dumps({"name": "a", "note": "x" * 2000}), 400)


def test_names_that_look_like_code_are_kept_as_text(program):
    for name in ('<script>alert("x")</script>', '"><img src=x onerror=y>', "{{7*7}}", "javascript:alert(1)"):
        told = program.post("/companies", {"name": name})
        assert told.status_code == 201 and told.json()["name"] == name
        assert told["Content-Type"] == "application/json" and told["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_may_not_come_in_is_refused(program, deal):
    before = fingerprint()
    answer = program.send_file(f"/deals/{deal.pk}/files", f.upload("run.exe", b"MZ\x90\x00\x03"))
    assert answer.status_code == 422 and "file" in answer.json()["error"]["fields"]
    assert fingerprint() == before and not deal.attachments.exists()
    assert program.refused("post", f"/deals/{deal.pk}/files", {"file": "x"}, 400)["code"] == "malformed"


def test_a_thousand_answers_at_once_are_refused(program, deal):
    body = {"answers": [{"criterion": n} for n in range(1, 1001)]}
    program.refused("post", f"/deals/{deal.pk}/answers", body, 400)
    program.refused(
        "post", f"/deals/{deal.pk}/answers", {"answers": [{"criterion": 5}, {"criterion": 5}]}, 400
    )
