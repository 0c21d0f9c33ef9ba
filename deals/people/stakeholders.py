"""Who takes part on the buyer's side: under the deal's lock, since gates ask for roles."""

import hashlib
import json

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.vocabulary import StakeholderRoleName

from .. import activities
from ..edits import StaleEdit, Unfit
from ..evidence.judging import House
from ..input import normalise
from ..locking import locked_deal
from ..models import Contact, Deal, Stakeholder, StakeholderRole, StakeholderStance
from ..moves import NotAllowed, may_edit
from ..settle import settle
from . import people_changed

TEXTS = {"name": 120, "job_title": 120, "email": 254, "priority": 200}
INFLUENCE = {"1", "2", "3"}


@transaction.atomic
def put(deal_id, typed, roles, *, by, stakeholder_id=None, was="", now=None):
    """Add somebody to the deal's map, or change who is on it. `typed` maps names of fields to text; `was` is
    state_of() what the editor saw.

    Raises Unfit, StaleEdit, NotAllowed, Stakeholder.DoesNotExist. Returns the Stakeholder.
    """
    _lock_person(deal_id, typed.get("name", ""), stakeholder_id)
    deal, process = locked_deal(deal_id)
    if not may_edit(by, deal):
        raise NotAllowed(_("Only those who act on this deal may change its people."))
    house = House.current()
    texts = _checked(typed, roles, house)
    stake = deal.stakeholders.select_related("contact").get(pk=stakeholder_id) if stakeholder_id else None
    if stake and was and was != state_of(stake):
        raise StaleEdit(deal)
    stake = stake or _seat(deal, texts["name"])
    if not stakeholder_id:
        texts, typed, roles = _beside_what_is_known(stake, texts, typed, roles)
    renamed = _describe(stake, texts, typed)
    if house.is_ours(stake.contact):
        raise Unfit({"email": _("%s is one of us, not the buyer.") % stake.contact.name})
    _set_roles(stake, roles)
    if renamed:
        people_changed.follow(stake.contact, now or timezone.now())
    else:
        settle(deal, process, now or timezone.now())
    return stake


def _lock_person(deal_id, name, stakeholder_id):
    """The person first, then every deal that rests on them: what is changed here is theirs everywhere."""
    if stakeholder_id:
        known = Contact.objects.filter(stakes=stakeholder_id, stakes__deal=deal_id)
    else:
        company = Deal.objects.made().filter(pk=deal_id).values("company")
        known = _called(company, normalise.clean(name)[: TEXTS["name"] + 1])  # SQLite takes no longer pattern
    if (contact_id := known.values_list("pk", flat=True).first()) is not None:
        people_changed.lock_around(contact_id, deal_id)


def _called(company, name):
    return Contact.objects.filter(company__in=company, merged_into=None, name__iexact=name)


def _checked(typed, roles, house):
    problems = {}
    texts = {name: normalise.clean(typed.get(name, "")) for name in TEXTS}
    for name, limit in TEXTS.items():
        if normalise.has_unstorable(typed.get(name, "")):
            problems[name] = _("This contains a character that cannot be stored.")
        elif len(texts[name]) > limit:
            words = _("This has %(given)d characters; at most %(limit)d are possible.")
            problems[name] = words % {"given": len(texts[name]), "limit": limit}
    if flaw := normalise.flaw(texts["name"], extra=house.placeholders):
        problems["name"] = flaw
    if texts["email"] and not _is_address(texts["email"]):
        problems["email"] = _("This is no e-mail address.")
    if set(roles) - set(StakeholderRoleName.values):
        problems["roles"] = _("Choose from the roles shown.")
    if typed.get("stance") not in StakeholderStance.values or typed.get("influence") not in INFLUENCE:
        problems["stance"] = _("Choose from what is offered.")
    if problems:
        raise Unfit(problems)
    return texts


def _is_address(text):
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _seat(deal, name):
    """The place of the company's contact of that name, who is made where nobody is called so."""
    known = _called([deal.company_id], name).first()
    contact = known or Contact.objects.create(company_id=deal.company_id, name=name)
    activities.put_on_map(deal, [contact])
    return Stakeholder.objects.select_related("contact").get(deal=deal, contact=contact)


def _beside_what_is_known(stake, texts, typed, roles):
    """Somebody who is added, and was on the map already, keeps what the form does not say."""
    texts = texts | {"priority": texts["priority"] or stake.priority}
    stance = stake.stance if typed["stance"] == StakeholderStance.UNKNOWN else typed["stance"]
    return texts, typed | {"stance": stance}, [*roles, *shown(stake)["roles"]]


def shown(stake):
    """What the form of somebody on the map begins with."""
    contact = stake.contact
    return {
        "name": contact.name, "job_title": contact.job_title, "email": contact.email, "priority": stake.priority,
        "stance": stake.stance, "influence": str(stake.influence),
        "roles": sorted(stake.roles.values_list("role", flat=True)),
    }  # fmt: skip


def state_of(stake):
    """All of that in a word, so that a form can say what it showed."""
    return hashlib.sha256(json.dumps(shown(stake)).encode()).hexdigest()[:16]


def _describe(stake, texts, typed):
    """What is left empty for somebody known stays as it was. Whether they are called or reached otherwise now."""
    contact = stake.contact
    was = (contact.name, contact.email)
    contact.name, contact.job_title = texts["name"], texts["job_title"] or contact.job_title
    contact.email = texts["email"] or contact.email
    contact.save(update_fields=["name", "job_title", "email"])
    stake.priority, stake.stance, stake.influence = (
        texts["priority"],
        typed["stance"],
        int(typed["influence"]),
    )
    stake.save(update_fields=["priority", "stance", "influence"])
    return was != (contact.name, contact.email)


def _set_roles(stake, roles):
    stake.roles.exclude(role__in=roles).delete()
    for role in roles:
        StakeholderRole.objects.get_or_create(stakeholder=stake, role=role)
