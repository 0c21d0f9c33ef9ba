"""What a rule does and when, in words: on the administration's pages, the process pages and between versions."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .vocabulary import SILENT_TRIGGERS, RuleAction, RuleTrigger

# What somebody who reads "after 5 business days" takes it to count from.
_OBVIOUS = {
    (RuleAction.TASK, RuleTrigger.NO_RESPONSE),
    (RuleAction.RE_ENGAGE, RuleTrigger.NO_RESPONSE),
    (RuleAction.ARCHIVE, RuleTrigger.NO_ACTIVITY),
}


def in_words(rule):
    """'Archive after 30 days'; 'Notify Legal when the deal enters the stage'."""
    words = f"{what(rule)} {when(rule)}"
    return f"{words}, {_('in shadow')}" if rule.is_shadow else words


def what(rule):
    """'Notify Legal'; 'Follow-up task for Legal: “Read the terms”'."""
    words = {
        RuleAction.TASK: _with(_("Follow-up task"), _for(rule)),
        RuleAction.NOTIFY: _("Notify %s") % (_person(rule) or _("the owner of the next action")),
        RuleAction.MAIL: _with(_("Draft a mail"), _for(rule)),
        RuleAction.WEBHOOK: _("Call the webhook %s") % (rule.endpoint if rule.endpoint_id else ""),
    }.get(rule.action) or rule.get_action_display()
    said = rule.subject if rule.action == RuleAction.MAIL else rule.title
    return f"{words.strip()}: “{said}”" if said else words.strip()


def when(rule):
    """'after 30 days'; '2 business days after the next step's date passed'."""
    if rule.trigger in SILENT_TRIGGERS:
        words = _("after %s") % days_in_words(rule.days, rule.business_days)
        return words if (rule.action, rule.trigger) in _OBVIOUS else f"{words} {_SILENCE[rule.trigger]()}"
    if not rule.days:
        return _AT_ONCE[rule.trigger]()
    return _LATER[rule.trigger]() % days_in_words(rule.days, rule.business_days)


def days_in_words(count, business):
    """'1 business day', '30 days'."""
    if business:
        words = ngettext("%(count)d business day", "%(count)d business days", count)
    else:
        words = ngettext("%(count)d day", "%(count)d days", count)
    return words % {"count": count}


_SILENCE = {
    RuleTrigger.NO_RESPONSE: lambda: _("without a buyer response"),
    RuleTrigger.NO_ACTIVITY: lambda: _("without buyer activity"),
}
_AT_ONCE = {
    RuleTrigger.STAGE_ENTERED: lambda: _("when the deal enters the stage"),
    RuleTrigger.OVER_TARGET: lambda: _("when the deal is over the stage's target"),
    RuleTrigger.NEXT_STEP_PASSED: lambda: _("when the next step's date passed"),
    RuleTrigger.CLOSE_PASSED: lambda: _("when the expected close passed"),
}
_LATER = {
    RuleTrigger.STAGE_ENTERED: lambda: _("%s after the deal entered the stage"),
    RuleTrigger.OVER_TARGET: lambda: _("when the deal is %s over the stage's target"),
    RuleTrigger.NEXT_STEP_PASSED: lambda: _("%s after the next step's date passed"),
    RuleTrigger.CLOSE_PASSED: lambda: _("%s after the expected close passed"),
}


def _person(rule):
    return str(rule.person) if rule.person_id else rule.role


def _for(rule):
    person = _person(rule)
    return _("for %s") % person if person and (rule.action, rule.trigger) not in _OBVIOUS else ""


def _with(words, more):
    return f"{words} {more}" if more else words
