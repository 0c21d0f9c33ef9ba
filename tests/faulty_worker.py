"""The worker and beat of the product, that die where a test says and note each tick they finished.

`celery -A tests.faulty_worker worker`. The file `fate` in DATA_DIR names a point and what happens to whoever reaches it
first: it dies with its whole group, as when the power fails, or alone, as when memory runs out, or it waits for a file.
"""

import os
import signal
import time
from pathlib import Path

from celery.signals import task_postrun, worker_ready
from celery.worker.request import Request
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

from config.celery import app

app.conf.beat_schedule["tick"]["schedule"] = 1.0

FATE = settings.DATA_DIR / "fate"


def reached(point):
    try:
        at, fate = FATE.read_text().split(": ")
        if at != point:
            return
        FATE.unlink()
    except FileNotFoundError:
        return
    if fate == "all die":
        os.killpg(0, signal.SIGKILL)
    elif fate == "one dies":
        os.kill(os.getpid(), signal.SIGKILL)
    else:
        note("waits")
        while not Path(settings.DATA_DIR / fate).exists():
            time.sleep(0.01)


def note(name):
    with (Path(settings.DATA_DIR) / name).open("a") as file:
        file.write(f"{os.getpid()}\n")


# What a transaction has done so far, by connection.
inserted = set()


def look(execute, sql, params, many, context):
    result = execute(sql, params, many, context)
    connection = context["connection"]
    if connection.in_atomic_block and '"next_due_at" <= ' in sql and sql.startswith("SELECT"):
        reached("after claim")
    if "INSERT INTO deals_firing" in sql:
        inserted.add(id(connection))
        reached("after insert")
    return result


@receiver(connection_created)
def watch(connection, **_):
    if look not in connection.execute_wrappers:
        connection.execute_wrappers.append(look)


def commit(self, commit=BaseDatabaseWrapper._commit):
    fires = id(self) in inserted
    if fires:
        reached("before commit")
    commit(self)
    inserted.discard(id(self))
    if fires:
        reached("after commit")


def send(send_messages):
    def sending(self, messages):
        reached("before mail")
        sent = send_messages(self, messages)
        reached("after mail")
        return sent

    return sending


def acknowledge(self, acknowledge=Request.acknowledge):
    if self.task_name.endswith("tick"):
        reached("before ack")
    acknowledge(self)


BaseDatabaseWrapper._commit = commit
Request.acknowledge = acknowledge


@worker_ready.connect
def ready(**_):
    note("ready")


@task_postrun.connect
def done(task, state, **_):
    note(f"{task.name.rpartition('.')[2]}-{state}")


def wrap_mail():
    from django.core.mail.backends.filebased import EmailBackend

    EmailBackend.send_messages = send(EmailBackend.send_messages)


wrap_mail()
