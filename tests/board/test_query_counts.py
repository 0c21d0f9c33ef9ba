"""A page sends as many statements for a thousand deals as for a hundred, and no more than it may."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bench.benchmarks import PEOPLE
from bench.generator import generate
from deals import moves
from deals.models import Deal, Status
from pipeline.models import Pipeline
from pipeline.process import process_of
from team.models import User

pytestmark = pytest.mark.django_db

AT_MOST = {
    "board": 12,
    "board, mine": 12,
    "board, blocked": 12,
    "deal page": 15,
    "list": 8,
    "list, search": 8,
}
MOVE_AT_MOST = 15


def urls():
    """Every page, the deal's with as much on it as there is."""
    rep = User.objects.get(email=PEOPLE["rep"])
    expires = Q(
        stands_until__lte=timezone.localdate() + timedelta(days=10)
    )  # its page asks for the last talk, too
    deal = Deal.objects.visible_to(rep).open().filter(expires).order_by("-held_here", "pk").first()
    return {
        "board": reverse("board"),
        "board, mine": reverse("board") + "?who=mine",
        "board, blocked": reverse("board") + "?who=blocked",
        "deal page": reverse("deal", args=[deal.pk]),
        "list": reverse("deals"),
        "list, search": reverse("deals") + "?q=grove&show=all&sort=-amount",
    }


def page_counts(person):
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(User.objects.get(email=PEOPLE[person]))
    for url in urls().values():
        browser.get(url)  # the first request fills what a server keeps
    return {name: statements(browser, url) for name, url in urls().items()}


def statements(browser, url):
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)


def move_count():
    """Statements of one advance through a gate that holds."""
    process = process_of(Pipeline.objects.select_related("version").get())
    ready = (
        deal for deal in Deal.objects.open().filter(open_before=0).order_by("pk") if may_leave(deal, process)
    )
    deal, head = next(ready), User.objects.get(email=PEOPLE["head of sales"])
    to = process.stage_after(deal.stage_id).stage_id
    with CaptureQueriesContext(connection) as captured:
        moves.advance(deal.pk, to=to, seen_seq=deal.seq, by=head, key="a-key")
    assert Deal.objects.get(pk=deal.pk).stage_id == to
    return len(captured)


def may_leave(deal, process):
    after = process.stage_after(deal.stage_id)
    return deal.held_here == deal.total_here and after and not process.entry_criteria(after.stage_id)


def compare(small, large):
    generate(small)
    before = {person: page_counts(person) for person in PEOPLE}, move_count()
    generate(large - small, seed=8)
    assert Deal.objects.made().filter(status=Status.OPEN).count() > large / 5
    after = {person: page_counts(person) for person in PEOPLE}, move_count()
    assert after == before
    pages, move = after
    over = {
        (who, name): n for who, counts in pages.items() for name, n in counts.items() if n > AT_MOST[name]
    }
    assert over == {} and move <= MOVE_AT_MOST


def test_pages_and_moves_send_as_many_statements_for_a_thousand_deals_as_for_a_hundred():
    compare(100, 1000)


@pytest.mark.soak
def test_pages_and_moves_send_as_many_statements_for_ten_thousand_deals_as_for_a_hundred():
    compare(100, 10_000)
