"""The ids of a group as one text: a row for each deal instead of one for each of its answers."""

from django.db.models import Aggregate, TextField


class Gathered(Aggregate):
    """Numbers of a group, parted by commas, in no order."""

    function = "string_agg"
    template = "%(function)s(%(expressions)s::text, ',')"
    output_field = TextField()

    def as_sqlite(self, compiler, connection, **context):
        return super().as_sql(
            compiler, connection, function="group_concat", template="%(function)s(%(expressions)s)", **context
        )


def numbers(text):
    """What was gathered."""
    return frozenset(map(int, text.split(","))) if text else frozenset()
