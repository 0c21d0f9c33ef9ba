"""Who tests are done as, unless a file says otherwise under the same name."""

import pytest
from django.db import transaction

from . import factories as f
from .api import Program


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    """Facts made once for a whole file: what its module fixtures make is there for each test, which works in a
    savepoint of its own on top, and gone after the last. Not for files with tests that commit.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def rep():
    return f.make_user()


@pytest.fixture
def admin(client):
    """An admin, signed in."""
    user = f.make_admin()
    client.force_login(user)
    return user


@pytest.fixture
def pipeline(admin):
    return f.make_pipeline("New business", owner=admin)


@pytest.fixture
def program(rep):
    """A program with a token of the rep's."""
    return Program(rep)
