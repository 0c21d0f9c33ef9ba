"""One's own numbers: everybody has the page, a manager sees those of the team; gates one answer away have a link."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.utils import timezone

from deals import moves
from deals.models import Deal, LossReason
from insights.lens import Lens
from insights.pages import peoplepage
from pipeline.vocabulary import Kind

from .. import factories as f
from . import worlds as w

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return f.make_admin()


@pytest.fixture
def mara(boss):
    return f.make_user("Mara Kessel")


def own(user):
    return Lens.from_query(user, {}, timezone.now()).of(owner=user.pk)


def test_everybody_sees_their_own_and_a_manager_those_of_their_teams(boss, mara, client):
    north, south = f.make_manager("Ruth Adelmar"), f.make_manager("Ines Duarvo", team="South")
    mate = f.make_user("Tom Averell")
    f.make_pipeline(owner=boss)
    seen = {user: client.force_login(user) or client.get(f"/dashboard/people/{mara.pk}/").status_code
            for user in (mara, mate, north, south, boss)}  # fmt: skip
    assert seen == {mara: 200, mate: 404, north: 200, south: 404, boss: 200}
    assert client.get("/dashboard/people/999999/").status_code == 404
    seen = {user: client.force_login(user) or client.get(f"/dashboard/people/{mara.pk}/adherence.csv").status_code
            for user in (mara, mate, north, south, boss)}  # fmt: skip
    assert seen == {mara: 200, mate: 404, north: 200, south: 404, boss: 200}


def test_the_page_is_linked_from_today_and_from_the_menu(mara, client):
    client.force_login(mara)
    assert client.get("/today/").content.decode().count(f'href="/dashboard/people/{mara.pk}/"') == 2


def test_a_deal_that_waits_for_one_criterion_has_a_link_to_its_gate(boss, mara, client):
    yes = Kind.YES_NO
    criteria = [("one", yes, {"label": "They agree"}), ("two", yes, {"label": "They are many"})]
    pipeline = f.make_pipeline(stages={"Qualify": criteria, "Close": []}, owner=boss)
    near, far = f.make_deal(pipeline, owner=mara), f.make_deal(pipeline, owner=mara)
    f.satisfy(near, f.process_of(pipeline).exit_criteria(near.stage_id)[0])
    assert [(gate.deal, gate.label) for gate in peoplepage.one_step(own(mara))] == [(near, "They are many")]
    client.force_login(mara)
    page = client.get(f"/dashboard/people/{mara.pk}/").content.decode()
    assert f'href="/deals/{near.pk}/gate/?to={f.stage_of(pipeline, "Close").pk}"' in page
    assert f"/deals/{far.pk}/gate/" not in page


def test_won_lost_and_how_far_each_got_are_ones_own(boss, mara):
    pipeline = f.make_pipeline(stages=f.OPEN_GATES, owner=boss)
    deals = [f.make_deal(pipeline, owner=mara, amount=Decimal(100 * n)) for n in range(1, 5)]
    won = f.walk_to(deals[0], "Close")
    moves.win(won.pk, seen_seq=None, by=None)
    f.walk_to(deals[1], "Discover")
    for deal, disqualifies in ((deals[1], False), (deals[2], True)):
        reason = LossReason.objects.create(name=f"Because {disqualifies}", disqualifies=disqualifies)
        moves.lose(deal.pk, seen_seq=None, by=None, loss_reason=reason)
    f.walk_to(f.make_deal(pipeline, owner=f.make_user("Tom Averell")), "Discover")
    ended = peoplepage.ended(own(mara))
    assert ended == {"won": 1, "money": Decimal(100), "lost": 1, "archived": 0, "rate": None}, (
        "two are too few"
    )
    found = {row.step.name: (row.cohort.reached, row.cohort.won) for row in peoplepage.stages(own(mara))}
    assert found["Qualify"] == (4, 1) and found["Discover"] == (2, 1)


def test_every_number_of_how_deals_went_opens_its_deals(boss, mara, client):
    pipeline = f.make_pipeline(stages=f.OPEN_GATES, owner=boss)
    for how in ("win", "lose", "lose", "archive", ""):
        w.stood(pipeline, mara, *[1] * (4 if how == "win" else 1), ended=how)
    unsaid = w.stood(pipeline, mara, 1, ended="lose")
    Deal.objects.filter(pk=unsaid.pk).update(loss_reason=None)  # as an import brings them
    w.stood(pipeline, f.make_user("Tom Averell"), 1, ended="lose")
    client.force_login(mara)
    page = client.get(f"/dashboard/people/{mara.pk}/").content.decode()
    links = {
        words: unescape(to)
        for to, words in re.findall(r'<a href="(/dashboard/deals/[^"]+)">([^<]+)</a>', page)
    }
    for words, count in {"1 won, €1k.": 1, "3 lost": 3, "1 archived.": 1}.items():
        assert f"{count} deal" in client.get(links[words]).content.decode(), words
    row = page[page.index('<th scope="row">Qualify') :]
    reached, won = (unescape(to) for to in re.findall(r'href="(/dashboard/deals/[^"]+)"', row)[:2])
    assert "6 deals, " in client.get(reached).content.decode()
    assert "1 deal, " in client.get(won).content.decode()


def test_all_of_the_risks_are_narrowed_as_the_page_is(boss, mara, client):
    pipeline = f.make_pipeline(stages=f.OPEN_GATES, owner=boss)
    client.force_login(mara)
    page = client.get(f"/dashboard/people/{mara.pk}/?pipeline={pipeline.pk}").content.decode()
    assert f'href="/dashboard/at-risk/?pipeline={pipeline.pk}&amp;owner={mara.pk}"' in page


def test_a_share_is_shown_from_five_decided_deals_on(boss, mara, client):
    pipeline = f.make_pipeline(stages=f.OPEN_GATES, owner=boss)
    client.force_login(mara)
    why = f.make_loss_reason()
    for number in range(1, 6):
        deal = f.make_deal(pipeline, owner=mara)
        moves.lose(deal.pk, seen_seq=None, by=None, loss_reason=why) if number > 1 else moves.win(
            f.walk_to(deal, "Close").pk, seen_seq=None, by=None
        )
        page = client.get(f"/dashboard/people/{mara.pk}/").content.decode()
        assert ("20% of the decided ones were won" in page) == ("20%</td>" in page) == (number == 5)


def test_as_many_statements_for_many_deals_as_for_few(boss, mara, client, django_assert_max_num_queries):
    pipeline = f.make_pipeline(owner=boss)
    client.force_login(mara)
    counts = []
    for number in (1, 4):
        for _deal in range(number):
            f.make_deal(pipeline, owner=mara)
        client.get(f"/dashboard/people/{mara.pk}/")
        with django_assert_max_num_queries(45) as captured:
            client.get(f"/dashboard/people/{mara.pk}/")
        counts.append(len(captured))
    assert counts[0] == counts[1]
