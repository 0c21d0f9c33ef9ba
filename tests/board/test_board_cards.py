"""A card of the board: what it says of its deal, its plain form, and what a move sends back."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from deals import moves
from deals.models import Deal
from pipeline.models import Pipeline
from pipeline.process import process_of
from team import formats

from .. import factories as f
from ..boards import card, fill, refused, words
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(kept):
    return f.make_pipeline("New business").pk


@pytest.fixture
def pipeline(made, db):
    return Pipeline.objects.get(pk=made)


# ---- what a card says


def test_a_deal_without_a_next_step_says_so_and_is_claimed(board, pipeline, rep):
    deal = f.make_deal(pipeline, rep)
    markup = card(board(), deal)
    assert "No next step with a date" in words(markup)
    assert 'aria-label="claimed"' in markup


def test_a_next_step_in_the_past_is_late(board, pipeline, rep):
    deal = f.next_step(f.make_deal(pipeline, rep), days=-1, text="Ask who signs")
    markup = card(board(), deal)
    assert 'class="nx late"' in markup and "is past" in markup


def test_a_refused_deal_says_how_much_is_open(board, pipeline, rep):
    deal = refused(pipeline, rep)
    assert "Blocked: 2 open" in words(card(board(), deal))


def test_a_deal_is_no_longer_blocked_once_everything_is_answered(board, pipeline, rep):
    deal = refused(pipeline, rep)
    f.satisfy_all(deal, process_of(pipeline).exit_criteria(deal.stage_id))
    text = words(card(board(), deal))
    assert "Blocked" not in text and "Ready" in text


def test_the_pips_show_held_claimed_and_open(board, pipeline, rep):
    deal = f.make_deal(pipeline, rep)
    f.satisfy(deal, process_of(pipeline).exit_criteria(deal.stage_id)[0])
    markup = card(board(), deal)
    assert "1 of 2 exit criteria confirmed" in markup
    assert '<i class="on"></i><i></i>' in markup


def test_an_imported_deal_says_what_it_never_proved(board, pipeline, rep):
    deal = next(d for d in fill(pipeline, rep, 4) if d.open_before)
    assert f"Imported: {deal.open_before} open" in words(card(board(), deal))


def test_the_card_says_with_whom_the_decision_is_and_since_when(board, pipeline, rep):
    deal = f.make_deal(pipeline, rep)
    f.put_in_role(deal, f.make_contact(deal.company, "Lena Vossberg"), "economic_buyer")
    day = timezone.now() - timedelta(days=3)
    assert "With us since" in words(card(board(), deal))
    Deal.objects.filter(pk=deal.pk).update(awaiting_since=day)
    assert f"With Lena Vossberg since {day.day} {day:%b}" in words(card(board(), deal))
    Deal.objects.filter(pk=deal.pk).update(awaiting_since=timezone.now() + timedelta(days=3))
    assert f"With Lena Vossberg, who named {formats.day_short(f.today() + timedelta(days=3))}" in words(
        card(board(), deal)
    )


def test_a_deal_that_waits_past_its_follow_up_is_quiet(board, pipeline, rep):
    deal = f.make_deal(pipeline, rep)
    Deal.objects.filter(pk=deal.pk).update(awaiting_since=timezone.now() - timedelta(days=4))
    assert "Quiet since" not in card(board(), deal)
    Deal.objects.filter(pk=deal.pk).update(awaiting_since=timezone.now() - timedelta(days=8))
    assert "Quiet since" in card(board(), deal)


def test_what_a_buyer_is_called_is_shown_as_text(board, pipeline, rep):
    deal = f.make_deal(pipeline, rep, company=f.make_company("<script>alert(1)</script>"))
    markup = card(board(), deal)
    assert "<script>" not in markup and "&lt;script&gt;" in markup


# ---- without JavaScript


def test_each_card_moves_by_a_plain_form(board, pipeline, rep):
    deal = f.make_deal(pipeline, rep)
    markup = card(board(), deal)
    assert f'<form method="post" action="/deals/{deal.pk}/move/">' in markup
    assert 'name="seen_seq" value="1"' in markup and 'name="csrfmiddlewaretoken"' in markup
    options = markup.split("<select")[1].split("</select>")[0]
    assert options.index("Discover") < options.index("Propose") < options.index("Win")
    assert 'value="lost"' in options and 'value="archived"' in options and 'value="paused"' in options


def test_the_plain_form_offers_only_what_can_be_done_from_here(board, pipeline, rep):
    deal = f.make_deal(pipeline, rep)
    assert "Pause" in offered(board(), deal) and "Resume" not in offered(board(), deal)
    moves.pause(deal.pk, seen_seq=1, by=None, reason="They merge two sites until spring")
    assert offered(board(), deal) == ["Resume", "Close as lost", "Archive"]


def offered(html, deal):
    return re.findall(r"<option[^>]*>([^<]*)", card(html, deal))


def test_the_page_has_no_inline_script_style_or_handler(board, pipeline, rep):
    f.make_deal(pipeline, rep)
    html = board()
    assert " style=" not in html and "<style" not in html and " onclick" not in html
    assert all("src=" in tag.split(">")[0] for tag in html.split("<script")[1:])


# ---- after a move


def move(client, deal, to, **data):
    """What the board's script sends, from the board at its plain address."""
    path = f"/deals/{deal.pk}/move/"
    data = {"to": to, "seen_seq": deal.seq, "from": "board", "key": "k1", **data}
    return client.post(
        path, data, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/pipeline/"}
    )


