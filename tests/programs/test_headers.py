"""What every answer tells the browser: trust.md's headers, cookies and caching, on pages, errors and files."""

import pytest
from django.test import Client

from team.models import User

CSP = {
    "default-src": {"'none'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "manifest-src": {"'self'"},
    "worker-src": {"'self'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
    "base-uri": {"'none'"},
    "object-src": {"'none'"},
}
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
ADDRESSES = [
    "/",
    "/accounts/login/",
    "/admin/",
    "/admin/login/",
    "/nothing/here/",
    "/healthz",
    "/profile/",
    "/?q=%00",
]


@pytest.fixture
def rep(db):
    return User.objects.create_user("ren@example.com", "correct-horse-battery", name="Ren Ito")


def directives(response):
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {name: set(values) for name, *values in parts}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_and_error_carries_the_strict_headers(client, address):
    response = client.get(address)
    assert {name: response.get(name) for name in ALWAYS} == ALWAYS
    found = directives(response)
    scripts = found.pop("script-src")
    assert found == CSP
    assert "'self'" in scripts
    assert all(source == "'self'" or source.startswith("'nonce-") for source in scripts)


def test_a_static_file_carries_them_too_and_may_be_kept(client):
    response = client.get("/static/favicon.svg")
    assert response.status_code == 200
    assert {name: response.get(name) for name in ALWAYS} == ALWAYS
    assert "no-store" not in response["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in response


def test_a_signed_in_page_is_kept_by_nobody(client, rep):
    client.force_login(rep)
    response = client.get("/profile/")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    assert {"Cookie", "HX-Request"} <= {name.strip() for name in response["Vary"].split(",")}


def test_in_production_cookies_belong_to_this_host_and_https_is_insisted_on(settings, rep):
    settings.SECURE_SSL_REDIRECT = settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 31_536_000, True
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    client = Client()
    assert client.get("/accounts/login/")["Location"] == "https://testserver/accounts/login/"
    secure = client.get("/accounts/login/", secure=True)
    assert secure["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    client.post("/accounts/login/", {"login": rep.email, "password": "correct-horse-battery"}, secure=True)
    for name in ("__Host-session", "__Host-csrf"):
        cookie = client.cookies[name]
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")
