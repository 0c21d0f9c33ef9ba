"""Amount and expected close as they change: noted wherever they do."""

from decimal import Decimal

from django.utils.translation import ngettext

from team import formats

from .models import FieldChange


def said(deal):
    """Both as FieldChange keeps them; take it before something is changed."""
    amount = "" if deal.amount is None else f"{Decimal(deal.amount):.2f} {deal.currency}"
    return {"amount": amount, "expected_close": str(deal.expected_close or "")}


def note(deal, before, by, now):
    """Write down what is not as it was `before`. Under the deal's lock, with the change itself."""
    rows = [
        FieldChange(deal=deal, field=field, old=before[field], new=new, by=by, at=now)
        for field, new in said(deal).items()
        if new != before[field]
    ]
    if rows:
        FieldChange.objects.bulk_create(rows)


def pushed_times(times):
    """'pushed once', 'pushed 3 times'."""
    return ngettext("pushed once", "pushed %(n)d times", times) % {"n": times}


def pushed_words(times, days):
    words = ngettext("pushed once, %(days)s", "pushed %(n)d times, %(days)s in all", times)
    return words % {"n": times, "days": formats.days(days)}
