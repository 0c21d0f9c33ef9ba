"""Search by name over what the user may see: deals, companies, people."""

from django.urls import reverse
from django.utils.translation import gettext as _

from ..models import Company, Contact, Deal

_EACH = 8
_SHORTEST = 2


def groups(query, user):
    """[(heading, [(url, name, detail)])] with at most eight of each kind; empty for a very short query."""
    if len(query) < _SHORTEST:
        return []
    found = [
        (_("Deals"), _deals(query, user)),
        (_("Companies"), _companies(query)),
        (_("People"), _people(query)),
    ]
    return [(heading, hits) for heading, hits in found if hits]


def _deals(query, user):
    deals = Deal.objects.visible_to(user).filter(name__icontains=query).select_related("stage")
    rows = deals.order_by("-pk")[:_EACH]
    return [
        (reverse("deal", args=[d.pk]), d.name, str(d.stage) if d.is_live else d.get_status_display())
        for d in rows
    ]


def _companies(query):
    rows = Company.objects.filter(name__icontains=query, merged_into__isnull=True)[:_EACH]
    return [(reverse("company", args=[row.pk]), row.name, row.industry) for row in rows]


def _people(query):
    rows = Contact.objects.filter(name__icontains=query, merged_into__isnull=True).select_related("company")[
        :_EACH
    ]
    return [(reverse("contact", args=[row.pk]), row.name, row.company.name) for row in rows]
