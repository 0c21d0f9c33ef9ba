"""Signatures after the Standard Webhooks specification: HMAC-SHA256 over "id.timestamp.body", by a whsec_ secret."""

import base64
import binascii
import hashlib
import hmac
import secrets

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64  # bytes


def new_secret():
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret):
    """The bytes of a secret. ValueError for what is none."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    if not secret.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError("not whsec_ and 24 to 64 bytes")
    return key


def signature(secret, message_id, timestamp, body):
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key_of(secret), signed, hashlib.sha256)).decode()


def headers(secrets_, message_id, timestamp, body):
    """What a message carries; by each of the secrets, while a new one takes the place of the former."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(one, message_id, timestamp, body) for one in secrets_),
    }
