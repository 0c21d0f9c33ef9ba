"""Criteria that have proven themselves, to be added to a stage: grouped by what they prove, and as sets."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from ..documents.criteria import criterion
from ..documents.problems import Problems, place_of
from ..documents.tables import Table

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Group:
    """Criteria that prove the same thing."""

    name: str
    proves: str
    criteria: tuple


@dataclass(frozen=True)
class Set:
    """A way to qualify: slugs of criteria in its own order."""

    slug: str
    name: str
    words: str
    criteria: tuple


@lru_cache(maxsize=1)
def groups():
    """Every group in order. Raises ProcessError where a file of the library is wrong."""
    return tuple(_group(path) for path in sorted(FOLDER.glob("[0-9]*.toml")))


@lru_cache(maxsize=1)
def by_slug():
    return {document.slug: document for group in groups() for document in group.criteria}


@lru_cache(maxsize=1)
def sets():
    table, problems = _table(FOLDER / "sets.toml")
    found = tuple(
        _set(Table(values, (place_of("set", values, number),), problems))
        for number, values in enumerate(table.tables("sets"), 1)
    )
    table.close()
    problems.raise_if_any()
    return found


def chosen(slugs, set_slugs=()):
    """The documents of these criteria and sets, each once, in the order of the library."""
    wanted = set(slugs) | {slug for each in sets() if each.slug in set_slugs for slug in each.criteria}
    return [document for slug, document in by_slug().items() if slug in wanted]


def _table(path):
    problems = Problems(path.name)
    values = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return Table(values, (), problems), problems


def _group(path):
    table, problems = _table(path)
    criteria = tuple(
        criterion(Table(values, (place_of("criterion", values, number),), problems))
        for number, values in enumerate(table.tables("criteria"), 1)
    )
    group = Group(table.text("name", required=True), table.text("proves", required=True), criteria)
    table.close()
    problems.raise_if_any()
    return group


def _set(table):
    found = Set(
        table.slug(),
        table.text("name", required=True),
        table.text("words"),
        table.texts("criteria", allowed=tuple(by_slug())),
    )
    table.close()
    return found
