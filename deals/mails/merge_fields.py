"""The fields of a mail's text, filled in: each once, by name alone. What a value says is never read as a field."""

from functools import lru_cache

from django.utils.translation import gettext as _

from pipeline.merge_fields import FIELD
from pipeline.process import process_of

# What may stand before a first name.
_TITLES = {"dr", "prof", "mr", "mrs", "ms", "mx", "sir", "dame", "herr", "frau", "ing", "dipl", "mag"}


def rendered(text, values):
    """The text with {name} replaced by its value; a field nobody knows stays as it was typed."""
    said = list(_parts(text))
    said[1::2] = [str(values.get(name, f"{{{name}}}")) for name in said[1::2]]
    return "".join(said)


@lru_cache(maxsize=256)
def _parts(text):
    """What stands before the first field, its name, what stands behind it and so on: one rule's for many mails."""
    return tuple(FIELD.split(text))


def values_of(deal, contact, days, process=None, names=None):
    """What every known field says for a deal and who gets the mail; None where nobody is known yet.

    `names`: those of its company and its owner, where they are at hand.
    """
    process = process or process_of(deal.pipeline)
    stage = process.stage(deal.stage_id) if deal.stage_id in process else deal.stage
    company, owner = names or (deal.company.name, deal.owner.name)
    return {
        "contact": contact.name if contact else company,
        "first_name": first_name(contact.name) if contact else _("there"),
        "company": company,
        "deal": deal.name,
        "owner": owner,
        "stage": stage.name,
        "days": days,
    }


def first_name(name):
    """'Lena' of 'Dr. Lena Vossberg' and of 'Vossberg, Lena'; the whole name where there is no telling."""
    _last, comma, first = name.partition(",")
    words = (first if comma and first.strip() else name).split()
    while len(words) > 1 and words[0].rstrip(".").lower() in _TITLES:
        words.pop(0)
    return words[0] if words else name
