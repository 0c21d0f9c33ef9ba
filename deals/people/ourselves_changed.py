"""Who is one of us has changed: a contact becomes a colleague, or the other way round, and deals follow at once.

Heard of by the signals of the two models that say it, so that no way of saving them leaves a deal behind.
"""

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Lower, Trim
from django.utils import timezone

from team.models import Organisation, User, remembered

from ..models import Contact
from . import people_changed

# What judging reads of each (House.is_ours).
READ = {Organisation: {"own_domains"}, User: {"email", "name", "is_active"}}


def find(sender, instance, raw=False, update_fields=None, **_signal):
    """Before it is saved: whom it concerns. Their deals are locked first, since moves lock deals before people."""
    instance._concerned = []
    if raw or (update_fields is not None and not READ[sender] & set(update_fields)):
        return
    before = sender.objects.filter(pk=instance.pk).first()
    condition = (_by_domain if sender is Organisation else _by_person)(before, instance)
    if condition is None:
        return
    contacts = Contact.objects.annotate(address=Lower(Trim("email")), called=Lower(Trim("name")))
    instance._concerned = list(contacts.filter(condition).values_list("pk", flat=True))
    if instance._concerned and connection.in_atomic_block:
        people_changed.lock_around_all(instance._concerned)


def follow(sender, instance, **_signal):
    """After it is saved: judge anew what rests on these contacts, and recount their deals."""
    if concerned := instance.__dict__.pop("_concerned", []):
        are_locked = connection.in_atomic_block  # by find()
        # Remembered anew: what this request knows of the organisation is what it was.
        with transaction.atomic(), remembered(anew=True):
            if not are_locked:
                people_changed.lock_around_all(concerned)
            people_changed.follow_all(concerned, timezone.now())


def _by_domain(before, after):
    """Contacts with an address in a domain that became ours, or is ours no more."""
    found = Q()
    for domain in (before.own_domain_set() if before else set()) ^ after.own_domain_set():
        for ending in (f"@{domain}", f".{domain}"):
            found |= Q(address__endswith=ending) | Q(address="", called__endswith=ending)
    return found or None


def _by_person(before, after):
    """Contacts with an address of that person, old or new; those without any who are called so."""
    was, now = _said(before), _said(after)
    if was == now:
        return None
    addresses = [email for email, _name, _active in (was, now) if email]
    names = [name for _email, name, _active in (was, now) if name]
    return Q(address__in=addresses) | Q(address="", called__in=addresses + names)


def _said(user):
    if user is None:
        return "", "", False
    return user.email.strip().lower(), user.name.strip().lower(), user.is_active
