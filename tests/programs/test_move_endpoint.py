"""POST /deals/<id>/move/: the one way a browser or a script moves a deal."""

import pytest
from django.urls import reverse
from django.utils import timezone

from deals import moves
from deals.models import Activity, Answer, GateRefusal, Transition
from pipeline.models import Pipeline
from pipeline.process import process_of

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
BROWSER = {"accept": "text/html,*/*;q=0.8"}
JSON = {"accept": "application/json"}
HTMX = {"HX-Request": "true"}


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
    return client


def to(pipeline, name):
    return str(f.stage_of(pipeline, name).pk)


def send(client, deal, target, headers=None, **fields):
    fields.setdefault("seen_seq", deal.seq)
    data = {name: value for name, value in fields.items() if value is not None}
    headers = BROWSER | (headers or {})
    return client.post(reverse("move", args=[deal.pk]), {"to": target, **data}, headers=headers)


def ready(deal):
    """Answer everything the deal's stage asks."""
    process = process_of(deal.pipeline)
    return f.satisfy_all(deal, process.exit_criteria(deal.stage_id))


def refused(client, deal, target, status, headers=None, **fields):
    """Send, expect the refusal, and that nothing at all was changed."""
    before = fingerprint()
    response = send(client, deal, target, headers, **fields)
    assert response.status_code == status
    assert fingerprint() == before
    return response


def answers_of(pipeline, contact, **more):
    """Form fields that answer what Qualify asks, as a script would send them."""
    problem, budget = (f.criterion_of(pipeline, slug).pk for slug in ("problem", "budget"))
    return {
        f"c{problem}": "We lose a shift a month to shutdowns",
        f"c{problem}_words": "We lose a shift a month",
        f"c{problem}_by": contact.pk,
        f"c{problem}_on": timezone.localdate().isoformat(),
        f"c{problem}_how": "call",
        f"c{budget}": "60-90k",
        f"c{budget}_by": contact.pk,
        f"c{budget}_on": timezone.localdate().isoformat(),
        f"c{budget}_how": "call",
        **more,
    }


def test_a_rep_who_answers_everything_moves_the_deal_and_sees_it(page, pipeline, deal):
    contact = f.make_contact(deal.company)
    response = send(page, deal, to(pipeline, "Discover"), **answers_of(pipeline, contact))
    assert response.status_code == 303
    assert response["Location"] == reverse("deal", args=[deal.pk])
    assert f.fresh(deal).stage.name == "Discover"
    assert Activity.objects.get().attendees.get() == contact, "one conversation stands behind both answers"


def test_a_script_that_asks_for_no_page_is_told_200_and_where_the_deal_stands(page, pipeline, deal):
    ready(deal)
    response = send(page, deal, to(pipeline, "Discover"), {"accept": "*/*"})
    assert response.status_code == 200
    assert response.json() | {"seq": 2, "status": "open"} == response.json()


def test_a_move_with_open_criteria_lists_every_one_of_them_with_its_field(page, pipeline, deal):
    response = refused(page, deal, to(pipeline, "Discover"), 422, JSON)
    body = response.json()
    assert [item["slug"] for item in body["open"]] == ["problem", "budget"]
    first = body["open"][0]
    assert first["field"] == f"c{first['criterion']}" and first["why"] and first["stage"] == "Qualify"
    assert body["error"]["code"] == "gate_closed" and body["request_id"]


def test_the_page_shows_each_open_criterion_as_a_field(page, pipeline, deal):
    html = refused(page, deal, to(pipeline, "Discover"), 422).content.decode()
    for slug in ("problem", "budget"):
        assert f'data-criterion="{f.criterion_of(pipeline, slug).pk}"' in html
    assert "Two things are open before Discover" in html


def test_a_fragment_gets_the_dialog_where_dialogs_go(page, pipeline, deal):
    response = refused(page, deal, to(pipeline, "Discover"), 422, HTMX)
    assert response["HX-Retarget"] == "#dialog-root" and response["HX-Reswap"] == "innerHTML"
    assert response.content.decode().lstrip().startswith("<dialog")


def test_a_refusal_goes_on_record(page, pipeline, deal, rep):
    refused(page, deal, to(pipeline, "Discover"), 422)
    assert GateRefusal.objects.get(deal=deal).actor == rep


def test_skipping_stages_answers_for_every_stage_passed(page, pipeline, deal):
    response = refused(page, deal, "won", 422, JSON)
    slugs = ["problem", "budget", "summary", "review", "next_step", "signed"]
    assert [item["slug"] for item in response.json()["open"]] == slugs


