"""Ids and counts that come as text: in addresses, forms, files and headers."""

LONGEST = 18  # every such number fits a bigint


def number_in(text, digits=LONGEST):
    """The whole number a text writes in that many plain digits at most, None for any other text.

    int() alone takes the digits of every script, and fails on ² and on five thousand nines.
    """
    return int(text) if text and len(text) <= digits and text.isascii() and text.isdecimal() else None
