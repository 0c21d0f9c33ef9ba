"""Messages that say what just happened, with an Undo where it can be undone."""

import json

from django.contrib import messages


def toast(request, text, *, undo_url="", **fields):
    """Show `text` on the next page or fragment; Undo posts `fields` to `undo_url`."""
    undo = json.dumps({"url": undo_url, "fields": fields}) if undo_url else ""
    messages.success(request, text, extra_tags=undo)


def undo_of(message):
    """The Undo of a message as {'url', 'fields'}; None where there is none."""
    try:
        undo = json.loads(message.extra_tags or "null")
    except ValueError:
        return None
    return undo if isinstance(undo, dict) else None
