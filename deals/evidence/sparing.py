"""Which deals a tightened criterion leaves alone: `of` reads it for one deal, `exempt` says it of all.

Rows are added by a publication alone (binding.py), and that makes a new version: which criteria leave deals alone is
read once for each version.
"""

from functools import lru_cache

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from team import formats

from ..models import Spared


def standing(rows, today):
    """Of these rows, those that still spare their deal on a day."""
    return rows.filter(Q(until__isnull=True) | Q(until__gt=today))


def criteria(process):
    """Ids of the criteria that leave some deal alone. Nothing is asked of deals where there are none."""
    if process.version.pk is None:
        return frozenset()
    return _criteria(process.version.token, process.pipeline_id)


@lru_cache(maxsize=64)
def _criteria(token, pipeline_id):
    rows = Spared.objects.filter(criterion__stage__pipeline=pipeline_id).order_by()
    return frozenset(rows.values_list("criterion_id", flat=True).distinct())


def forget():
    """Read anew which criteria leave deals alone."""
    _criteria.cache_clear()


def of(deal, process, today):
    """{criterion id: Spared} of one deal."""
    if not criteria(process):
        return {}
    rows = standing(Spared.objects.filter(deal=deal), today).select_related("version")
    return {row.criterion_id: row for row in rows}


def exempt(criterion_id, today):
    """Condition over deals: the criterion is not asked of them."""
    rows = Spared.objects.filter(deal=OuterRef("pk"), criterion=criterion_id, keeps_answer=False)
    return Q(Exists(standing(rows, today)))


def is_kept():
    """Condition over answers: their older judgement stands, as they were given before the publication that says so."""
    rows = Spared.objects.filter(
        deal=OuterRef("deal"), criterion=OuterRef("criterion"), keeps_answer=True,
        version__published_at__gte=OuterRef("recorded_at"),
    )  # fmt: skip
    return Exists(rows)


def kept(answers):
    return answers.filter(is_kept())


def judged_anew(answers):
    """All others."""
    return answers.filter(~is_kept())


def in_words(row):
    """Why this deal is left alone, since when and until when."""
    known = {
        "number": row.version.number,
        "since": formats.day(row.version.published_at),
        "until": formats.day(row.until) if row.until else "",
    }
    if row.keeps_answer:
        words = _("Judged as before version %(number)d of %(since)s.")
        until = _("Judged as before version %(number)d of %(since)s, until %(until)s.")
    else:
        words = _("Asked of deals that enter from now on (version %(number)d, %(since)s).")
        until = _("Asked of this deal from %(until)s on (version %(number)d, %(since)s).")
    return (until if row.until else words) % known


def exemptions(process, today):
    """{criterion id: condition over deals that are not asked it} of the criteria that leave some deal alone."""
    return {criterion_id: exempt(criterion_id, today) for criterion_id in criteria(process)}
