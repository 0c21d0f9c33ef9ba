"""Tags for pages about one deal: {% load deal_tags %}."""

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.vocabulary import StakeholderRoleName
from team import formats
from team.models import Organisation

from .. import summary
from ..evidence import staleness
from ..moves import may_edit
from ..waiving import granters

register = template.Library()


@register.filter
def old_since(contact):
    """When a contact of staleness.with_heard was heard or noted last, where that is long ago."""
    return staleness.old_since(contact)


@register.filter
def is_old(answer):
    return staleness.is_old_answer(answer)


@register.filter
def in_short(page):
    """[(name, answer)] of a deal's page: what was answered of the first things one wants to know."""
    return summary.short(page)


@register.filter
def said(answer):
    """The value an answer holds, as one would say it."""
    if answer is None:
        return ""
    parts = [_money_or_number(answer), answer.text, answer.person.name if answer.person_id else ""]
    parts.append(formats.day(answer.day) if answer.day else "")
    return " · ".join(filter(None, parts))


def _money_or_number(answer):
    if answer.number is None:
        return ""
    if not answer.currency:
        return f"{answer.number.normalize():f}"
    low = formats.money(answer.number, answer.currency)
    if answer.number_to is None:
        return low
    return _("%(low)s to %(high)s") % {"low": low, "high": formats.money(answer.number_to, answer.currency)}


@register.filter
def role_name(slug):
    """'economic_buyer' is 'Economic buyer'; a role of the admin's own is shown as it is."""
    return StakeholderRoleName(slug).label if slug in StakeholderRoleName.values else slug


@register.simple_tag
def exception_button(deal, user):
    """What the button that asks for an exception says: whom it asks. Nothing for who may not ask."""
    if not may_edit(user, deal) or not Organisation.current().exceptions_per_rep:
        return ""
    people = granters.of(deal, user, timezone.now())
    if not people:
        return _("Ask for an exception")
    return _("Ask %s for an exception") % people[0].get_short_name()


@register.filter
def at(mapping, key):
    """The value under a key that is not known when the page is written."""
    return (mapping or {}).get(key, "")
