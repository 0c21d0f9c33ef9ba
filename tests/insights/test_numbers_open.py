"""Numbers of tables, of waits, of follow-ups and of the calibration open as many deals as they say."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal as D

import pytest
from django.core.exceptions import EmptyResultSet
from django.test import Client
from django.utils import timezone

from deals import moves
from deals.models import LIVE
from insights import registry
from insights.forecast import nights
from insights.panels import Table, accuracy, calibration, discipline, enough, leak, waits
from insights.panels import six as six_panel

from .. import factories as f
from .forecasts import NOON, night, seen_by, won
from .lives import spring, tell
from .test_discipline import lens_of, task
from .test_waiting import said, take

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]


def opened(panel, lens, column):
    """[(cell, its deals)] of a column of a panel's table, by its links."""
    name, args = panel.table(panel.of(lens)).opens[column]
    rows = panel.table(panel.of(lens)).rows
    return [
        (row[column], panel.behind[name].deals(lens, str(arg)))
        for row, arg in zip(rows, args, strict=True)
        if arg is not None
    ]


def test_a_cell_says_what_stands_behind_it_and_others_say_nothing():
    table = Table("", ("a", "b"), [("x", 1), ("y", 0)], {1: ("won", ["ü:1", None])})
    assert list(table.linked) == [[("x", ""), (1, "won&arg=%C3%BC%3A1")], [("y", ""), (0, "")]]


def test_what_was_won_in_a_month_opens_from_the_table_of_forecast_and_actual(boss, pipeline, time_machine):
    for month, money in ((9, 200), (10, 270)):
        night(date(2026, month, 1), pipeline, {date(2026, month, 1): (300, 0, 0)})
        time_machine.move_to(datetime(2026, month, 20, 12, tzinfo=UTC), tick=False)
        won(pipeline, money)
    time_machine.move_to(NOON, tick=False)
    found = opened(accuracy.PANEL, seen_by(boss), 5)
    assert [cell for cell, _deals in found] == [D(200), D(270)]
    assert all(sum(deals.values_list("amount_base", flat=True)) == cell for cell, deals in found)
    client = Client()
    client.force_login(boss)
    page = client.get("/dashboard/").content.decode()
    assert "?of=accuracy.won&amp;arg=2026-10" in re.sub(r"\?&amp;", "?", page)
    assert "of=.won" not in client.get("/dashboard/print/").content.decode()


def test_each_week_of_what_came_in_opens_its_deals(boss, pipeline, time_machine):
    for day, money in ((3, 100), (11, 40)):
        time_machine.move_to(datetime(2026, 11, day, 12, tzinfo=UTC), tick=False)
        deal = f.make_deal(pipeline, amount=D(money))
        moves.advance(deal.pk, to=f.stage_of(pipeline, "Discover").pk, seen_seq=deal.seq, by=boss)
    time_machine.move_to(NOON, tick=False)
    found = opened(enough.PANEL, seen_by(boss), 1)
    assert [cell for cell, _deals in found][-2:] == [100, 40]
    assert all(sum(deals.values_list("amount_base", flat=True)) == cell for cell, deals in found)


@pytest.mark.parametrize("of_team", [True, False], ids=["by its days", "as a night counted"])
def test_a_line_of_the_calibration_opens_the_deals_that_ended(boss, pipeline, time_machine, of_team):
    one = won(pipeline, 300)
    lost = f.make_deal(pipeline, stage="Discover")
    moves.archive(lost.pk, seen_seq=lost.seq, by=boss)
    again = won(f.make_pipeline("Other", stages=f.OPEN_GATES), 40)
    time_machine.move_to(NOON + timedelta(days=1), tick=False)
    nights.write(timezone.now())
    after = f.make_deal(pipeline, stage="Discover")
    moves.archive(after.pk, seen_seq=after.seq, by=boss)
    lens = seen_by(boss, **({"team": str(one.team_id)} if of_team else {}))
    ended, wins = (opened(calibration.PANEL, lens, column) for column in (4, 5))
    assert [cell for cell, _deals in ended] == ([3, 3, 1, 1] if of_team else [2, 2, 1, 1]) + [1, 1, 1, 1]
    for found in (ended, wins):
        assert [deals.count() for _cell, deals in found] == [cell for cell, _deals in found]
    assert {deal.pk for _cell, deals in wins for deal in deals} == {one.pk, again.pk}


