"""Changing places: of stages on the board, of criteria at a gate."""

from django.db import transaction
from django.db.models import Max

UP, DOWN = "up", "down"


def next_position(rows):
    return (rows.aggregate(last=Max("position"))["last"] or 0) + 1


@transaction.atomic
def swap(rows, pk, direction):
    """Let the row change places with its neighbour in this queryset, which must be in order; at an end it stays."""
    order = list(rows)
    at = next((number for number, row in enumerate(order) if row.pk == pk), None)
    to = None if at is None else at + (1 if direction == DOWN else -1)
    if to is None or not 0 <= to < len(order):
        return False
    _exchange(order[at], order[to])
    return True


@transaction.atomic
def put_before(rows, pk, other):
    """Let the row go up, place by place, until it stands before the other one."""
    order = [row.pk for row in rows]
    for _place in range(order.index(pk) - order.index(other)):
        swap(rows.all(), pk, UP)


def _exchange(first, second):
    """Over a free position: SQLite checks uniqueness after each statement."""
    old, new = first.position, second.position
    free = next_position(type(first).objects.filter(**_siblings(first)))
    for row, position in [(first, free), (second, old), (first, new)]:
        row.position = position
        row.save(update_fields=["position"])


def _siblings(row):
    return {name: getattr(row, name) for name in ("pipeline", "stage") if hasattr(row, name)}


def renumber(rows):
    """1, 2, 3 ... in the order of this queryset."""
    for number, row in enumerate(rows, 1):
        if row.position != number:
            row.position = number
            row.save(update_fields=["position"])
