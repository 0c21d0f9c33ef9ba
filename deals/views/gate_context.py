"""What the gate's templates are given."""

import uuid


def context_of(deal, sheet, **more):
    return {
        "deal": deal,
        "sheet": sheet,
        "key": uuid.uuid4().hex,
        "hows": sheet.talks.hows(sheet.asks),
        **more,
    }
