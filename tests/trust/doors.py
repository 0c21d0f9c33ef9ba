"""Every address the site has, and how tests ask them."""

from django.test import Client
from django.urls import NoReverseMatch, reverse

from deals.models import Deal

from ..fingerprint import fingerprint
from .inventory import ACT, ADMIN, COLUMNS, DOOR, FORM, kind_of, walked

ROUTES = sorted(set(walked()))
# Shown to whoever asked for it alone.
OWN = ("import_report", "import_check", "bulk", "bulk_result")
OF_A_DEAL = [pair for pair in ROUTES if pair[1].startswith("deals/<int:pk>/")]
WRITING = [pair for pair in ROUTES if kind_of(pair[0]) in (FORM, ACT, DOOR)]
FIXED = [name for name, kind in COLUMNS.items() if kind in ("guarded", "made", "moved") and name != "id"]
PEOPLE = ["rep", "manager", "admin"]


def session_of(person):
    client = Client()
    client.force_login(person)
    return client.cookies


def address(office, name, route):
    """The URL with the office's own ids; None for regular expressions nobody links to."""
    if kind_of(name) == ADMIN and name.count(":") and ("/" in name or "?P" in name):
        return None
    arguments = office.arguments(name, route)
    try:
        return reverse(name, kwargs=arguments)
    except NoReverseMatch:
        return "/" + route if "<" not in route and "(" not in route else None


def addresses(office, pairs):
    found = [(pair[0], office.addresses[pair]) for pair in pairs]
    return [(name, url) for name, url in found if url]


def state():
    """Where every deal stands, and what is written once."""
    columns = [field.attname for field in Deal._meta.concrete_fields if field.name in FIXED]
    return {row["pk"]: row for row in Deal.objects.values("pk", *columns)}


def refusing(client, method, url, data=None, **options):
    """Ask and expect nothing changed. Returns the response."""
    before = fingerprint()
    response = getattr(client, method)(url, data or {}, **options)
    assert fingerprint() == before, f"{method} {url} changed something ({response.status_code})"
    assert response.status_code < 500, f"{method} {url} answered {response.status_code}"
    return response


HOSTILE = {
    "status": "won",
    "seq": "99",
    "closing_reason": "won",
    "won_at": "2020-01-01",
    "closed_at": "2020-01-01",
    "archived_at": "2020-01-01",
    "created_at": "2001-01-01",
    "stage_entered_at": "2001-01-01",
    "open_before": "0",
    "probability": "100",
    "external_id": "x",
    "import_batch": "",
    "token": "00000000-0000-0000-0000-000000000000",
    "kind": "win",
    "exception_until": "2099-01-01",
}


def hostile(office):
    stages = {name: str(office.w.last) for name in ("stage", "stage_id", "to_stage", "landed_in")}
    return {**HOSTILE, **stages, "pipeline_id": str(office.w.other.pk), "pipeline": str(office.w.other.pk)}
