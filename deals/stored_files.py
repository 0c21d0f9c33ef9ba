"""Files that were stored for a row which was then refused: they are gone with the request that brought them."""

from contextlib import suppress
from contextvars import ContextVar

from django.db import DatabaseError

from .models import Attachment

# Names of what the request being answered stored; None outside of one.
_stored = ContextVar("files stored by the request", default=None)


def note(name):
    """This file was stored; whether its row stays is known when the request is over."""
    if (names := _stored.get()) is not None:
        names.append(name)


def without_strays(get_response):
    """A transaction that is undone takes back a file's row, but not the file."""

    def middleware(request):
        names = []
        token = _stored.set(names)
        try:
            return get_response(request)
        finally:
            _stored.reset(token)
            if names:
                _remove_unnamed(names)

    return middleware


def _remove_unnamed(names):
    """What the database cannot tell now is left for `verify_history --strict` to name."""
    with suppress(DatabaseError, OSError):
        named = set(Attachment.objects.filter(file__in=names).values_list("file", flat=True))
        for name in names:
            if name not in named:
                Attachment.file.field.storage.delete(name)
