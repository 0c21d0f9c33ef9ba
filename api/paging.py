"""Pages by cursor, oldest first: rows added meanwhile come at the end, so none is skipped or told twice."""

import base64
import binascii

from django.utils.translation import gettext as _

from deals.forms import Malformed
from team.digits import number_in

MOST, USUAL = 200, 50


def page(rows, cursor, limit, show):
    """{"items", "next_cursor"} of a queryset from behind the cursor on, each row as `show` gives it."""
    found = list(rows.filter(pk__gt=position(cursor)).order_by("pk")[: limit + 1])
    more = len(found) > limit
    return {
        "items": [show(row) for row in found[:limit]],
        "next_cursor": cursor_of(found[limit - 1].pk) if more else None,
    }


def cursor_of(pk):
    return base64.urlsafe_b64encode(f"after:{pk}".encode()).decode().rstrip("=")


def position(cursor):
    """The id a cursor stands behind; 0 for none. Malformed for what is no cursor of ours."""
    if not cursor:
        return 0
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode(
            "ascii"
        )
    except (ValueError, binascii.Error):
        text = ""
    mark, _colon, number = text.partition(":")
    after = number_in(number)
    if mark != "after" or after is None:
        raise Malformed(_("This is no cursor of ours. Take next_cursor as it came."))
    return after
