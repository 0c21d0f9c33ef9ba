"""Slugs, made from what people type; they never see them while they edit."""

from django.utils.text import slugify


def free_slug(text, taken, fallback, between="-"):
    """A slug of the text that is not among the taken ones; `fallback` where no letter of it is Latin."""
    base = slugify(text).replace("-", between).strip("-_")[:50].rstrip("-_") or fallback
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}{between}{number}"
    return slug
