"""One company per module, made once; each test works on a copy inside its own savepoint."""

import copy

import pytest
from django.db import transaction
from django.test import Client

from .. import factories as f
from .doors import ROUTES, address, session_of
from .office import Office
from .world import World


@pytest.fixture(scope="module")
def company(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def w(company, db):
    return copy.deepcopy(company)


@pytest.fixture(scope="module")
def rooms(company, django_db_blocker):
    """Everything an address may name, once for the module, inside the module's transaction."""
    with django_db_blocker.unblock():
        manager, boss = f.make_manager(), f.make_admin()
        office = Office(company)
        office.people = {"rep": company.rep, "manager": manager, "admin": boss}
        office.people["teammate"] = f.make_user("Piet Olen")
        office.people["stranger"] = f.make_user("Ines Roth", team="South")
        office.people["strange manager"] = f.make_manager("Karl Ost", team="South")
        office.sessions = {who: session_of(person) for who, person in office.people.items()}
        office.addresses = {route: address(office, *route) for route in ROUTES}
    return office


@pytest.fixture
def office(rooms, db):
    return rooms


@pytest.fixture
def as_(office):
    """A client in which that person is logged in."""

    def log_in(who, **options):
        client = Client(raise_request_exception=False, **options)
        if who != "anonymous":
            client.cookies = copy.deepcopy(office.sessions[who])
        return client

    return log_in
