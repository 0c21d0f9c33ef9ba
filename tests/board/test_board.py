"""The board: which deals stand where, what of their money is proven, and why the rest is not."""

import contextlib
import gzip
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deals import moves
from deals.models import Deal
from pipeline.models import Pipeline
from pipeline.process import process_of
from pipeline.publishing import publish
from team.calendar import grace_date
from team.formats import money_short
from team.models import Organisation, Team

from .. import factories as f
from ..boards import card, column, deals_in, fill, refused, stage_of, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def pipeline():
    return f.make_pipeline("New business")


# ---- columns


def test_columns_stand_in_process_order_with_re_engage_last(board, pipeline):
    html = board()
    marks = [f'data-stage="{f.stage_of(pipeline, name).pk}"' for name in f.SIMPLE]
    places = [html.index(mark) for mark in [*marks, 'data-status="re_engaging"']]
    assert places == sorted(places)


def test_cards_stand_by_next_step_date_those_without_one_first(board, pipeline, rep):
    later, none, sooner = (f.make_deal(pipeline, rep) for _ in range(3))
    f.next_step(later, 9)
    f.next_step(sooner, 2)
    assert deals_in(column(board(), stage_of(later))) == [none.pk, sooner.pk, later.pk]


def test_a_card_carries_what_scripts_rely_on(board, pipeline, rep):
    deal = f.make_deal(pipeline, rep)
    assert (
        f'data-deal="{deal.pk}" data-stage="{deal.stage_id}" data-seq="1" data-met="0" data-total="2"'
        in card(board(), deal)
    )


def test_a_silent_deal_stands_in_re_engage_and_nowhere_else(board, pipeline, rep):
    deal = f.make_deal(pipeline, rep)
    moves.re_engage(deal.pk, seen_seq=1, by=None)
    html = board()
    assert deals_in(html) == [deal.pk] == deals_in(column(html, "re_engaging"))
    assert "Silent in Qualify" in card(html, deal)


def test_a_paused_deal_stays_in_its_stage_and_says_so(board, pipeline, rep):
    deal = f.make_deal(pipeline, rep)
    moves.pause(deal.pk, seen_seq=1, by=None, reason="They merge two sites until spring")
    html = board()
    assert deals_in(column(html, stage_of(deal))) == [deal.pk]
    assert "Paused" in words(card(html, deal))


@pytest.mark.parametrize("verb", ["won", "lost", "archived"])
def test_a_closed_deal_leaves_the_board(board, pipeline, rep, verb):
    deal = f.make_deal(pipeline, rep, stage="Close" if verb == "won" else None)
    if verb == "won":
        f.satisfy_all(deal, process_of(pipeline).exit_criteria(deal.stage_id))
    given = {"loss_reason": str(f.make_loss_reason().pk)} if verb == "lost" else {}
    moves.move(deal.pk, verb, seen_seq=f.fresh(deal).seq, by=None, reason="They chose to wait", **given)
    assert deals_in(board()) == []


def test_a_stage_that_does_not_count_folds_and_stays_out_of_the_sentence(board, rep):
    pipeline = f.make_pipeline("Prospecting first")
    first = f.stage_of(pipeline, "Qualify")
    first.counts_as_pipeline = False
    first.save()
    publish(pipeline, by=pipeline.process_owner, note="prospecting")
    f.make_deal(Pipeline.objects.get(pk=pipeline.pk), rep)
    html = board()
    assert '<details class="unfold">' in column(html, first)
    assert "€86k, not counted" in words(column(html, first))
    assert "€0 proven, of €0 in the pipeline" in words(html)


# ---- money


def test_the_totals_are_of_the_whole_column_and_agree_with_the_database(board, pipeline, rep):
    fill(pipeline, rep, 200)
    for name in ("Qualify", "Propose"):
        f.next_step(f.make_deal(pipeline, rep, stage=name))
    html = board()
    for name in f.SIMPLE:
        stage = f.stage_of(pipeline, name)
        deals = Deal.objects.filter(stage=stage)
        proven = sum(d.amount for d in deals.proven(f.today(), grace_date(f.today(), Organisation.current())))
        text = words(column(html, stage))
        claimed = sum(d.amount for d in deals) - proven
        assert f"{name} {deals.count()}" in text
        assert f"{money_short(proven, 'EUR')} proven + {money_short(claimed, 'EUR')} claimed" in text


def test_the_sentence_says_what_is_proven_of_what_is_open(board, pipeline, rep):
    proven = f.next_step(f.make_deal(pipeline, rep, stage="Discover", amount=Decimal(70_000)))
    f.make_deal(pipeline, rep, amount=Decimal(30_000))
    silent = f.make_deal(pipeline, rep, amount=Decimal(500_000))
    moves.re_engage(silent.pk, seen_seq=1, by=None)
    html = board()
    assert "€70k proven, of €100k in the pipeline" in words(html)
    assert 'aria-label="claimed"' not in card(html, proven)


