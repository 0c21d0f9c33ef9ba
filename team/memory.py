"""What one request reads at most once: the organisation and the calendars."""

from contextlib import contextmanager
from contextvars import ContextVar

# The organisation and the calendars of the request being answered; None outside of one: read anew each time.
_memory = ContextVar("organisation", default=None)


@contextmanager
def remembered(anew=False):
    """Read the organisation at most once until the end of the block; `anew`: whatever was read before it."""
    if _memory.get() is not None and not anew:
        yield
        return
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def recalled(name, read):
    """What `read` gave at its first call in the block; outside of one it is called each time."""
    memory = _memory.get()
    if memory is None:
        return read()
    if name not in memory:
        memory[name] = read()
    return memory[name]


def forget():
    """Somebody changed what is remembered."""
    if (memory := _memory.get()) is not None:
        memory.clear()
