"""What open dashboards cost while deals change: twenty of them for a minute, in each second of which a deal is edited.

Nobody waits for the minute: its seconds are gone through one by one, and each dashboard asks what is new when its page
says, and loads anew what changed, as its script does. Twenty heads see the same; twenty reps see each their own.
"""

import re
from collections import Counter
from unittest import mock

from django.db.models import F
from django.test import Client

from deals.models import Deal
from insights import shared
from team.models import User

from . import bulk, measure

WATCHERS, SECONDS, EVERY = 20, 60, 8


def watch(runs):
    """`runs` is not asked: it is one minute, with hundreds of requests."""
    bulk.vacuum()
    heads = [User.objects.get(email="head@seller.example")] * WATCHERS
    reps = list(User.objects.filter(level="rep", is_active=True).order_by("pk")[:WATCHERS])
    return [_minute("heads of sales", heads), _minute("reps", reps)]


def _minute(who, people):
    start = shared._now()
    with mock.patch.object(shared, "_now", lambda: start):
        pages = [_Page(person) for person in people]
    for place, page in enumerate(pages):
        page.next = place % EVERY
    changing = list(Deal.objects.live().order_by("?").values_list("pk", flat=True)[:SECONDS])
    found, times = Counter(), []
    for second, pk in enumerate(changing):
        Deal.objects.filter(pk=pk).update(rev=F("rev") + 1)
        with mock.patch.object(shared, "_now", lambda at=second: start + 1000 * (at + 1)):
            for page in (each for each in pages if each.next <= second):
                times.append(measure.timed(lambda page=page, at=second: found.update([page.ask(at)])))
    used = sum(processor for _clock, processor in times) / 1000
    note = (
        f"{used:.1f} s of the processor for {len(pages)} dashboards, {used / len(pages):.2f} each;"
        f" asked {sum(found.values())} times, {found[200]} pages anew"
    )
    return measure.result(f"asking what is new, {len(pages)} {who}, a minute", times, note=note)


class _Page:
    def __init__(self, person):
        self.client, self.version, self.next, self.every = Client(SERVER_NAME="localhost"), "", 0, EVERY
        self.client.force_login(person)
        self.load()

    def load(self):
        page = self.client.get("/dashboard/", headers={"Since": self.version}).content.decode()
        self.version = re.search('data-version="([^"]*)"', page)[1]
        every = re.search('data-every="([0-9]+)"', page)
        self.every = int(every[1]) / 1000 if every else EVERY

    def ask(self, second):
        status = self.client.get("/dashboard/changes/", {"since": self.version}).status_code
        if status == 200:
            self.load()
        self.next = second + self.every
        return status
