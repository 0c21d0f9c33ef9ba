"""What an admin's page of a process shows, in words that the page sends along, so that an older page is told apart."""

import hashlib

from django.utils.text import capfirst
from django.utils.translation import gettext as _


def state_of(row, fields):
    """Of a pipeline or a stage as it is kept now, a word for each: these fields, its criteria and its timers."""
    values = type(row).objects.filter(pk=row.pk).values_list(*fields).first() or [None] * len(fields)
    if hasattr(row, "criteria"):
        rows = [row.criteria, row.rules]
    else:
        rows = [row.rules.filter(stage__isnull=True)]
    parts = [*values, *(list(part.order_by("pk").values_list()) for part in rows)]
    return ".".join(hashlib.sha256(repr(part).encode()).hexdigest()[:8] for part in parts)


def changed_since(shown, row, fields):
    """The names of what is kept otherwise now; None where the page says nothing that can be compared."""
    before, now = shown.split("."), state_of(row, fields).split(".")
    if len(before) != len(now):
        return None
    names = [capfirst(row._meta.get_field(name).verbose_name) for name in fields]
    names += [_("Criteria"), _("Timers")] if hasattr(row, "criteria") else [_("Timers")]
    return [name for name, was, is_now in zip(names, before, now, strict=True) if was != is_now]
