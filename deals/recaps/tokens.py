"""The secret of a recap's link. It leaves in the mail and nowhere else; only its hash is stored."""

import hashlib
import secrets

from ..models import Recap

BYTES = 32
LONGEST = 64


def new_token():
    return secrets.token_urlsafe(BYTES)


def hash_of(token):
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def by_token(token):
    """The recap a link is for; None where there is none. Hashing comes first, so time tells nothing of the secret."""
    found = Recap.objects.filter(token_hash=hash_of(token[: LONGEST + 1]))
    return found.select_related("deal__company", "contact", "sent_by").first()
