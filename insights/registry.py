"""The panels of the dashboard, in their order."""

from .learning import registry as learning
from .meanings.definitions import DEFINITIONS
from .panels import (
    accuracy,
    calibration,
    changed,
    decide,
    discipline,
    enough,
    headline,
    leak,
    losses,
    make_it,
    six,
    sources,
    stage_wins,
    talk,
    time_in_stage,
    waits,
    winloss,
)

PANELS = [
    # The answers of a Monday.
    headline.PANEL,
    make_it.PANEL,
    changed.PANEL,
    talk.PANEL,
    leak.PANEL,
    enough.PANEL,
    decide.PANEL,
    # Behind the answers.
    accuracy.PANEL,
    sources.PANEL,
    six.PANEL,
    time_in_stage.PANEL,
    stage_wins.PANEL,
    discipline.PANEL,
    calibration.PANEL,
    losses.PANEL,
    waits.PANEL,
    winloss.PANEL,
]

# Of other pages: their sheets and the deals behind their numbers are found here too.
ELSEWHERE = [*learning.PANELS]


def counted(panel, lens):
    """A panel with what it counts over the lens, as a page shows it."""
    data = panel.of(lens)
    return {
        "panel": panel, "data": data, "table": panel.table(data) if panel.table else None,
        "definitions": [DEFINITIONS[name] for name in panel.defines],
    }  # fmt: skip


def counted_for_all(lens):
    """The panels of everybody who has the same look, in their order; None in place of what is a person's own."""
    return [None if panel.personal else counted(panel, lens) for panel in shown_to(lens.user)]


def with_personal(found, lens):
    """The same with what is this person's own."""
    return [
        counted(panel, lens) if one is None else one
        for panel, one in zip(shown_to(lens.user), found, strict=True)
    ]


def shown_to(user):
    return [panel for panel in PANELS if user.is_manager or not panel.managers]


def by_key(key, user):
    """The panel of that key that this user may see, or None."""
    return next((panel for panel in [*shown_to(user), *ELSEWHERE] if panel.key == key), None)
