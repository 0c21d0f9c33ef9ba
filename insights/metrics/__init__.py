"""Counting. Each module takes a lens and gives plain values; what they mean is said in definitions.py.

Everything is counted in the database in a fixed number of statements, from ledger rows and deals, on both engines.
"""

from ..once import once


@once
def before(lens):
    """The lens' period before, one object, so that it is counted once as well."""
    return lens.before()


def percent(part, whole):
    """Of a hundred, or None where there is nothing to divide by."""
    return 100 * part / whole if whole else None
