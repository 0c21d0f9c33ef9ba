"""What a row said before somebody altered it: found by trying, since its hash tells when a guess is right."""

from pipeline.models import ProcessVersion, Stage
from team.models import Team, User

from ..models import Kind, LossReason, Source, Status
from ..moves.ledger import HASHED, hash_of

_TRIED_AT_MOST = 200
_IDS = {
    "from_stage_id": Stage, "to_stage_id": Stage, "actor_id": User, "owner_id": User, "approver_id": User,
    "team_id": Team, "version_id": ProcessVersion, "loss_reason_id": LossReason,
}  # fmt: skip
_WORDS = {"kind": Kind, "from_status": Status, "to_status": Status, "source": Source}
_EMPTY = dict.fromkeys(["from_stage_id", "actor_id", "amount", "loss_reason_id", "approver_id"], [None])
_EMPTY |= dict.fromkeys(["reason", "batch", "key", "from_status"], [""]) | dict.fromkeys(
    ["passed", "snapshot"], [[]]
)
_OPEN = "one or more of its columns are not what they were when it was written"


class Guesses:
    """Tells what differs in altered rows; gives up trying after many, when the list itself says enough."""

    def __init__(self):
        self._left, self._known = _TRIED_AT_MOST, {}

    def tell(self, row, rows):
        """In words what is altered in `row`; `rows` are all of its deal, which hold likely values."""
        after = [other for other in rows if other.seq == row.seq + 1]
        if after and after[0].prev_hash == hash_of(row):
            return "its hash was altered; its columns are as they were written"
        self._left -= 1
        return (self._guess(row, rows) if self._left >= 0 else None) or _OPEN

    def _guess(self, row, rows):
        for name in HASHED:
            now = getattr(row, name)
            for value in self._candidates(name, rows):
                if value != now and hash_of(row._replace(**{name: value})) == row.hash:
                    return f"{name} is {_shown(now)}, but was {_shown(value)} when the row was written"
        return None

    def _candidates(self, name, rows):
        """Values of the same column in the deal's other rows, and everything a column of its kind may hold."""
        yield from (getattr(row, name) for row in rows)
        if name == "prev_hash":
            yield from ("", *(row.hash for row in rows))
        if name in ("happened_at", "recorded_at"):
            yield from (moment for row in rows for moment in (row.happened_at, row.recorded_at))
        yield from self._domain(name)

    def _domain(self, name):
        if name not in self._known:
            found = list(_IDS[name].objects.values_list("pk", flat=True)) if name in _IDS else []
            found += list(_WORDS[name].values) if name in _WORDS else []
            self._known[name] = [*found, *_EMPTY.get(name, [])]
        return self._known[name]


def _shown(value):
    text = "nothing" if value in (None, "", []) else str(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
