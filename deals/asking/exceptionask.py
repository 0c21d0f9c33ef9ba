"""The form that asks for an exception: what is open before a stage, and who would decide."""

from functools import cached_property

from django.utils import timezone

from pipeline.process import process_of
from team.calendar import local_date

from ..evidence.judging import House
from ..gate import Reading
from ..models import Status
from ..waiving import granters
from . import exceptions


class AskSheet:
    """`errors` maps fields to words; `form` is the AskForm of what was typed so far."""

    def __init__(self, deal, form, user, errors=None):
        self.deal, self.form, self.user, self.errors = deal, form, user, errors or {}
        self.process, self.house = process_of(deal.pipeline), House.current()
        self.now = timezone.now()

    @property
    def target(self):
        """The later stage asked for, the next one where none is named; None where it is no later one."""
        to, left = self.form.to, self.deal.stage_id
        if left not in self.process:
            return None
        if to is None:
            return self.process.stage_after(left)
        if to not in self.process:
            return None
        return self.process.stage(to) if self.process.index(to) > self.process.index(left) else None

    @property
    def stage(self):
        return self.process.stage(self.deal.stage_id)

    @cached_property
    def open(self):
        """[(finding, whether it is ticked)]"""
        today = local_date(self.now, self.house.organisation)
        found = Reading(self.deal, self.process, today).for_move(self.target.stage_id).open
        chosen = self.form.criteria
        return [(finding, chosen is None or finding.criterion_id in chosen) for finding in found]

    @cached_property
    def people(self):
        """Names of those who may decide."""
        return ", ".join(str(person) for person in granters.of(self.deal, self.user, self.now)[:3])

    @cached_property
    def waiting(self):
        return exceptions.waiting_of(self.deal)

    @property
    def can_ask(self):
        return bool(self.open and not self.waiting and self.deal.status == Status.OPEN)

    @property
    def days(self):
        return self.house.organisation.exception_days

    @property
    def general_errors(self):
        """What belongs to no field of the form."""
        return [words for name, words in self.errors.items() if name not in ("reason", "criteria")]
