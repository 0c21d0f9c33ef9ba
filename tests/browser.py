"""A real Chromium for the tests that need one."""

import os
import shutil

import pytest
from django.conf import settings
from django.test import Client

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",
    # Pages live for seconds: to optimise their scripts takes longer than they run, and so does tidying up often.
    "--js-flags=--no-opt --no-maglev --max-semi-space-size=64",
]
# What a browser test does is looked at where SQLite keeps the rows; the main stories are told on both.
ON_BOTH_ENGINES = pytest.mark.engine("sqlite", "postgresql")
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def browser():
    """A real Chromium, started once per process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


def chromium():
    names = ["chromium-headless-shell", "chromium", "google-chrome"]
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert found, "Browser tests need Chromium: install it, or name it in CHROMIUM."
    return found


@pytest.fixture(scope="session")
def profiles(browser, live_server):
    """profiles(javascript) -> a browser's profile that tests use one after the other, so that what all pages are
    made of is fetched and compiled once."""
    kept = {}

    def profile(javascript):
        if javascript not in kept:
            kept[javascript] = new_profile(browser, live_server.url, javascript)
            kept[javascript].new_page().goto("/healthz")  # one page stays open, and its process with it
        return kept[javascript]

    yield profile
    for context in kept.values():
        context.close()


def new_profile(browser, url, javascript):
    return browser.new_context(
        base_url=url, java_script_enabled=javascript, color_scheme="light", reduced_motion="reduce"
    )


@pytest.fixture
def open_page(browser, live_server, profiles):
    """open_page(path, user=None, size=DESKTOP, javascript=True) -> a page, perhaps logged in.

    The page collects what the browser complained about in `page.complaints`. What an earlier test left in the
    browser is gone, but for the copies of styles and scripts; `first_visit` has none of those either.
    """
    mine, own, pages = {}, [], []

    def context_of(user, javascript, first_visit):
        who = (user and user.pk, javascript, first_visit)
        if who not in mine:
            spare = not first_visit and all(key[1] != javascript for key in mine)
            mine[who] = profiles(javascript) if spare else new_profile(browser, live_server.url, javascript)
            mine[who].clear_cookies()
            own.extend([] if spare else [mine[who]])
        if user:
            mine[who].add_cookies([session_cookie(user, live_server.url)])
        return mine[who]

    def open_one(path="/", user=None, size=DESKTOP, javascript=True, first_visit=False):
        page = context_of(user, javascript, first_visit).new_page()
        pages.append(page)
        page.set_viewport_size(size)
        listen_for_complaints(page)
        page.goto(path)
        return page

    yield open_one
    for page in pages:
        if not page.is_closed():
            forget(page, live_server.url)
            page.close()
    for context in own:
        context.close()


def forget(page, url):
    """Whatever the pages keep in the browser, beside cookies."""
    page.context.new_cdp_session(page).send(
        "Storage.clearDataForOrigin",
        {"origin": url, "storageTypes": "local_storage,indexeddb,cache_storage,service_workers"},
    )


def listen_for_complaints(page):
    """Script errors, and everything a strict CSP refuses."""
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda line: line.type == "error" and page.complaints.append(line.text))


def session_cookie(user, url):
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return {
        "name": name,
        "value": client.cookies[name].value,
        "url": url,
        "httpOnly": True,
        "sameSite": "Lax",
    }


@pytest.fixture(scope="session")
def axe():
    """axe(page) -> the accessibility violations, one readable line each.

    Every rule in the theme the page is shown in; in the other theme, where only colours differ, the contrast.
    """
    from importlib.resources import files

    source = (files("axe_playwright_python") / "axe.min.js").read_text()

    def violations(page):
        if page.evaluate("typeof axe") == "undefined":
            page.evaluate(source)  # through the debugger, which the page's CSP does not concern
        return found(page, AXE_ALL) + in_the_other_theme(page, lambda: found(page, AXE_CONTRAST))

    return violations


AXE_ALL = {"resultTypes": ["violations"], "preload": False}  # no rule of ours reads style sheets or films
AXE_CONTRAST = {**AXE_ALL, "runOnly": ["color-contrast"]}


def found(page, options):
    report = page.evaluate("options => axe.run(options)", options)
    return [line for violation in report["violations"] for line in lines(violation)]


def in_the_other_theme(page, look):
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    page.emulate_media(color_scheme="light" if dark else "dark")
    try:
        return [f"{line} (other theme)" for line in look()]
    finally:
        page.emulate_media(color_scheme="dark" if dark else "light")


def lines(violation):
    for node in violation["nodes"]:
        yield f"{violation['id']}: {violation['help']} at {' '.join(map(str, node['target']))}"
