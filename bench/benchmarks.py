"""What is measured, by name. Each benchmark returns its lines of the table."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from django.test import Client
from django.urls import reverse

from deals import guard, moves
from deals.models import Deal
from pipeline.models import Pipeline
from pipeline.process import process_of
from team.models import User

from . import audit, dashboard, measure, publishing, sweeping, watching
from .company import PROCESS
from .measure import Result

# A rep of one team, and the head of sales, who sees the deals of every team.
PEOPLE = {"rep": "rep011@seller.example", "head of sales": "head@seller.example"}
# What a move does without the guard: nobody refuses, but the trigger that moves the deal stays.
MOVES_THE_DEAL = "hg_follow"
IMPORT_ROWS = 8800
MAPPING = '[stages]\n"Prospecting" = "prospect"\n"Engaging" = "discover"\n'


def board(runs):
    return _pages({"board": reverse("board"), "board, mine": reverse("board") + "?who=mine"}, runs)


def deals_list(runs):
    url = reverse("deals")
    sorted_by = {"list": url, "list, claimed, by amount": f"{url}?proof=claimed&sort=-amount"}
    return _pages(sorted_by | {"list, search": f"{url}?q=grove"}, runs)


def deal_page(runs):
    rep = User.objects.get(email=PEOPLE["rep"])
    found = Deal.objects.editable_by(rep).open().order_by("-open_before", "-held_here", "pk").first()
    return _pages({"deal page": reverse("deal", args=[found.pk])}, runs)


def _pages(urls, runs):
    """Whole requests, signed in, compressed, as a browser gets them."""
    requests = {
        f"{name} ({person})": _request(_browser(email), url)
        for name, url in urls.items()
        for person, email in PEOPLE.items()
    }
    counted = {name: _counted(request) for name, request in requests.items()}
    times = measure.interleaved(requests, runs)
    return [measure.result(name, times[name], **counted[name]) for name in requests]


def _browser(email):
    browser = Client(SERVER_NAME="localhost", HTTP_ACCEPT_ENCODING="gzip")
    browser.force_login(User.objects.get(email=email))
    return browser


def _request(browser, url):
    def request():
        response = browser.get(url)
        if response.status_code != 200:
            raise RuntimeError(f"{url} answered {response.status_code}")
        return response

    return request


def _counted(request):
    request()  # templates and the process are read once per server
    response, statements, milliseconds = measure.statements(request)
    return {
        "statements": statements, "in_database": milliseconds, "kilobytes": len(response.content) / 1000,
    }  # fmt: skip


def move(runs):
    """Advances through the gate, alternating with and without the guard; each of another deal."""
    waiting, head = _ready(2 * runs + 4), User.objects.get(email=PEOPLE["head of sales"])
    with_guard, without = [], []
    for _run in range(runs + 1):
        with_guard.append(_advance(waiting, head))
        _lift()
        without.append(_advance(waiting, head))
        guard.install()
    _deal, statements, milliseconds = measure.statements(lambda: _advance(waiting, head))
    # The first of each warms up.
    lines = [
        measure.result("one move", with_guard[1:], statements=statements, in_database=milliseconds),
        measure.result("one move, no guard", without[1:]),
    ]
    lines[0].note = f"×{lines[0].median / lines[1].median:.2f} of a move without the guard"
    return lines


def _ready(number):
    """(id, seq, next stage) of deals whose gate holds."""
    process = process_of(Pipeline.objects.select_related("version").get(slug=PROCESS))
    found = []
    for deal in Deal.objects.open().filter(open_before=0).order_by("pk").iterator(chunk_size=500):
        after = process.stage_after(deal.stage_id)
        if after and deal.held_here == deal.total_here and not process.entry_criteria(after.stage_id):
            found.append((deal.pk, deal.seq, after.stage_id))
        if len(found) == number:
            return found
    raise SystemExit(f"Only {len(found)} deals are ready to move; {number} are needed: make more deals.")


def _advance(waiting, head):
    pk, seq, to = waiting.pop()
    return measure.timed(lambda: moves.advance(pk, to=to, seen_seq=seq, by=head))


def _lift():
    for name in guard.names():
        if name != MOVES_THE_DEAL:
            guard.remove(name)


def import_rows(runs):
    """The command, as a process of its own, on top of the deals that are there."""
    from tests.data.exports import opportunities_csv

    with tempfile.TemporaryDirectory(dir=os.environ["DATA_DIR"]) as folder:
        file, mapping = Path(folder, "export.csv"), Path(folder, "map.toml")
        file.write_text(opportunities_csv(IMPORT_ROWS))
        mapping.write_text(MAPPING)
        before = Deal.objects.count()
        found = _watched(Path(folder), "manage.py", "import_deals", file, "--map", mapping)
    note = f"{Deal.objects.count() - before} deals, at most {found['megabytes']:.0f} MB"
    return [
        Result(f"import of {IMPORT_ROWS:,} rows", found["ms"], found["ms"], found["processor"], note=note)
    ]


def _watched(folder, *command):
    """Time and peak memory of a Python command; what it says is shown where it fails."""
    watch = [sys.executable, Path(__file__).with_name("watch.py"), folder / "found.json"]
    done = subprocess.run([*watch, sys.executable, *command], stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads((folder / "found.json").read_text())


BENCHMARKS = {
    "board": board,
    "list": deals_list,
    "deal": deal_page,
    "move": move,
    "import": import_rows,
    "publish": publishing.publish_changes,
    "sweep": sweeping.sweep_rules,
    "watch": watching.watch,
    "dashboard": dashboard.panels,
    "audit": audit.audit,
}
# These read what copies say as well as what was made one by one, so most of their deals are copies.
OF_COPIES = {"dashboard", "watch"}
# Those that fill up to a number of live deals.
GROWN = ["publish", "sweep"]
