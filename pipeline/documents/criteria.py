"""One criterion: what each kind may say, and what it must."""

from django.utils.translation import gettext as _

from ..conditions import ConditionError, parse
from ..vocabulary import ActivityToken, DealFact, Evidence, Kind, Side, StakeholderRoleName
from .shapes import CriterionDocument

LIMITS = {
    Kind.TEXT: {"min_length", "min_items"},
    Kind.NUMBER: {"minimum", "maximum"},
    Kind.MONEY: {"minimum", "maximum", "allow_range", "choices"},
    Kind.DATE: {"future", "holds_clock"},
    Kind.CHOICE: {"choices"},
    Kind.YES_NO: set(),
    Kind.CONTACT: set(),
    Kind.FILE_OR_LINK: {"with_date"},
    Kind.DEAL_FIELD: {"deal_fields"},
    Kind.NEXT_STEP: set(),
    Kind.STAKEHOLDER: {"roles", "min_people", "must_include", "requires_priority"},
    Kind.ACTIVITY: {"activity_kinds", "roles", "min_people"},
    Kind.APPROVAL: {"roles"},
    Kind.NO_OPEN_OBJECTION: set(),
}
# At least one of these must be said, else nobody could ever answer the criterion.
NEEDED = {
    Kind.CHOICE: ("choices",),
    Kind.DEAL_FIELD: ("deal_fields",),
    Kind.STAKEHOLDER: ("roles", "min_people"),
    Kind.ACTIVITY: ("activity_kinds", "roles"),
}
ALL_LIMITS = sorted(set().union(*LIMITS.values()))


def criterion(table):
    kind = table.text("kind", required=True, allowed=Kind.values)
    document = CriterionDocument(
        slug=table.slug(),
        kind=kind,
        label=table.text("label", required=True),
        side=table.text("side", "exit", allowed=Side.values),
        why=table.text("why", longest=300),
        good=table.text("good", longest=300),
        verification=table.text("verification"),
        needs_buyer=table.flag("needs_buyer"),
        evidence=table.text("evidence", "none", allowed=Evidence.values),
        expires_after_days=table.whole("expires_after_days", most=3650),
        applies_when=_condition(table),
        core=table.flag("core"),
        **_limits(table, kind),
    )
    table.close()
    if kind in LIMITS:
        _check_limits(table, document)
    _check_roles(table, document)
    _check_evidence(table, document)
    return document


def _limits(table, kind):
    return {
        "minimum": table.number("minimum"),
        "maximum": table.number("maximum"),
        "min_length": table.whole("min_length", most=1000),
        "min_items": table.whole("min_items", most=50),
        "choices": table.texts("choices"),
        "allow_range": table.flag("allow_range"),
        "future": table.flag("future"),
        "with_date": table.flag("with_date"),
        "roles": table.texts("roles", allowed=() if kind == Kind.APPROVAL else StakeholderRoleName.values),
        "min_people": table.whole("min_people", most=50),
        "must_include": table.text("must_include", allowed=StakeholderRoleName.values),
        "requires_priority": table.flag("requires_priority"),
        "activity_kinds": table.texts("activity_kinds", allowed=ActivityToken.values),
        "deal_fields": table.texts("deal_fields", allowed=DealFact.values),
        "holds_clock": table.flag("holds_clock"),
    }


def _condition(table):
    text = table.text("applies_when")
    try:
        if text:
            parse(text)
    except ConditionError as error:
        table.problem("applies_when", str(error))
    return text


def _check_limits(table, document):
    for key in ALL_LIMITS:
        if table.given(key) and key not in LIMITS[document.kind]:
            kinds = ", ".join(sorted(kind for kind, keys in LIMITS.items() if key in keys))
            table.problem(
                key,
                _("means nothing for kind %(kind)s; kinds that take it: %(kinds)s")
                % {"kind": document.kind, "kinds": kinds},
            )
    needed = NEEDED.get(document.kind, ())
    if needed and not any(table.given(key) for key in needed):
        words = {"kind": document.kind, "keys": _(" or ").join(needed)}
        table.problem("kind", _("%(kind)s needs %(keys)s") % words)
    low, high = document.minimum, document.maximum
    if low is not None and high is not None and low > high:
        table.problem("minimum", _("%(low)s is above maximum %(high)s") % {"low": low, "high": high})


def _check_roles(table, document):
    if any("," in role for role in document.roles):
        table.problem("roles", _("a role's name must not hold a comma"))
    if len(", ".join(document.roles)) > 200:
        table.problem("roles", _("are too many: their names must fit into 200 characters"))


def _check_evidence(table, document):
    """The buyer's word cannot be nothing, and only the buyer can give it."""
    if document.needs_buyer and document.evidence == Evidence.NONE:
        table.refuse("evidence", document.evidence, "who, words, own, file (needs_buyer = true)")
    if not document.needs_buyer and document.evidence not in (Evidence.NONE, Evidence.FILE):
        table.refuse("evidence", document.evidence, "none, file (needs_buyer = false)")
