"""What stands inside columns of JSON, taken apart by the database: both engines can, each in words of its own."""

from django.db import connection
from django.db.models import BooleanField, Func


class HasElement(Func):
    """Whether a JSON list holds this number."""

    output_field = BooleanField()
    arity = 1

    def __init__(self, expression, number):
        super().__init__(expression)
        self.number = int(number)

    def as_sqlite(self, compiler, connection, **context):
        template = f"EXISTS (SELECT 1 FROM json_each(%(expressions)s) AS e WHERE e.value = {self.number})"  # noqa: S608  a number
        return super().as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler, connection, **context):
        template = f"(%(expressions)s @> '[{self.number}]'::jsonb)"
        return super().as_sql(compiler, connection, template=template, **context)


def of_list(column):
    """(join, the element as a number) of a list of numbers: put the one behind FROM, use the other."""
    if connection.vendor == "postgresql":
        return (
            f"CROSS JOIN LATERAL jsonb_array_elements_text({column}) AS e(value)",
            "CAST(e.value AS integer)",
        )
    return f", json_each({column}) AS e", "e.value"


def of_objects(column):
    """(join, function from a name to that value of an element) of a list of objects."""
    if connection.vendor == "postgresql":
        return f"CROSS JOIN LATERAL jsonb_array_elements({column}) AS e(value)", "(e.value->>'{}')".format
    return f", json_each({column}) AS e", "json_extract(e.value, '$.{}')".format


def counted(sql, *querysets):
    """Rows of a statement whose each {} is one of the querysets, with its parameters."""
    parts, given = [], []
    for queryset in querysets:
        part, params = queryset.query.sql_with_params()
        parts.append(f"({part})")
        given += params
    with connection.cursor() as cursor:
        cursor.execute(sql.format(*parts), given)
        return cursor.fetchall()
