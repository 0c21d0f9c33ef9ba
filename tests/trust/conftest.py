"""One company per module, made once; each test works on a copy inside its own savepoint."""

import copy

import pytest
from django.db import transaction

from .world import World


@pytest.fixture(scope="module")
def company(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def w(company, db):
    return copy.deepcopy(company)
