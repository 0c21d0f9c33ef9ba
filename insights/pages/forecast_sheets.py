"""The tables of the forecast's page, for its sheets."""

from django.utils.translation import gettext as _

from .. import periods
from ..forecast import judged
from ..panels import Table

NAMES = ("months", "past", "errors")
WAYS = ("proven", "claimed", "calibrated")


def table(name, found):
    """`found`: what outlook.months() gives for the months ahead, else what nights said by how far ahead."""
    if name == "months":
        return _months(found)
    return _past(found[0]) if name == "past" else _by_lead(found)


def errors(said):
    """[(mean error, in per cent of what was won, in sum too high or too low)] of each way of counting."""
    return [judged.errors(said, way) for way in WAYS]


def _months(found):
    head = (
        _("Month"), _("Target"), _("Won"), _("Commit"), _("Best case"), _("Pipeline"), _("Proven, weighted"),
        _("Every deal, weighted"), _("By history"), _("Manager’s own"),
    )  # fmt: skip
    rows = [
        (
            periods.Month(row.month), row.target, row.won, row.commit, row.best_case, row.pipeline, row.proven,
            row.claimed, row.calibrated, row.call and row.call.amount,
        )
        for row in found
    ]  # fmt: skip
    return Table(_("What each month is expected to bring"), head, rows)


def _past(said):
    head = (
        _("Month"), _("Forecast on"), _("Caught up"), _("Proven, weighted"), _("Every deal, weighted"),
        _("By history"), _("Won"), _("Accuracy, %"),
    )  # fmt: skip
    rows = [
        (
            periods.Month(one.month), one.night, _("caught up") if one.caught_up else "", one.proven, one.claimed,
            one.calibrated, one.actual, one.accuracy,
        )
        for one in said
    ]  # fmt: skip
    return Table(_("Forecast and actual by month"), head, rows)


def _by_lead(leads):
    head = [_("Months ahead"), _("Months")]
    for way in (_("Proven, weighted"), _("Every deal, weighted"), _("By history")):
        head += [_("%s: error") % way, _("%s: error, %%") % way, _("%s: bias") % way]
    rows = [
        [lead, len(said), *(part for way in errors(said) for part in way)] for lead, said in leads.items()
    ]
    return Table(_("Mean error by months ahead"), tuple(head), rows)