def test_stage_conversion_opens_the_deals_of_all_its_stages_each_once(boss):
    tell(f.make_pipeline("Told", stages=f.OPEN_GATES), f.make_user())
    lens = spring(boss)
    behind, parts = six_panel.PANEL.behind["stage_conversion"].deals, leak.PANEL.behind
    stages = [str(row.step.id) for row in leak.of(lens).rows]
    moved = {deal.pk for stage in stages for deal in parts["moved"].deals(lens, stage)}
    stopped = [deal for stage in stages for deal in parts["stopped"].deals(lens, stage)]
    ended = {deal.pk for deal in stopped if deal.status not in LIVE}
    assert {deal.pk for deal in behind(lens, "moved")} == moved and len(moved) == 9
    assert {deal.pk for deal in behind(lens, "")} == moved | ended and ended - moved


def test_waits_on_the_buyer_and_activities_open_their_deals(boss, time_machine):
    pipeline = f.make_pipeline("Told", stages=f.OPEN_GATES)
    first, second = (f.make_deal(pipeline, name=name, now=f.at(date(2026, 3, 2))) for name in "ab")
    said(first, 5)
    said(first, 12, kind="call", direction="in")
    take(first, "to Discover 15")
    said(first, 20)
    said(second, 60, kind="meeting", direction="in")
    lens = spring(boss)
    for row in waits.of(lens).rows:
        counts = {"calls": row.calls, "mails": row.mails, "meetings": row.meetings}
        for name, number in {"buyer": row.buyer.count, **counts}.items():
            deals = waits.PANEL.behind[name].deals(lens, str(row.step.id))
            assert deals.count() == number, (row.step.name, name)
    assert waits.PANEL.behind["mails"].deals(lens, "").count() == 1
    client = Client()
    client.force_login(boss)
    page = client.get("/dashboard/?period=own&from=2026-03-02&to=2026-05-31").content.decode()
    for name in ("buyer", "calls", "mails", "meetings"):
        assert f"of=waits.{name}&amp;arg={f.stage_of(pipeline, 'Qualify').pk}" in page, name


def test_follow_ups_of_a_person_open_the_deals_they_were_on_whoever_owns_those(boss, pipeline):
    mara, tom = f.make_user("Mara Kessel"), f.make_user("Tom Averell")
    for due, done in ((9, 10), (9, 9), (9, 3), (2, None), (-3, None)):
        task(f.make_deal(pipeline, owner=mara), due, done)
    task(f.make_deal(pipeline, owner=mara), 3, 3, who=tom)
    for asked in ({}, {"owner": str(tom.pk)}, {"owner": str(mara.pk)}):
        lens = lens_of(boss, **asked)
        for person in discipline.of(lens).people:
            counts = {
                name: discipline.PANEL.behind[name].deals(lens, str(person.user.pk)).count()
                for name in ("on_time", "follow_ups")
            }
            assert counts == {"on_time": person.on_time, "follow_ups": person.due}
    assert discipline.PANEL.behind["on_time"].named(lens_of(boss), str(tom.pk)) == "Tom Averell"
    other = f.make_manager("Rita Aller", team="South")
    assert discipline.PANEL.behind["on_time"].named(lens_of(other), str(tom.pk)) == ""
    assert not discipline.PANEL.behind["on_time"].deals(lens_of(other), str(tom.pk)).exists()


def test_every_link_of_a_table_names_a_set_its_panel_has(boss, pipeline):
    won(pipeline, 300)
    for panel in [panel for panel in registry.PANELS if panel.table]:
        table = panel.table(panel.of(seen_by(boss)))
        for name, args in table.opens.values():
            assert name in panel.behind and len(args) == len(table.rows)


# The period of a list


def sql_of(behind, lens, arg):
    try:
        return str(behind.deals(lens, arg).query)
    except EmptyResultSet:
        return ""


def test_a_list_says_its_period_exactly_where_another_period_gives_another_list(boss):
    f.make_pipeline("Told", stages=f.OPEN_GATES)
    lenses = [spring(boss, start=0, end=end) for end in (50, 60)]
    for panel in [*registry.PANELS, *registry.ELSEWHERE]:
        for name, behind in panel.behind.items():
            changes = any(len({sql_of(behind, lens, arg) for lens in lenses}) > 1 for arg in ("", "2026-10"))
            says = len({behind.days(lens) for lens in lenses}) > 1
            assert changes is says, f"{panel.key}.{name}"


def test_the_list_behind_a_number_says_its_period_before_its_filters(boss, pipeline):
    client = Client()
    client.force_login(boss)

    def page(**asked):
        return client.get("/dashboard/deals/", asked).content.decode()

    assert "Period: Last 90 days, 21 Aug – 18 Nov · Lead source: Web" in page(
        of="sources.begun", source="Web"
    )
    assert "Period: 2 Nov – 4 Nov" in page(
        of="sources.begun", period="own", **{"from": "2026-11-02", "to": "2026-11-04"}
    )
    assert "Period: 1 Oct – 31 Dec" in page(of="make_it.won")
    assert "Period:" not in page(of="pipeline.open") + page(of="accuracy.won", arg="2026-10")
