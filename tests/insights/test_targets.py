"""The page of targets: managers write those of their teams and people, reps read their own."""

from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest
from django.urls import reverse

from insights.models import Target

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
NOV = date(2026, 11, 1)


@pytest.fixture
def people(time_machine):
    time_machine.move_to(datetime(2026, 11, 18, 12, tzinfo=UTC), tick=False)
    rep, other = f.make_user("Mara Kessel"), f.make_user("Tom Averell", team="South")
    return rep, other, f.make_manager(team="North"), f.make_admin(team=None)


def page(client, user, **asked):
    client.force_login(user)
    return client.get(reverse("targets"), asked)


def post(client, user, typed, **asked):
    client.force_login(user)
    return client.post(reverse("targets", query=asked), typed)


def rows():
    return set(Target.objects.values_list("month", "team__name", "user__name", "amount"))


def test_a_manager_sets_changes_and_takes_away_the_targets_of_their_team_and_people(client, people):
    rep, _other, manager, _admin = people
    team, own = f"t-2026-11-team-{rep.teams.get().pk}", f"t-2026-11-rep-{rep.pk}"
    assert post(client, manager, {team: "€120k", own: "60.000"}).status_code == 303
    assert rows() == {(NOV, "North", None, D(120000)), (NOV, None, "Mara Kessel", D(60000))}
    post(client, manager, {team: "", own: "75000.50"})
    assert rows() == {(NOV, None, "Mara Kessel", D("75000.50"))}
    assert 'value="75000.50"' in page(client, manager).content.decode()


def test_the_quarters_targets_are_a_sheet_that_tells_what_is_set_from_what_follows(client, people):
    rep, other, manager, _admin = people
    for person, amount in ((rep, 60000), (other, 999)):
        Target.objects.create(month=NOV, user=person, amount=amount)
    client.force_login(manager)
    answer = client.get(reverse("targets_csv"), {"quarter": "2026-Q4"})
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert (
        lines[0] == "Who,2026-10,2026-11,2026-12,Set" and "targets-2026-Q4" in answer["Content-Disposition"]
    )
    assert "Mara Kessel,,60000.00,,2026-11" in lines and "North,,60000.00,," in lines
    assert "999" not in answer.content.decode(), "another team's"


def test_an_open_dashboard_learns_of_another_target(client, people):
    _rep, _other, manager, admin = people
    own = f"t-2026-11-rep-{manager.pk}"
    for typed in ["60000", "61000", ""]:
        client.force_login(manager)
        version = client.get("/dashboard/").content.decode().partition('data-version="')[2].partition('"')[0]
        asked = "/dashboard/changes/?since=" + version
        assert client.get(asked).status_code == 204
        post(client, admin, {own: typed})
        client.force_login(manager)
        assert client.get(asked).status_code == 200


def test_what_nobody_can_read_is_said_beside_its_field_and_nothing_is_saved(client, people):
    rep, _other, manager, _admin = people
    good, bad = f"t-2026-11-rep-{rep.pk}", f"t-2026-12-rep-{rep.pk}"
    answer = post(client, manager, {good: "500", bad: "lots"})
    html = answer.content.decode()
    assert answer.status_code == 422 and f'id="{bad}-error"' in html and 'value="lots"' in html
    assert 'value="500"' in html and rows() == set()


@pytest.mark.parametrize("typed", ["-5", "1e400", "9" * 40, "12.345", "\0", "٣" * 4, "1;DROP"])
def test_whatever_is_typed_is_answered(client, people, typed):
    rep, _other, manager, _admin = people
    assert post(client, manager, {f"t-2026-11-rep-{rep.pk}": typed}).status_code in (303, 400, 422)
    assert all(amount >= 0 for *_who, amount in rows())


def test_a_rep_reads_their_own_targets_and_writes_none(client, people):
    rep, other, _manager, _admin = people
    for person, amount in ((rep, 111), (other, 999)):
        Target.objects.create(month=NOV, user=person, amount=amount)
    html = page(client, rep).content.decode()
    assert "€111" in html and "€999" not in html and 'name="t-' not in html
    before, known = fingerprint(), rows()
    assert post(client, rep, {f"t-2026-11-rep-{rep.pk}": "5"}).status_code == 403
    assert (fingerprint(), rows()) == (before, known)


def test_a_manager_sets_neither_another_teams_targets_nor_those_of_all(client, people):
    _rep, other, manager, _admin = people
    south = other.teams.get().pk
    for name in (f"t-2026-11-rep-{other.pk}", f"t-2026-11-team-{south}", "t-2026-11-all", "t-2026-11-rep-x"):
        assert post(client, manager, {name: "5"}).status_code == 403
    assert rows() == set()


def test_who_leads_every_team_and_an_admin_set_that_of_all(client, people):
    _rep, _other, manager, admin = people
    manager.teams.add(f.make_team("South"))
    for who, amount in ((manager, "70"), (admin, "80")):
        assert post(client, who, {"t-2026-11-all": amount}).status_code == 303
        assert rows() == {(NOV, None, None, D(amount))}


def test_a_quarter_and_a_team_are_chosen_in_the_address(client, people):
    rep, other, _manager, admin = people
    html = page(client, admin, quarter="2027-Q1", team=str(rep.teams.get().pk)).content.decode()
    assert "t-2027-03-rep-" in html and f"rep-{rep.pk}" in html and f"rep-{other.pk}" not in html
    assert "quarter=2026-Q4" in html and "quarter=2027-Q2" in html
    assert "Q1 2027</b>" in html and ">Q4 2026<" in html and 'aria-label="Mara Kessel, Mar 2027"' in html


@pytest.mark.parametrize(
    "asked",
    [
        "quarter=2026-Q9",
        "quarter=99999999-Q1",
        "quarter=002026000-Q1",
        "quarter=x",
        "team=x",
        "team=" + "9" * 30,
    ],
)
def test_an_address_nobody_could_mean_shows_this_quarter(client, people, asked):
    client.force_login(people[3])
    assert "Q4 2026" in client.get(f"{reverse('targets')}?{asked}").content.decode()


def test_it_costs_the_same_however_many_people(client, people, django_assert_num_queries):
    for number in range(5):
        person = f.make_user(f"Person {number}")
        Target.objects.create(month=NOV, user=person, amount=5)
    client.force_login(people[3])
    client.get(reverse("targets"))  # the organisation is there from then on
    with django_assert_num_queries(8):
        client.get(reverse("targets"))


def test_more_people_than_fit_are_shown_one_team_at_a_time(client, people, monkeypatch):
    monkeypatch.setattr("insights.forms.target_form.MOST", 2)
    rep, _other, _manager, admin = people
    assert f"rep-{rep.pk}" not in page(client, admin).content.decode()
    assert f"rep-{rep.pk}" in page(client, admin, team=str(rep.teams.get().pk)).content.decode()
