"""How the timers of a process and of a stage add up. One way to say each thing, so that documents compare."""

from dataclasses import fields, replace

from .shapes import TimersDocument

DEFAULT_TIMERS = TimersDocument(
    follow_up_business_days=(5,),
    re_engage_days=14,
    re_engage_attempts=2,
    attempt_window_days=8,
    archive_days=30,
)

ROLES = {"follow_up_role": "follow_up_business_days", "archive_role": "archive_days"}


def over(timers, given):
    """The timers with everything that `given` says put over them."""
    return replace(timers, **{name: value for name, value in _values(given) if value is not None})


def settled(timers):
    """What is switched off says nothing else; what is on has every number."""
    if not timers.follow_up_business_days:
        timers = replace(timers, follow_up_business_days=(), follow_up_role=None)
    if not timers.re_engage_attempts:
        timers = replace(timers, re_engage_attempts=0, re_engage_days=None, attempt_window_days=None)
    if not timers.archive_days:
        timers = replace(timers, archive_days=0, archive_role=None, archive_asks_above=None)
    empty = {name: None for name in ROLES if not getattr(timers, name)}
    needed = {"re_engage_days": 14, "attempt_window_days": 8} if timers.re_engage_attempts else {}
    return over(TimersDocument(**needed), replace(timers, **empty))


def overriding(timers, common):
    """What a stage's settled timers say that the process's do not: the part worth writing down."""
    same = dict(_values(common))
    said = {name: value for name, value in _values(timers) if value != same[name]}
    said |= {
        role: "" for role, on in ROLES.items() if role in said and getattr(timers, on) and not said[role]
    }
    return TimersDocument(**said)


def _values(timers):
    return [(field.name, getattr(timers, field.name)) for field in fields(timers)]
