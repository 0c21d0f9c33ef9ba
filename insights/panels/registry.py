"""The panels of the dashboard, in their order."""

from ..learning import registry as learning
from . import changed, headline, make_it

PANELS = [
    headline.PANEL,
    make_it.PANEL,
    changed.PANEL,
]

# Of other pages: their sheets and the deals behind their numbers are found here too.
ELSEWHERE = [*learning.PANELS]


def shown_to(user):
    return [panel for panel in PANELS if user.is_manager or not panel.managers]


def by_key(key, user):
    """The panel of that key that this user may see, or None."""
    return next((panel for panel in [*shown_to(user), *ELSEWHERE] if panel.key == key), None)