def test_typed_answers_stay_in_the_form_after_a_refusal(page, pipeline, deal):
    contact = f.make_contact(deal.company)
    given = answers_of(pipeline, contact)
    budget = f.criterion_of(pipeline, "budget").pk
    given[f"c{budget}"] = "sixty <b>or</b> so"
    html = refused(page, deal, to(pipeline, "Discover"), 422, **given).content.decode()
    assert "We lose a shift a month to shutdowns" in html
    assert "sixty &lt;b&gt;or&lt;/b&gt; so" in html
    assert f'aria-describedby="e-c{budget}"' in html and f'id="e-c{budget}"' in html
    assert "is not an amount I can read" in html


def test_an_answer_that_only_fills_its_field_is_refused_beside_it(page, pipeline, deal):
    given = answers_of(pipeline, f.make_contact(deal.company))
    problem = f.criterion_of(pipeline, "problem").pk
    given[f"c{problem}"] = "tbd"
    response = refused(page, deal, to(pipeline, "Discover"), 422, JSON, **given)
    (item,) = response.json()["open"]
    assert item["slug"] == "problem" and "placeholder" in item["why"] and item["field"] == f"c{problem}"


def test_what_our_own_people_say_is_not_the_buyers_word(page, pipeline, deal, rep):
    colleague = f.make_contact(deal.company, "Tom Averell", email=rep.email)
    response = refused(page, deal, to(pipeline, "Discover"), 422, JSON, **answers_of(pipeline, colleague))
    assert all(
        "one of us" in item["why"] and item["field"].endswith("_by") for item in response.json()["open"]
    )


@pytest.mark.parametrize("seen", [None, "", "x", "-1", "1.0", "99999999999"])
def test_a_form_that_does_not_say_what_it_saw_is_refused(page, pipeline, deal, seen):
    refused(page, deal, to(pipeline, "Discover"), 400, seen_seq=seen)


def test_a_form_from_yesterday_is_told_who_moved_the_deal_and_when(page, pipeline, deal, rep):
    ready(deal)
    moves.advance(deal.pk, to=int(to(pipeline, "Discover")), seen_seq=1, by=rep)
    deal.seq = 1
    response = refused(page, deal, to(pipeline, "Propose"), 409)
    html = response.content.decode()
    assert rep.name in html and "today" in html and "It is in Discover now" in html
    assert refused(page, deal, to(pipeline, "Propose"), 409, JSON).json()["state"]["seq"] == 2


def test_answers_typed_before_somebody_else_moved_it_are_kept(page, pipeline, deal, rep):
    ready(deal)
    moves.advance(deal.pk, to=int(to(pipeline, "Discover")), seen_seq=1, by=rep)
    deal.seq = 1
    fields = {"conversation": "new", "conversation_by": "Lena Vossberg"}
    response = refused(page, deal, to(pipeline, "Propose"), 409, HTMX, **fields)
    html = response.content.decode()
    assert response["HX-Retarget"] == "#dialog-root"
    assert 'value="Lena Vossberg"' in html and 'name="seen_seq" value="2"' in html


def test_two_clicks_move_one_stage_and_give_one_answer(page, pipeline, deal):
    ready(deal)
    for _click in range(2):
        assert send(page, deal, to(pipeline, "Discover"), JSON, key="once").status_code == 200
    assert f.fresh(deal).seq == 2
    refused(page, deal, to(pipeline, "Discover"), 409, key="other")


@pytest.mark.parametrize("name", ["stage", "state", "seq", "won_at", "c0", "c5_nonsense", "answers[]", "cx"])
def test_a_field_no_page_has_is_refused(page, pipeline, deal, name):
    ready(deal)
    refused(page, deal, to(pipeline, "Discover"), 400, **{name: "1"})


def test_a_field_sent_twice_is_refused(page, pipeline, deal):
    refused(page, deal, to(pipeline, "Discover"), 400, reason=["one", "two"])


@pytest.mark.parametrize("target", ["999999", "nowhere", "0", "1e3"])
def test_a_stage_that_does_not_exist_is_refused(page, deal, target):
    refused(page, deal, target, 422)
    assert refused(page, deal, target, 422, JSON).json()["error"]["code"] == "unknown_target"


def test_another_pipelines_stage_is_refused(page, deal):
    refused(page, deal, to(f.make_pipeline(), "Discover"), 422)


def test_a_move_without_a_target_is_no_form_of_ours(page, deal):
    refused(page, deal, "", 400)


def test_a_rep_sees_a_teammates_deal_but_is_told_who_may_move_it(client, pipeline, deal, rep):
    client.force_login(f.make_user("Jonas Lindqvar"))
    f.make_manager()
    response = refused(client, deal, to(pipeline, "Discover"), 403, JSON)
    words = response.json()["error"]["message"]
    assert rep.name in words and "Ruth Adelmar" in words


def test_another_teams_deal_is_not_there(client, pipeline, deal):
    client.force_login(f.make_user("Ines Duarvo", team="South"))
    refused(client, deal, to(pipeline, "Discover"), 404)
    assert refused(client, deal, to(pipeline, "Discover"), 404, JSON).json()["error"]["code"] == "not_found"


