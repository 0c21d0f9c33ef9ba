"""Row ids by the thousand as one parameter; a list of so many placeholders is slow to plan, or refused."""

import json

from django.db.models import BooleanField, F, Func


class Among(Func):
    """Condition: this column is one of the ids."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, column, ids):
        super().__init__(F(column) if isinstance(column, str) else column)
        self.ids = list(ids)

    def as_sqlite(self, compiler, connection, **context):
        sql, parameters = compiler.compile(self.get_source_expressions()[0])
        return f"{sql} IN (SELECT value FROM json_each(%s))", [  # noqa: S608
            *parameters,
            json.dumps(self.ids),
        ]

    def as_postgresql(self, compiler, connection, **context):
        sql, parameters = compiler.compile(self.get_source_expressions()[0])
        return f"{sql} = ANY(%s)", [*parameters, self.ids]


class AmongMany(Among):
    """The same as part of a larger condition that is asked of every row of a large table.

    PostgreSQL then looks each row up among the ids instead of going through them. Not for finding rows by an index.
    """

    def as_postgresql(self, compiler, connection, **context):
        sql, parameters = compiler.compile(self.get_source_expressions()[0])
        return f"{sql} IN (SELECT unnest(%s::bigint[]))", [*parameters, self.ids]


class AmongGrouped(AmongMany):
    """The same with ids as computed.grouped gives them: the database's own words for so many, handed back unread."""

    def __init__(self, column, ids):
        super().__init__(column, [])
        self.ids = ids

    def as_sqlite(self, compiler, connection, **context):
        sql, parameters = compiler.compile(self.get_source_expressions()[0])
        return f"{sql} IN (SELECT value FROM json_each(%s))", [*parameters, self.ids]  # noqa: S608
