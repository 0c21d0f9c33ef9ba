"""Many deals at once: each goes through the gate by itself, and who asked is told what became of each."""

import csv
import io
import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from automations import tick
from deals import moves
from deals.models import BulkRun, Deal, GateRefusal, Source, Status, Transition
from deals.runs import bulk
from deals.views import bulk as pages
from pipeline.models import Pipeline
from team.notices import Notice

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_long_as_it_takes(monkeypatch):
    """A slow machine would leave the rest of a run to the next request."""
    monkeypatch.setattr(pages, "SECONDS", 60)


@pytest.fixture
def rep(client):
    user = f.make_user()
    client.force_login(user)
    return user


@pytest.fixture(scope="module")
def made(kept):
    """One question is asked on leaving Qualify."""
    return f.make_pipeline(stages={"Qualify": [("asked", "yes_no", {})], "Discover": [], "Close": []}).pk


@pytest.fixture
def pipeline(made, db):
    return Pipeline.objects.get(pk=made)


def deals_of(owner, pipeline, count, answered=0, **fields):
    """So many deals in Qualify, the first of them with its question answered."""
    company = f.make_company()
    made = [f.make_deal(pipeline, owner, company=company, name=f"Deal {n}", **fields) for n in range(count)]
    criterion = f.process_of(pipeline).exit_criteria(made[0].stage_id)[0]
    for deal in made[:answered]:
        f.satisfy(deal, criterion)
    return [f.fresh(deal) for deal in made]


def ticked(deals):
    return [f"{deal.pk}:{deal.seq}" for deal in deals]


def started(client, action, deals, **fields):
    """What the confirm page posts. Returns the response."""
    data = {"action": action, "token": str(uuid.uuid4()), "deal": ticked(deals), **fields}
    return client.post(reverse("bulk_start"), data)


def stage(pipeline, name):
    return f.stage_of(pipeline, name).pk


def outcomes():
    run = BulkRun.objects.latest("pk")
    return {item.deal_id: (item.outcome, item.message) for item in run.items.all()}


def count(outcome):
    return sum(said == outcome for said, _why in outcomes().values())


def test_of_fifty_deals_with_twenty_unmet_thirty_move_and_twenty_are_listed_with_reasons(
    client, rep, pipeline
):
    """B08"""
    deals = deals_of(rep, pipeline, 50, answered=30)
    response = started(client, "move", deals, to=stage(pipeline, "Discover"))
    assert response.status_code == 303
    assert (count("done"), count("refused")) == (30, 20)
    assert Deal.objects.filter(stage__name="Discover").count() == 30
    assert GateRefusal.objects.filter(source=Source.BULK).count() == 20
    rows = Transition.objects.filter(kind="advance")
    assert {(row.source, row.actor_id, row.batch) for row in rows} == {
        ("bulk", rep.pk, f"bulk-{BulkRun.objects.get().pk}")
    }
    page = client.get(response["Location"]).content.decode()
    assert page.count('data-outcome="refused"') == 20 and page.count('data-outcome="done"') == 30
    assert "The buyer confirmed asked: The buyer has not confirmed this" in page


def test_the_confirm_page_says_what_will_be_asked_and_does_nothing(client, rep, pipeline):
    deals = deals_of(rep, pipeline, 3, answered=2)
    before = fingerprint()
    page = client.post(reverse("bulk_choose"), {"action": "move", "deal": ticked(deals)}).content.decode()
    assert "Move 3 deals" in page and "2 of 3 ready" in page and "The buyer confirmed asked" in page
    assert fingerprint() == before and not BulkRun.objects.exists()


