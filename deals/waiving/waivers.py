"""What granted exceptions still waive, and when they are over. Knows nothing of how they are asked and granted."""

from pipeline.vocabulary import Kind

from ..models import ExceptionState, GateException, WaivedCriterion

LIVE = {"state": ExceptionState.GRANTED, "ended_at__isnull": True}


def waived(deal, today):
    """Ids of the criteria that exceptions of this deal waive on a day. Asks nothing where the deal has none."""
    if deal.exception_until is None:
        return frozenset()
    rows = WaivedCriterion.objects.filter(exception__deal=deal, exception__expires_on__gte=today)
    rows = rows.filter(**{f"exception__{name}": value for name, value in LIVE.items()})
    return frozenset(rows.values_list("criterion_id", flat=True))


def follow(deal, reading, now):
    """End the exceptions of a locked deal that are mended or over. Returns the names of the columns changed."""
    if deal.exception_until is None:
        return set()
    live = GateException.objects.filter(deal=deal, **LIVE).prefetch_related("waived")
    days = [exception.expires_on for exception in live if not _is_over(exception, deal, reading, now)]
    deal.exception_until = min(days, default=None)
    return {"exception_until"}


def _is_over(exception, deal, reading, now):
    asked = _still_asked(exception, reading.process)
    if all(_holds(definition, deal, reading) for definition in asked):
        exception.state = ExceptionState.MENDED
    elif deal.is_live and _lie_behind(asked, deal, reading.process):
        return False
    exception.ended_at = now
    exception.save(update_fields=["state", "ended_at"])
    return True


def _still_asked(exception, process):
    """What a later version no longer asks needs no answer."""
    known = process.by_criterion
    return [known[row.criterion_id] for row in exception.waived.all() if row.criterion_id in known]


def _lie_behind(definitions, deal, process):
    """Whether the deal stands where it came past one of them. A retired stage has no place to compare."""
    if deal.stage_id not in process:
        return True
    behind = {definition.criterion_id for definition in process.criteria_before(deal.stage_id)}
    return any(definition.criterion_id in behind for definition in definitions)


def _holds(definition, deal, reading):
    """A next step that was waived is mended by the one the buyer agrees to now, whichever gate asks for it."""
    asked = [definition]
    if definition.kind == Kind.NEXT_STEP and deal.stage_id in reading.process:
        here = reading.process.exit_criteria(deal.stage_id)
        asked += [other for other in here if other.kind == Kind.NEXT_STEP]
    return any(reading.finding(each, at_gate=False).holds for each in asked)


def revive(deal, ended_at):
    """Undo of a move takes back that the move ended an exception; settling decides what it still is."""
    found = GateException.objects.filter(deal=deal, state=ExceptionState.GRANTED, ended_at=ended_at)
    if found.update(ended_at=None):
        deal.exception_until = (
            GateException.objects.filter(deal=deal, **LIVE).earliest("expires_on").expires_on
        )


def end_many(deals, now):
    """These deals were archived together: their exceptions are over."""
    ids = [deal.pk for deal in deals if deal.exception_until is not None]
    if ids:
        GateException.objects.filter(deal__in=ids, **LIVE).update(ended_at=now)
