"""Keys for scripts: made by a person, shown once, kept as a hash, gone when revoked."""

import hashlib
import secrets
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from team.calendar import local_date
from team.prepared import Prepared

from .models import Token

MARK = "hg_"  # what leaked-secret scanners and people recognise
SHOWN = 10
USED_EVERY = timedelta(minutes=1)


def make(user, name, scopes, *, expires_on=None, now=None):
    """(token, secret). The secret has 256 random bits and is kept nowhere."""
    secret = MARK + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=user,
        name=name,
        prefix=secret[:SHOWN],
        hash=digest(secret),
        scopes=sorted(scopes),
        expires_on=expires_on,
        created_at=now or timezone.now(),
    )
    return token, secret


def digest(secret):
    """A plain hash is enough for 256 random bits: there is nothing to guess."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def found(secret, now):
    """The token of that secret with its user, None where it opens nothing (any more)."""
    token = _of_hash.first(digest(secret))
    return token if token and is_live(token, now) else None


_of_hash = Prepared(lambda digest: Token.objects.select_related("user").filter(hash=digest), "")


def is_live(token, now):
    """It works through its last day, as long as its user does."""
    expired = token.expires_on is not None and token.expires_on < local_date(now)
    return token.revoked_at is None and not expired and token.user.is_active


def note_use(token, now):
    """Once a minute is enough to tell a token nobody needs any more."""
    before = now - USED_EVERY
    if token.last_used_at is None or token.last_used_at <= before:
        rows = Token.objects.filter(pk=token.pk)
        rows.filter(Q(last_used_at=None) | Q(last_used_at__lte=before)).update(last_used_at=now)


def revoke(token, now):
    """For good; the first time stands."""
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