def test_paused_money_is_named_apart(board, pipeline, rep):
    deal = f.make_deal(pipeline, rep)
    moves.pause(deal.pk, seen_seq=1, by=None, reason="They merge two sites until spring")
    assert "€0 proven + €0 claimed €86k paused" in words(board())


# ---- filters


def test_blocked_shows_the_refused_deals_and_counts_them(board, pipeline, rep):
    deal = refused(pipeline, rep)
    f.make_deal(pipeline, rep)
    html = board("?who=blocked")
    assert deals_in(html) == [deal.pk]
    assert "Blocked 1" in words(html)


def test_mine_shows_what_i_own_and_what_i_act_on_next(board, pipeline, rep):
    other = f.make_user("Ines Duarvo")
    mine, acting = f.make_deal(pipeline, rep), f.make_deal(pipeline, other, next_owner=rep)
    theirs = f.make_deal(pipeline, other)
    assert set(deals_in(board("?who=mine"))) == {mine.pk, acting.pk}
    assert set(deals_in(board())) == {mine.pk, acting.pk, theirs.pk}


def test_an_owner_in_the_address_shows_their_deals_and_their_totals(board, pipeline, rep):
    other = f.make_user("Ines Duarvo")
    f.make_deal(pipeline, rep)
    theirs = f.make_deal(pipeline, other, amount=Decimal(11_000))
    html = board(f"?owner={other.pk}")
    assert deals_in(html) == [theirs.pk]
    assert "of €11k in the pipeline" in words(html)


@pytest.mark.parametrize("query", ["?owner=x", "?owner=99999999999999999999", "?who=everybody", "?owner=²"])
def test_nonsense_in_the_address_shows_the_whole_board(board, pipeline, rep, query):
    deal = f.make_deal(pipeline, rep)
    assert deals_in(board(query)) == [deal.pk]


def test_each_pipeline_has_its_own_board(board, pipeline, rep):
    second = f.make_pipeline("Renewals")
    deal = f.make_deal(second, rep)
    assert deals_in(board()) == []
    assert deals_in(board("renewals/")) == [deal.pk]


def test_an_unknown_pipeline_is_not_found(client, rep, pipeline):
    client.force_login(rep)
    assert client.get("/pipeline/nowhere/").status_code == 404
    assert client.get("/pipeline/nowhere/changes?since=1").status_code == 404


# ---- who sees what


def test_another_teams_deals_are_not_on_the_board_nor_in_its_totals(board, pipeline, rep):
    f.make_deal(pipeline, f.make_user("Tom Averell", team="South"))
    html = board()
    assert deals_in(html) == []
    assert "of €0 in the pipeline" in words(html)


def test_an_admin_sees_every_team(board, pipeline, rep):
    deals = [f.make_deal(pipeline, rep), f.make_deal(pipeline, f.make_user("Tom Averell", team="South"))]
    assert set(deals_in(board(user=f.make_admin()))) == {deal.pk for deal in deals}


def test_a_colleagues_card_has_no_move_button_for_a_rep_but_has_one_for_the_manager(board, pipeline, rep):
    deal = f.make_deal(pipeline, f.make_user("Ines Duarvo"))
    assert f"/deals/{deal.pk}/move/" not in card(board(), deal)
    assert f"/deals/{deal.pk}/move/" in card(board(user=f.make_manager()), deal)


def test_the_board_asks_for_a_login(client, pipeline):
    assert client.get("/pipeline/").status_code == 302
    assert (
        client.get("/pipeline/new-business/changes?since=1", headers={"HX-Request": "true"}).status_code
        == 401
    )


# ---- long columns


def test_a_column_shows_thirty_and_goes_on_where_it_stopped(board, pipeline, rep):
    made = fill(pipeline, rep, 70, spread=False)
    html = board()
    first = f.stage_of(pipeline, "Qualify")
    shown = deals_in(column(html, first))
    assert len(shown) == 30 and "Show 40 more" in words(html)
    for left in (10, 0):
        html = board(next_page(html), **{"HX-Request": "true"})
        assert "<section" not in html
        assert (f"Show {left} more" in words(html)) is bool(left)
        shown += deals_in(html)
    order = sorted(
        made, key=lambda deal: (deal.next_step_on is not None, deal.next_step_on or f.today(), deal.pk)
    )
    assert shown == [deal.pk for deal in order]


def next_page(html):
    return html.split('class="more" href="')[1].split('"')[0].replace("&amp;", "&")


def test_the_rest_of_a_column_keeps_the_filter_and_works_as_a_page(board, pipeline, rep):
    fill(pipeline, rep, 31, spread=False)
    path = next_page(board("?who=mine"))
    assert "who=mine" in path
    html = board(path)
    assert "<html" in html and len(deals_in(html)) == 1


@pytest.mark.parametrize("after", ["", "x", "none", "none_1", "2026-13-01_1_30", "none_x_y", "a_b_c_d"])
def test_a_place_that_is_none_is_not_found_or_the_beginning(client, pipeline, rep, after):
    stage = f.stage_of(pipeline, "Qualify")
    client.force_login(rep)
    answer = client.get(f"/pipeline/new-business/stages/{stage.pk}/?after={after}")
    assert answer.status_code in (200, 404)
    assert client.get("/pipeline/new-business/stages/99999999999999999999/").status_code == 404


