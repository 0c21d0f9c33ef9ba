"""Django's compiler of statements, which remembers what it found out about a model: its columns and its own order.

Of a query like `Deal.objects.filter(...)` most of the work are the columns and the order, and both are the same each
time. Queries of any other shape (rows read along, annotations, chosen columns, orders through a relation) go Django's
way, as does the first of each kind. docs/decisions/0023.
"""

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models.sql import compiler
from django.db.models.sql.compiler import (  # noqa: F401  (Django asks this module for them)
    SQLAggregateCompiler,
    SQLDeleteCompiler,
    SQLInsertCompiler,
    SQLUpdateCompiler,
)

_columns, _orders, _plain = {}, {}, {}


def use(connection):
    """From now on, for all connections of this kind."""
    type(connection.ops).compiler_module = __name__


class SQLCompiler(compiler.SQLCompiler):
    _remembered = None

    def get_select(self, with_col_aliases=False):
        if with_col_aliases or not _has_only_the_models_columns(self.query):
            return super().get_select(with_col_aliases)
        model, alias = self.query.model, self.query.get_initial_alias()
        key = (self.connection.vendor, model, alias)
        if key not in _columns:
            select, klass_info, _annotations = super().get_select()
            columns = [column for column, *_rest in select]
            converted = list(super().get_converters(columns))
            _columns[key] = select, klass_info["select_fields"], columns, converted
        self._remembered = _columns[key]
        select, places, _columns_of, _converted = self._remembered
        return list(select), {"model": model, "select_fields": list(places)}, {}

    def get_converters(self, expressions):
        """Only of those columns that have some."""
        expressions = list(expressions)
        if self._remembered is None or expressions != self._remembered[2]:
            return super().get_converters(expressions)
        converted = self._remembered[3]
        found = super().get_converters([expressions[place] for place in converted])
        return dict(zip(converted, found.values(), strict=True))

    def get_order_by(self):
        query = self.query
        ordering = _ordering_of(query)
        if not ordering or not _is_of_own_columns(query.model, ordering):
            return super().get_order_by()
        key = (
            self.connection.vendor,
            query.model,
            query.get_initial_alias(),
            ordering,
            query.standard_ordering,
        )
        if key not in _orders:
            _orders[key] = super().get_order_by()
        if not query.order_by:
            self._meta_ordering = query.get_meta().ordering
        return list(_orders[key])


def _has_only_the_models_columns(query):
    special = (
        query.select_related or query.extra or query.annotations or query.select or query.selected is not None
    )
    if special or not query.default_cols or query.combinator:
        return False
    return not query.get_select_mask() and _is_plain(query.model)


def _is_plain(model):
    """A model of ours as it is now, with one table."""
    if model not in _plain:
        meta = model and model._meta
        _plain[model] = bool(meta) and meta.apps is apps and not meta.parents and not meta.proxy
    return _plain[model]


def _ordering_of(query):
    """The names that it is ordered by, by its own word or its model's; None where something else has a say."""
    special = query.extra_order_by or query.annotations or query.extra or query.combinator
    if special or query.selected is not None or not query.model:
        return None
    named = query.order_by or (query.get_meta().ordering if query.default_ordering else ())
    return tuple(named) if all(isinstance(name, str) for name in named) else None


def _is_of_own_columns(model, ordering):
    return _is_plain(model) and all(_is_own_column(model._meta, name.lstrip("-+")) for name in ordering)


def _is_own_column(meta, name):
    try:
        field = meta.pk if name == "pk" else meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return field.concrete and not field.is_relation
