"""Deals over the API: made, listed, changed, answered; each through what the pages use."""

import pytest

from deals import moves
from deals.models import Activity, Answer, Deal, GateRefusal, Transition
from pipeline.models import Pipeline

from .. import factories as f
from ..api import Program

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(kept):
    return f.make_pipeline().pk


@pytest.fixture
def pipeline(made, db):
    return Pipeline.objects.get(pk=made)


@pytest.fixture
def deal(pipeline, rep):
    return f.make_deal(pipeline, rep)


def to(pipeline, name):
    return f.stage_of(pipeline, name).pk


def answers_of(pipeline):
    problem, budget = (f.criterion_of(pipeline, slug).pk for slug in ("problem", "budget"))
    return [
        {
            "criterion": problem,
            "value": "We lose a shift a month",
            "by": "Lena Vossberg",
            "words": "A shift a month",
        },
        {"criterion": budget, "value": "60-90k", "by": "Lena Vossberg"},
    ]


def test_a_deal_is_made_at_the_first_stage_with_its_company_and_contact(program, pipeline, rep):
    body = {"company": "Vellgrove Dairies", "pipeline": pipeline.slug, "amount": 86000.5, "contact": "Lena Vossberg",
            "next_step": "Go through the offer", "next_step_on": "2030-01-01"}  # fmt: skip
    answer = program.post("/deals", body)
    assert answer.status_code == 201
    told = answer.json()
    deal = Deal.objects.get(pk=told["id"])
    assert (
        told["stage"]["name"] == "Qualify"
        and told["amount"] == "86000.50"
        and told["owner"]["name"] == rep.name
    )
    assert (deal.seq, deal.transitions.get().source, deal.company.name) == (1, "api", "Vellgrove Dairies")
    assert deal.stakeholders.get().contact.name == "Lena Vossberg"


def test_a_deal_is_made_for_a_company_that_is_known(program, pipeline):
    company = f.make_company("Vellgrove")
    f.make_company("Vellgrove")
    body = {"company_id": company.pk, "name": "Hall two", "pipeline": pipeline.slug}
    assert Deal.objects.get(pk=program.post("/deals", body).json()["id"]).company == company
    assert program.refused("post", "/deals", {"company_id": 999999}, 404)["code"] == "not_found"
    program.refused("post", "/deals", {"company": "One", "company_id": company.pk}, 400)
    program.refused("post", "/deals", {}, 400)


def test_a_deal_that_cannot_be_made_names_every_field(program, pipeline):
    other = f.make_user("Ines Roth", team="South")
    body = {
        "company": "tbd",
        "currency": "XXX",
        "email": "nobody",
        "pipeline": "no-such",
        "owner_id": other.pk,
    }
    said = program.refused("post", "/deals", body, 422)
    assert set(said["fields"]) == {"company", "currency", "email", "pipeline", "owner_id"}
    assert said["fields"]["pipeline"] == f"There is no such pipeline. There are: {pipeline.slug}."


def test_what_a_deal_says_is_changed_all_at_once(program, deal):
    f.make_user("Jonas Lindqvar")
    body = {"rev": str(deal.rev), "amount": "99000", "goals": "Fewer shutdowns", "next_step": "Send the offer",
            "next_step_on": "2030-02-01", "deal_type": "new", "probability": 64}  # fmt: skip
    told = program.patch(f"/deals/{deal.pk}", body).json()
    assert (
        told["amount"] == "99000.00"
        and told["next_step_on"] == "2030-02-01"
        and told["rev"] == str(deal.rev + 1)
        and told["probability"] == 64
    )
    again = program.patch(f"/deals/{deal.pk}", {"amount": None}, **{"if-match": f'"{told["rev"]}"'}).json()
    assert (
        again["amount"] is None
        and again["next_step"] == "Send the offer"
        and again["goals"] == "Fewer shutdowns"
    )


def test_a_change_with_one_field_that_does_not_fit_changes_nothing(program, deal):
    body = {"rev": deal.rev, "deal_type": "new", "next_step_on": "2001-01-01", "goals": "n/a"}
    said = program.refused("patch", f"/deals/{deal.pk}", body, 422)
    assert set(said["fields"]) == {"next_step", "next_step_on", "goals"} and said["code"] == "unfit"


def test_a_change_from_an_old_state_is_told_how_things_stand(program, deal):
    said = program.refused("patch", f"/deals/{deal.pk}", {"rev": "0", "goals": "Fewer shutdowns"}, 409)
    assert said["code"] == "stale" and said["state"]["rev"] == str(deal.rev) and said["state"]["seq"] == 1
    program.refused("patch", f"/deals/{deal.pk}", {"goals": "Fewer shutdowns"}, 400)
    program.refused("patch", f"/deals/{deal.pk}", {"goals": "x", "rev": 1}, 400, **{"if-match": '"2"'})


def test_answers_are_kept_without_moving(program, pipeline, deal):
    answer = program.post(f"/deals/{deal.pk}/answers", {"answers": answers_of(pipeline)})
    assert answer.status_code == 200
    assert all(item["holds"] for item in answer.json()["criteria"]) and len(answer.json()["criteria"]) == 2
    assert set(Answer.objects.values_list("source", flat=True)) == {"api"}
    assert Activity.objects.count() == 1 and Transition.objects.count() == 1
    assert program.get(f"/deals/{deal.pk}/gate").json()["holds"]


