"""What the review of a Monday says in its mail: the answers of the page in words, and what stands behind them."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.utils import timezone

from deals.models import Deal, Task
from insights.standing import standings
from insights.weekly import answers, mails
from outbox.models import Mail

from .. import factories as f
from . import worlds as w

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 9, 8, tzinfo=UTC)


@pytest.fixture
def ruth(time_machine):
    time_machine.move_to(MONDAY, tick=False)
    return f.make_manager("Ruth Adelmar", email="ruth@seller.example")


@pytest.fixture
def pipeline(ruth):
    return f.make_pipeline(stages=f.OPEN_GATES, owner=f.make_admin(mail_review=False))


def mail():
    mails.monday_review(timezone.now())
    return Mail.objects.get(key__startswith="review:")


def part(body, title):
    """What stands below a title of the text."""
    return body.partition(f"{title.upper()}\n")[2].partition("\n\n")[0]


def test_it_names_the_deals_to_talk_about_why_and_whom_to_ask_with_a_link_to_each(pipeline, settings):
    settings.SITE_URL = "https://crm.example.com"
    deal = f.make_deal(pipeline, f.make_user("Mara Kessel"), name="Cold store", amount=Decimal(4000))
    Deal.objects.filter(pk=deal.pk).update(next_step="", next_step_on=None)
    f.put_in_role(deal, f.make_contact(deal.company, "Lena Vossberg"), "economic_buyer")
    found = mail()
    said = part(found.body, "Which deals to talk about?")
    assert said.startswith(
        "1 deal is at risk, €4k.\n* Deal: Cold store, Money: €4,000, Owner: Mara Kessel, Why: "
    )
    assert "No next step" in said and "Ask: Lena Vossberg" in said
    assert f"\n  https://crm.example.com/deals/{deal.pk}/" in said
    assert f'<a href="https://crm.example.com/deals/{deal.pk}/">Cold store</a>' in found.html


def test_it_says_the_answers_of_the_page_in_words(pipeline):
    for _number in range(6):
        w.stood(pipeline, f.make_user(), 3, 2, ended="")
    body = mail().body
    assert part(body, "Will we make it?").startswith("No target is set. Quarter to")
    assert "newly qualified last week" in part(body, "Is enough coming in?")
    assert part(body, "What waits for me?") == "Nothing waits for your word."


def test_the_bridge_stands_there_whole_and_adds_up(pipeline, time_machine):
    deals = [
        f.next_step(f.make_deal(pipeline, amount=Decimal(1000 * number)), 30) for number in (1, 2, 4, 8, 16)
    ]
    time_machine.move_to(MONDAY - timedelta(days=7), tick=False)
    standings.write_down(timezone.now())
    time_machine.move_to(MONDAY, tick=False)
    for deal, columns in zip(deals, ({"amount_base": 1500}, {"amount_base": 1500}, {"next_step_on": "2026-10-01"},
                                     {"status": "won"}), strict=False):  # fmt: skip
        if "status" in columns:
            w.end(deal, "win")
        else:
            Deal.objects.filter(pk=deal.pk).update(**columns)
    f.next_step(f.make_deal(pipeline, amount=Decimal(32000)), 30)
    said = part(mail().body, "What changed since last week’s Monday?")
    money = [int(re.sub(r"[^\d-]", "", line.rpartition("Money: ")[2].replace("−", "-"))) for line in
             said.splitlines()[1:]]  # fmt: skip
    assert len(money) > 5 and sum(money[:-1]) == money[-1] and "Part: Today" in said
    assert said.startswith("Up €") and "came in" in said


def test_the_newest_week_is_told_and_no_day_is_written_for_machines(pipeline):
    w.stood(pipeline, f.make_user(), 1, ended="")
    found = mail()
    assert "Week of: 2 Nov" in found.body and "Week of: 14 Sep" in found.body
    assert not re.search(r"20\d\d-\d\d-\d\d", found.body + unescape(re.sub(r"<[^>]+>", " ", found.html)))


def test_of_many_rows_the_first_are_told_and_how_many_there_are_more(ruth, pipeline):
    for number in range(14):
        deal = f.make_deal(pipeline, f.make_user(f"Rep {number:02}"), amount=Decimal(100))
        w.end(deal, "win")
    said = part(mail().body, "Will we make it?")
    assert said.count("\n* ") == answers.ROWS and said.endswith("and 3 more rows")


def test_without_an_address_of_the_site_nothing_is_linked(pipeline, settings):
    settings.SITE_URL = ""
    deal = f.make_deal(pipeline, amount=Decimal(4000))
    Deal.objects.filter(pk=deal.pk).update(next_step="", next_step_on=None)
    found = mail()
    assert "/deals/" not in found.body and "href" not in found.html and not Task.objects.exists()


def test_as_many_statements_for_many_deals_as_for_few(ruth, pipeline, django_assert_max_num_queries):
    lens = w.lens(ruth)
    f.make_deal(pipeline)
    with django_assert_max_num_queries(100) as few:
        answers.of(lens)
    for _number in range(5):
        f.make_deal(pipeline, next_step="", next_step_on=None)
    with django_assert_max_num_queries(len(few) + 2):
        answers.of(w.lens(ruth))
