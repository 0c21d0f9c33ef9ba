"""What apps above want done by the tick. Each duty decides for itself whether something is due, cheaply.

A duty is given the moment and returns what it did in words, or None. It is safe to run twice: what it did is in rows.
"""

import logging

logger = logging.getLogger("headgate.automations")

DUTIES = []


def register(duty):
    """Have it called by each tick, after those registered before. Returns it."""
    if duty not in DUTIES:
        DUTIES.append(duty)
    return duty


def run(now):
    """Call each; one that fails is logged and keeps none from its turn. Returns what was done, in words."""
    said = []
    for duty in list(DUTIES):
        try:
            words = duty(now)
        except Exception as error:
            name = f"{duty.__module__}.{duty.__name__}"
            logger.exception("%s failed", name)
            words = f"{name} failed: {type(error).__name__}"
        if words:
            said.append(str(words))
    return said
