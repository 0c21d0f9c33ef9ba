"""Everything that is changed on the page of one deal."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.urls import reverse

from deals import moves
from deals.models import Activity, Answer, Task
from pipeline.vocabulary import Kind

from .. import factories as f
from ..fingerprint import fingerprint
from ..programs.test_move_endpoint import HTMX, ready
from .asking import edit, html, log

pytestmark = pytest.mark.django_db


def test_the_amount_is_changed_in_its_place(page, deal):
    fragment = page.get(reverse("edit", args=[deal.pk, "amount"]), headers=HTMX).content.decode()
    assert 'value="86000"' in fragment and "<html" not in fragment
    assert "Amount</label>" in fragment and "Value" not in fragment, "the heading above says Value"
    assert "€92,000" in edit(page, deal, "amount", HTMX, amount="€92k", currency="EUR").content.decode()
    assert f.fresh(deal).amount == Decimal(92000) == f.fresh(deal).amount_base


def test_without_script_the_field_is_a_page_and_leads_back(page, deal):
    assert "<html" in page.get(reverse("edit", args=[deal.pk, "source"])).content.decode()
    back = edit(page, deal, "source", lead_source="Trade fair")["Location"]
    assert back == reverse("deal", args=[deal.pk]) + "#edit-source"
    assert f.fresh(deal).lead_source == "Trade fair"


@pytest.mark.parametrize(
    ("name", "fields", "words"),
    [
        ("amount", {"amount": "plenty"}, "not an amount"),
        ("amount", {"amount": "-5"}, "must not be negative"),
        ("amount", {"amount": "1e400"}, "not an amount"),
        ("amount", {"amount": "5", "currency": "dubloons"}, "not a currency"),
        ("discount", {"discount_percent": "120"}, "at most"),
        ("own_probability", {"probability_override": "101"}, "at most"),
        ("own_probability", {"probability_override": "12.5"}, "whole number"),
        ("expected_close", {"expected_close": "someday"}, "not a day"),
        ("next_step", {"next_step": "Call them", "next_step_on": ""}, "has a date"),
        ("next_step", {"next_step": "Call them", "next_step_on": "2001-01-01"}, "has passed"),
        ("next_step", {"next_step": "tbd", "next_step_on": "2099-01-01"}, "placeholder"),
        (
            "next_step",
            {"next_step": " ".join(map(str, range(99, 250))), "next_step_on": "2099-01-01"},
            "characters",
        ),
        ("name", {"name": "  "}, "empty"),
        ("source", {"lead_source": "a\0b"}, "cannot be stored"),
        ("owner", {"owner": "999"}, "works here"),
    ],
)
def test_what_does_not_fit_stays_in_the_field_with_the_reason(page, deal, name, fields, words):
    before = fingerprint()
    response = edit(page, deal, name, **fields)
    assert response.status_code == 422 and fingerprint() == before
    text = response.content.decode()
    assert words in text and 'aria-invalid="true"' in text


def test_two_people_change_the_same_thing_and_the_second_is_told(page, deal, rep):
    old = f.fresh(deal)
    edit(page, deal, "source", lead_source="Trade fair")
    before = fingerprint()
    response = edit(page, deal, "source", lead_source="Website", rev=old.rev, was="")
    assert response.status_code == 409 and fingerprint() == before
    text = response.content.decode()
    assert "Trade fair" in text and 'value="Website"' in text and "Save mine on top" in text


def test_a_change_elsewhere_on_the_deal_is_no_conflict(page, deal):
    old = f.fresh(deal)
    edit(page, deal, "source", lead_source="Trade fair")
    assert edit(page, deal, "type", deal_type="renewal", rev=old.rev, was="").status_code == 303


@pytest.mark.parametrize("fields", [{"rev": "x"}, {"stage": "3"}, {"status": "won"}, {"amount_base": "1"}])
def test_an_edit_no_page_could_send_is_refused(page, deal, fields):
    before = fingerprint()
    assert edit(page, deal, "amount", amount="5", **fields).status_code == 400
    assert fingerprint() == before


@pytest.mark.parametrize("name", ["stage", "status", "seq", "probability", "team", "nonsense"])
def test_only_named_fields_are_edited(page, deal, name):
    before = fingerprint()
    assert edit(page, deal, name, **{name: "1"}).status_code == 404
    assert fingerprint() == before


def test_a_closed_deal_is_not_edited(page, deal, rep):
    moves.archive(deal.pk, seen_seq=1, by=rep)
    before = fingerprint()
    assert edit(page, deal, "amount", amount="5").status_code == 409
    assert fingerprint() == before


def test_a_new_next_step_is_not_what_the_buyer_agreed_to(page, rep):
    pipeline = f.make_pipeline(stages={"One": [("next_step", Kind.NEXT_STEP, {})], "Two": []})
    deal = ready(f.make_deal(pipeline, rep))
    assert f.fresh(deal).held_here == 1 and "agreed to it" in html(page, deal)
    edit(page, deal, "next_step", next_step="Show them the figures", next_step_on="2099-01-05")
    assert f.fresh(deal).held_here == 0
    assert "the buyer has not agreed to it yet" in html(page, deal)
    assert Answer.objects.filter(deal=deal, is_current=False).count() == 1, (
        "the old agreement stays on record"
    )


def test_the_owner_of_the_next_action_is_somebody_active(page, deal):
    colleague = f.make_user("Jonas Lindqvar")
    edit(page, deal, "next_owner", next_owner=colleague.pk)
    assert f.fresh(deal).next_owner == colleague
    colleague.is_active = False
    colleague.save(update_fields=["is_active"])
    before = fingerprint()
    assert edit(page, deal, "owner", owner=colleague.pk).status_code == 422
    assert fingerprint() == before


# tasks, files


def test_a_task_is_added_and_done_with_what_came_of_it(page, deal, rep):
    page.post(reverse("add_task", args=[deal.pk]), {"title": "Ask for the org chart", "due_on": "2099-01-05"})
    task = Task.objects.get()
    assert task.assignee == rep and "Ask for the org chart" in html(page, deal)
    before = fingerprint()
    response = page.post(reverse("task_done", args=[deal.pk, task.pk]), {"outcome": ""})
    assert response.status_code == 422 and fingerprint() == before
    assert "Say what came of it." in response.content.decode().split('id="tasks"')[1].split("</section>")[0]
    page.post(reverse("task_done", args=[deal.pk, task.pk]), {"outcome": "Got it"})
    task.refresh_from_db()
    assert (
        task.done_at
        and task.outcome == "Got it"
        and "Ask for the org chart" not in html(page, deal).split("<main")[1].split("toasts")[0]
    )


@pytest.mark.parametrize(
    ("title", "due_on", "words"), [("", "2099-01-05", "This is empty."), ("Call Lena", "soon", "not a day")]
)
def test_a_task_that_cannot_be_stored_says_why_beside_its_field(page, deal, title, due_on, words):
    before = fingerprint()
    response = page.post(reverse("add_task", args=[deal.pk]), {"title": title, "due_on": due_on})
    assert response.status_code == 422 and fingerprint() == before
    form = response.content.decode().split('id="tasks"')[1].split("</form>")[0]
    assert words in form and 'aria-invalid="true"' in form and f'value="{title}"' in form


def test_a_file_goes_up_and_comes_down_as_a_download(page, deal):
    page.post(reverse("upload", args=[deal.pk]), {"file": f.upload("Offer.pdf")})
    stored = deal.attachments.get()
    response = page.get(reverse("file", args=[deal.pk, stored.pk]))
    assert "attachment" in response["Content-Disposition"] and b"".join(
        response.streaming_content
    ).startswith(b"%PDF")


def test_a_file_that_is_gone_from_the_disk_is_told_as_that(page, deal):
    page.post(reverse("upload", args=[deal.pk]), {"file": f.upload("Offer.pdf")})
    stored = deal.attachments.get()
    Path(stored.file.path).unlink()
    response = page.get(reverse("file", args=[deal.pk, stored.pk]))
    assert response.status_code == 404
    assert "“Offer.pdf” is on record, but gone from the server’s disk." in response.content.decode()


def test_a_file_that_is_not_what_it_says_stays_out(page, deal):
    page.post(
        reverse("upload", args=[deal.pk]), {"file": f.upload("Offer.pdf", b"<script>alert(1)</script>")}
    )
    assert not deal.attachments.exists()
    assert "not accepted" in html(page, deal)
    told = page.post(reverse("upload", args=[deal.pk]), headers={"accept": "application/json"})
    assert told.status_code == 422 and told.json()["error"]["fields"] == {"file": "Choose a file first."}


def test_a_form_sent_with_nothing_in_it_puts_nobodys_page_out_of_date(page, deal):
    rev = f.fresh(deal).rev
    assert page.post(reverse("answers", args=[deal.pk]), {"to": "", "seen_seq": deal.seq}).status_code == 303
    assert f.fresh(deal).rev == rev


# after a meeting


def test_what_is_ticked_and_left_empty_goes_back_to_be_filled_and_nothing_is_stored(page, pipeline, deal):
    problem, before = f.criterion_of(pipeline, "problem"), fingerprint()
    ticked = {f"c{problem.pk}_asked": "1", f"c{problem.pk}_tick": "1"}
    response = log(page, deal, who="Lena Vossberg", said="We talked money", **ticked)
    assert response.status_code == 422
    shown = response.content.decode()
    assert "This is empty." in shown and "We talked money" in shown
    assert fingerprint() == before


def test_a_meeting_is_logged_with_what_it_confirmed_and_what_comes_next(page, pipeline, deal):
    lena = f.make_contact(deal.company)
    budget = f.criterion_of(pipeline, "budget").pk
    response = log(
        page, deal, people=[lena.pk], said="60 to 90 is in the plant budget", next_step="Go through the offer",
        next_step_on="2099-01-05", **{f"c{budget}_asked": "1", f"c{budget}_tick": "1", f"c{budget}": "60-90k"},
    )  # fmt: skip
    assert response.status_code == 303
    found = f.fresh(deal)
    assert found.next_step == "Go through the offer" and found.held_here == 1
    answer = Answer.objects.get()
    assert answer.contact == lena and answer.activity == Activity.objects.get()


def test_they_agreed_to_the_next_step_in_the_meeting(page, rep):
    pipeline = f.make_pipeline(stages={"One": [("next_step", Kind.NEXT_STEP, {})], "Two": []})
    deal = f.make_deal(pipeline, rep)
    name = f"c{f.criterion_of(pipeline, 'next_step').pk}"
    fields = {
        f"{name}_asked": "1",
        f"{name}_tick": "1",
        "next_step": "Go through the offer",
        "next_step_on": "2099-01-05",
    }
    assert log(page, deal, who="Lena Vossberg", **fields).status_code == 303
    assert f.fresh(deal).held_here == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"who": ""}, "Say who"),
        ({"who": "Lena", "happened_on": "2099-01-01"}, "future"),
        ({"who": "Lena", "happened_on": "whenever"}, "not a day"),
        ({"who": "Lena", "kind": "seance"}, "Choose what it was"),
        ({"who": "Lena", "next_step": "Call", "next_step_on": ""}, "has a date"),
        ({"who": "tbd"}, "placeholder"),
    ],
)
def test_a_meeting_that_cannot_be_stored_leaves_nothing_behind(page, deal, fields, words):
    before = fingerprint()
    response = log(page, deal, said="They like it", **fields)
    assert response.status_code == 422 and fingerprint() == before
    assert words in response.content.decode() and "They like it" in response.content.decode()


def test_a_proof_is_renewed_in_one_tap_from_a_later_call(page, pipeline, rep):
    deal = f.make_deal(pipeline, rep)
    f.log_call(deal, days_ago=20)
    ready(deal)
    budget = f.criterion_of(pipeline, "budget").pk
    later = f.log_call(deal)
    address = reverse("still_true", args=[deal.pk, budget])
    assert page.post(address, {"conversation": later.pk}).status_code == 303
    renewed = Answer.objects.get(criterion=budget, is_current=True)
    assert renewed.activity == later and renewed.number == 60000
    before = fingerprint()
    assert page.post(address, {"conversation": "1"}).status_code == 400
    assert fingerprint() == before


def test_the_probability_is_the_stages_until_somebody_says_otherwise(page, deal):
    address = reverse("deal", args=[deal.pk])
    usual = f.fresh(deal).probability
    assert (
        f"{usual}%" in page.get(address).content.decode()
        and "its stage’s" in page.get(address).content.decode()
    )
    edit(page, deal, "own_probability", probability_override="64 %")
    shown = page.get(address).content.decode()
    assert "64%" in shown and f"our own; the stage’s is {usual}%" in shown
    edit(page, deal, "own_probability", probability_override="")
    assert f.fresh(deal).probability_override is None and "its stage’s" in page.get(address).content.decode()


def test_a_move_brings_the_stages_probability_and_leaves_our_own(page, pipeline, rep):
    deal = f.make_deal(pipeline, rep, stage="Propose")
    present = f.fresh(deal).probability
    edit(page, deal, "own_probability", probability_override="64")
    moves.back(
        deal.pk, to=deal.pipeline.stages.first().pk, seen_seq=f.fresh(deal).seq, by=None, reason="Too early"
    )
    moved = f.fresh(deal)
    assert moved.probability != present and moved.shown_probability() == 64
