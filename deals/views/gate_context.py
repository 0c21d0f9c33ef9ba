"""What the gate's templates are given."""

import uuid

from ..learning import coaching


def context_of(deal, sheet, **more):
    return {
        "deal": deal,
        "sheet": sheet,
        "key": uuid.uuid4().hex,
        "advice": coaching.of_criteria(deal),
        "hows": sheet.talks.hows(sheet.asks),
        **more,
    }
