"""From their words to ours: which column is which field, which stage is which, who is who."""

import tomllib
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from deals.models import Status
from team.models import Team, User

from ..input import parsing
from . import columns
from .columns import fold

SECTIONS = ["columns", "stages", "owners", "defaults"]
DEFAULTS = ["currency", "team", "owner", "dates", "deal_type", "source"]
DATE_ORDERS = ["day_first", "month_first"]
ENDS = {"won": Status.WON, "lost": Status.LOST, "archived": Status.ARCHIVED}
MAX_BYTES = 1_000_000


class BadMapping(ValueError):
    """The mapping file cannot be used; `problems` says why, each in a sentence."""

    def __init__(self, problems):
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Target:
    """Where a deal comes in: a stage while it is open, the stage it ended in otherwise."""

    stage_id: int
    status: str = Status.OPEN

    @property
    def closes(self):
        return self.status != Status.OPEN


@dataclass
class Mapping:
    """What a person said about a file. Keys of stages and owners are folded names."""

    columns: dict = field(default_factory=dict)
    stages: dict = field(default_factory=dict)
    owners: dict = field(default_factory=dict)
    defaults: dict = field(default_factory=dict)

    def fields(self, header):
        """{place in the header: field}: what was said goes before what the name suggests."""
        said = {fold(name): value for name, value in self.columns.items()}
        found = columns.recognise(header)
        for place, name in enumerate(header):
            if fold(name) in said:
                found[place] = said[fold(name)]
        return {place: value for place, value in found.items() if value != columns.IGNORE}

    def as_dict(self):
        return {name: getattr(self, name) for name in SECTIONS}


def from_toml(data, process=None):
    """The Mapping in a TOML file; BadMapping names everything that is wrong with it."""
    if len(data) > MAX_BYTES:
        raise BadMapping([_("The mapping file is larger than 1 MB.")])
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadMapping([_("The mapping file cannot be read: %s") % error]) from error
    return checked(document, process)


def checked(document, process=None):
    """The Mapping in plain tables, such as a parsed TOML file or a form's."""
    problems = [
        _("[%(name)s] is not known; there are %(known)s.") % {"name": name, "known": ", ".join(SECTIONS)}
        for name in document
        if name not in SECTIONS
    ]
    tables = {name: _table(document, name, problems) for name in SECTIONS}
    problems += _column_problems(tables["columns"]) + _stage_problems(tables["stages"], process)
    problems += _owner_problems(tables["owners"]) + _default_problems(tables["defaults"])
    if problems:
        raise BadMapping(problems)
    for name in ("stages", "owners"):
        tables[name] = {fold(key): value.strip().lower() for key, value in tables[name].items()}
    return Mapping(**tables)


def _table(document, name, problems):
    table = document.get(name, {})
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        problems.append(_('[%s] must hold lines like "their name" = "ours".') % name)
        return {}
    return table


def _column_problems(table):
    known = [*columns.FIELDS, columns.IGNORE]
    return [
        _("“%(name)s”: there is no field %(value)s; there are %(known)s.")
        % {"name": name, "value": value, "known": ", ".join(known)}
        for name, value in table.items()
        if value not in known
    ]


def _stage_problems(table, process):
    if process is None:
        return []
    known = [stage.slug for stage in process.stages] + list(ENDS)
    return [
        _("“%(name)s”: there is no stage %(value)s in this pipeline; there are %(known)s.")
        % {"name": name, "value": value, "known": ", ".join(known)}
        for name, value in table.items()
        if value.strip().lower() not in known
    ]


def _owner_problems(table):
    wanted = {value.strip().lower() for value in table.values()}
    known = (
        set(User.objects.active().filter(email__in=wanted).values_list("email", flat=True))
        if wanted
        else set()
    )
    return [
        _("“%(name)s”: there is no active user with the e-mail %(value)s.") % {"name": name, "value": value}
        for name, value in table.items()
        if value.strip().lower() not in known
    ]


def _default_problems(table):
    problems = [
        _("[defaults] %(name)s is not known; there are %(known)s.")
        % {"name": name, "known": ", ".join(DEFAULTS)}
        for name in table
        if name not in DEFAULTS
    ]
    if table.get("dates", DATE_ORDERS[0]) not in DATE_ORDERS:
        problems.append(_("[defaults] dates must be day_first or month_first."))
    if "team" in table and not Team.objects.filter(name__iexact=table["team"]).exists():
        problems.append(_("[defaults] There is no team %s.") % table["team"])
    return (
        problems
        + _owner_problems({"owner": table["owner"]} if "owner" in table else {})
        + _money_problems(table)
    )


def _money_problems(table):
    try:
        table.get("currency") and parsing.currency(table["currency"])
    except parsing.ParseError as error:
        return [f"[defaults] {error}"]
    return []
