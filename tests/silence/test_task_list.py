"""The page of tasks and the list of what waits for one's word."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from automations.models import Hold, HoldReason
from deals.models import ExceptionState, Firing, FiringState, GateException
from team.models import User

from .. import factories as f
from ..browser import DESKTOP, PHONE
from ..exceptional import WHY, Case
from .test_today import by_rule, give, rule_of


def page(client, user, url="/tasks/"):
    client.force_login(user)
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def listed(text):
    return [part.split("<")[0] for part in text.split('<th scope="row">')[1:]]


@pytest.fixture
def team(db):
    """(manager, Mara's deal, Piet's deal), with a late task of each and one to come."""
    ruth, mara, piet = f.make_manager(), f.make_user(), f.make_user("Piet Olen")
    hers, his = (f.next_step(f.make_deal(owner=one), days=9) for one in (mara, piet))
    give(hers, "Hers, late", days=-5)
    give(hers, "Hers, to come", days=3)
    by_rule(his, days=-2)
    give(his, "His, done", done_at=timezone.now(), outcome="They agreed")
    return ruth, hers, his


def test_a_manager_sees_the_teams_tasks_late_first_with_who_is_behind(client, team):
    ruth, hers, his = team
    text = page(client, ruth)
    assert listed(text) == ["Hers, late", "Follow up on the offer", "Hers, to come"]
    assert "5 days late" in text and "Made by a rule: no buyer response" in text
    people = text.split('id="by-person"')[1]
    assert people.count("1 late") == 2 and "of 2" in people and "of 1" in people


@pytest.mark.parametrize(
    ("query", "titles"),
    [("?show=late", ["Hers, late", "Follow up on the offer"]), ("?by=rule", ["Follow up on the offer"]),
     ("?show=later", ["Hers, to come"]), ("?show=done", ["His, done"]), ("?show=nonsense&person=x&page=99",
     ["Hers, late", "Follow up on the offer", "Hers, to come"])],
)  # fmt: skip
def test_the_tasks_are_narrowed(client, team, query, titles):
    assert listed(page(client, team[0], f"/tasks/{query}")) == titles


def test_one_persons_tasks(client, team):
    ruth, hers, his = team
    assert listed(page(client, ruth, f"/tasks/?person={his.owner_id}")) == ["Follow up on the offer"]
    assert "They agreed" in page(client, ruth, f"/tasks/?person={his.owner_id}&show=done")
    assert "No task has all of this" in page(client, ruth, "/tasks/?person=999999999")


def test_a_seller_sees_their_own_and_a_manager_of_another_team_none(client, team):
    ruth, hers, his = team
    assert listed(page(client, hers.owner)) == ["Hers, late", "Hers, to come"]
    assert listed(page(client, hers.owner, f"/tasks/?person={his.owner_id}")) == []
    assert listed(page(client, f.make_manager("Karl Ost", team="South"))) == []


def test_the_page_of_tasks_has_pages_and_sends_as_many_statements_for_more(client, team):
    ruth, hers, _his = team

    def count():
        with CaptureQueriesContext(connection) as captured:
            page(client, ruth)
        return len(captured)

    page(client, ruth)
    few = count()
    for number in range(60):
        give(hers, f"Task {number}", days=number - 30)
    assert count() == few
    text = page(client, ruth)
    assert len(listed(text)) == 50 and "Page 1 of 2" in text
    assert len(listed(page(client, ruth, "/tasks/?page=2"))) == 13


def table(client, user, query=""):
    """(head, rows) of the file a spreadsheet opens."""
    client.force_login(user)
    response = client.get(f"/tasks/table/{query}")
    assert response.status_code == 200 and response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="tasks-')
    head, *rows = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    return head, rows


def test_the_tasks_of_all_pages_open_in_a_spreadsheet_narrowed_as_the_page_is(client, team):
    ruth, hers, his = team
    head, rows = table(client, ruth)
    assert head[:3] == ["task", "what_for", "deal"] and "days_late" in head
    assert [row[0] for row in rows] == ["Hers, late", "Follow up on the offer", "Hers, to come"]
    late = dict(zip(head, rows[0], strict=True))
    assert (late["deal"], late["company"], late["whose"], late["days_late"]) == (
        hers.name, hers.company.name, hers.owner.name, "5",
    )  # fmt: skip
    assert late["due_on"] == (f.today() - timedelta(days=5)).isoformat()
    done = [dict(zip(head, row, strict=True)) for row in table(client, ruth, "?show=done")[1]]
    assert [(row["outcome"], row["days_late"]) for row in done] == [("They agreed", "")]
    assert [row[0] for row in table(client, hers.owner)[1]] == ["Hers, late", "Hers, to come"]
    assert "/tasks/table/?show=late" in page(client, ruth, "/tasks/?show=late")


def test_no_cell_of_the_table_is_taken_for_a_formula(client, team):
    ruth, hers, _his = team
    for title in ('=HYPERLINK("https://example.com")', "+49 30 123", "-1", "@cmd"):
        give(hers, title, days=-9)
    cells = [row[0] for row in table(client, ruth)[1]]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert '\'=HYPERLINK("https://example.com")' in cells


def test_the_table_of_tasks_takes_as_many_statements_for_more(client, team):
    ruth, hers, _his = team

    def count():
        with CaptureQueriesContext(connection) as captured:
            table(client, ruth)
        return len(captured)

    table(client, ruth)
    few = count()
    for number in range(60):
        give(hers, f"Task {number}", days=number - 30)
    assert count() == few and len(table(client, ruth)[1]) == 63


# what waits for me


def asked_archive(deal):
    rule, now = rule_of(deal, "archive"), timezone.now()
    return Firing.objects.create(
        deal=deal, key=rule.key, occurrence="1", definition=rule, action=rule.action, state=FiringState.ASKED,
        fired_at=now, due_at=now, since=f.today() - timedelta(days=30),
    )  # fmt: skip


@pytest.fixture
def case(db):
    """An exception that Tom asked of Ruth."""
    case = Case()
    case.ask()
    return case


def waits(client, user):
    return page(client, user, reverse("waiting"))


def test_everything_a_manager_decides_is_listed_with_its_link_and_goes_when_decided(client, case):
    approval = f.ask_for(case.deal, case.ruth)
    firing = asked_archive(case.deal)
    hold = Hold.objects.create(reason=HoldReason.GAP, held_at=timezone.now(), details={"days": 12})
    links = [
        reverse("exceptions"), reverse("approval", args=[approval.pk]), reverse("operations"),
        reverse("archive_decision", args=[case.deal.pk, firing.pk]),
    ]  # fmt: skip
    text = waits(client, case.ruth)
    assert "4 decisions." in text and WHY in text
    assert all(f'href="{link}">Decide' in text for link in links)
    Hold.objects.filter(pk=hold.pk).update(released_at=timezone.now())
    Firing.objects.filter(pk=firing.pk).update(state=FiringState.KEPT)
    GateException.objects.update(state=ExceptionState.WITHDRAWN)
    type(approval).objects.filter(pk=approval.pk).update(decision="approved")
    assert "Nothing waits for your word." in waits(client, case.ruth)


def test_who_asked_does_not_decide_and_a_seller_decides_approvals_alone(client, case):
    asked_archive(case.deal)
    assert "Nothing waits for your word." in waits(client, case.tom)
    approval = f.ask_for(case.deal, case.tom)
    text = waits(client, case.tom)
    assert "1 decision." in text and reverse("approval", args=[approval.pk]) in text


def test_another_teams_deals_wait_for_another_manager(client, case):
    asked_archive(case.deal)
    assert "Nothing waits for your word." in waits(client, f.make_manager("Karl Ost", team="South"))


def shown_to(client, user, url="/profile/"):
    """The number beside one's own picture, on any page; 0 where there is none."""
    found = re.search(r"(\d+) things? waits? for you", page(client, user, url))
    return int(found[1]) if found else 0


