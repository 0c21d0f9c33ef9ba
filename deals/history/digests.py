"""What an anchor keeps of the ledger: a digest per block of deals, and two sums that tell which deal changed.

The digest proves; the sums only point. If one deal's value changed by d, the plain sum changed by d and the weighted
sum by d times its id, so their quotient is its id. Where several changed, it is no id of the block.
"""

import hashlib
import json

BLOCK = 1000
_PRIME = 2**127 - 1


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class BlockDigest:
    """The ledgers of one block's deals, growing row by row in the order the rows were written."""

    def __init__(self):
        self.rows, self._values = 0, {}
        self._plain = self._weighted = 0
        self._said = None

    @property
    def deals(self):
        return len(self._values)

    def add(self, deal_id, seq, row_hash):
        """Each deal's value is a chain over its rows: seq and hash of each, in order."""
        old = self._values.get(deal_id, b"")
        new = hashlib.sha256(old + f"{seq}:{row_hash}".encode()).digest()
        change = _number(new) - _number(old)
        self._plain = (self._plain + change) % _PRIME
        self._weighted = (self._weighted + deal_id * change) % _PRIME
        self._values[deal_id] = new
        self.rows += 1
        self._said = None

    def told(self):
        """[digest, plain sum, weighted sum], as an anchor keeps it."""
        if self._said is None:
            listed = "".join(f"{deal}:{value.hex()};" for deal, value in sorted(self._values.items()))
            self._said = [sha256(listed.encode()), f"{self._plain:032x}", f"{self._weighted:032x}"]
        return self._said


EMPTY = BlockDigest().told()


def _number(value):
    return int.from_bytes(value[:16]) if value else 0


def changed_deal(block, then, now):
    """The one deal of a block whose rows differ between two told() values; None where there are several."""
    plain, weighted = (int(now[place], 16) - int(then[place], 16) for place in (1, 2))
    if plain % _PRIME == 0:
        return None
    deal_id = weighted * pow(plain, -1, _PRIME) % _PRIME
    return deal_id if deal_id // BLOCK == block else None
