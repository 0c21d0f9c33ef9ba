"""The deals of a kept audit as it told them: where each stood, what it lacked, in the words of that moment."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from pipeline.models import Criterion, CriterionDefinition

from ..models import AuditRow
from .listing import BY_EXCEPTION, NO_STEP

CHUNK = 2000
HEAD = [
    "deal", "name", "company", "stage", "owner", "before", "after", "holds", "deepest_stage", "missing",
]  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One deal that failed."""

    row: AuditRow
    words: list

    @property
    def could_go_back(self):
        return self.row.deepest_id != self.row.stage_id


def failing(audit):
    """Its rows that failed, the largest first."""
    rows = audit.rows.filter(holds=False).select_related("deal__company", "stage", "owner", "deepest")
    return rows.order_by("-amount", "pk")


def told(audit, rows):
    rows = list(rows)
    words = _words(audit, rows)
    return [Told(row, [words[one] for one in row.missing if one in words]) for row in rows]


def sheet(audit):
    """Every deal as cells, in chunks; `before` and `after` add up to what the audit says."""
    rows = audit.rows.select_related("deal__company", "stage", "owner", "deepest").order_by("deal_id")
    last = 0
    while chunk := list(rows.filter(deal_id__gt=last)[:CHUNK]):
        last = chunk[-1].deal_id
        for one in told(audit, chunk):
            yield _cells(one.row, one.words)


def _cells(row, words):
    after = row.amount if row.holds else row.amount * 0
    return [
        row.deal_id, row.deal.name, row.deal.company.name, row.stage.name, row.owner.name, row.amount, after,
        "yes" if row.holds else "no", row.deepest.name, "; ".join(words),
    ]  # fmt: skip


def _words(audit, rows):
    """{criterion id or word: as it was called when the audit was made}; of a draft's own what it is called now."""
    ids = {one for row in rows for one in row.missing if isinstance(one, int)}
    found = dict(Criterion.objects.filter(pk__in=ids).values_list("pk", "label"))
    then = CriterionDefinition.objects.filter(criterion__in=ids, valid_from__lte=audit.made_at)
    if audit.version_id:
        found |= dict(then.order_by("valid_from").values_list("criterion", "label"))
    return found | {NO_STEP: _("Next step missing or past"), BY_EXCEPTION: _("Stands here by exception")}
