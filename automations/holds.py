"""Holding back what would take deals away, until a manager says so."""

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from team.models import Level, User
from team.notices import tell

from .models import Hold, HoldReason


def hold(reason, now, *, pipeline=None, details=None):
    """Put a hold on record and tell the managers; the one there is, where there is one already. Returns the Hold."""
    standing = Hold.objects.filter(reason=reason, pipeline=pipeline, released_at__isnull=True)
    if found := standing.first():
        return found
    try:
        with transaction.atomic():
            made = Hold.objects.create(reason=reason, pipeline=pipeline, held_at=now, details=details or {})
    except IntegrityError:  # another worker was first
        return standing.first()
    tell(_deciders(), words(made), key=f"hold-{made.pk}", url=reverse("operations"), now=now)
    return made


def release(pk, *, by, now):
    """Let go what is held. Whether it was still held."""
    return bool(Hold.objects.filter(pk=pk, released_at__isnull=True).update(released_at=now, released_by=by))


def _deciders():
    return User.objects.active().filter(level__in=[Level.MANAGER, Level.ADMIN])


def words(held):
    """What is held and why, in a sentence."""
    details = {"pipeline": held.pipeline.name if held.pipeline_id else "", **held.details}
    return str(_SENTENCES[held.reason]()) % details


_SENTENCES = {
    HoldReason.MASS: lambda: _(
        "%(count)s of %(live)s deals in %(pipeline)s would be archived at once. They wait for your word."
    ),
    HoldReason.GAP: lambda: _("Nobody watched the clocks for %(days)s days. Archives wait for your word."),
    HoldReason.BACKWARDS: lambda: _(
        "The clock went back by %(minutes)s minutes. Nothing is taken away meanwhile."
    ),
    HoldReason.SKEW: lambda: _(
        "The clocks of this machine and the database differ by %(minutes)s minutes. Nothing is taken away meanwhile."
    ),
}