def test_every_page_says_how_much_waits_for_ones_word_as_the_page_of_it_counts(client, case):
    ines, karl = f.make_admin("Ines Duarvo"), f.make_manager("Karl Ost", team="South")
    piet = f.make_user("Piet Olen")
    asked_archive(case.deal)
    Hold.objects.create(reason=HoldReason.GAP, held_at=timezone.now(), details={"days": 12})
    for user in (case.ruth, ines, piet):
        f.ask_for(case.deal, user)
    for user, number in ((case.ruth, 4), (ines, 4), (karl, 1), (piet, 1), (case.tom, 0)):
        listed = waits(client, user).count('">Decide')
        assert (shown_to(client, user), listed) == (number, number), user
    GateException.objects.update(state=ExceptionState.WITHDRAWN)
    assert shown_to(client, case.ruth) == 3 == User.objects.get(pk=case.ruth.pk).waiting_for_word


def test_who_asked_for_an_exception_is_not_told_to_decide_it(client, case):
    GateException.objects.update(asked_by=case.ruth)
    assert shown_to(client, case.ruth) == 0


def test_the_number_costs_no_statement_and_is_found_in_indexes(client, case):
    from team.backends import _people

    client.force_login(case.ruth)
    client.get("/profile/")
    with CaptureQueriesContext(connection) as captured:
        client.get("/profile/")
    assert len([query for query in captured if "deals_gateexception" in query["sql"]]) == 1
    assert "deals_gateexception" in next(q["sql"] for q in captured if "team_user" in q["sql"])
    plan = _people().filter(pk=case.ruth.pk).explain()
    if connection.vendor == "sqlite":
        for name in ("approval_waiting", "exception_asked_once", "firing_open"):
            assert name in plan, plan


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_both_pages_are_accessible_full_and_empty(open_page, axe, size, team):
    ruth, hers, _his = team
    asked_archive(hers)
    f.ask_for(hers, ruth)
    for user in (ruth, f.make_user("New Person")):
        for url in ("/tasks/", "/tasks/?show=late&by=rule", reverse("waiting")):
            found = open_page(url, user, size=size)
            assert found.evaluate("document.documentElement.scrollWidth <= innerWidth"), url
            assert axe(found) == [], url
            assert found.complaints == []
