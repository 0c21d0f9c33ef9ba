"""Deals of an audit one by one, with what they lack in words: for the page, the sheet and what is kept."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from deals.models import Deal, Status

from . import missing

CHUNK = 2000
NO_STEP, BY_EXCEPTION = "step", "exception"


@dataclass(frozen=True)
class Row:
    """One deal that fails. `deepest` is a StageDefinition, `stage` its own one or None."""

    deal: Deal
    lacks: missing.Lacks
    stage: object

    @property
    def can_go_back(self):
        """Whether it stands deeper than it proves."""
        to = self.lacks.deepest
        return to is not None and self.stage is not None and to.stage_id != self.deal.stage_id

    @property
    def words(self):
        return in_words(self.lacks)


def in_words(lacks):
    """[what is missing], the gates' criteria first."""
    said = [definition.label for definition in lacks.criteria]
    if not lacks.has_step:
        said.append(_("Next step missing or past"))
    if lacks.has_exception:
        said.append(_("Stands here by exception"))
    return said


def rows(look, deals):
    """Rows of these deals (fetched with company, stage and owner)."""
    deals = list(deals)
    found = missing.of(look, [deal.pk for deal in deals])
    stages = {stage.stage_id: stage for stage in look.published.stages}
    return [Row(deal, found[deal.pk], stages.get(deal.stage_id)) for deal in deals if deal.pk in found]


class Failing:
    """Those that fail, largest first, for a paginator: ids are put in order, and only a page of them is fetched."""

    def __init__(self, look, count=None):
        self.ids = look.failing().order_by("-amount_base", "pk").values_list("pk", flat=True)
        self.known = count

    def count(self):
        return self.ids.count() if self.known is None else self.known

    def __len__(self):
        return self.count()

    def __getitem__(self, part):
        ids = list(self.ids[part])
        found = Deal.objects.select_related("company", "stage", "owner").in_bulk(ids)
        return [found[pk] for pk in ids if pk in found]


def failing(look):
    return Failing(look)[:]


HEAD = [
    "deal",
    "name",
    "company",
    "stage",
    "owner",
    "status",
    "before",
    "after",
    "holds",
    "deepest_stage",
    "missing",
]


# What a line of the sheet is read from; a row of two thousand deals comes to a few kilobytes.
_READ = [
    *missing.READ, "name", "company__name", "stage__name", "owner__name", "status", "amount_base", "holds",
]  # fmt: skip


def sheet(look):
    """Every deal of the audit as cells, in chunks; `before` and `after` add up to what the page says."""
    seen, last, judge = look.deals().order_by("pk"), 0, missing.judge_of(look)
    statuses = {key: str(label) for key, label in Status.choices}
    while chunk := list(seen.filter(pk__gt=last).values_list(*_READ, named=True)[:CHUNK]):
        last = chunk[-1].pk
        lacking = judge.of([deal for deal in chunk if not deal.holds])
        for deal in chunk:
            yield _cells(deal, lacking.get(deal.pk), statuses[deal.status])


def _cells(deal, lacks, status):
    money, nothing = deal.amount_base, deal.amount_base * 0
    deepest = lacks.deepest.name if lacks and lacks.deepest else "" if lacks else deal.stage__name
    return [
        deal.pk, deal.name, deal.company__name, deal.stage__name, deal.owner__name, status,
        money, money if deal.holds else nothing, "yes" if deal.holds else "no", deepest,
        "; ".join(in_words(lacks)) if lacks else "",
    ]  # fmt: skip
