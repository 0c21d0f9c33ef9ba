"""The one door: the only module that changes a deal's stage or status."""

from .create import create
from .door import Context, may_edit
from .errors import (
    GateClosed,
    IllegalMove,
    MissingInput,
    MoveRefused,
    NotAllowed,
    StaleDeal,
    UnknownTarget,
)
from .exceptions import grant
from .many import LEADS_TO, create_many, land_many, move_many
from .to import move
from .undoing import TOGETHER, undo_many
from .verbs import (
    UNDO_DAYS,
    advance,
    archive,
    back,
    come_back,
    lose,
    offered_reasons,
    pause,
    re_engage,
    reopen,
    resume,
    undo,
    win,
)

__all__ = [
    "LEADS_TO",
    "TOGETHER",
    "UNDO_DAYS",
    "Context",
    "GateClosed",
    "IllegalMove",
    "MissingInput",
    "MoveRefused",
    "NotAllowed",
    "StaleDeal",
    "UnknownTarget",
    "advance",
    "archive",
    "back",
    "come_back",
    "create",
    "create_many",
    "grant",
    "land_many",
    "lose",
    "may_edit",
    "move",
    "move_many",
    "offered_reasons",
    "pause",
    "re_engage",
    "reopen",
    "resume",
    "undo",
    "undo_many",
    "win",
]
