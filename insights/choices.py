"""What the filters of a page of figures offer."""

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from deals.models import Deal
from pipeline.models import Pipeline, ProcessVersion
from team.models import Team, User

from . import periods
from .lens import BANDS

MOST = 40
LABELS = {
    "period": _("Period"), "pipeline": _("Pipeline"), "team": _("Team"), "owner": _("Owner"),
    "source": _("Lead source"), "type": _("Type"), "band": _("Size"), "version": _("Process version"),
}  # fmt: skip


def of(lens):
    """[(name, label, choices, chosen)] in the order of the form; a filter with one choice only is left out."""
    offered = _offered(lens)
    return [
        (name, LABELS[name], choices, getattr(lens, name))
        for name, choices in offered.items()
        if len(choices) > 1
    ]


def _offered(lens):
    sources, types = _words(lens)
    owners = User.objects.filter(Exists(Deal.objects.filter(owner=OuterRef("pk"))))
    teams = Team.objects.all() if lens.user.is_admin else Team.objects.filter(pk__in=lens.user.team_ids)
    pipelines = Pipeline.objects.filter(version__isnull=False).order_by("position", "pk")
    if not lens.user.is_admin:
        owners = owners.filter(teams__in=lens.user.team_ids).distinct()
    return {
        "period": [(key, label) for key, label in periods.NAMES.items() if key != "own"],
        "pipeline": [(row.pk, row.name) for row in pipelines],
        "team": [(row.pk, row.name) for row in teams],
        "owner": [(row.pk, row.name) for row in owners.order_by("name", "pk")],
        "source": sources,
        "type": types,
        "band": [(key, label) for key, label, *_rest in BANDS],
        "version": _versions(lens),
    }


def _words(lens):
    """The sources and the types there are; the deals are read once for both."""
    pairs = lens.visible().order_by().values_list("lead_source", "deal_type").distinct()
    columns = zip(*pairs, strict=True) if pairs else ((), ())
    return [[(word, word) for word in sorted({*words} - {""}, key=str.casefold)[:MOST]] for words in columns]


def _versions(lens):
    """Of one pipeline alone: version 3 of two processes is not one thing."""
    if not lens.pipeline:
        return []
    rows = ProcessVersion.objects.filter(pipeline_id=lens.pipeline).order_by("-number")[:MOST]
    return [(row.pk, str(row.number)) for row in rows]
