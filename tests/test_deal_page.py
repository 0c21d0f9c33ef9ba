"""The page of one deal, and everything that is changed on it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from deals import moves
from deals.models import Activity, Answer, Deal, Stakeholder, Task, Transition
from deals.timeline import PAGE
from pipeline.models import Pipeline
from pipeline.vocabulary import Kind

from . import factories as f
from .fingerprint import fingerprint
from .test_move_endpoint import HTMX, ready, send, to

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


@pytest.fixture
def page(client, rep):
    client.force_login(rep)
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client


def html(client, deal, **query):
    response = client.get(reverse("deal", args=[deal.pk]), query)
    assert response.status_code == 200
    return response.content.decode()


def edit(client, deal, what, headers=None, **fields):
    fields.setdefault("rev", f.fresh(deal).rev)
    return client.post(reverse("edit", args=[deal.pk, what]), fields, headers=headers)


def log(client, deal, **fields):
    return client.post(reverse("log", args=[deal.pk]), {"kind": "meeting", **fields})


# what it shows


def test_it_shows_where_the_deal_stands_and_what_is_open(page, deal):
    text = html(page, deal)
    assert deal.name in text and "€86,000" in text and "To leave Qualify" in text
    assert "The buyer confirmed problem" in text and "0 of 2 confirmed" in text


def test_it_is_claimed_without_a_next_step_and_says_so(page, deal):
    assert "There is no next step with a date." in html(page, deal)
    f.next_step(deal)
    assert "€86k is claimed" not in html(page, deal)


def test_a_proof_that_became_too_old_is_named_as_the_cause(page, pipeline, rep):
    deal = f.next_step(f.make_deal(pipeline, rep, stage="Discover"))
    criterion = f.criterion_of(pipeline, "budget")
    answer = Answer.objects.get(deal=deal, criterion=criterion)
    answer.holds_until = f.today() - timedelta(days=1)
    answer.save(update_fields=["holds_until"])
    text = html(page, deal)
    assert "One proof is too old." in text and "Ask again" in text


def test_why_a_deal_is_here_is_answered_with_the_proof(page, pipeline, rep):
    text = html(page, f.make_deal(pipeline, rep, stage="Propose"))
    assert "Why is this deal here?" in text and "Moved from Discover to Propose" in text
    assert "Lena Vossberg" in text and "3 confirmed in earlier stages" in text


def test_the_timeline_tells_refusals_moves_and_conversations(page, pipeline, deal, rep):
    send(page, deal, to(pipeline, "Discover"))
    f.log_call(deal, body="Send us an offer")
    ready(deal)
    moves.advance(deal.pk, to=f.stage_of(pipeline, "Discover").pk, seen_seq=1, by=rep)
    text = html(page, deal)
    assert f"{rep.name} asked to move it to Discover: refused" in text and "Nothing was changed." in text
    assert "“Send us an offer”" in text and "Moved from Qualify to Discover" in text
    assert "Confirmed: The buyer confirmed problem" in text


def test_a_long_history_comes_page_by_page_with_nothing_twice(page, deal):
    for number in range(2 * PAGE + 3):
        f.log_call(deal, subject=f"Talk {number:02}", days_ago=number // 3)
    seen, address = "", reverse("deal", args=[deal.pk])
    first = html(page, deal)
    cursor = first.split('hx-get="' + address + "?before=")[1].split('"')[0]
    seen += first
    while cursor:
        part = page.get(f"{address}?before={cursor}", headers=HTMX).content.decode()
        seen += part
        cursor = part.split("?before=")[-1].split('"')[0] if "?before=" in part else ""
    for number in range(2 * PAGE + 3):
        assert seen.count(f"Talk {number:02}") == 1


@pytest.mark.parametrize(
    "cursor", ["x", "2026-99-99T00:00:00+00:00,0,1", "2026-01-01T00:00:00,0,1", ",,", "a,b,c,d"]
)
def test_a_garbled_place_in_the_history_shows_the_beginning(page, deal, cursor):
    assert "Created in Qualify" in html(page, deal, before=cursor)


@pytest.mark.parametrize("calls", [1, 30])
def test_it_takes_at_most_fifteen_queries_however_much_happened(
    page, pipeline, rep, django_assert_max_num_queries, calls
):
    deal = f.make_deal(pipeline, rep, stage="Propose")
    for number in range(calls):
        contact = f.make_contact(deal.company, f"Person {number}")
        f.put_in_role(deal, contact, "user")
        f.log_call(deal, contact)
        Task.objects.create(
            deal=deal, assignee=rep, title="Call", due_on=f.today(), created_at=timezone.now()
        )
    html(page, deal)
    with django_assert_max_num_queries(15):
        html(page, deal)


def test_a_teammate_sees_it_without_buttons_and_another_team_not_at_all(client, deal):
    client.force_login(f.make_user("Jonas Lindqvar"))
    text = html(client, deal)
    assert reverse("log", args=[deal.pk]) not in text and "Move to Discover" not in text
    client.force_login(f.make_user("Ines Duarvo", team="South"))
    assert client.get(reverse("deal", args=[deal.pk])).status_code == 404


def test_every_address_of_another_teams_deal_is_not_there(client, deal, rep):
    task = Task.objects.create(
        deal=deal, assignee=rep, title="Call", due_on=f.today(), created_at=timezone.now()
    )
    stake = f.put_in_role(deal, f.make_contact(deal.company), "champion")
    client.force_login(f.make_user("Ines Duarvo", team="South"))
    before = fingerprint()
    addresses = [
        ("deal",), ("gate",), ("log",), ("edit", "amount"), ("new_stakeholder",), ("stakeholder", stake.pk),
        ("file", 1), ("move",), ("answers",), ("still_true", 1), ("add_task",), ("task_done", task.pk), ("upload",),
    ]  # fmt: skip
    for name, *rest in addresses:
        address = reverse(name, args=[deal.pk, *rest])
        assert {client.get(address).status_code, client.post(address).status_code} <= {404, 405}, name
    assert fingerprint() == before


# closed deals


def test_a_lost_deal_says_why_and_offers_to_reopen_or_undo(page, deal, rep):
    moves.lose(deal.pk, seen_seq=1, by=rep, loss_reason=f.make_loss_reason("No budget"))
    text = html(page, deal)
    assert "No budget" in text and "Reopen" in text and ">Undo<" in text
    assert "Move to Discover" not in text


def test_a_won_deal_shows_when_it_was_signed(page, pipeline, rep):
    deal = ready(f.make_deal(pipeline, rep, stage="Close"))
    moves.win(deal.pk, seen_seq=deal.seq, by=rep)
    assert "Signed" in html(page, deal) and "Won " in html(page, deal)


def test_an_archived_deal_is_reopened_with_a_reason(page, deal, rep):
    moves.archive(deal.pk, seen_seq=1, by=rep)
    deal.refresh_from_db()
    assert send(page, deal, "reopen", reason="They called back").status_code == 303
    assert f.fresh(deal).status == "open"


# changing what it says


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


# people, tasks, files


def test_a_person_is_added_with_roles_and_changed_again(page, deal):
    fields = {
        "name": "Giulia Bellavar",
        "job_title": "Finance director",
        "stance": "for",
        "influence": "3",
        "roles": ["economic_buyer", "approver"],
    }
    assert page.post(reverse("new_stakeholder", args=[deal.pk]), fields).status_code == 303
    stake = Stakeholder.objects.get(deal=deal)
    assert stake.influence == 3 and {r.role for r in stake.roles.all()} == {"economic_buyer", "approver"}
    fields["roles"] = ["approver"]
    page.post(reverse("stakeholder", args=[deal.pk, stake.pk]), fields)
    assert [r.role for r in stake.roles.all()] == ["approver"]
    assert "Finance director" in html(page, deal) and "Approver" in html(page, deal)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "n/a"},
        {"email": "not an address"},
        {"roles": ["king"]},
        {"stance": "x"},
        {"name": "x" * 200},
    ],
)
def test_a_person_who_cannot_be_stored_keeps_the_form(page, deal, wrong):
    before = fingerprint()
    fields = {"name": "Giulia Bellavar", "stance": "for", "influence": "3", "priority": "Payback", **wrong}
    response = page.post(reverse("new_stakeholder", args=[deal.pk]), fields)
    assert response.status_code == 422 and "Payback" in response.content.decode()
    assert fingerprint() == before and not Stakeholder.objects.exists()


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


def test_a_file_that_is_not_what_it_says_stays_out(page, deal):
    page.post(
        reverse("upload", args=[deal.pk]), {"file": f.upload("Offer.pdf", b"<script>alert(1)</script>")}
    )
    assert not deal.attachments.exists()
    assert "not accepted" in html(page, deal)


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


def test_looking_at_any_page_of_a_deal_changes_nothing(page, deal):
    before = fingerprint()
    for name, *rest in [
        ("deal",),
        ("gate",),
        ("log",),
        ("new_stakeholder",),
        ("edit", "owner"),
        ("edit", "next_step"),
    ]:
        page.get(reverse(name, args=[deal.pk, *rest]), {"to": "lost"})
    assert fingerprint() == before and Transition.objects.count() == 1 and Deal.objects.count() == 1
