"""All facts a process asks of deals, as one statement.

Building an expression costs many times what running it does. So each fact is built once for what its criterion asks,
whatever version asks it, and said in SQL that leaves the deal and the day open.
"""

import json
import logging
from datetime import date
from functools import lru_cache
from types import SimpleNamespace

from django.db import connection
from django.db.models import BooleanField, Case, DateField, Expression, Value, When

from pipeline.vocabulary import FACT_KINDS, Kind
from team.models import Organisation

from ..models import Deal, Objection
from . import agreement_facts, facts

logger = logging.getLogger(__name__)
# Stand among the criteria of the statement: whether something speaks against an answer, whether there is any objection.
# Only then are those read.
CONTESTED, OBJECTIONS = 0, -1
# What a fact may rest on beside the deal and the day. What is not named here no fact can read.
_READ = [
    "kind", "needs_buyer", "evidence", "expires_after_days", "minimum", "maximum", "future", "must_include",
    "requires_priority", "min_people", "role_list", "activity_list", "deal_field_list",
]  # fmt: skip
_TABLE = Deal._meta.db_table
_UNKNOWN = "0", []
# PostgreSQL takes it for a hundred rows, however many they are, and looks up each by an index. Told of more, it reads
# whole tables instead, for every chunk of deals anew.
_EACH = {
    "postgresql": "value::bigint, %s::date FROM json_array_elements_text(%s::json)",
    "sqlite": "value, %s FROM json_each(%s)",
}


class FactsQuery:
    """The statement of one process."""

    def __init__(self, found):
        self.found, self.criteria = found, list(found)
        self.sql = "".join(f", {sql}" for sql, _parameters in found.values())
        self.parameters = [value for _sql, parameters in found.values() for value in parameters]

    def of(self, days):
        """{deal id: {criterion id: whether its fact is there}} of {deal id: local date}.

        A criterion nobody can evaluate is not in it: it stays shut.
        """
        rows = dict.fromkeys(days, [False] * len(self.criteria)) | self._rows(days)
        return {
            deal_id: dict(zip(self.criteria, map(bool, row), strict=True)) for deal_id, row in rows.items()
        }

    def told(self, ids, day, stages):
        """{deal id: a truth for each of `stages`} of many deals on one day, each asked only what its stage asks.

        `stages`: {criterion id: ids of the stages whose deals are asked it}; of all others the truth is None, and of a
        criterion nobody can evaluate False.
        """
        asked, given = "", []
        for criterion_id, those in stages.items():
            sql, parameters = self.found.get(criterion_id, _UNKNOWN)
            asked += f", CASE WHEN {_TABLE}.stage_id IN ({', '.join(['%s'] * len(those))}) THEN {sql} END"
            given += [*those, *parameters]
        sql = (
            f"WITH asked (id, today) AS (SELECT {_EACH[connection.vendor]})"  # noqa: S608  our own columns
            f" SELECT {_TABLE}.id{asked} FROM asked JOIN {_TABLE} ON {_TABLE}.id = asked.id"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [_for_database(day), json.dumps(list(ids)), *given])
            return {deal_id: tuple(row) for deal_id, *row in cursor.fetchall()}

    def _rows(self, days):
        asked = ", ".join(["(%s, %s)"] * len(days))
        sql = (
            f"WITH asked (id, today) AS (VALUES {asked}) SELECT {_TABLE}.id{self.sql}"  # noqa: S608  our own columns
            f" FROM asked JOIN {_TABLE} ON {_TABLE}.id = asked.id"
        )
        given = [part for deal_id, day in days.items() for part in (deal_id, _for_database(day))]
        with connection.cursor() as cursor:
            cursor.execute(sql, given + self.parameters)
            return {deal_id: row for deal_id, *row in cursor.fetchall()}


def _for_database(day: date):
    return connection.ops.adapt_datefield_value(day)


class _Today(Expression):
    """The day the statement is asked for."""

    output_field = DateField()

    def as_sql(self, compiler, connection):
        return "asked.today", []


def facts_query(process):
    """The statement for a process."""
    return _of_process(_Key(process))


def forget():
    """Build everything anew."""
    _of_process.cache_clear()
    _of_fact.cache_clear()
    _of_any_deal.cache_clear()


class _Key:
    """Equal for the same version and mail domains of ours, and carries the process to build from."""

    def __init__(self, process):
        self.process = process
        self.surroundings = (connection.vendor, frozenset(Organisation.current().own_domain_set()))
        self.value = (process.version.token, self.surroundings)

    def __hash__(self):
        return hash(self.value)

    def __eq__(self, other):
        return self.value == other.value


@lru_cache(maxsize=64)
def _of_process(key):
    found = dict(_of_any_deal(connection.vendor))
    for definition in key.process.criteria_of_all():
        if definition.kind in FACT_KINDS:
            _add(found, definition, key.surroundings)
    return FactsQuery(found)


@lru_cache(maxsize=2)
def _of_any_deal(vendor):
    there = {CONTESTED: agreement_facts.any_contested(), OBJECTIONS: agreement_facts.any_of(Objection)}
    return {name: _compiled(condition) for name, condition in there.items()}


def _add(found, definition, surroundings):
    asked = tuple(_hashable(getattr(definition, name)) for name in _READ)
    own = definition.criterion_id if definition.kind == Kind.APPROVAL else None
    try:
        found[definition.criterion_id] = _of_fact(asked, own, surroundings)
    except Exception:
        logger.exception("criterion %s cannot be evaluated", definition.criterion_id)


@lru_cache(maxsize=1024)
def _of_fact(asked, own, surroundings):
    """(SQL, parameters) of the fact that such a criterion asks for."""
    definition = SimpleNamespace(**dict(zip(_READ, map(_listed, asked), strict=True)))
    if own is not None:
        definition.criterion_id = own
    return _compiled(facts.expression(definition, _Today()))


def _hashable(value):
    return tuple(value) if isinstance(value, list) else value


def _listed(value):
    return list(value) if isinstance(value, tuple) else value


def _compiled(condition):
    if not condition:
        return "1", []
    query = Deal.objects.order_by().query
    met = Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
    compiler = query.get_compiler(connection.alias)
    return compiler.compile(met.resolve_expression(query, allow_joins=False))