def test_a_deal_moved_meanwhile_is_refused_with_who_did_it(client, rep, pipeline):
    (deal,) = deals_of(rep, pipeline, 1, answered=1)
    ruth = f.make_manager()
    moves.pause(deal.pk, seen_seq=deal.seq, by=ruth, reason="They are away")
    for action, fields in [
        ("move", {"to": stage(pipeline, "Discover")}),
        ("next_step", {"next_step": "Call Lena", "next_step_on": f.today().isoformat()}),
        ("reassign", {"owner": ruth.pk}),
        ("archive", {"reason": "Duplicate of another"}),
    ]:
        started(client, action, [deal], **fields)
        ((outcome, message),) = outcomes().values()
        assert outcome == "refused" and "Ruth Adelmar: Paused" in message, action
    assert f.fresh(deal).status == Status.PAUSED


def test_somebody_elses_deal_is_refused_in_words_and_ones_own_goes(client, rep, pipeline):
    own = deals_of(rep, pipeline, 1, answered=1)
    others = deals_of(f.make_user("Piet Olen"), pipeline, 1, answered=1)
    page = client.post(reverse("bulk_choose"), {"action": "move", "deal": ticked(own + others)})
    assert "1 of them is not yours to change" in page.content.decode()
    started(client, "move", own + others, to=stage(pipeline, "Discover"))
    assert outcomes()[own[0].pk] == ("done", "")
    assert outcomes()[others[0].pk][0] == "refused" and "Only the owner" in outcomes()[others[0].pk][1]


def test_another_teams_deal_is_no_deal(client, rep, pipeline):
    own = deals_of(rep, pipeline, 1, answered=1)
    hidden = deals_of(f.make_user("Ines Roth", team="South"), pipeline, 1, answered=1)
    page = client.post(reverse("bulk_choose"), {"action": "archive", "deal": ticked(own + hidden)})
    assert "Archive 1 deal" in page.content.decode()
    started(client, "archive", own + hidden, reason="Duplicate of another")
    assert set(outcomes()) == {own[0].pk}
    before = fingerprint()
    assert started(client, "archive", hidden, reason="Duplicate of another").status_code == 422
    assert fingerprint() == before


def test_a_manager_acts_on_the_teams_deals(client, pipeline):
    deals = deals_of(f.make_user(), pipeline, 2, answered=2)
    client.force_login(f.make_manager())
    started(client, "move", deals, to=stage(pipeline, "Discover"))
    assert count("done") == 2


def test_rights_taken_away_meanwhile_count_when_the_deals_turn_comes(client, rep, pipeline, monkeypatch):
    monkeypatch.setattr(pages, "SECONDS", -1)
    deals = deals_of(rep, pipeline, 2, answered=2)
    started(client, "move", deals, to=stage(pipeline, "Discover"))
    rep.is_active = False
    rep.save()
    tick.run(timezone.now())
    assert (count("done"), count("refused")) == (1, 1)


def test_the_same_form_sent_twice_is_one_run(client, rep, pipeline):
    deals = deals_of(rep, pipeline, 2, answered=2)
    token = str(uuid.uuid4())
    first, second = (
        started(client, "move", deals, to=stage(pipeline, "Discover"), token=token) for _time in range(2)
    )
    assert first["Location"] == second["Location"]
    assert BulkRun.objects.count() == 1
    assert count("done") == 2 and Transition.objects.filter(kind="advance").count() == 2


def test_a_long_run_goes_on_request_by_request(client, rep, pipeline, monkeypatch):
    monkeypatch.setattr(pages, "SECONDS", -1)  # one deal a request
    deals = deals_of(rep, pipeline, 3, answered=3)
    address = started(client, "move", deals, to=stage(pipeline, "Discover"))["Location"]
    assert "2 to come" in client.get(address).content.decode()
    for left in (1, 0):
        assert client.post(f"{address}go-on/").status_code == 303
        assert BulkRun.objects.get().items.filter(outcome="").count() == left
    assert BulkRun.objects.get().finished_at
    assert "Go on" not in client.get(address).content.decode()


