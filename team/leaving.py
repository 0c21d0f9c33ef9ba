"""What keeps a person from being closed. Apps that hand work to people add what they know of it."""

# Each is called with a user and returns (sentence, address that mends it) or None. The team knows nothing of deals.
holders = []


def held_by(user):
    """[(sentence, address)] of everything that still waits for this person."""
    return [held for holder in holders if (held := holder(user))]
