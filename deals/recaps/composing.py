"""What a recap can put to whom: proposed from the answers on record, for somebody to change and send."""

from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.process import process_of
from pipeline.vocabulary import Evidence, Kind, evidence_rank
from team.calendar import local_date
from team.models import Organisation

from ..evidence.judging import House
from ..gate import Reading, State
from ..models import Contact
from .statements import can_be_put, statement_of

MOST_LINES = 30


@dataclass
class Line:
    """One statement that can be put to the buyer."""

    definition: object
    answer: object
    stage: str
    statement: str
    chosen: bool
    holds: bool

    @property
    def criterion_id(self):
        return self.definition.criterion_id


@dataclass
class Draft:
    """Everything the form of a recap starts from."""

    contacts: list
    lines: list
    contact_id: int | None = None
    subject: str = ""
    intro: str = ""
    problems: list = field(default_factory=list)

    @property
    def by_criterion(self):
        return {line.criterion_id: line for line in self.lines}


def draft(deal, by, again=None, now=None):
    """A Draft for the deal as it stands; `again` is an earlier recap to start from."""
    now = now or timezone.now()
    organisation = Organisation.current()
    reading = Reading(deal, process_of(deal.pipeline), local_date(now, organisation))
    contacts = contacts_of(deal, House.current())
    made = Draft(contacts, lines_of(reading))
    made.contact_id = _first_choice(contacts, reading)
    made.subject = _("Did we understand you correctly?")
    made.intro = _(
        "Thank you for your time. This is what we understood. Please tell us for each point whether it is right."
    )
    return _as_before(made, again) if again else made


def contacts_of(deal, house):
    """Who of the buyer's side can get one: on the deal's map, still there, with an address that is not ours."""
    found = Contact.objects.filter(stakes__deal=deal, merged_into__isnull=True, left_at__isnull=True)
    known = found.exclude(email="").order_by("-stakes__influence", "name", "pk")
    return [contact for contact in known if not house.is_ours(contact)]


def _first_choice(contacts, reading):
    """Whoever said most of what is on record."""
    said = [answer.contact_id for answer in reading.answers.values() if answer.contact_id]
    ids = [contact.pk for contact in contacts]
    return max(ids, key=said.count, default=None)


def lines_of(reading):
    """What the buyer can be asked to confirm, here and of earlier stages, in the order of the process."""
    process, deal = reading.process, reading.deal
    if deal.stage_id not in process:
        return []
    asked = [*process.criteria_before(deal.stage_id), *process.exit_criteria(deal.stage_id)]
    definitions = {d.criterion_id: d for d in asked}  # entry and exit may ask the same
    made = [_line(reading, definition) for definition in definitions.values()]
    return [line for line in made if line][-MOST_LINES:]


def _line(reading, definition):
    answer = reading.answers.get(definition.criterion_id)
    if answer is None or not can_be_put(definition, answer):
        return None
    answer.deal = reading.deal
    finding = reading.finding(definition, at_gate=False)
    if finding.state == State.EXEMPT:
        return None
    is_here = definition.stage_id == reading.deal.stage_id
    stage = reading.process.stage(definition.stage_id).name
    statement = statement_of(answer, definition)
    is_over = definition.kind == Kind.NEXT_STEP and answer.day is not None and answer.day < reading.today
    chosen = _is_weak(finding, is_here) and not is_over  # nobody is asked about a next step of last month
    return Line(definition, answer, stage, statement, chosen, finding.holds)


def _is_weak(finding, is_here):
    """Not proven, or resting on less than the buyer's own word: more is wanted of what this stage asks."""
    wanted = Evidence.OWN if is_here else Evidence.WORDS
    return not finding.holds or evidence_rank(finding.answer.evidence) < evidence_rank(wanted)


def _as_before(made, again):
    """The same person, words and points as an earlier recap, as far as they are on record still."""
    made.subject, made.intro = again.subject, again.intro
    if any(contact.pk == again.contact_id for contact in made.contacts):
        made.contact_id = again.contact_id
    before = {line.criterion_id: line for line in again.lines.all()}
    for line in made.lines:
        line.chosen = line.criterion_id in before
        if line.chosen and before[line.criterion_id].answer_id == line.answer.pk:
            line.statement = before[line.criterion_id].statement
    return made
