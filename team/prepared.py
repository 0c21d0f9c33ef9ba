"""Queries that are asked so often that putting their statement together costs more than asking it.

    _people = Prepared(lambda pk: User.objects.select_related("team").filter(pk=pk), 0)
    _people(17) -> the list of users that the queryset would give

`build` is called once for each database engine, with stand-ins in place of what is asked for; the statement it gives is
kept, and each call sends it with its own values. So the shape must not depend on them: no `None`, no lists.
"""

from types import SimpleNamespace

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

# Stand for a number and a text while a statement is put together; nobody's own.
_NUMBER, _TEXT = 2_087_654_300, "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}asked%d\N{DOUBLE DAGGER}"


class Prepared:
    """`kinds`: a number or a text for each value that `build` takes, to say which it is."""

    def __init__(self, build, *kinds):
        self._build = build
        self._blanks = [_TEXT % n if isinstance(kind, str) else _NUMBER + n for n, kind in enumerate(kinds)]
        self._kept = {}

    def __call__(self, *values):
        if len(values) != len(self._blanks) or None in values:
            raise ValueError(f"{len(self._blanks)} values are asked for, and no None: {values}")
        connection = connections[DEFAULT_DB_ALIAS]
        kept = self._kept.get(connection.vendor) or self._prepare(connection)
        again = _Again(kept, connection, dict(zip(self._blanks, values, strict=True)))
        query = SimpleNamespace(get_compiler=lambda using: again)
        return list(
            ModelIterable(SimpleNamespace(query=query, db=DEFAULT_DB_ALIAS, _known_related_objects={}))
        )

    def first(self, *values):
        """The first row, or None."""
        return next(iter(self(*values)), None)

    def _prepare(self, connection):
        compiler = self._build(*self._blanks).query.get_compiler(connection=connection)
        compiler.sent = compiler.as_sql()
        if missing := set(self._blanks) - set(compiler.sent[1]):
            raise ValueError(f"the statement does not ask for {missing}")
        columns = [column for column, *_name in compiler.select]
        compiler.converted = list(compiler.get_converters(columns))
        self._kept[connection.vendor] = compiler
        return compiler


class _Again(SQLCompiler):
    """A compiler that has done its work before, with other values and on the connection of whoever asks now."""

    def __init__(self, kept, connection, values):
        self.__dict__.update(kept.__dict__, connection=connection, _values=values)

    def as_sql(self, *_args, **_options):
        locks = self.query.select_for_update and self.connection.features.has_select_for_update
        if locks and self.connection.get_autocommit():
            raise TransactionManagementError("a row can be locked in a transaction alone")
        sql, parameters = self.sent
        return sql, [self._values.get(given, given) for given in parameters]

    def get_converters(self, columns):
        """Only of those columns that have some."""
        columns = list(columns)
        found = super().get_converters([columns[place] for place in self.converted])
        return dict(zip(self.converted, found.values(), strict=True))
