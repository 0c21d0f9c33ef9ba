"""The inputs a criterion asks for, by its kind and by the evidence it wants. Most want none: one tap."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.vocabulary import DealFact, Evidence, Kind, StakeholderRoleName

from ..evidence.facts import ANSWERED_BY
from ..forms.submission import is_given_elsewhere, is_said_in_text


@dataclass
class Input:
    """One field beside a criterion. `part` is what follows `c<id>_` in its name."""

    part: str
    label: str
    type: str = "text"
    default: str = ""
    options: list = field(default_factory=list)
    hint: str = ""
    optional: bool = False
    below: bool = False  # under the others, as wide as they are together
    name: str = ""
    value: str = ""
    error: str = ""
    prefix: str = ""  # tells apart the same field of two forms on one page

    @property
    def id(self):
        return f"{self.prefix}id_{self.name}"


def inputs_of(ask):
    """The inputs of a criterion, values first, then its evidence."""
    found = _BY_KIND.get(ask.definition.kind, _nothing)(ask)
    return found + _evidence(ask)


def _nothing(ask):
    return []


def _text(ask):
    definition, answer = ask.definition, ask.answer
    hint = ""
    if definition.min_items:
        hint = (
            ngettext("At least %d, one a line.", "At least %d, one a line.", definition.min_items)
            % definition.min_items
        )
    label = _("In their words") if definition.needs_buyer else _("What it is")
    long = definition.min_items or definition.min_length or is_said_in_text(definition)
    return [Input("", label, "area" if long else "text", answer.text if answer else "", hint=hint)]


def _number(ask):
    low, high = (
        f"{n.normalize():f}" if n is not None else ""
        for n in (ask.definition.minimum, ask.definition.maximum)
    )
    hint = _("From %(low)s to %(high)s.") % {"low": low, "high": high} if low and high else ""
    hint = hint or (_("At least %s.") % low if low else _("At most %s.") % high if high else "")
    return [Input("", _("Number"), "number", plain(ask.answer.number) if ask.answer else "", hint=hint)]


def plain(number):
    return "" if number is None else f"{number.normalize():f}"


def _money(ask):
    answer, choices = ask.answer, ask.definition.choice_list
    value = "" if not answer else "-".join(filter(None, [plain(answer.number), plain(answer.number_to)]))
    hint = _("A range is fine, like 60-90k.") if ask.definition.allow_range else ""
    found = [Input("", _("Amount, %s") % ask.deal.currency, "number", value, hint=hint)]
    if choices:
        options = [(choice, choice) for choice in choices]
        found.append(
            Input("priority", _("Where it comes from"), "select", answer.text if answer else "", options)
        )
    return found


def _date(ask):
    day = ask.answer.day if ask.answer else None
    return [Input("", _("Their date") if ask.definition.needs_buyer else _("Date"), "date", iso(day))]


def iso(day):
    return day.isoformat() if day else ""


def _choice(ask):
    options = [(choice, choice) for choice in ask.definition.choice_list]
    return [Input("", _("Which one"), "select", ask.answer.text if ask.answer else "", options)]


def _contact(ask):
    person = ask.answer.person if ask.answer else None
    return [Input("", _("Who"), "person", person.name if person else "")]


def _document(ask):
    found = []
    if ask.definition.evidence in (Evidence.OWN, Evidence.FILE):
        found.append(_file(ask, _document_label(ask.definition)))
    else:
        found += [
            _file(ask, _("File")),
            Input("link", _("or a link"), "url", ask.answer.link if ask.answer else ""),
        ]
    if ask.definition.with_date:
        found.append(
            Input("date", _("The document's date"), "date", iso(ask.answer.day if ask.answer else None))
        )
    return found


def _document_label(definition):
    return _("The document") if definition.evidence == Evidence.FILE else _("Their mail, or what they made")


def _file(ask, label):
    kept = ask.answer.attachment if ask.answer and ask.answer.attachment_id else None
    hint = _("Kept: %s. Choose another one to replace it.") % kept.name if kept else ""
    return Input("file", label, "file", hint=hint)


def _next_step(ask):
    deal = ask.deal
    return [
        Input("", _("What"), "text", deal.next_step),
        Input("date", _("When"), "date", iso(deal.next_step_on)),
        Input("by", _("Agreed by"), "person", hint="", optional=True),
    ]


def _role(slug):
    return StakeholderRoleName(slug).label if slug in StakeholderRoleName.values else slug


def _stakeholder(ask):
    """Who holds each role asked for; more names where more people are asked for."""
    definition, found = ask.definition, []
    for role in definition.role_list[:1]:
        found.append(Input("", _role(role), "person", ask.holder(role)))
    if definition.requires_priority:
        found.append(Input("priority", _("What matters to them"), "text", ask.priority(definition.role_list)))
    if definition.must_include and definition.must_include not in definition.role_list[:1]:
        found.append(
            Input("to", _role(definition.must_include), "person", ask.holder(definition.must_include))
        )
    missing = (definition.min_people or 0) - len(ask.people_on_map)
    if missing > 0:
        hint = ngettext("%d more person, by name.", "%d more people, names by comma.", missing) % missing
        found.append(Input("also", _("Who else"), "text", hint=hint, optional=True, below=True))
    return found


def _activity(ask):
    """Asked only where taking part is bound to a role that nobody there has yet."""
    roles = ask.definition.role_list[:1]
    return [Input("", _("%s, who took part") % _role(role), "person", ask.holder(role)) for role in roles]


_LABELS = {DealFact.GOALS: "area", DealFact.COMMITMENTS: "area", DealFact.EXPECTED_CLOSE: "date"}


def _deal_field(ask):
    names = [name for name in ask.definition.deal_field_list if name in _COLUMNS and lacks(ask, name)]
    return [
        Input(name, str(DealFact(name).label), _LABELS.get(name, "number"), _shown(ask.deal, name))
        for name in names
    ]


_COLUMNS = ("goals", "commitments", "amount", "expected_close", "discount_percent")


def _shown(deal, name):
    value = getattr(deal, name)
    return (
        iso(value) if name == DealFact.EXPECTED_CLOSE else value if isinstance(value, str) else plain(value)
    )


def lacks(ask, name):
    """Whether the deal does not say this yet, itself or through an answer that stands for it."""
    if name in _COLUMNS and getattr(ask.deal, name) not in (None, ""):
        return name in ("amount", "discount_percent", "expected_close")  # there, but perhaps out of bounds
    if name == DealFact.STAKEHOLDER_MAP:
        return not ask.people_on_map
    return not any(slug in ask.answered for slug in ANSWERED_BY.get(name, ()))


def missing_elsewhere(ask):
    """Deal facts that other answers fill, and that are not there yet, by name."""
    if ask.definition.kind != Kind.DEAL_FIELD:
        return []
    names = [name for name in ask.definition.deal_field_list if name not in _COLUMNS and lacks(ask, name)]
    return [str(DealFact(name).label) for name in names]


def _evidence(ask):
    definition = ask.definition
    if is_given_elsewhere(definition):
        return []
    if definition.kind in (Kind.ACTIVITY, Kind.FILE_OR_LINK) or is_said_in_text(definition):
        return []
    if definition.evidence == Evidence.WORDS:
        words = ask.answer.words if ask.answer else ""
        return [Input("words", _("In their words"), "text", words, below=True)]
    if definition.evidence == Evidence.OWN:
        hint = _("Or choose an invitation they accepted as the conversation above.")
        found = _file(ask, _("Their mail, or what they made"))
        found.hint, found.below = found.hint or hint, True
        return [found]
    return [_file(ask, _("The document"))] if definition.evidence == Evidence.FILE else []


_BY_KIND = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
    Kind.CONTACT: _contact,
    Kind.FILE_OR_LINK: _document,
    Kind.NEXT_STEP: _next_step,
    Kind.STAKEHOLDER: _stakeholder,
    Kind.ACTIVITY: _activity,
    Kind.DEAL_FIELD: _deal_field,
}

__all__ = ["Input", "inputs_of", "missing_elsewhere"]
