"""A process that changes all the time teaches nobody anything: how often it was published lately."""

from datetime import timedelta

QUARTER = timedelta(days=91)
OFTEN = 5


def published_lately(pipeline, now):
    """How many versions were published in the last quarter; the first of all is no change."""
    return pipeline.versions.filter(published_at__gt=now - QUARTER, number__gt=1).count()


def too_often(pipeline, now):
    """That number where one more would be more than five, else 0."""
    count = published_lately(pipeline, now)
    return count if count >= OFTEN else 0
