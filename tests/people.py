"""Who tests are done as, unless a file says otherwise under the same name."""

import pytest

from . import factories as f
from .api import Program


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
