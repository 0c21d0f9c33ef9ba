"""Once a local day: take the anchor and put it outside. What could not be written outside is made up for later."""

from . import anchors, telling


def anchor(now):
    """Whether this call took the day's anchor."""
    taken = anchors.take(now)
    if taken is not None:
        telling.tell(taken)
    telling.catch_up()
    return taken is not None
