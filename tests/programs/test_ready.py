"""What asks whether traffic may come is told what is wrong, and why in a few words."""

import pytest
from django.db import OperationalError, connection

from deals import guard

pytestmark = pytest.mark.django_db


def test_a_guard_that_is_down_is_named_with_how_much_of_it_and_what_to_do(client):
    assert client.get("/readyz").status_code == 200
    guard.remove(guard.names()[0])
    response = client.get("/readyz")
    told = response.json()
    assert (response.status_code, told["status"], told["missing"]) == (503, "not ready", "guard")
    assert told["why"] == f"1 of {len(guard.names())} triggers not there: run manage.py migrate"


def test_a_database_that_does_not_answer_is_said_so_while_the_process_is_well(client):
    def away(*statement):
        raise OperationalError("connection refused at 10.1.2.3")

    with connection.execute_wrapper(away):
        response, alive = client.get("/readyz"), client.get("/healthz")
    told = {"status": "not ready", "missing": "database", "why": "it does not answer"}
    assert (response.status_code, response.json(), alive.status_code) == (503, told, 200)