def test_a_move_from_the_board_swaps_the_card_its_heads_and_a_toast_with_undo(client, pipeline, rep):
    client.force_login(rep)
    deal = f.satisfy_all(f.make_deal(pipeline, rep), process_of(pipeline).asked_from(*first_two(pipeline)))
    discover = f.stage_of(pipeline, "Discover")
    answer = move(client, deal, discover.pk)
    html = answer.content.decode()
    assert answer.status_code == 200 and answer["X-Focus"] == f"#deal-{deal.pk} .t a"
    assert f'<li id="deal-{deal.pk}" hx-swap-oob="delete"></li>' in html
    inserted = html.split(f'<ul id="cards-{discover.pk}" hx-swap-oob="afterbegin">')[1].split("</ul>")[0]
    assert f'data-deal="{deal.pk}" data-stage="{discover.pk}" data-seq="2"' in inserted
    assert html.count('<header id="head-') == 5 and 'id="sum" hx-swap-oob="true"' in html
    assert "moved to Discover" in html and 'name="to" value="undo"' in html
    assert 'name="csrfmiddlewaretoken"' in inserted


def test_without_javascript_a_move_leads_back_to_the_board_of_its_own_pipeline(client, pipeline, rep):
    client.force_login(rep)
    other = f.make_pipeline("Small sites", stages=f.OPEN_GATES)
    deal = f.make_deal(other, rep)
    sent = {"to": f.stage_of(other, "Discover").pk, "seen_seq": deal.seq, "from": "board"}
    answer = client.post(f"/deals/{deal.pk}/move/", sent, headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Location"]) == (303, f"/pipeline/{other.slug}/")


def first_two(pipeline):
    return [f.stage_of(pipeline, name).pk for name in ("Qualify", "Discover")]


def test_a_deal_that_closes_is_taken_off_the_board(client, pipeline, rep):
    client.force_login(rep)
    deal = f.make_deal(pipeline, rep)
    html = move(client, deal, "archived", reason="They chose to wait").content.decode()
    assert 'hx-swap-oob="delete"' in html and "data-deal" not in html


def test_a_refused_move_from_the_board_opens_the_dialog_and_changes_nothing(client, pipeline, rep):
    client.force_login(rep)
    deal = f.make_deal(pipeline, rep)
    before = fingerprint()
    answer = move(client, deal, f.stage_of(pipeline, "Discover").pk)
    assert answer.status_code == 422 and answer["HX-Retarget"] == "#dialog-root"
    assert "<dialog" in answer.content.decode() and 'name="from" value="board"' in answer.content.decode()
    assert fingerprint() == before
