"""A stranger's program walks a deal to won with what the API itself documents and tells, and nothing else."""

from datetime import timedelta

import pytest

from deals.models import Deal, Status, Transition
from pipeline.documents import read
from pipeline.loading import TEMPLATES, load
from team.models import Organisation

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
VALUES = {
    "text": "Night shifts lost at hall {n}; two days of reporting; water bill disputes {n}",
    "number": 5,
    "money": 60000,
    "date": "{later}",
    "yes_no": True,
    "contact": "Lena Vossberg",
    "stakeholder": "Lena Vossberg, Daniel Oseidan, Iris Holmgard",
    "next_step": "Walk through hall {n}",
    "deal_field": "Price fixed for three years, one free training",
}


@pytest.fixture(params=["smb-four-stages"])
def pipeline(request):
    admin = f.make_admin()
    return load(read(TEMPLATES / f"{request.param}.toml"), by=admin, owner=admin)


def answer_to(program, deal, n, item):
    """One criterion of the gate, answered by its kind, its evidence and what it asks besides."""
    later = (f.today() + timedelta(days=20)).isoformat()
    value = VALUES.get(item["kind"], True if item["kind"] in ("approval", "no_open_objection") else "")
    value = value.format(n=n, later=later) if isinstance(value, str) else value
    if item["kind"] == "choice":
        value = item["choices"][0]
    answer = {"criterion": item["criterion"], "value": value, "words": f"They said so in hall {n}"}
    if item["kind"] == "activity":
        return answer | {"by": "Lena Vossberg, Daniel Oseidan"}
    answer |= {"by": "Lena Vossberg", "how": "meeting"}
    if item["kind"] == "next_step":
        answer |= {"on": later}
    if item["with_date"]:
        answer |= {"date": f.today().isoformat()}
    if item["evidence"] in ("own", "file"):
        sent = f.upload(f"reply{n}.pdf", f"%PDF-1.4 yes, hall {n}".encode())
        answer |= {"file_id": program.send_file(f"/deals/{deal}/files", sent).json()["id"]}
    return answer


def asked(program, deal, **to):
    """What the gate still asks."""
    gate = program.get(f"/deals/{deal}/gate", **to)
    assert gate.status_code == 200, gate.content
    return gate.json(), [item for item in gate.json()["criteria"] if not item["holds"]]


def walk(program, deal, **to):
    gate, missing = asked(program, deal, **to)
    answers = [answer_to(program, deal, n, item) for n, item in enumerate(missing, 1)]
    move = {"to": gate["to"], "seen_seq": gate["seq"], "answers": answers}
    return program.post(f"/deals/{deal}/moves", move)


def made(program, pipeline):
    answer = program.post(
        "/deals", {"company": "Vellgrove Dairies", "pipeline": pipeline.slug, "amount": "60000.00"}
    )
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_program_makes_a_deal_and_walks_it_stage_by_stage_to_won(program, pipeline):
    deal = made(program, pipeline)
    stages = program.get(f"/process/{pipeline.slug}").json()["stages"]
    assert deal["stage"]["id"] == stages[0]["id"] and deal["status"] == "open"
    for _stage in stages:
        answered = walk(program, deal["id"])
        assert answered.status_code == 200, answered.json()
    assert answered.json()["status"] == "won"
    rows = program.get(f"/deals/{deal['id']}/transitions").json()["items"]
    assert [row["kind"] for row in rows] == ["create", *["advance"] * (len(stages) - 1), "win"]
    assert {row["source"] for row in rows} == {"api"} and rows[-1]["actor"]["name"] == program.user.name


def test_a_program_answers_all_stages_in_one_jump(program, pipeline):
    deal = made(program, pipeline)
    answered = walk(program, deal["id"], to="won")
    assert answered.status_code == 200, answered.json()
    assert Deal.objects.get(pk=deal["id"]).status == Status.WON


def test_asking_the_gate_writes_nothing_and_says_what_the_refusal_of_the_move_says(program, pipeline):
    deal = made(program, pipeline)
    before = fingerprint()
    gate, missing = asked(program, deal["id"], to="won")
    assert fingerprint() == before and not gate["holds"] and missing
    said = program.refused("post", f"/deals/{deal['id']}/moves", {"to": "won", "seen_seq": gate["seq"]}, 422)
    assert said["code"] == "gate_closed" and said["criteria"] == missing


def test_a_colleague_named_instead_of_the_buyer_confirms_nothing(program, pipeline, rep):
    Organisation.objects.update_or_create(pk=1, defaults={"own_domains": rep.email.partition("@")[2]})
    deal = made(program, pipeline)
    gate, missing = asked(program, deal["id"], to="won")
    answers = [
        answer_to(program, deal["id"], n, item) | {"by": rep.email} for n, item in enumerate(missing, 1)
    ]
    move = {"to": "won", "seen_seq": gate["seq"], "answers": answers}
    said = program.refused("post", f"/deals/{deal['id']}/moves", move, 422)
    assert any("is one of us" in text for text in said["fields"].values())
    assert Transition.objects.filter(deal=deal["id"]).count() == 1
