"""What several panels of a page ask for, counted once."""

from functools import wraps


def once(function):
    """Counted once for a lens, however many panels ask."""

    @wraps(function)
    def counted(lens, *arguments):
        known = lens.__dict__.setdefault("counted", {})
        key = (function.__module__, function.__qualname__, *arguments)
        if key not in known:
            known[key] = function(lens, *arguments)
        return known[key]

    return counted
