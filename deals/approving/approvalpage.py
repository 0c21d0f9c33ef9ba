"""The page of a deal's approvals: what is asked, of whom, what they said, and the forms to go on with it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from pipeline.process import process_of
from pipeline.vocabulary import Evidence
from team import formats
from team.calendar import add_business_days, local_date

from ..gate import Reading
from ..models import Activity, Decision
from ..moves import may_edit
from ..sheets.inputs import iso
from ..sheets.people import people_of
from ..sheets.smallforms import Field, fields
from ..sheets.talks import USUAL, title_of
from . import approvals
from .approvalrows import row_of

DUE_DAYS = 3  # business days, where nobody says otherwise
TALKS_SHOWN = 8


@dataclass
class Group:
    """A criterion that asks for approvals, and its rows."""

    definition: object
    finding: object
    stage: object
    rows: list
    gone: list
    ask: list
    nobody: str = ""


class ApprovalsPage:
    """`form` names the form that was just refused: ask-<criterion>, record-<id> or withdraw-<id>."""

    def __init__(self, deal, user, organisation, now, form="", given=None, errors=None):
        self.deal, self.user, self.organisation = deal, user, organisation
        self.today = local_date(now, organisation)
        self.form, self.given, self.errors = form, given or {}, errors or {}
        self.process = process_of(deal.pipeline)
        self.may_edit = may_edit(user, deal)
        self.people = people_of(deal)
        self.groups = [self._group(definition) for definition in approvals.asked_of(deal, self.process)]

    @property
    def note(self):
        """What was refused and belongs to no field."""
        return self.errors.get("", "")

    def _group(self, definition):
        rows = self._rows(definition)
        ask = self._ask(definition)
        return Group(
            definition,
            self._reading.finding(definition, at_gate=False),
            self.process.stage(definition.stage_id),
            [row for row in rows if row.approval.decision != Decision.WITHDRAWN],
            [row for row in rows if row.approval.decision == Decision.WITHDRAWN],
            ask,
            self._nobody(definition, ask),
        )

    @property
    def _reading(self):
        if not hasattr(self, "_read"):
            self._read = Reading(self.deal, self.process, self.today)
        return self._read

    def _rows(self, definition):
        related = ("approver", "contact", "asked_by", "decided_by", "withdrawn_by", "activity", "attachment")
        found = self.deal.approvals.filter(criterion=definition.criterion_id).select_related(*related)
        return [self._row(approval, definition) for approval in found.order_by("asked_at", "pk")]

    def _row(self, approval, definition):
        row = row_of(approval, self.deal, self.today)
        if self.may_edit and approval.decision != Decision.WITHDRAWN:
            name = f"withdraw-{approval.pk}"
            row.withdraw = self._fields(name, Field("because", _("Why it is not needed any more")))
        if self.may_edit and approval.contact_id and (approval.is_pending or row.has_run_out):
            row.record = self._record(approval, definition)
        return row

    def _fields(self, form, *wanted):
        mine = form == self.form
        return fields(form, *wanted, given=self.given if mine else None, errors=self.errors if mine else None)

    # the forms

    def _ask(self, definition):
        if not self.may_edit or not self.deal.is_live:
            return []
        due = add_business_days(self.today, DUE_DAYS, self.organisation)
        return self._fields(
            f"ask-{definition.criterion_id}",
            self._whom(definition),
            Field("due_on", _("By"), "date", iso(due), optional=True),
            Field("subject", _("What exactly"), "text", definition.label[:200]),
        )

    def _whom(self, definition):
        if definition.needs_buyer:
            return Field("contact", _("Who of the buyer's side"), "person")
        return Field("approver", _("Who of us"), "select", options=approvals.choices(definition, self.user))

    def _nobody(self, definition, ask):
        """Said where nobody could be asked."""
        if not ask or definition.needs_buyer or ask[0].options:
            return ""
        names = ", ".join(definition.role_list)
        return (
            _("Nobody else here has this role: %s. An admin gives roles to people.") % names
            if names
            else _("There is nobody else here who could be asked.")
        )

    def _record(self, approval, definition):
        """Yes or no, and the conversation it was said in."""
        found = [
            Field(
                "decision", _("They said"), "choice", options=[("approved", _("Yes")), ("rejected", _("No"))]
            ),
            Field(
                "conversation",
                _("In which conversation"),
                "select",
                options=self._talks(approval),
                optional=True,
            ),
            Field("on", _("or in another, on"), "date", optional=True),
            Field(
                "how", _("How"), "select", options=[(kind.value, kind.label) for kind in USUAL], optional=True
            ),
            Field("words", _("In their words"), "text", optional=definition.evidence != Evidence.WORDS),
        ]
        if definition.evidence in (Evidence.OWN, Evidence.FILE):
            label = (
                _("The document")
                if definition.evidence == Evidence.FILE
                else _("Their mail, or what they made")
            )
            found.append(Field("file", label, "file"))
        return self._fields(f"record-{approval.pk}", *found)

    def _talks(self, approval):
        talks = Activity.objects.filter(deal=self.deal, from_buyer=True, attendees=approval.contact)
        return [(str(talk.pk), _told(talk, approval.contact)) for talk in talks[:TALKS_SHOWN]]


def _told(talk, person):
    return f"{title_of(talk, [person])}, {formats.day(talk.happened_at)}"
