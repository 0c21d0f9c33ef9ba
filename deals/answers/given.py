"""What comes in for a criterion, as typed, and what is wrong with it."""

from dataclasses import dataclass, field

from ..models import AnswerState


@dataclass
class Given:
    """What came in for one criterion, as typed. Empty means not given."""

    criterion_id: int
    value: str = ""
    to: str = ""
    currency: str = ""
    date: str = ""
    priority: str = ""
    state: str = AnswerState.CONFIRMED
    conversation: str = ""
    by: str = ""
    on: str = ""
    how: str = ""
    words: str = ""
    link: str = ""
    file: object = None
    keep: str = ""  # id of a file that is on the deal already
    also: str = ""  # more people for the map: names or ids by comma
    present: str = ""  # who else took part in a new conversation, likewise
    said: str = ""  # what was said in it
    facts: dict = field(default_factory=dict)  # deal field -> typed value


class AnswerErrors(Exception):
    """Answers that cannot be stored. `fields` maps (criterion id, part) to a message; part '' is the value."""

    def __init__(self, fields):
        self.fields = fields
        super().__init__("; ".join(str(message) for message in fields.values()))
