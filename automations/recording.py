"""Writing what a chunk of firings comes to: one statement on PostgreSQL, three on SQLite, whatever their number.

A deal that its rule moved has its next date already: it was written by the statement that moved it.
"""

import json
from operator import attrgetter

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from deals.models import Deal, Firing, Task
from deals.rows.rewriting import rewrite
from deals.timers.due_stored import as_stored

_FIRING = [
    "deal_id",
    "key",
    "occurrence",
    "definition_id",
    "action",
    "state",
    "since",
    "due_at",
    "fired_at",
    "seq",
]
_TASK = ["assignee_id", "title", "purpose", "due_on", "created_at", "rule_key"]
_DEAL = ["next_due_at", "next_due_rule_id"]


def record(acts, unchanged=()):
    """Insert firings and their tasks, and store each deal's next due date. Returns {deal id: firing id} of the new.

    A firing that is there already is not made again, nor is its task. `unchanged`: deals where only the date is stale.
    """
    if connection.vendor == "postgresql":
        made = _in_one(acts) if acts else {}
        _dates(unchanged)
        return made
    made = _firings(acts) if acts else {}
    _tasks([act for act in acts if act.task and act.deal.pk in made], made)
    _dates([*unchanged, *_staying(acts)])
    return made


def _staying(acts):
    return [act.deal for act in acts if not act.moves]


def _dates(deals):
    rows = [(deal.pk, as_stored(deal.next_due_at), deal.next_due_rule_id) for deal in deals]
    if rows:
        rewrite(Deal, _DEAL, rows)


def _firings(acts):
    statement = f"""INSERT INTO deals_firing ({", ".join(_FIRING)}, error)
        SELECT {_parts(_FIRING)}, '' FROM json_each(%s) WHERE true
        ON CONFLICT (deal_id, key, occurrence) DO NOTHING RETURNING deal_id, id"""  # noqa: S608  names of our own
    return dict(_sent(statement, [_values(Firing, act.firing, _FIRING) for act in acts]))


def _tasks(acts, made):
    columns = ["deal_id", "firing_id", *_TASK]
    statement = f"""INSERT INTO deals_task ({", ".join(columns)}, outcome, cancelled_why)
        SELECT {_parts(columns)}, '', '' FROM json_each(%s) WHERE true ON CONFLICT DO NOTHING"""  # noqa: S608
    if acts:
        _sent(statement, [[a.deal.pk, made[a.deal.pk], *_values(Task, a.task, _TASK)] for a in acts])


def _sent(statement, rows):
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(rows, cls=DjangoJSONEncoder)])
        return cursor.fetchall() if "RETURNING" in statement else ()


def _parts(columns):
    return ", ".join(f"json_extract(value, '$[{place}]')" for place, _name in enumerate(columns))


def _values(model, row, columns):
    """As the table holds them: instants in the database's own form."""
    fields = _fields(model)
    return [fields[name].get_db_prep_save(getattr(row, name), connection) for name in columns]


def _fields(model):
    return {field.attname: field for field in model._meta.concrete_fields}


def _in_one(acts):
    staying = [deal.pk for deal in _staying(acts)]
    given, parameters = _given(_columns(acts, dated=bool(staying)))
    dated = _DATED if staying else ""
    statement = f"""WITH given AS ({given}),
        fired AS (INSERT INTO deals_firing ({", ".join(_FIRING)}, error)
            SELECT {", ".join(_FIRING)}, '' FROM given
            ON CONFLICT (deal_id, key, occurrence) DO NOTHING RETURNING id, deal_id),
        made AS (INSERT INTO deals_task (deal_id, firing_id, {", ".join(_TASK)}, outcome, cancelled_why)
            SELECT fired.deal_id, fired.id, {", ".join(f"t_{name}" for name in _TASK)}, '', ''
            FROM fired JOIN given USING (deal_id) WHERE t_assignee_id IS NOT NULL ON CONFLICT DO NOTHING){dated}
        SELECT deal_id, id FROM fired"""  # noqa: S608  names of our own columns
    with connection.cursor() as cursor:
        cursor.execute(statement, [*parameters, staying] if staying else parameters)
        return dict(cursor.fetchall())


# By their ids twice: without the list PostgreSQL reads every deal there is to join a chunk of them.
_DATED = """,
        dated AS (UPDATE deals_deal SET next_due_at = d_next_due_at, next_due_rule_id = d_next_due_rule_id
            FROM given WHERE deals_deal.id = given.deal_id AND deals_deal.id = ANY(%s)
            AND (deals_deal.next_due_at, deals_deal.next_due_rule_id)
            IS DISTINCT FROM (d_next_due_at, d_next_due_rule_id))"""


def _columns(acts, dated):
    """(name, type, the acts' values) of each column; `dated`: with the deals' next dates."""
    rows = [
        (Firing, "", _FIRING, [act.firing for act in acts]),
        (Task, "t_", _TASK, [act.task for act in acts]),
        (Deal, "d_", _DEAL if dated else [], [act.deal for act in acts]),
    ]
    for model, prefix, names, given in rows:
        fields = _fields(model)
        for name in names:
            kind = "bigint" if fields[name].is_relation else fields[name].rel_db_type(connection)
            as_given = str if fields[name].choices else lambda value: value
            read = attrgetter(name)
            yield prefix + name, kind, [None if row is None else as_given(read(row)) for row in given]


def _given(columns):
    """(SELECT of a row for each act, its parameters). What is the same for all is sent once: that is most of it."""
    said, arrays, once, many = [], [], [], []
    for name, kind, values in columns:
        if name != "deal_id" and values.count(values[0]) == len(values):
            said.append(f"%s::{kind} AS {name}")
            once.append(values[0])
        else:
            said.append(name)
            arrays.append((name, kind))
            many.append(values)
    names, types = (
        ", ".join(name for name, _kind in arrays),
        ", ".join(f"%s::{kind}[]" for _name, kind in arrays),
    )
    return f"SELECT {', '.join(said)} FROM unnest({types}) AS varied({names})", [*once, *many]  # noqa: S608