def test_somebody_not_signed_in_is_asked_to(client, pipeline, deal):
    assert "login" in refused(client, deal, to(pipeline, "Discover"), 302)["Location"]


def test_reading_the_move_address_moves_nothing(page, deal):
    before = fingerprint()
    assert page.get(reverse("move", args=[deal.pk])).status_code == 405
    assert fingerprint() == before


def test_an_archived_deal_says_reopen_it_first(page, pipeline, deal, rep):
    moves.archive(deal.pk, seen_seq=1, by=rep)
    deal.refresh_from_db()
    response = refused(page, deal, to(pipeline, "Discover"), 409)
    assert "Reopen it first" in response.content.decode()


def test_a_script_that_loses_a_deal_without_a_reason_reads_which_there_are(page, deal):
    f.make_loss_reason("Price", position=2)
    f.make_loss_reason("No decision", position=1)
    f.make_loss_reason("Went silent", by_rule=True)
    f.make_loss_reason("Out of use", is_active=False)
    said = refused(page, deal, "lost", 422, JSON, reason="whatever").json()
    assert said["error"]["code"] == "missing_input" and list(said["error"]["fields"]) == ["loss_reason"]
    assert said["choices"] == {"loss_reason": ["No decision", "Price"]}
    assert "choices" not in refused(page, deal, "paused", 422, JSON).json()
    refused(page, deal, "lost", 422, JSON, loss_reason="x" * 70_000)
    assert send(page, deal, "lost", JSON, reason=said["choices"]["loss_reason"][0]).status_code == 200


def test_losing_asks_why(page, deal):
    reason = f.make_loss_reason()
    html = refused(page, deal, "lost", 422).content.decode()
    assert reason.name in html and "aria-invalid" not in html, "nobody is blamed for a question not asked yet"
    assert "aria-invalid" in refused(page, deal, "lost", 422, loss_reason="").content.decode()
    assert send(page, deal, "lost", loss_reason=reason.pk).status_code == 303
    assert f.fresh(deal).loss_reason == reason


def test_going_back_asks_for_a_reason(page, pipeline, deal):
    f.walk_to(deal, "Discover")
    refused(page, deal, to(pipeline, "Qualify"), 422)
    refused(page, deal, to(pipeline, "Qualify"), 422, reason="...")
    assert send(page, deal, to(pipeline, "Qualify"), reason="The budget fell through").status_code == 303
    assert f.fresh(deal).stage.name == "Qualify"


def test_a_win_without_an_amount_asks_for_it(page, pipeline, rep):
    deal = f.make_deal(pipeline, rep, amount=None, stage="Close")
    ready(deal)
    html = refused(page, deal, "won", 422).content.decode()
    assert 'name="amount"' in html
    assert "not an amount" in refused(page, deal, "won", 422, amount="plenty").content.decode()
    assert send(page, deal, "won", amount="€86k").status_code == 303
    assert f.fresh(deal).status == "won" and f.fresh(deal).amount == 86000


def test_the_last_move_is_undone(page, pipeline, deal):
    ready(deal)
    send(page, deal, to(pipeline, "Discover"))
    deal.refresh_from_db()
    assert send(page, deal, "undo").status_code == 303
    assert f.fresh(deal).stage.name == "Qualify"
    assert Transition.objects.filter(deal=deal).count() == 3


def test_a_character_that_cannot_be_stored_is_named_beside_its_field(page, pipeline, deal):
    given = answers_of(pipeline, f.make_contact(deal.company))
    problem = f.criterion_of(pipeline, "problem").pk
    given[f"c{problem}"] = "a\0b"
    assert "cannot be stored" in refused(page, deal, to(pipeline, "Discover"), 422, **given).content.decode()


def test_only_what_was_ticked_on_our_page_is_recorded(page, pipeline, deal):
    problem, budget = (f.criterion_of(pipeline, slug).pk for slug in ("problem", "budget"))
    call = f.log_call(deal)
    fields = {
        "conversation": call.pk, f"c{problem}_asked": "1", f"c{problem}": "Shutdowns cost a shift a month",
        f"c{budget}_asked": "1", f"c{budget}_tick": "1", f"c{budget}": "70k", "to": "", "seen_seq": deal.seq,
    }  # fmt: skip
    response = page.post(reverse("answers", args=[deal.pk]), fields)
    assert response.status_code == 303
    assert [answer.criterion_id for answer in Answer.objects.all()] == [budget]
    assert Answer.objects.get().opens


@pytest.mark.parametrize("given", [{}, {"key": "k1"}])
def test_a_move_takes_at_most_fifteen_statements(page, pipeline, deal, django_assert_max_num_queries, given):
    ready(deal)
    target = to(pipeline, "Discover")
    page.get(reverse("profile"))
    with django_assert_max_num_queries(17):  # with the two of the test's own transaction
        assert send(page, deal, target, JSON, **given).status_code == 200