def test_a_run_nobody_stayed_for_is_finished_by_the_scheduler_who_tells(client, rep, pipeline, monkeypatch):
    monkeypatch.setattr(pages, "SECONDS", -1)
    deals = deals_of(rep, pipeline, 3, answered=1)
    address = started(client, "move", deals, to=stage(pipeline, "Discover"))["Location"]
    for _time in range(2):
        tick.run(timezone.now())
    assert (count("done"), count("refused")) == (1, 2)
    notice = Notice.objects.get(user=rep)
    assert notice.text == "Move to Discover: 1 deal done, 2 refused." and notice.url == address


def test_an_error_in_one_deal_is_said_and_holds_up_no_other(client, rep, pipeline, monkeypatch):
    deals = deals_of(rep, pipeline, 2)

    def broken(run, item, now):
        if item.deal_id == deals[0].pk:
            raise ZeroDivisionError

    monkeypatch.setitem(bulk._ACTS, "archive", broken)
    started(client, "archive", deals, reason="Duplicate of another")
    assert (count("done"), count("refused")) == (1, 1)
    assert "an admin has to look" in outcomes()[deals[0].pk][1]


def test_handing_over_takes_the_next_action_along_and_stays_on_the_timeline(client, rep, pipeline):
    mine, shared = deals_of(rep, pipeline, 2)
    piet, ruth = f.make_user("Piet Olen"), f.make_manager()
    Deal.objects.filter(pk=shared.pk).update(next_owner=ruth)
    started(client, "reassign", [mine, shared], owner=piet.pk)
    assert [(d.owner, d.next_owner) for d in map(f.fresh, (mine, shared))] == [(piet, piet), (piet, ruth)]
    assert mine.activities.get().subject == "Handed over from Mara Kessel to Piet Olen"


def test_archiving_keeps_the_reason(client, rep, pipeline):
    deals = deals_of(rep, pipeline, 2)
    started(client, "archive", deals, reason="  Duplicate of another ")
    assert {f.fresh(deal).status for deal in deals} == {Status.ARCHIVED}
    rows = Transition.objects.filter(kind="archive")
    assert {(row.reason, row.source) for row in rows} == {("Duplicate of another", "bulk")}


def test_a_next_step_is_set_for_all(client, rep, pipeline):
    deals, day = deals_of(rep, pipeline, 2), f.today() + timedelta(days=3)
    started(client, "next_step", deals, next_step="Call about the tender", next_step_on=day.isoformat())
    assert {(d.next_step, d.next_step_on) for d in map(f.fresh, deals)} == {("Call about the tender", day)}


def test_a_move_back_asks_for_a_reason_and_a_closed_deal_stays_closed(client, rep, pipeline):
    ahead, closed = deals_of(rep, pipeline, 2, answered=1)
    moves.advance(ahead.pk, to=stage(pipeline, "Discover"), seen_seq=ahead.seq, by=rep)
    moves.archive(closed.pk, seen_seq=closed.seq, by=rep)
    both = [f.fresh(ahead), f.fresh(closed)]
    started(client, "move", both, to=stage(pipeline, "Qualify"))
    assert count("refused") == 2
    assert "Reopen it first" in outcomes()[closed.pk][1]
    started(client, "move", both, to=stage(pipeline, "Qualify"), reason="They want to start over")
    assert outcomes()[ahead.pk] == ("done", "")


def test_deals_of_two_pipelines_get_to_the_stages_of_their_own_only(client, rep, pipeline):
    other = f.make_pipeline("Small sale", stages=f.OPEN_GATES)
    ours, theirs = deals_of(rep, pipeline, 1, answered=1), [f.make_deal(other, rep, name="Small")]
    page = client.post(
        reverse("bulk_choose"), {"action": "move", "deal": ticked(ours + theirs)}
    ).content.decode()
    assert "<optgroup" in page
    started(client, "move", ours + theirs, to=stage(pipeline, "Discover"))
    assert (outcomes()[ours[0].pk][0], outcomes()[theirs[0].pk][0]) == ("done", "refused")


