"""What apps above add to the demo company, once its deals stand."""

ADDED = []


def register(make):
    """Have it called with the World, in the same transaction. Returns it."""
    if make not in ADDED:
        ADDED.append(make)
    return make
