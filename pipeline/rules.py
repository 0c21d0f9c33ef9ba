"""The timers of a process document as rule rows, and back."""

from dataclasses import dataclass
from decimal import Decimal

from .documents import TimersDocument
from .rule_words import in_words  # noqa: F401  (what a rule says is asked for here)
from .vocabulary import RuleAction, RuleTrigger


@dataclass(frozen=True)
class RuleValues:
    """The columns of one rule row, without its key."""

    trigger: str
    days: int
    action: str
    business_days: bool = False
    attempt: int = 0
    window_days: int = 0
    role: str = ""
    asks_above: Decimal | None = None
    # As a file names them: by mail address, and by the webhook's name.
    person: str = ""
    endpoint: str = ""
    title: str = ""
    purpose: str = ""
    due_days: int = 0
    subject: str = ""
    body: str = ""
    is_on: bool = True
    is_shadow: bool = False


def rules_of(timers):
    """{key: RuleValues} of whole timers. The first of a kind has the bare key, the next ones follow_up_2, ..."""
    return {**_follow_ups(timers), **_attempts(timers), **_archive(timers)}


def timers_of(rules):
    """The timers that these {key: RuleValues} say; keys and rows it does not know are left out."""
    follow_ups = [rule for key, rule in rules.items() if _is_of(key, "follow_up")]
    attempts = [rule for key, rule in rules.items() if _is_of(key, "re_engage")]
    archive = rules.get("archive")
    optional = tuple(sorted(rule.days for key, rule in rules.items() if key.startswith("optional_")))
    return TimersDocument(
        follow_up_business_days=tuple(sorted(rule.days for rule in follow_ups)),
        follow_up_role=_first(follow_ups, "role"),
        re_engage_days=min((rule.days for rule in attempts), default=None),
        re_engage_attempts=len(attempts),
        attempt_window_days=_first(attempts, "window_days"),
        archive_days=archive.days if archive else 0,
        archive_role=_first([archive] if archive else [], "role"),
        archive_asks_above=archive.asks_above if archive else None,
        optional_steps_business_days=optional or None,
    )


def _follow_ups(timers):
    columns = {"trigger": RuleTrigger.NO_RESPONSE, "business_days": True, "action": RuleAction.TASK}
    columns["role"] = timers.follow_up_role or ""
    rules = {
        _key("follow_up", number): RuleValues(days=days, **columns)
        for number, days in enumerate(timers.follow_up_business_days, 1)
    }
    steps = timers.optional_steps_business_days or ()
    return rules | {f"optional_{days}": RuleValues(days=days, **columns, is_on=False) for days in steps}


def _attempts(timers):
    return {
        _key("re_engage", attempt): RuleValues(
            trigger=RuleTrigger.NO_RESPONSE,
            days=timers.re_engage_days + (attempt - 1) * (timers.attempt_window_days or 0),
            action=RuleAction.RE_ENGAGE,
            attempt=attempt,
            window_days=timers.attempt_window_days,
        )
        for attempt in range(1, timers.re_engage_attempts + 1)
    }


def _archive(timers):
    if not timers.archive_days:
        return {}
    rule = RuleValues(
        trigger=RuleTrigger.NO_ACTIVITY,
        days=timers.archive_days,
        action=RuleAction.ARCHIVE,
        role=timers.archive_role or "",
        asks_above=timers.archive_asks_above,
    )
    return {"archive": rule}


def _key(kind, number):
    return kind if number == 1 else f"{kind}_{number}"


def _is_of(key, kind):
    return key == kind or key.startswith(f"{kind}_")


def _first(rules, name):
    return (getattr(rules[0], name) or None) if rules else None
