"""What the filters of the audit offer."""

from django.utils.translation import gettext_lazy as _

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


def _first(name):
    return AGAINST[""] if name == "against" else _("All")
