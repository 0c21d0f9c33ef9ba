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
]
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
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "Browser tests need Chromium: install it, or name it in CHROMIUM."
    return found


@pytest.fixture
def open_page(browser, live_server):
    """open_page(path, user=None, size=DESKTOP, javascript=True) -> a page, perhaps logged in.

    The page collects what the browser complained about in `page.complaints`.
    """
    contexts = []

    def open_one(path="/", user=None, size=DESKTOP, javascript=True):
        context = browser.new_context(
            base_url=live_server.url,
            viewport=size,
            java_script_enabled=javascript,
            color_scheme="light",
            reduced_motion="reduce",
        )
        contexts.append(context)
        if user:
            context.add_cookies([session_cookie(user, live_server.url)])
        page = context.new_page()
        listen_for_complaints(page)
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()


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


AXE_ALL = {"resultTypes": ["violations"]}
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