# ---- freshness


def since(html):
    return html.split('data-version="')[1].split('"')[0]


def test_the_board_is_not_sent_again_while_nothing_changed(client, board, pipeline, rep):
    f.make_deal(pipeline, rep)
    version = since(board())
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"/pipeline/new-business/changes?since={version}")
    assert answer.status_code == 204 and answer.content == b""
    # Who asks is read together with what waits for them; beside that, the deals are looked at once.
    asked = [query["sql"] for query in queries if not query["sql"].startswith('SELECT "team_user"')]
    assert sum("deals_deal" in sql for sql in asked) == 1


@pytest.mark.parametrize("change", ["new", "moved", "closed", "answered"])
def test_the_board_is_sent_again_once_something_changed(client, board, pipeline, rep, change):
    deal = f.make_deal(pipeline, rep)
    version = since(board())
    if change == "new":
        f.make_deal(pipeline, rep)
    if change == "moved":
        moves.re_engage(deal.pk, seen_seq=1, by=None)
    if change == "closed":
        moves.archive(deal.pk, seen_seq=1, by=None, reason="They chose to wait")
    if change == "answered":
        f.satisfy(deal, process_of(pipeline).exit_criteria(deal.stage_id)[0])
    answer = client.get(f"/pipeline/new-business/changes?since={version}")
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode() and since(answer.content.decode()) != version


# ---- size and speed


def queries_of_board(client):
    with CaptureQueriesContext(connection) as queries:
        html = client.get("/pipeline/").content.decode()
    return [query["sql"].partition(" WHERE ")[0] for query in queries], html


def test_the_board_takes_the_same_few_queries_with_a_hundred_deals_and_a_thousand(client, pipeline, rep):
    client.force_login(rep)
    fill(pipeline, rep, 100)
    client.get("/pipeline/")  # the process is read once per version
    few, _html = queries_of_board(client)
    fill(pipeline, rep, 900)
    many, html = queries_of_board(client)
    assert few == many and len(few) <= 12
    assert len(deals_in(html)) == 4 * 30


@pytest.mark.engine("postgresql")
def test_the_board_opens_when_many_deals_came_in_that_the_database_has_not_counted_yet(client, pipeline, rep):
    """PostgreSQL then takes the tables for nearly empty, and what it would ask of each row again takes minutes."""
    client.force_login(rep)
    fill(pipeline, rep, 100)
    elsewhere = connection.copy()
    with contextlib.closing(elsewhere), elsewhere.cursor() as cursor:
        cursor.execute("ANALYZE")  # sees none of what this test has not committed
    fill(pipeline, rep, 900)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '5s'")  # as for each page
    answer = client.get("/pipeline/")
    assert answer.status_code == 200 and len(deals_in(answer.content.decode())) == 4 * 30


def test_the_board_with_a_hundred_and_fifty_cards_is_light(client, rep):
    pipeline = f.make_pipeline("Long", stages={name: [] for name in "ABCDEF"})
    client.force_login(rep)
    fill(pipeline, rep, 150)
    _count, html = queries_of_board(client)
    assert len(deals_in(html)) == 150
    assert len(gzip.compress(html.encode(), 6)) < 20_000


# ---- first run and empty


def test_without_a_pipeline_an_admin_is_sent_to_design_one_and_a_rep_is_told_whom_to_ask(board, rep):
    assert "Set up a pipeline" in board(user=f.make_admin())
    assert "Ask an admin" in board()


def test_an_empty_board_offers_the_first_deal(board, pipeline, rep):
    text = words(board())
    assert "No deals yet" in text and "Add a deal" in text


def test_before_there_is_a_team_an_admin_is_led_to_make_one_from_the_board_and_told_so_by_the_form(
    client, board
):
    boss = f.make_admin()
    f.make_pipeline(owner=boss)
    Team.objects.all().delete()
    html = board(user=boss)
    assert 'href="/admin/team/team/add/"' in html and "First, a team" in html and "Add a deal" not in html
    answer = client.post("/deals/new/", {"company": "Vellgrove Dairies", "name": "Three plants"})
    assert answer.status_code == 422 and "There is no team yet." in answer.content.decode()
    Team.objects.create(name="North")
    assert "First, a team" not in board(user=boss)


def test_a_filter_that_finds_nothing_says_so_and_offers_all(board, pipeline, rep):
    f.make_deal(pipeline, f.make_user("Ines Duarvo"))
    text = words(board("?who=mine"))
    assert "No deal here" in text and "Show all deals" in text


def test_an_admin_is_warned_of_an_open_gate_and_a_rep_is_not(board, rep):
    f.make_pipeline("Open", stages=f.OPEN_GATES | {"Qualify": f.SIMPLE["Qualify"]})
    assert "A gate stands open." in board(user=f.make_admin())
    assert "A gate stands open." not in board()
