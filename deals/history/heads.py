"""An anchor without its blocks: what of it fits into a mail, and the digest that proves the blocks kept here."""

from .digests import canonical, sha256

_HEAD = ["day", "at", "last_row", "rows", "deals", "last_version", "process", "previous"]


def head_of(anchor):
    """An anchor without its blocks and its digest, as plain data."""
    values = {name: getattr(anchor, name) for name in _HEAD}
    return values | {"day": anchor.day.isoformat(), "at": int(anchor.at.timestamp() * 1_000_000)}


def digest_of(head, blocks):
    """One digest over everything an anchor says; the blocks are in it, so that a head proves them."""
    return sha256(canonical([head[name] for name in _HEAD] + [blocks]))
