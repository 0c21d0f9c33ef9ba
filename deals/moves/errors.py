"""Why a move did not happen. Each is a value a page, an API client and an import report can all show."""


class MoveRefused(Exception):
    """Anything that keeps a move from happening; nothing was changed."""


class GateClosed(MoveRefused):
    """The gate does not hold. `judgement` has a finding for every criterion asked, `errors` typed answers' problems."""

    def __init__(self, deal, to_stage, judgement, errors=None):
        self.deal, self.to_stage, self.judgement = deal, to_stage, judgement
        self.errors = errors or {}
        super().__init__(f"{len(judgement.open)} criteria are open")

    @property
    def open_criteria(self):
        return self.judgement.open


class StaleDeal(MoveRefused):
    """Somebody moved the deal since the page was made. `last` is the ledger row they wrote."""

    def __init__(self, deal, last):
        self.deal, self.last = deal, last
        super().__init__("the deal was moved meanwhile")


class IllegalMove(MoveRefused):
    """The machine knows no such move from where the deal stands; the message says what to do instead."""


class UnknownTarget(MoveRefused):
    """`to` names no stage this deal could stand in, and no move."""


class MissingInput(MoveRefused):
    """The move needs more than was given. `fields` maps a field's name to its message."""

    def __init__(self, fields):
        self.fields = fields
        super().__init__("; ".join(str(message) for message in fields.values()))


class NotAllowed(MoveRefused):
    """The person may see the deal but not do this."""
