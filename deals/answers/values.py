"""Reading a typed value into an Answer, by kind of criterion."""

from django.utils.translation import gettext as _

from pipeline.vocabulary import YES_KINDS, Kind

from .. import activities, deal_facts
from ..input import normalise, parsing
from ..models import Stakeholder, StakeholderRole

# One sentence may answer two questions; in a third it is filling in fields.
SAME_TEXT_AT_MOST = 2


def parse(recorder, answer, item, definition):
    """Put what was typed into the answer's columns; problems go to the recorder, beside their field."""
    parser = _PARSERS.get(definition.kind)
    try:
        if parser:
            parser(recorder, answer, item, definition)
    except parsing.ParseError as error:
        recorder.fail(item, "", str(error))


def _yes(recorder, answer, item, definition):
    answer.yes = parsing.yes(item.value) if item.value else None


def _text(recorder, answer, item, definition):
    answer.text = normalise.clean(item.value, lines=definition.min_items is not None)[:4000]
    if answer.text:
        same = recorder.texts.setdefault(normalise.clean(answer.text).casefold(), [])
        same.append(definition.criterion_id)
        if len(same) > SAME_TEXT_AT_MOST:
            recorder.fail(
                item, "", _("The same text answers other questions too. Say what answers this one.")
            )


def _choice(recorder, answer, item, definition):
    answer.text = normalise.clean(item.value)[:200]


def _number(recorder, answer, item, definition):
    answer.number = parsing.number(item.value) if item.value else None


def _money(recorder, answer, item, definition):
    if item.value:
        answer.number, answer.number_to = parsing.amount_range(item.value)
        if answer.number_to is None and item.to:
            answer.number_to = parsing.amount(item.to)
    answer.currency = parsing.currency(item.currency) if item.currency else recorder.deal.currency
    answer.text = normalise.clean(item.priority)[:200]


def _date(recorder, answer, item, definition):
    answer.day = recorder.day(item, "", item.value) if item.value else None


def _person(recorder, answer, item, definition):
    answer.person = recorder.contact(item, "", item.value) if item.value else None


def _document(recorder, answer, item, definition):
    value = item.value.strip()
    if value and not item.link:
        item.link = value if value.startswith(("http://", "https://")) else ""
    if item.date:
        answer.day = recorder.day(item, "date", item.date)


def _stakeholder(recorder, answer, item, definition):
    """Naming somebody puts them on the map in the role that is asked for."""
    _in_asked_role(recorder, answer, item, definition)
    if item.to and definition.must_include and (second := recorder.contact(item, "to", item.to)):
        _put_in_role(recorder, second, definition.must_include, "")
    activities.put_on_map(recorder.deal, recorder.people(item, "also", item.also))


def _in_asked_role(recorder, answer, item, definition):
    """Who of the buyer's side holds the role; also where they only have to have taken part."""
    answer.person = recorder.contact(item, "", item.value) if item.value else None
    roles = definition.role_list
    if answer.person and roles and not recorder.house.is_ours(answer.person):
        _put_in_role(recorder, answer.person, roles[0], normalise.clean(item.priority)[:200])


def _put_in_role(recorder, contact, role, priority):
    stakeholder, _made = Stakeholder.objects.get_or_create(deal=recorder.deal, contact=contact)
    StakeholderRole.objects.get_or_create(stakeholder=stakeholder, role=role)
    if priority:
        stakeholder.priority = priority
        stakeholder.save(update_fields=["priority"])


def _deal_field(recorder, answer, item, definition):
    """What the deal itself is to say, typed where its absence is read."""
    for name, text in item.facts.items():
        if text.strip() and name in definition.deal_field_list:
            try:
                recorder.touched |= deal_facts.write(
                    recorder.deal, name, text, recorder.today, recorder.house
                )
            except ValueError as error:
                recorder.fail(item, name, str(error))


def _next_step(recorder, answer, item, definition):
    """The deal's own next step is the value; the answer is the buyer's agreement to it."""
    text, day = normalise.clean(item.value)[:200], item.date
    if day:
        recorder.deal.next_step_on = recorder.day(item, "date", day)
        recorder.touched.add("next_step_on")
    if text:
        if flaw := normalise.flaw(text, extra=recorder.house.placeholders):
            recorder.fail(item, "", flaw)
        recorder.deal.next_step = text
        recorder.touched.add("next_step")
    answer.text, answer.day, answer.yes = recorder.deal.next_step, recorder.deal.next_step_on, True


_PARSERS = {
    Kind.TEXT: _text,
    Kind.CHOICE: _choice,
    Kind.NUMBER: _number,
    Kind.MONEY: _money,
    Kind.DATE: _date,
    Kind.CONTACT: _person,
    Kind.FILE_OR_LINK: _document,
    Kind.STAKEHOLDER: _stakeholder,
    Kind.ACTIVITY: _in_asked_role,
    Kind.DEAL_FIELD: _deal_field,
    Kind.NEXT_STEP: _next_step,
    **dict.fromkeys(YES_KINDS, _yes),
}
