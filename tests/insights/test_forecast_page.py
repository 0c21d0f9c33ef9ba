"""The page of the forecast: a manager's own figure, who reads what was said, its sheets, and what it costs."""

from datetime import date

import pytest
from django.urls import reverse

from insights.forecast import outlook
from insights.models import ManagerCall

from .. import factories as f
from ..fingerprint import fingerprint
from .forecasts import night, open_deal, seen_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("november")]
DECEMBER = date(2026, 12, 1)


def post(client, user, **typed):
    client.force_login(user)
    return client.post(
        reverse("forecast"), {"month": "2026-12", "team": "all", "amount": "500k", "note": "", **typed}
    )


def test_a_manager_says_what_a_month_will_bring_and_earlier_words_stay(client, boss, pipeline):
    assert post(client, boss, note="Two large ones slip").status_code == 303
    assert post(client, boss, amount="450k").status_code == 303
    assert list(ManagerCall.objects.order_by("pk").values_list("month", "team", "amount", "by")) == [
        (DECEMBER, None, 500_000, boss.pk), (DECEMBER, None, 450_000, boss.pk)
    ]  # fmt: skip
    page = client.get(reverse("forecast")).content.decode()
    assert "Two large ones slip" in page and outlook.months(seen_by(boss))[1].call.amount == 450_000


@pytest.mark.parametrize(
    ("field", "value"),
    [("amount", "plenty"), ("amount", ""), ("amount", "-5"), ("month", "2026-01"), ("month", "x"), ("team", "987654"),
     ("team", ""), ("note", "x" * 501)],
)  # fmt: skip
def test_what_cannot_be_read_is_said_beside_its_field(client, boss, pipeline, field, value):
    answer = post(client, boss, **{field: value})
    assert answer.status_code == 422 and f'id="{field}-error"' in answer.content.decode()
    assert not ManagerCall.objects.exists()


def test_a_rep_says_nothing_and_a_manager_nothing_for_other_teams(client, boss, pipeline):
    rep, manager = f.make_user(), f.make_manager(team="North")
    south = f.make_team("South")
    before = fingerprint()
    assert post(client, rep).status_code == 403
    assert post(client, manager, team=str(south.pk)).status_code == 422
    assert post(client, manager).status_code == 422  # all together: who leads every team
    assert fingerprint() == before and not ManagerCall.objects.exists()
    assert post(client, manager, team=str(manager.teams.get().pk)).status_code == 303


def test_a_manager_reads_what_was_said_of_their_own_team_and_of_no_other(client, boss, pipeline):
    north, south = f.make_manager(team="North"), f.make_manager("Ines Duarvo", team="South")
    post(client, boss, amount="111111")
    post(client, south, team=str(south.teams.get().pk), amount="222222")
    post(client, north, team=str(north.teams.get().pk), amount="333333")
    client.force_login(north)
    for query in ("", f"?team={south.teams.get().pk}", f"?team={north.teams.get().pk}"):
        page = client.get(reverse("forecast") + query).content.decode()
        assert "€111,111" not in page and "€222,222" not in page, query
        assert ("€333,333" in page and "€333k" in page) == (query != f"?team={south.teams.get().pk}"), query
    client.force_login(boss)
    page = client.get(reverse("forecast")).content.decode()
    assert "€111,111" in page and "€333,333" not in page


def test_every_table_of_the_page_comes_as_a_sheet(client, boss, pipeline):
    open_deal(pipeline, 1000, stage="Close")
    night(date(2026, 10, 1), pipeline, {date(2026, 10, 1): (900, 1000, 0)})
    client.force_login(boss)
    page = client.get(reverse("forecast")).content.decode()
    for name, first in (("months", "2026-11,"), ("past", "2026-10,2026-10-01,"), ("errors", "0,1,900.00,")):
        address = reverse("forecast_csv", args=[name])
        assert f'href="{address}?"' in page
        lines = client.get(address).content.decode("utf-8-sig").splitlines()
        assert lines[1].startswith(first), lines
    assert "2026-12,,0.00,1000.00" in client.get(reverse("forecast_csv", args=["months"])).content.decode()
    assert client.get(reverse("forecast_csv", args=["nights"])).status_code == 404


def test_a_rep_reads_their_own_forecast(client, boss, pipeline):
    mine = open_deal(pipeline, 400)
    open_deal(pipeline, 9000, owner=f.make_user("Ines Duarvo"))
    client.force_login(mine.owner)
    page = client.get(reverse("forecast")).content.decode()
    assert "Your forecast" in page and "€240" in page and "€5.4k" not in page and "€5.6k" not in page
    assert 'name="amount"' not in page


def test_the_page_costs_the_same_however_much_there_is(client, boss, pipeline, django_assert_num_queries):
    for month in (8, 9, 10):
        night(date(2026, month, 1), pipeline, {date(2026, month, 1): (10, 0, 0)}, owner=f.make_user())
    for _number in range(3):
        open_deal(pipeline, 10, owner=f.make_user())
    client.force_login(boss)
    with django_assert_num_queries(19):
        client.get(reverse("forecast"))


def test_before_the_first_night_and_the_first_deal_the_pages_say_so(client, boss):
    client.force_login(boss)
    page = client.get(reverse("forecast")).content.decode()
    assert "No month was forecast" in page and "The first night has not been written yet" in page
    dashboard = client.get("/dashboard/").content.decode()
    assert "No target is set." in dashboard and "newly qualified last week" in dashboard
