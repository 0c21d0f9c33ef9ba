"""One panel a module: what it counts, how it is drawn, as a table, and which deals stand behind its numbers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlencode

WEIGHTED = "weighted"


@dataclass(frozen=True)
class Table:
    """The figures of a panel as rows: what the table beside a chart shows and what its CSV holds.

    Rows of deals may come as they are read, once.
    """

    caption: str
    head: tuple
    rows: Iterable
    # {column: (key of a set of deals of the panel, [arg of each row, None: nothing to open])}
    opens: dict = field(default_factory=dict)

    @property
    def linked(self):
        """Rows of (cell, what stands behind it: '<set>&arg=<arg>', or '')."""
        for n, row in enumerate(self.rows):
            yield [(cell, self._behind(column, n)) for column, cell in enumerate(row)]

    def _behind(self, column, n):
        name, args = self.opens.get(column, ("", ()))
        return f"{name}&{urlencode({'arg': args[n]})}" if name and args[n] is not None else ""


def of_period(lens):
    """(first, last day)"""
    return lens.start, lens.end


def as_of_now(_lens):
    """Whatever period is looked at."""


@dataclass(frozen=True)
class Behind:
    """The deals behind a number: `deals(lens, arg)` gives them; what they sum to is what the panel said.

    `measure` is the column that is summed: the money, what each deal changed it by (`change`), or the money times the
    probability each shows (`weighted`, with `likelihood`). `named(lens, arg)` says in words which part it is.
    `days(lens)`: the first and the last day it is of, None where the period does not matter or the title says it.
    """

    title: str
    deals: Callable
    measure: str = "amount_base"
    named: Callable = lambda _lens, _arg: ""
    days: Callable = of_period


@dataclass(frozen=True)
class Panel:
    """`of(lens)` counts, a fixed number of statements; `table(data)` gives the same figures as a Table or None."""

    key: str
    title: str
    of: Callable
    template: str
    # Of twelve columns.
    width: int = 6
    table: Callable | None = None
    # What it shows is that table already: it is not told twice.
    shows_table: bool = False
    # key of a set of deals -> Behind
    behind: dict = field(default_factory=dict)
    # Names of definitions.py printed below the panel.
    defines: tuple = ()
    # Shown to managers alone.
    managers: bool = False
    # Another one for each person, whatever they look at.
    personal: bool = False