def test_the_result_is_a_table_for_a_spreadsheet(client, rep, pipeline):
    deals = deals_of(rep, pipeline, 2, answered=1)
    Deal.objects.filter(pk=deals[0].pk).update(name="=1+1")
    address = started(client, "move", deals, to=stage(pipeline, "Discover"))["Location"]
    response = client.get(f"{address}result/")
    assert "attachment" in response["Content-Disposition"]
    head, first, second = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert head == ["deal", "name", "company", "outcome", "why"]
    assert sorted([first[1], second[1]]) == ["'=1+1", "Deal 1"]
    assert {first[3], second[3]} == {"done", "refused"}


def test_a_result_is_for_who_asked(client, rep, pipeline):
    address = started(client, "archive", deals_of(rep, pipeline, 1), reason="Duplicate of another")[
        "Location"
    ]
    for other in (f.make_user("Piet Olen"), f.make_admin()):
        browser = Client()
        browser.force_login(other)
        for url in (address, f"{address}result/"):
            assert browser.get(url).status_code == 404
        assert browser.post(f"{address}go-on/").status_code == 404


def test_the_statements_for_a_deal_do_not_grow_with_the_run(
    client, rep, pipeline, django_assert_max_num_queries
):
    deals = deals_of(rep, pipeline, 12, answered=12)
    with django_assert_max_num_queries(30 * 12 + 30):
        started(client, "move", deals, to=stage(pipeline, "Discover"))
    assert count("done") == 12
    address = reverse("bulk", args=[BulkRun.objects.get().pk])
    with django_assert_max_num_queries(10):
        client.get(address)


def test_what_became_of_one_persons_deals_is_shown_by_itself(client, pipeline):
    mara, noor, boss = f.make_user(), f.make_user("Noor Ashgrave"), f.make_admin()
    client.force_login(boss)
    deals = [*deals_of(mara, pipeline, 2, answered=1), *deals_of(noor, pipeline, 1)]
    started(client, "move", deals, to=stage(pipeline, "Discover"))
    address = reverse("bulk", args=[BulkRun.objects.get().pk])
    page = client.get(f"{address}?owner={mara.pk}").content.decode()
    assert set(map(int, re.findall(r'data-deal="(\d+)"', page))) == {deals[0].pk, deals[1].pk}
    assert "1 deal done, 2 refused" in page, "the run as a whole"
    assert f'value="{mara.pk}" selected' in page and f"result/?owner={mara.pk}" in page
    sheet = client.get(f"{address}result/?owner={noor.pk}").getvalue().decode("utf-8-sig")
    assert [row["deal"] for row in csv.DictReader(io.StringIO(sheet))] == [str(deals[2].pk)]
    everybody = set(re.findall(r'data-deal="(\d+)"', client.get(f"{address}?owner=x").content.decode()))
    assert len(everybody) == 3


def test_deals_are_chosen_by_ticking_a_page_or_all_that_match(client, rep, pipeline):
    deals_of(rep, pipeline, 52)
    page = client.get(reverse("deals"), {"chosen": "page"}).content.decode()
    assert len(re.findall(r'name="deal" value="\d+:1"[^>]* checked', page)) == 50
    assert "All 52 that match" in page
    fields = {"action": "archive", "all": "1", "q": "Deal 1", "show": "live"}
    asked = client.post(reverse("bulk_choose"), fields).content.decode()
    assert "Archive 11 deals" in asked  # Deal 1 and Deal 10 to 19


def test_at_most_five_hundred_go_at_once(client, rep, pipeline, monkeypatch):
    monkeypatch.setattr(bulk, "AT_MOST", 3)
    deals = deals_of(rep, pipeline, 5)
    page = client.post(reverse("bulk_choose"), {"action": "archive", "all": "1"}).content.decode()
    assert "Archive 3 deals" in page and "2 more match the filter" in page
    response = started(client, "archive", deals, reason="Duplicate of another")
    assert response.status_code == 400 and not BulkRun.objects.exists()
