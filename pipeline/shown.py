"""What an admin's page of a process shows, in a word that the page sends along, so that an older page is told apart."""

import hashlib


def state_of(row, fields):
    """Of a pipeline or a stage as it is kept now: these fields, its criteria and its timers."""
    parts = [type(row).objects.filter(pk=row.pk).values_list(*fields)]
    if hasattr(row, "criteria"):
        parts += [row.criteria.values_list(), row.rules.values_list()]
    else:
        parts += [row.rules.filter(stage__isnull=True).values_list()]
    rows = [list(part.order_by("pk")) for part in parts]
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
