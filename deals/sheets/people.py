"""Everybody on the buyer's side that may be named on a deal, in two queries."""

from dataclasses import dataclass, field

from django.db.models import Q

from ..models import Contact, StakeholderRole


@dataclass
class Person:
    contact: Contact
    on_map: bool
    priority: str = ""
    roles: list = field(default_factory=list)

    @property
    def name(self):
        return self.contact.name


def people_of(deal):
    """Stakeholders first, then other contacts of the company; those who left are not offered."""
    rows = StakeholderRole.objects.filter(stakeholder__deal=deal).values_list("stakeholder__contact", "role")
    roles = {}
    for contact_id, role in rows:
        roles.setdefault(contact_id, []).append(role)
    here = Q(company=deal.company_id) | Q(stakes__deal=deal)
    found = Contact.objects.filter(here, merged_into__isnull=True, left_at__isnull=True)
    mine = {stake["contact"]: stake for stake in deal.stakeholders.values("contact", "priority")}
    people = [
        Person(
            contact,
            contact.pk in mine,
            mine.get(contact.pk, {}).get("priority", ""),
            roles.get(contact.pk, []),
        )
        for contact in found.distinct()[:200]
    ]
    return sorted(people, key=lambda person: not person.on_map)
