"""Limits of one criterion that contradict each other, or that nobody could ever meet."""

from decimal import Decimal

from django.utils.translation import gettext as _

from ..conditions import ConditionError, parse
from ..documents.criteria import NEEDED
from ..vocabulary import ActivityToken, DealFact, Evidence, Kind, StakeholderRoleName
from .finding import Finding, Level
from .subject import at

MOST_PEOPLE = 20
_KNOWN = {
    "deal_field_list": (DealFact, Kind.DEAL_FIELD),
    "activity_list": (ActivityToken, Kind.ACTIVITY),
}


def check(stage, criterion, pipeline=None):
    """Every finding about the limits of one criterion."""
    for look in (_range, _nothing_to_check, _unknown_words, _people, _evidence, _expiry, _clock, _condition):
        yield from look(stage, criterion, pipeline)


def _finding(level, code, text, mend, stage, criterion):
    return Finding(level, code, text, mend, at(stage, criterion))


def _range(stage, criterion, pipeline):
    low, high = criterion.minimum, criterion.maximum
    if low is not None and high is not None and low > high:
        text = _("At least %(low)s and at most %(high)s cannot both hold.")
        words = {"low": _plain(low), "high": _plain(high)}
        mend = _("Swap the two, or empty one of them.")
        yield _finding(Level.ERROR, "limits-contradict", text % words, mend, stage, criterion)
    if criterion.kind == Kind.MONEY and high is not None and high <= 0:
        text = _("An amount above zero is asked, and at most %s allowed.") % _plain(high)
        yield _finding(Level.ERROR, "limits-contradict", text, _("Raise “at most”."), stage, criterion)


def _nothing_to_check(stage, criterion, pipeline):
    needed = NEEDED.get(criterion.kind, ())
    if needed and not any(getattr(criterion, name) for name in needed):
        code = "no-choices" if criterion.kind == Kind.CHOICE else "nothing-to-check"
        text = (
            _("There is nothing to choose from, so nobody can answer it.")
            if code == "no-choices"
            else _("It does not say what has to be there, so nothing can open it.")
        )
        yield _finding(Level.ERROR, code, text, _("Fill in its limits under More."), stage, criterion)


def _unknown_words(stage, criterion, pipeline):
    named = [criterion.must_include] if criterion.must_include else []
    named += [] if criterion.kind == Kind.APPROVAL else criterion.role_list
    wrong = [name for name in named if name not in StakeholderRoleName.values]
    for listed, (words, kind) in _KNOWN.items():
        if criterion.kind == kind:
            wrong += [name for name in getattr(criterion, listed) if name not in words.values]
    if wrong:
        text = _("Nothing here is called %s, so no deal can meet it.") % ", ".join(wrong)
        mend = _("Choose from the list again.")
        yield _finding(Level.ERROR, "unknown-word", text, mend, stage, criterion)


def _people(stage, criterion, pipeline):
    if (criterion.min_people or 0) > MOST_PEOPLE:
        text = _("%d people of the buyer's are more than any deal has.") % criterion.min_people
        mend = _("Ask for as many as a good deal really has; three is a lot.")
        yield _finding(Level.WARN, "too-many-people", text, mend, stage, criterion)


def _evidence(stage, criterion, pipeline):
    level = criterion.evidence
    if criterion.needs_buyer and level == Evidence.NONE:
        text = _("The buyer is to confirm it, and nothing is asked as proof of that.")
        mend = _("Ask for one tap or more, or untick Buyer.")
        yield _finding(Level.ERROR, "evidence-contradicts", text, mend, stage, criterion)
    if not criterion.needs_buyer and level not in (Evidence.NONE, Evidence.FILE):
        text = _("Only the buyer can give this proof, and the buyer is not asked.")
        mend = _("Tick Buyer, or ask for nothing or a document.")
        yield _finding(Level.ERROR, "evidence-contradicts", text, mend, stage, criterion)


def _expiry(stage, criterion, pipeline):
    days = criterion.expires_after_days
    if not days:
        return
    if criterion.future and days < 7:
        text = _("It asks for a date to come, and forgets the answer after %d days.") % days
        mend = _("Let it hold at least until such dates usually come.")
        yield _finding(Level.WARN, "date-expires", text, mend, stage, criterion)
    elif stage.name and days < stage.target_days:
        text = _(
            "Its proof holds %(days)d days; a healthy deal stays here %(target)d, so it lapses on the way."
        )
        mend = _("Let it hold longer than the stage takes, or never expire.")
        words = {"days": days, "target": stage.target_days}
        yield _finding(Level.WARN, "expires-on-the-way", text % words, mend, stage, criterion)


def _clock(stage, criterion, pipeline):
    if criterion.kind == Kind.DATE and criterion.holds_clock and not criterion.needs_buyer:
        text = _("It holds the silence clock with a date the buyer need not have given.")
        mend = _("Tick Buyer, so that only the buyer's own date stops the clock.")
        yield _finding(Level.WARN, "clock-without-buyer", text, mend, stage, criterion)


def _condition(stage, criterion, pipeline):
    if not criterion.applies_when.strip():
        return
    try:
        condition = parse(criterion.applies_when)
    except ConditionError as error:
        mend = _("Write it like: amount >= 25000")
        yield _finding(Level.ERROR, "condition-unreadable", str(error), mend, stage, criterion)
        return
    types = pipeline.deal_types.splitlines() if pipeline is not None else []
    known = {name.strip() for name in types if name.strip()}
    if not any(_can_hold(group, known) for group in condition.groups):
        text = _("It applies when %s, which no deal can meet, so it is never asked.") % condition.in_words()
        mend = _("Mend the condition, or retire the criterion.")
        yield _finding(Level.ERROR, "never-applies", text, mend, stage, criterion)


_MOST = {"amount": Decimal(999_999_999_999), "discount_percent": Decimal(100)}


def _can_hold(group, known_types):
    names = {comparison.value for comparison in group if comparison.field == "deal_type"}
    if len(names) > 1 or (known_types and names - known_types):
        return False
    return all(_has_room([c for c in group if c.field == field], most) for field, most in _MOST.items())


def _has_room(comparisons, most):
    """Whether some number from 0 to `most` meets them all: the ends, and a step to each side of each value."""
    step = Decimal("0.01")
    tries = {Decimal(0), most}
    for comparison in comparisons:
        tries |= {comparison.value, comparison.value - step, comparison.value + step}
    facts = ({comparisons[0].field: value} for value in tries if comparisons and 0 <= value <= most)
    return not comparisons or any(all(c.holds(fact) for c in comparisons) for fact in facts)


def _plain(number):
    return f"{number.normalize():f}"
