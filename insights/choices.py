"""What the filters of a page of figures offer."""

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from deals.models import Company, Deal
from pipeline.models import Pipeline, ProcessVersion
from team import formats
from team.models import Team, User

from . import periods
from .lens import SIZES
from .once import once

MOST = 40
LABELS = {
    "period": _("Period"), "pipeline": _("Pipeline"), "team": _("Team"), "owner": _("Owner"),
    "source": _("Lead source"), "type": _("Type"), "segment": _("Segment"), "band": _("Size"),
    "version": _("Process version"),
}  # fmt: skip


def of(lens, names=LABELS):
    """[(name, label, choices, chosen)] in the order of the form; a filter with one choice only is left out.

    What the address asks for is always shown: figures of a part, or of nothing, never stand below "All".
    """
    found = [(name, _OFFERED[name](lens), getattr(lens, name)) for name in LABELS if name in names]
    return [
        (name, LABELS[name], [*choices, *_unoffered(name, choices, chosen)], chosen)
        for name, choices, chosen in found
        if len(choices) > 1 or chosen
    ]


def chosen(lens):
    """[(filter, chosen words)] of the filters that are set, the period left out."""
    names = [name for name in LABELS if name != "period" and getattr(lens, name)]
    return [(label, dict(options).get(value, value)) for _name, label, options, value in of(lens, names)]


def period(lens, days):
    """[(label, words)] of the first and the last day of something, with the name of the period where it is that."""
    if days is None:
        return []
    words = " – ".join(map(formats.day_short, days))
    named = lens.period != "own" and days == (lens.start, lens.end)
    return [(LABELS["period"], f"{periods.NAMES[lens.period]}, {words}" if named else words)]


def _unoffered(name, choices, chosen):
    """What is asked for and not offered: a word as it was typed, a number without a name."""
    if name == "period" or chosen in (None, "") or chosen in {value for value, _words in choices}:
        return []
    return [(chosen, chosen if isinstance(chosen, str) else _("not found"))]


def _pipelines(_lens):
    found = Pipeline.objects.filter(version__isnull=False).order_by("position", "pk")
    return [(row.pk, row.name) for row in found]


def _teams(lens):
    found = Team.objects.all() if lens.user.is_admin else Team.objects.filter(pk__in=lens.user.team_ids)
    return [(row.pk, row.name) for row in found]


def _owners(lens):
    found = User.objects.filter(Exists(Deal.objects.filter(owner=OuterRef("pk"))))
    if not lens.user.is_admin:
        found = found.filter(teams__in=lens.user.team_ids).distinct()
    return [(row.pk, row.name) for row in found.order_by("name", "pk")]


@once
def _words(lens):
    """The sources and the types there are; the deals are read once for both."""
    pairs = lens.visible().order_by().values_list("lead_source", "deal_type").distinct()
    columns = zip(*pairs, strict=True) if pairs else ((), ())
    return [_sorted(words) for words in columns]


def _segments(lens):
    """Of every company, for who sees every deal; else of those with a deal that the person may see."""
    companies = Company.objects.exclude(industry="").order_by()
    if not lens.sees_all:
        companies = companies.filter(Exists(lens.visible().order_by().filter(company=OuterRef("pk"))))
    return _sorted(companies.values_list("industry", flat=True).distinct())


def _sorted(words):
    return [(word, word) for word in sorted({*words} - {""}, key=str.casefold)[:MOST]]


def _versions(lens):
    """Of one pipeline alone: version 3 of two processes is not one thing. Else the one that is asked for."""
    if not lens.pipeline:
        rows = (
            ProcessVersion.objects.filter(pk=lens.version).select_related("pipeline") if lens.version else []
        )
        return [(row.pk, f"{row.pipeline.name} {row.number}") for row in rows]
    rows = ProcessVersion.objects.filter(pipeline_id=lens.pipeline).order_by("-number")[:MOST]
    return [(row.pk, str(row.number)) for row in rows]


_OFFERED = {
    "period": lambda _lens: list(periods.NAMES.items()),
    "pipeline": _pipelines,
    "team": _teams,
    "owner": _owners,
    "source": lambda lens: _words(lens)[0],
    "type": lambda lens: _words(lens)[1],
    "segment": _segments,
    "band": lambda _lens: list(SIZES.items()),
    "version": _versions,
}
