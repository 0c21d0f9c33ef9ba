"""Whether a changed column makes a criterion harder or easier to meet."""

import itertools
from decimal import Decimal
from enum import Enum

from ..conditions import parse
from ..vocabulary import Kind, evidence_rank


class Weight(Enum):
    TIGHTER = "tighter"
    WEAKER = "weaker"
    BOTH = "both"
    NEUTRAL = "neutral"


def _rising(old, new, _criterion):
    """More of it asks more; nothing is the least."""
    return _of(_number(new) > _number(old), _number(new) < _number(old))


def _falling(old, new, _criterion):
    """Less of it asks more; nothing is no limit at all."""
    most = Decimal("Infinity")
    was, now = (_number(value, most) for value in (old, new))
    return _of(now < was, now > was)


def _number(value, empty=Decimal("-Infinity")):
    return empty if value is None else Decimal(str(value))


def _switched_on(old, new, _criterion):
    return Weight.TIGHTER if new else Weight.WEAKER


def _switched_off(old, new, _criterion):
    return Weight.WEAKER if new else Weight.TIGHTER


def _evidence(old, new, _criterion):
    return _rising(evidence_rank(old), evidence_rank(new), None)


def _side(old, new, _criterion):
    """Asked before a deal comes in is asked sooner than before it leaves."""
    return Weight.TIGHTER if new == "entry" else Weight.WEAKER


def _all_of(old, new, _criterion):
    """Each item is asked: one more asks more."""
    was, now = _items(old), _items(new)
    return _of(bool(now - was), bool(was - now))


def _any_of(old, new, _criterion):
    """One of the items is enough, none named means any: one more asks less."""
    was, now = _items(old), _items(new)
    if not was or not now:
        return _of(bool(now), bool(was))
    return _of(bool(was - now), bool(now - was))


def _roles(old, new, criterion):
    """People in every role must be on the map; of an activity, somebody in one of them took part."""
    if criterion["kind"] == Kind.STAKEHOLDER or criterion["kind"] == Kind.APPROVAL:
        return _all_of(old, new, criterion)
    return _any_of(old, new, criterion)


def _items(text):
    return {item.strip() for line in (text or "").splitlines() for item in line.split(",") if item.strip()}


def _choices(old, new, _criterion):
    """Lines, since a choice may hold a comma."""
    was, now = ({line.strip() for line in (text or "").splitlines() if line.strip()} for text in (old, new))
    if not was or not now:
        return _of(bool(now), bool(was))
    return _of(bool(was - now), bool(now - was))


def _other(old, new, _criterion):
    """Another question altogether: what was answered opens again, and nobody can say whether it asks less."""
    return Weight.BOTH


def _named(old, new, _criterion):
    return _of(bool(new), bool(old))


def _condition(old, new, _criterion):
    """Asked of more deals is more. Told by trying both on every case they tell apart."""
    more = less = False
    for facts in _cases(old, new):
        was, now = _holds(old, facts), _holds(new, facts)
        more, less = more or (now and not was), less or (was and not now)
    return _of(more, less)


def _holds(text, facts):
    return not text or parse(text).holds(**facts)


def _cases(*texts):
    """Every combination of values around each limit that one of the conditions names."""
    named = {"amount": set(), "discount_percent": set(), "deal_type": set()}
    for text in filter(None, texts):
        for comparison in itertools.chain(*parse(text).groups):
            named[comparison.field].add(comparison.value)
    step = Decimal("0.01")
    numbers = {
        name: [None, *sorted({near for value in named[name] for near in (value - step, value, value + step)})]
        for name in ("amount", "discount_percent")
    }
    types = ["", *sorted(named["deal_type"])]
    for amount, percent, kind in itertools.product(numbers["amount"], numbers["discount_percent"], types):
        yield {"amount": amount, "discount_percent": percent, "deal_type": kind}


def _of(tighter, weaker):
    if tighter and weaker:
        return Weight.BOTH
    return Weight.TIGHTER if tighter else Weight.WEAKER if weaker else Weight.NEUTRAL


# Column of a criterion -> how its change weighs. What is not here is only wording.
WEIGHTS = {
    "kind": _other,
    "side": _side,
    "needs_buyer": _switched_on,
    "evidence": _evidence,
    "expires_after_days": _falling,
    "applies_when": _condition,
    "core": _switched_on,
    "minimum": _rising,
    "maximum": _falling,
    "min_length": _rising,
    "min_items": _rising,
    "choices": _choices,
    "allow_range": _switched_off,
    "future": _switched_on,
    "with_date": _switched_on,
    "roles": _roles,
    "min_people": _rising,
    "must_include": _named,
    "requires_priority": _switched_on,
    "activity_kinds": _any_of,
    "deal_fields": _all_of,
}
