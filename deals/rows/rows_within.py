"""A few rows of another table as one value of the row that is read: no statement of its own for a short list."""

from datetime import UTC, datetime

from django.db.models import JSONField, Subquery
from django.db.models.functions import JSONObject


class RowsWithin(Subquery):
    """A list of {name: value} from a queryset; times and dates come as ISO text."""

    output_field = JSONField()

    def __init__(self, queryset, *names):
        super().__init__(queryset.values(given=JSONObject(**{name: name for name in names})))

    def as_sqlite(self, compiler, connection, **context):
        template = "(SELECT json_group_array(json(given)) FROM (%(subquery)s))"
        return super().as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler, connection, **context):
        template = "(SELECT COALESCE(jsonb_agg(given), '[]'::jsonb) FROM (%(subquery)s) AS rows_within)"
        return super().as_sql(compiler, connection, template=template, **context)


def moment(text):
    """An instant from such a list: SQLite tells none of its zone, and keeps UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
