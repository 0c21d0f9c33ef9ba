"""What an import says about its rows: one line per problem, and sums for whoever does not read lines."""

import csv
from collections import Counter
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deals import counts
from deals.gate import needs_answer
from deals.models import Deal
from pipeline.vocabulary import Kind
from team.calendar import grace_date
from team.csv_files import harmless

ERROR, NOTE = "error", "note"
SHOWN = 200
COLUMNS = ["line", "column", "value", "reason", "level"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing about one cell. An error keeps its row out, a note says what was made of it."""

    line: int
    column: str
    value: str
    reason: str
    level: str = NOTE


class Report:
    """Takes problems as they come: written to a file at once, counted, the first ones kept to be shown."""

    def __init__(self, file=None):
        self.first, self.levels, self.reasons = [], Counter(), Counter()
        self._writer = csv.writer(file) if file else None
        if self._writer:
            self._writer.writerow(COLUMNS)

    def add(self, problem):
        self.levels[problem.level] += 1
        key = (problem.level, problem.column, problem.reason)
        if key in self.reasons or len(self.reasons) < 500:
            self.reasons[key] += 1
        if len(self.first) < SHOWN and problem.level == ERROR:
            self.first.append(problem)
        if self._writer:
            self._writer.writerow([harmless(getattr(problem, name)) for name in COLUMNS])

    def often(self):
        """(level, column, reason, how many), errors first, the most frequent first."""
        found = [(*key, many) for key, many in self.reasons.items()]
        return sorted(found, key=lambda item: (item[0] != ERROR, -item[3], item[1], item[2]))


@dataclass
class StageSum:
    """Deals that come into one stage or end, and their money in the organisation's currency."""

    name: str
    deals: int = 0
    money: Decimal = Decimal(0)

    def add(self, money):
        self.deals += 1
        self.money += money


@dataclass
class Summary:
    """The figures of a whole file."""

    rows: int = 0
    new: int = 0
    already: int = 0
    rejected: int = 0
    # Open deals without an amount: why their stage may say 0.
    blank: int = 0
    claimed: Decimal = Decimal(0)
    proven: Decimal = Decimal(0)
    stages: dict = field(default_factory=dict)
    missing: list = field(default_factory=list)

    def count(self, incoming, name):
        self.new += 1
        self.blank += incoming.amount is None and not incoming.target.closes
        self.stages.setdefault(incoming.target, StageSum(name)).add(incoming.amount_base)

    def in_order(self, process):
        """StageSums in the order of the process, the ends last."""
        place = {stage.stage_id: number for number, stage in enumerate(process.stages)}
        keys = sorted(self.stages, key=lambda target: (place.get(target.stage_id, 99), str(target.status)))
        open_first = sorted(keys, key=lambda target: target.closes)
        return [self.stages[key] for key in open_first]

    def as_json(self, process):
        """For ImportBatch.report: plain values only."""
        return {
            **{
                name: getattr(self, name)
                for name in ("rows", "new", "already", "rejected", "blank", "missing")
            },
            "claimed": str(self.claimed),
            "proven": str(self.proven),
            "stages": [{**asdict(part), "money": str(part.money)} for part in self.in_order(process)],
        }


def weigh(summary, process, deals, today, organisation):
    """Put on the summary what the open deals of an import claim, what of it is proven, and what is missing."""
    deals = deals.open()
    total = _money(deals)
    summary.proven = _money(deals.proven(today, grace_date(today, organisation)))
    summary.claimed = total - summary.proven
    summary.missing = missing_criteria(process, deals, today)


def _money(deals):
    return deals.aggregate(money=Sum("amount_base"))["money"] or Decimal(0)


def missing_criteria(process, deals, today):
    """For each criterion of an earlier stage: how many of the deals lack it, and their money."""
    found = []
    for place, stage in enumerate(process.stages[:-1]):
        later = [after.stage_id for after in process.stages[place + 1 :]]
        for definition in process.exit_criteria(stage.stage_id):
            if definition.kind != Kind.NEXT_STEP:
                found.append(_missing(definition, stage, deals.filter(stage__in=later), today))
    return [row for row in found if row["deals"]]


def _missing(definition, stage, deals, today):
    lacking = deals.annotate(lacks=counts.lacks(definition, today)).filter(lacks=1)
    sums = lacking.aggregate(deals=Count("pk"), money=Sum("amount_base"))
    return {
        "stage": stage.name,
        "label": definition.label,
        "deals": sums["deals"],
        "money": str(sums["money"] or 0),
    }


def fewest_missing(summary, process):
    """For a dry run, the criteria that certainly will be missing: a new deal has no answers yet."""
    for place, stage in enumerate(process.stages[:-1]):
        later = {after.stage_id for after in process.stages[place + 1 :]}
        parts = [
            part for target, part in summary.stages.items() if target.stage_id in later and not target.closes
        ]
        deals, money = sum(part.deals for part in parts), sum((part.money for part in parts), Decimal(0))
        for definition in process.exit_criteria(stage.stage_id):
            if (
                deals
                and needs_answer(definition)
                and not definition.applies_when
                and definition.kind != Kind.NEXT_STEP
            ):
                summary.missing.append(
                    {"stage": stage.name, "label": definition.label, "deals": deals, "money": str(money)}
                )


def batch_deals(batch):
    return Deal.objects.made().filter(import_batch=batch)


def headline(summary, dry):
    """One sentence on a whole import."""
    words = {name: getattr(summary, name) for name in ("rows", "new", "already", "rejected")}
    rows = ngettext("%(rows)d row", "%(rows)d rows", summary.rows)
    if dry:
        said = _("%(new)d would come in, %(already)d already here, %(rejected)d rejected.")
    else:
        said = _("%(new)d came in, %(already)d already here, %(rejected)d rejected.")
    return f"{rows}: {said}" % words
