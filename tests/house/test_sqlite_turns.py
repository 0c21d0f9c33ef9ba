"""SQLite has one writer at a time. Who waits has their turn before who has just written, however often they write."""

import fcntl
import os
import threading
import time

import pytest
from django.db import OperationalError, connection, transaction

from team.models import Organisation

from ..trust.test_concurrency import all_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.engine("sqlite")]
LONGEST = 20


def write(words):
    Organisation.objects.update_or_create(pk=1, defaults={"name": words})


def line():
    return os.open(f"{connection.settings_dict['NAME']}.line", os.O_RDWR | os.O_CREAT)


def somebody_stands_in_line():
    file = line()
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def until(found):
    last = time.monotonic() + LONGEST
    while not found():
        assert time.monotonic() < last
        time.sleep(0.01)


def test_a_person_has_their_turn_before_the_next_chunk_of_a_sweep():
    begun, order = threading.Event(), []

    def sweep():
        with transaction.atomic():
            write("chunk")
            begun.set()
            until(somebody_stands_in_line)
            order.append("chunk")
        with transaction.atomic():  # at once: no moment in between in which anybody could have asked
            write("chunk")
            order.append("chunk")

    def person():
        begun.wait(LONGEST)
        with transaction.atomic():
            write("person")
            order.append("person")

    assert all_at_once([sweep, person]) == [None, None]
    assert order == ["chunk", "person", "chunk"]


def test_who_stood_in_line_for_all_of_their_time_is_told_so_and_has_all_of_it_the_next_time():
    begun, told, file = threading.Event(), threading.Event(), line()

    def holding():
        """The line for a while, the database for longer."""
        with transaction.atomic():
            write("held")
            fcntl.flock(file, fcntl.LOCK_EX)
            begun.set()
            time.sleep(0.5)
            os.close(file)
            told.wait(LONGEST)

    def waiting():
        begun.wait(LONGEST)
        kept, connection.settings_dict = connection.settings_dict, in_a_hurry(connection.settings_dict)
        with pytest.raises(OperationalError, match="locked"), transaction.atomic():
            write("never")
        asks_for = connection.connection.execute("PRAGMA busy_timeout").fetchone()[0]
        connection.settings_dict = kept
        told.set()
        with transaction.atomic():
            write("late")
        return asks_for

    assert all_at_once([holding, waiting]) == [None, 300]
    assert Organisation.objects.get().name == "late"


def in_a_hurry(settings):
    return {**settings, "OPTIONS": {**settings["OPTIONS"], "timeout": 0.3}}
