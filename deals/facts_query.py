"""All facts a process asks of one deal, as one statement.

Building it costs many times what running it does, so its SQL is kept for the process version, day and own mail domains
it is for.
"""

import logging
from functools import lru_cache

from django.db import connection
from django.db.models import BooleanField, Case, Value, When

from pipeline.vocabulary import FACT_KINDS
from team.models import Organisation

from . import agreement_facts, facts
from .models import Deal, Objection

logger = logging.getLogger(__name__)
_ANY_DEAL = -1
# Stand among the criteria of the statement: whether something speaks against an answer, whether there is any objection.
# Only then are those read.
CONTESTED, OBJECTIONS = 0, -1


class FactsQuery:
    """The compiled statement; `of` runs it for one deal."""

    def __init__(self, expressions):
        self.criteria = list(expressions)
        named = {f"f{number}": expression for number, expression in enumerate(expressions.values())}
        query = Deal.objects.order_by().filter(pk=_ANY_DEAL).values(**named).query
        self.sql, self.parameters = query.sql_with_params()

    def of(self, deal_id):
        """{criterion id: whether its fact is there}. A criterion nobody can evaluate is not in it: it stays shut."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [deal_id if value == _ANY_DEAL else value for value in self.parameters])
            row = cursor.fetchone() or [False] * len(self.criteria)
        return {criterion: bool(value) for criterion, value in zip(self.criteria, row, strict=True)}


def facts_query(process, today):
    """The statement for a process on a local date."""
    return _built(_Key(process, today))


def forget():
    """Build every statement anew."""
    _built.cache_clear()


class _Key:
    """Equal for the same version, day and mail domains of ours, and carries the process to build from."""

    def __init__(self, process, today):
        self.process, self.today = process, today
        domains = frozenset(Organisation.current().own_domain_set())
        self.value = (connection.vendor, process.version.token, today, domains)

    def __hash__(self):
        return hash(self.value)

    def __eq__(self, other):
        return self.value == other.value


@lru_cache(maxsize=64)
def _built(key):
    there = {
        CONTESTED: agreement_facts.any_contested(),
        OBJECTIONS: agreement_facts.any_of(Objection),
    }
    known = {name: _met(condition) for name, condition in there.items()}
    return FactsQuery({**known, **expressions(key.process, key.today)})


def expressions(process, today):
    """{criterion id: boolean expression over deals} of every fact a process asks for. `today` may be an expression."""
    found = {}
    for definition in process.criteria_of_all():
        if definition.kind in FACT_KINDS:
            _add(found, definition, today)
    return found


def _add(found, definition, today):
    try:
        condition = facts.expression(definition, today)
    except Exception:
        logger.exception("criterion %s cannot be evaluated", definition.criterion_id)
        return
    found[definition.criterion_id] = _met(condition) if condition else Value(True)


def _met(condition):
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
