"""What the filters of the audit offer."""

from django.utils.translation import gettext_lazy as _

from pipeline.models import Pipeline

from .. import choices
from .look import AGAINST, MISSING, NAMED, STATUSES

LABELS = {
    "against": _("Held against"), "stage": _("Stage"), "status": _("Status"), "missing": _("Missing"),
}  # fmt: skip


def of(look):
    """[(name, label, choices, chosen, what the empty choice says)], in the order of the form."""
    shared = {name: (name, label, options, chosen) for name, label, options, chosen in choices.of(look.lens)}
    own = {
        "against": [(key, words) for key, words in AGAINST.items() if key],
        "stage": [
            (stage.stage_id, stage.name) for stage in look.published.stages if stage.counts_as_pipeline
        ],
        "status": list(STATUSES.items()),
        "missing": list(MISSING.items()),
    }
    found = []
    for name in NAMED:
        if name in own:
            found.append((name, LABELS[name], own[name], getattr(look, name), _first(name)))
        elif name in shared:
            found.append((*shared[name], "" if name == "pipeline" else _("All")))
    return found


def of_no_pipeline(lens):
    """Where the address names a pipeline that is not there: the choice of one, if another one is."""
    found = [(*each, _("First")) for each in choices.of(lens, ["pipeline"])]
    return (
        found
        if lens.pipeline and Pipeline.objects.filter(is_active=True, version__isnull=False).exists()
        else []
    )


def _first(name):
    return AGAINST[""] if name == "against" else _("All")
