"""Why a rule came due for a deal, in words: what it waited for, since when, and how long."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.vocabulary import RuleTrigger
from team.formats import day_short


def why(definition, since, *, stage="", due_on=None):
    """'no buyer response since 3 Nov, 5 business days'. `since` is the day the rule counted from.

    `stage` is the name of the stage the deal stood in, else the one the rule belongs to. `due_on`, the day it came
    due, counts the days of rules that wait for each other, such as a second attempt.
    """
    name = stage or (str(definition.stage) if definition.stage_id else "")
    days = definition.days
    if due_on is not None and not definition.business_days and definition.trigger in _SILENT:
        days = max((due_on - since).days, 0)
    return _WORDS[definition.trigger](day_short(since), days, definition.business_days, name)


_SILENT = (RuleTrigger.NO_RESPONSE, RuleTrigger.NO_ACTIVITY)


def _days(count, business):
    if business:
        words = ngettext("%(count)d business day", "%(count)d business days", count)
    else:
        words = ngettext("%(count)d day", "%(count)d days", count)
    return words % {"count": count}


def _no_response(since, days, business, stage):
    return _("no buyer response since %(since)s, %(days)s") % {"since": since, "days": _days(days, business)}


def _no_activity(since, days, business, stage):
    return _("no buyer activity since %(since)s, %(days)s") % {"since": since, "days": _days(days, business)}


def _stage_entered(since, days, business, stage):
    words = _("entered %(stage)s on %(since)s") % {"stage": stage or _("its stage"), "since": since}
    return f"{words}, {_days(days, business)}" if days else words


def _over_target(since, days, business, stage):
    place = {"stage": stage or _("its stage"), "since": since, "days": _days(days, business)}
    if not days:
        return _("longer than the target of %(stage)s, since %(since)s") % place
    return _("%(days)s over the target of %(stage)s") % place


def _next_step_passed(since, days, business, stage):
    words = _("the next step's date %(since)s passed") % {"since": since}
    return f"{words}, {_days(days, business)}" if days else words


def _close_passed(since, days, business, stage):
    words = _("the expected close %(since)s passed") % {"since": since}
    return f"{words}, {_days(days, business)}" if days else words


_WORDS = {
    RuleTrigger.NO_RESPONSE: _no_response,
    RuleTrigger.NO_ACTIVITY: _no_activity,
    RuleTrigger.STAGE_ENTERED: _stage_entered,
    RuleTrigger.OVER_TARGET: _over_target,
    RuleTrigger.NEXT_STEP_PASSED: _next_step_passed,
    RuleTrigger.CLOSE_PASSED: _close_passed,
}
