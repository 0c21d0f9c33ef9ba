"""How many things wait for a person's word: counted by the applications that know, read with the person."""

from django.db.models import BooleanField, Func, IntegerField, Subquery, Value

# Functions that give the rows which wait for the person that OuterRef("pk") and OuterRef("level") stand for.
counters = []


def add(counter):
    if counter not in counters:
        counters.append(counter)


def number():
    """An expression for a query of people. Each counter is asked by a subquery of its own, which an index answers."""
    return sum((_count(counter()) for counter in counters), Value(0))


def said(column, words):
    """A condition in the very words of an index that holds few rows: SQLite takes such an index for nothing else."""
    return Func(column, template=f"%(expressions)s {words}", output_field=BooleanField())


def _count(rows):
    return Subquery(rows.order_by().values(n=Func("pk", function="COUNT", output_field=IntegerField())))
