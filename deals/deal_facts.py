"""What people type for a deal's own columns: amount, dates, discount, goals and promises."""

from decimal import Decimal

from django.utils.translation import gettext as _

from .input import normalise, parsing
from .models import AMOUNT_LIMIT
from .rates import in_base

LONGEST = {"goals": 4000, "commitments": 4000, "deal_type": 60, "lead_source": 80, "name": 160}


def write(deal, name, text, today, house):
    """Put the typed value into the deal's column. Returns the columns changed; ValueError says what is wrong."""
    return _WRITERS[name](deal, name, text, today, house) if name in _WRITERS else set()


def _base(deal, today, house):
    return in_base(deal.amount, deal.currency, house.organisation, today) if deal.amount else Decimal(0)


def _amount(deal, name, text, today, house):
    """Emptied where nothing is typed."""
    deal.amount = parsing.amount(text, maximum=AMOUNT_LIMIT) if text.strip() else None
    deal.amount_base = _base(deal, today, house)
    return {"amount", "amount_base"}


def _currency(deal, name, text, today, house):
    deal.currency = parsing.currency(text)
    deal.amount_base = _base(deal, today, house)
    return {"currency", "amount_base"}


def _day(deal, name, text, today, house):
    setattr(deal, name, parsing.day(text, today=today) if text.strip() else None)
    return {name}


def _percent(deal, name, text, today, house):
    value = text.strip().rstrip("%").strip()
    setattr(deal, name, parsing.number(value, 0, 100) if value else None)
    return {name}


def _chance(deal, name, text, today, house):
    """In whole percent; emptied, the stage's own counts again."""
    value = text.strip().rstrip("%").strip()
    deal.probability_override = parsing.whole(value, 0, 100) if value else None
    return {name}


def _text(deal, name, text, today, house):
    cleaned = normalise.clean(text, lines=name in ("goals", "commitments"))
    if len(cleaned) > LONGEST[name]:
        words = _("This has %(given)d characters; at most %(limit)d are possible.")
        raise ValueError(words % {"given": len(cleaned), "limit": LONGEST[name]})
    if flaw := (text.strip() or name == "name") and normalise.flaw(text, extra=house.placeholders):
        raise ValueError(flaw)
    setattr(deal, name, cleaned)
    return {name}


_WRITERS = {
    "amount": _amount,
    "currency": _currency,
    "expected_close": _day,
    "discount_percent": _percent,
    "probability_override": _chance,
    "goals": _text,
    "commitments": _text,
    "deal_type": _text,
    "lead_source": _text,
    "name": _text,
}
