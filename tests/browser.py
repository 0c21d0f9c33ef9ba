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
    """open_page(path, user=None, size=DESKTOP, javascript=True, dark=False) -> a page, perhaps logged in.

    The page collects what the browser complained about in `page.complaints`.
    """
    contexts = []

    def open_one(path="/", user=None, size=DESKTOP, javascript=True, dark=False):
        context = browser.new_context(
            base_url=live_server.url,
            viewport=size,
            java_script_enabled=javascript,
            color_scheme="dark" if dark else "light",
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
    """axe(page) -> the accessibility violations, one readable line each."""
    from importlib.resources import files

    source = (files("axe_playwright_python") / "axe.min.js").read_text()

    def violations(page):
        page.evaluate(source)  # through the debugger, which the page's CSP does not concern
        return [line for found in page.evaluate("axe.run()")["violations"] for line in lines(found)]

    return violations


def lines(violation):
    for node in violation["nodes"]:
        yield f"{violation['id']}: {violation['help']} at {' '.join(map(str, node['target']))}"
