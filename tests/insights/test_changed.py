"""What changed since last week's Monday: who came, who went, who grew; the parts add up to the cent."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone

from deals import edits, moves
from deals.models import Deal, FieldChange, LossReason
from insights.lens import Lens
from insights.models import Standing
from insights.panels import changed, headline
from insights.registry import PANELS
from insights.standing import bridge, standings
from team.calendar import start_of
from team.models import Organisation

from .. import factories as f

pytestmark = pytest.mark.django_db
MONDAY = f.today() - timedelta(days=f.today().weekday() + 7)


def lens_of(user, **asked):
    return Lens.from_query(user, asked, timezone.now())


def night(day=MONDAY):
    standings.write_down(start_of(day, Organisation.current()) + timedelta(minutes=1))


def update(deal, **columns):
    Deal.objects.filter(pk=deal.pk).update(**columns)


@pytest.fixture
def boss():
    return f.make_admin()


@pytest.fixture
def pipeline(boss):
    return f.make_pipeline("New business", stages=f.OPEN_GATES, owner=boss)


def proven(pipeline, amount, **fields):
    deal = f.make_deal(pipeline, amount=Decimal(amount), **fields)
    return f.next_step(deal, days=30)


def parts_of(data):
    return {part.key: (part.count, part.money) for part in data.parts}


def test_each_deal_is_in_the_part_of_what_happened_to_it(boss, pipeline):
    amounts = {
        "up": 100,
        "down": 200,
        "same": 300,
        "past": 400,
        "silent": 500,
        "lost": 600,
        "archived": 50,
        "won": 700,
    }
    deals = {name: proven(pipeline, amount) for name, amount in amounts.items()}
    deals |= {"waived": proven(pipeline, 800), "claimed": f.make_deal(pipeline, amount=Decimal(900))}
    deals["won"] = f.walk_to(deals["won"], "Close")
    night()
    proven(pipeline, 10)
    f.next_step(deals["claimed"], days=30)
    update(deals["up"], amount_base=Decimal("130.50"))
    update(deals["down"], amount_base=Decimal(150))
    update(deals["past"], next_step_on=f.today() - timedelta(days=20))
    update(deals["waived"], exception_until=f.today() + timedelta(days=5))
    moves.re_engage(deals["silent"].pk, seen_seq=None, by=None)
    reason = LossReason.objects.create(name="Price")
    moves.lose(deals["lost"].pk, seen_seq=None, by=None, loss_reason=reason)
    moves.archive(deals["archived"].pk, seen_seq=None, by=None, reason="Went silent")
    moves.win(deals["won"].pk, seen_seq=None, by=None)
    data = changed.of(lens_of(boss))
    assert parts_of(data) == {
        "new": (1, Decimal(10)), "proven": (1, Decimal(900)), "up": (1, Decimal("30.50")), "down": (1, Decimal(-50)),
        "date_past": (1, Decimal(-400)), "re_engaging": (1, Decimal(-500)), "lost": (2, Decimal(-650)),
        "won": (1, Decimal(-700)), "other": (1, Decimal(-800)),
    }  # fmt: skip
    assert data.start == Decimal(3650) and data.end == headline.of(lens_of(boss)).proven


def shaken(deals, rng, pipeline):
    """Whatever may happen to a deal between two Mondays."""
    day, columns = (
        f.today(),
        ["next_step_on", "exception_until", "open_before", "amount_base", "counts_as_pipeline"],
    )
    for deal in deals:
        values = [
            day + timedelta(days=rng.randint(-9, 9)), rng.choice([None, None, None, day]), rng.choice([0, 0, 0, 2]),
            Decimal(rng.randint(0, 10**8)) / 100, rng.random() < 0.9,
        ]  # fmt: skip
        some = {column: value for column, value in zip(columns, values, strict=True) if rng.random() < 0.4}
        update(deal, **some) if some else None
        if rng.random() < 0.3:
            act = rng.choice([moves.archive, moves.re_engage])
            act(deal.pk, seen_seq=None, by=None, **({"reason": "Silent"} if act is moves.archive else {}))
    return [proven(pipeline, Decimal(rng.randint(0, 10**8)) / 100) for _number in range(3)]


@pytest.mark.parametrize("seed", range(6))
def test_the_parts_add_up_to_the_cent_whatever_happened(boss, pipeline, seed):
    rng = random.Random(seed)
    deals = [proven(pipeline, Decimal(rng.randint(0, 10**8)) / 100) for _number in range(12)]
    for deal in deals[:4]:
        update(deal, exception_until=f.today())
    night()
    then = Standing.objects.filter(proven=True).aggregate(money=Sum("amount", default=Decimal(0)))["money"]
    shaken(deals, rng, pipeline)
    data = changed.of(lens_of(boss))
    assert data.start == then.quantize(Decimal("0.01"))
    assert data.start + sum(part.money for part in data.parts) == headline.of(lens_of(boss)).proven
    for part in data.parts:
        behind = changed.PANEL.behind["part"].deals(lens_of(boss), part.key)
        money = behind.aggregate(money=Sum("change"))["money"].quantize(Decimal("0.01"))
        assert (behind.count(), money) == (part.count, part.money)


def test_one_deal_is_named_and_several_are_counted(boss, pipeline):
    night()
    proven(pipeline, 10, company=f.make_company("Skarholt Works"))
    assert changed.of(lens_of(boss)).parts[0].who == "Skarholt Works"
    proven(pipeline, 10)
    assert changed.of(lens_of(boss)).parts[0].who == "2 deals"


def test_a_close_that_left_the_quarter_slipped_and_one_within_it_did_not(boss, pipeline):
    last = bridge.periods.last_of("quarter", f.today())
    before, after = last - timedelta(days=1), last + timedelta(days=1)
    closes = [(before, after), (before, last), (after, after), (before, None)]
    deals = [proven(pipeline, 100 * n, expected_close=then) for n, (then, _now) in enumerate(closes, 1)]
    night()
    for deal, (_then, now) in zip(deals, closes, strict=True):
        update(deal, expected_close=now)
    data = changed.of(lens_of(boss))
    assert (data.slipped_count, data.slipped, data.difference) == (1, Decimal(100), Decimal(0))
    assert list(changed.PANEL.behind["slipped"].deals(lens_of(boss), "")) == [deals[0]]


def test_pushes_since_monday_are_counted_with_their_deals(boss, pipeline):
    deals = [proven(pipeline, 100, expected_close=f.today() + timedelta(days=10)) for _number in range(2)]
    night()
    old = timezone.now() - timedelta(days=40)
    FieldChange.objects.create(
        deal=deals[1], field="expected_close", old="2026-01-01", new="2026-02-01", at=old
    )
    for days in (20, 30, 15):
        deals[0].refresh_from_db()
        close = {"expected_close": (f.today() + timedelta(days=days)).isoformat()}
        edits.change(deals[0].pk, "expected_close", close, by=boss, rev=deals[0].rev)
    data = changed.of(lens_of(boss))
    assert (data.pushes, data.pushed) == (2, 1)
    assert list(changed.PANEL.behind["pushed"].deals(lens_of(boss), "")) == [deals[0]]


def test_before_the_first_night_there_is_nothing_to_compare_with(boss, pipeline, client):
    proven(pipeline, 10)
    client.force_login(boss)
    assert "From tomorrow on, this says what changed." in client.get("/dashboard/").content.decode()
    night(f.today())
    assert changed.of(lens_of(boss)).since == f.today()


def test_a_rep_sees_the_changes_of_their_team_alone(boss, pipeline):
    north, south = f.make_user("Mara Kessel"), f.make_user("Tom Averell", team="South")
    night()
    proven(pipeline, 10, owner=north)
    proven(pipeline, 70, owner=south)
    assert [changed.of(lens_of(user)).end for user in (boss, north, south)] == [80, 10, 70]
    assert changed.of(lens_of(boss, owner=str(north.pk))).end == 10


def test_as_many_statements_for_many_deals_as_for_few(boss, pipeline, django_assert_num_queries):
    deals = [proven(pipeline, 10 * number) for number in range(8)]
    night()
    for deal in deals[::2]:
        update(deal, next_step="")
    proven(pipeline, 5)
    lens = lens_of(boss)
    assert lens.today and lens.grace and lens.since  # what every panel asks of the lens
    with django_assert_num_queries(5):
        changed.of(lens)


def test_the_picture_the_phones_table_and_the_sheet_say_the_same(boss, pipeline, client):
    client.force_login(boss)
    kept = proven(pipeline, 1_000_000)
    night()
    proven(pipeline, 52_000)
    update(kept, amount_base=Decimal(990_000))
    page = client.get("/dashboard/").content.decode()
    assert page.count("+0.05") == page.count("−0.01") == 2  # once drawn, once in the table
    assert (
        "€1.00M" in page
        and "€1.04M" in page
        and "<b>Up €42k.</b> €52k came in, €10k fell out or was won." in page
    )
    sheet = client.get(reverse("panel_csv", args=["changed"])).content.decode("utf-8-sig").splitlines()
    assert [line.partition(",")[2] for line in sheet[1:]] == [
        ",1000000.00",
        "1,52000.00",
        "1,-10000.00",
        ",1042000.00",
    ]
    behind = client.get("/dashboard/deals/?of=changed.part&arg=down").content.decode()
    assert "−€10,000" in behind and kept.name in behind
    assert changed.PANEL in PANELS
