"""What each panel of the dashboard costs over ninety days, for a head of sales who sees every deal."""

from functools import partial

from django.test import Client
from django.utils import timezone

from deals.models import Deal, Transition
from insights import registry
from insights.lens import Lens
from team.models import User, remembered

from . import measure


def panels(runs):
    """One line for each panel, by itself, and one for the page's data together."""
    boss = User.objects.get(email="head@seller.example")
    _count(boss)  # what is read once in a process's life
    note = f"{Deal.objects.count():,} deals, {Transition.objects.count():,} rows"
    actions = {panel.key: partial(_count, boss, panel) for panel in registry.shown_to(boss)}
    actions["all panels"] = partial(_count, boss)
    client = Client(SERVER_NAME="localhost", HTTP_ACCEPT_ENCODING="gzip")
    client.force_login(boss)
    actions["the page"] = partial(_get, client)
    times = measure.interleaved(actions, runs)
    return [_line(name, action, times[name], note) for name, action in actions.items()]


def _get(client):
    """As a request, with its filters and templates."""
    response = client.get("/dashboard/")
    if response.status_code != 200:
        raise RuntimeError(f"/dashboard/ answered {response.status_code}")


def _count(boss, panel=None):
    lens = Lens.from_query(boss, {}, timezone.now())
    with remembered():
        for each in [panel] if panel else registry.shown_to(boss):
            each.of(lens)


def _line(name, action, times, note):
    _nothing, statements, in_database = measure.statements(action)
    return measure.result(name, times, statements=statements, in_database=in_database, note=note)
