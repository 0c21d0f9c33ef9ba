"""Slugs, made from what people type; they never see them while they edit."""

from django.utils.text import slugify

# Pages below /process/SLUG/; a stage of that slug would have no page of its own.
RESERVED = frozenset({"effect", "health", "read", "reviewed", "versions", "what-if"})


def free_slug(text, taken, fallback, between="-"):
    """A slug of the text that is neither taken nor a page's; `fallback` where no letter of it is Latin."""
    base = slugify(text).replace("-", between).strip("-_")[:50].rstrip("-_") or fallback
    number, slug = 1, base
    while slug in taken or slug in RESERVED:
        number += 1
        slug = f"{base}{between}{number}"
    return slug
