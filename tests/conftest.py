"""Both engines, and no test that is left out without a word. The browser's fixtures are in browser.py,
those of people in people.py."""

import gc
import importlib
import os
from contextlib import suppress
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.template import RequestContext, Template
from django.test import TransactionTestCase
from django.test.signals import template_rendered

from . import fingerprint
from .emptying import empty

# Playwright's event loop runs in the thread that also asks the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Tests that may be skipped or expected to fail: node id without parameters -> the reason, for readers.
LEFT_OUT = {}

pytest_plugins = ["tests.browser", "tests.engines", "tests.people"]


def pytest_report_header(config):
    return f"database: {connection.vendor}"


# Files that take longest, so that none of them is begun last: each runs in one process.
LONGEST = [
    "test_make_run", "test_engines", "test_admin_rules", "test_http_doors", "test_whose_deal", "test_buyer_link",
    "test_administration_doors", "test_exceptions",
    "test_publish_page", "test_demo", "test_spared", "test_today_browser", "test_board_browser", "test_effect",
    "test_admin_draft", "test_gate_browser", "test_admin_doors", "test_hurry", "test_board", "test_today",
    "test_mail_drafts", "test_settings", "test_admin_stages", "test_api_schema", "test_deal_page", "test_api_doors",
    "test_anything", "test_operations_browser", "test_bulk", "test_query_counts", "test_recaps", "test_demo_repeats",
    "test_confirming", "test_process_page", "test_buyers_word", "test_scripted_walk", "test_recap_browser",
    "test_verdicts", "test_operations", "test_calendar_pages", "test_library", "test_counts", "test_import_command",
    "test_bench", "test_exception_browser", "test_approval_browser", "test_publish_browser", "test_surgery",
    "test_shell", "test_processes", "test_process_pages_browser", "test_bulk_refusals", "test_sign_in",
]  # fmt: skip
PLACES = {name: place for place, name in enumerate(LONGEST)}


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session):
    """Of several workers each loads the files beginning at another one. On a fresh clone pytest rewrites and compiles
    every file, and so each does that for its share and finds the rest done; else all of them would do all of it."""
    worker = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args != session.config.getini("testpaths"):
        return
    folder = Path(__file__).parent
    names = [
        ".".join(path.relative_to(folder.parent).with_suffix("").parts) for path in folder.rglob("test_*.py")
    ]
    first = len(names) * int(worker["workerid"].removeprefix("gw")) // worker["workercount"]
    names.sort()
    for name in names[first:] + names[:first]:
        with suppress(Exception):  # collecting it tells what is wrong with it
            importlib.import_module(name)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Tests for the other engine are deselected, and pytest's last line counts them; long files come first."""
    here, other = [], []
    for item in items:
        (other if meant_elsewhere(item) else here).append(item)
    items[:] = sorted(here, key=lambda item: PLACES.get(item.path.stem, len(LONGEST)))
    config.hook.pytest_deselected(items=other)


@pytest.fixture(autouse=True)
def no_mail_of_certain_days(request, monkeypatch):
    """A test that ticks the real clock does the same on a Monday and on the first of a month as on other days."""
    from automations import duties
    from insights.weekly import mails

    if "certain_days" not in request.keywords:
        kept = [duty for duty in duties.DUTIES if duty not in (mails.monday_review, mails.stalled_report)]
        monkeypatch.setattr(duties, "DUTIES", kept)


def meant_elsewhere(item):
    """Marked for the other engine; or it says the same on both, so that SQLite's run does."""
    marker = item.get_closest_marker("engine")
    engines = marker.args if marker else ["sqlite", "postgresql"] if asks_the_database(item) else ["sqlite"]
    return connection.vendor not in engines


def asks_the_database(item):
    """By its mark, or by any fixture, however far down: without one of them the database refuses to answer it. A
    browser asks it through pages that other tests ask for on both, and what only it can tell is the same on both."""
    marked = item.get_closest_marker("django_db") is not None
    return (marked or "django_db_setup" in item.fixturenames) and "browser" not in item.fixturenames


def empty_what_was_written(self):
    for alias in self._databases_names(include_mirrors=False):
        empty(alias)


TransactionTestCase._fixture_teardown = empty_what_was_written


@pytest.fixture(autouse=True, scope="session")
def _a_page_keeps_one_context(django_test_environment):
    """`response.context` is what the page was rendered with. Django's client also copies it for each part of the page
    and each field, which takes a twelfth of the time of a test that asks for pages."""

    def render(self, context):
        if context.template is self and isinstance(context, RequestContext):
            template_rendered.send(sender=self, template=self, context=context)
        return self.nodelist.render(context)

    Template._render = render


@pytest.fixture(autouse=True)
def _forget_what_was_before():
    from django.contrib.contenttypes.models import ContentType

    cache.clear()
    fingerprint.forget()
    ContentType.objects.clear_cache()  # one that was made in another test's transaction is gone with it


def pytest_collection_finish():
    """What is loaded by now stays; the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    if session.exitstatus == 0 and unexplained(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter, config):
    for name in unexplained(config):
        terminalreporter.write_line(f"FAILED {name} - left out without a reason in LEFT_OUT", red=True)


def unexplained(config):
    """Tests that were skipped or expected to fail without a reason in LEFT_OUT."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    stats = reporter.stats if reporter else {}
    reports = [report for kind in ("skipped", "xfailed", "xpassed") for report in stats.get(kind, [])]
    return sorted({report.nodeid for report in reports if report.nodeid.partition("[")[0] not in LEFT_OUT})