def test_an_answer_that_cannot_be_read_is_named_by_criterion_and_part(program, pipeline, deal):
    problem, budget = answers_of(pipeline)
    body = {"answers": [problem, budget | {"value": "sixty or so", "file_id": 77}]}
    said = program.refused("post", f"/deals/{deal.pk}/answers", body, 422)
    assert list(said["fields"]) == [f"answers.{budget['criterion']}.file_id"]
    body["answers"][1].pop("file_id")
    said = program.refused("post", f"/deals/{deal.pk}/answers", body, 422)
    assert list(said["fields"]) == [f"answers.{budget['criterion']}.value"] and said["code"] == "unreadable"


def test_another_deals_file_is_no_evidence(program, pipeline, deal, rep):
    other = f.make_deal(pipeline, rep)
    sent = program.send_file(f"/deals/{other.pk}/files", f.upload())
    assert sent.status_code == 201 and sent.json()["name"] == "reply.pdf"
    answers = [answers_of(pipeline)[0] | {"file_id": sent.json()["id"]}]
    program.refused("post", f"/deals/{deal.pk}/answers", {"answers": answers}, 422)


def test_a_move_answers_on_the_way(program, pipeline, deal):
    body = {"to": to(pipeline, "Discover"), "seen_seq": 1, "answers": answers_of(pipeline)}
    answer = program.post(f"/deals/{deal.pk}/moves", body)
    assert (
        answer.status_code == 200
        and answer.json()["stage"]["name"] == "Discover"
        and answer.json()["seq"] == 2
    )
    assert Transition.objects.get(deal=deal, seq=2).source == "api"


def test_a_refused_move_lists_every_criterion_and_goes_on_record(program, pipeline, deal, rep):
    said = program.refused("post", f"/deals/{deal.pk}/moves", {"to": "won", "seen_seq": 1}, 422)
    slugs = [item["slug"] for item in said["criteria"]]
    assert slugs == ["problem", "budget", "summary", "review", "next_step", "signed"]
    assert said["criteria"][0]["field"] == "value" and said["criteria"][0]["why"]
    assert GateRefusal.objects.get().source == "api" and GateRefusal.objects.get().actor == rep


def test_a_move_from_an_old_state_is_told_who_was_first(program, pipeline, deal, rep):
    moves.pause(deal.pk, reason="Budget in May", seen_seq=1, by=rep)
    said = program.refused("post", f"/deals/{deal.pk}/moves", {"to": "archived", "seen_seq": 1}, 409)
    assert said["code"] == "stale" and said["state"]["seq"] == 2 and said["state"]["status"] == "paused"
    assert said["last"]["by"] == rep.name and said["last"]["kind"] == "pause" and said["last"]["at"]


@pytest.mark.parametrize("seen", [None, "", "1", 1.0, -1, True, 99999999999])
def test_a_move_that_does_not_say_what_it_saw_is_malformed(program, deal, seen):
    body = {"to": "archived"} | ({} if seen is None else {"seen_seq": seen})
    said = program.refused("post", f"/deals/{deal.pk}/moves", body, 400)
    assert list(said["fields"]) == ["seen_seq"]


@pytest.mark.parametrize("target", ["nowhere", 999999, "0", "1e3"])
def test_a_move_to_nowhere_is_refused(program, deal, target):
    said = program.refused("post", f"/deals/{deal.pk}/moves", {"to": target, "seen_seq": 1}, 422)
    assert said["code"] == "unknown_target"
    assert program.get(f"/deals/{deal.pk}/gate", to=target).status_code == 422


def test_losing_without_a_reason_lists_the_reasons(program, deal):
    f.make_loss_reason("Price")
    gate = program.get(f"/deals/{deal.pk}/gate", to="lost").json()
    assert gate["needs"] == ["loss_reason"] and gate["holds"]
    said = program.refused("post", f"/deals/{deal.pk}/moves", {"to": "lost", "seen_seq": 1}, 422)
    assert said["choices"] == {"loss_reason": ["Price"]} and "loss_reason" in said["fields"]
    body = {"to": "lost", "seen_seq": 1, "loss_reason": "price"}
    assert program.post(f"/deals/{deal.pk}/moves", body).json()["loss_reason"] == "Price"


def test_a_closed_deal_says_reopen_it_first(program, deal, rep):
    moves.archive(deal.pk, seen_seq=1, by=rep)
    said = program.refused("post", f"/deals/{deal.pk}/moves", {"to": "won", "seen_seq": 2}, 409)
    assert said["code"] == "illegal_move" and "Reopen it first" in said["message"]
    assert program.get(f"/deals/{deal.pk}/gate", to="won").status_code == 409
    assert program.get(f"/deals/{deal.pk}/gate", to="reopen").json()["needs"] == ["reason"]


def test_the_same_move_key_again_is_one_move(program, deal):
    body = {"to": "archived", "seen_seq": 1, "key": "night-1"}
    assert [program.post(f"/deals/{deal.pk}/moves", body).status_code for _n in range(2)] == [200, 200]
    program.refused("post", f"/deals/{deal.pk}/moves", body | {"key": "night-2"}, 409)


def test_a_teammates_deal_is_read_and_not_touched(pipeline, deal):
    mate = Program(f.make_user("Jonas Lindqvar"))
    assert mate.get(f"/deals/{deal.pk}").status_code == 200
    said = mate.refused("post", f"/deals/{deal.pk}/moves", {"to": "archived", "seen_seq": 1}, 403)
    assert said["code"] == "not_allowed"
