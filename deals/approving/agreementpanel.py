"""What a deal's own page says of its approvals and objections."""

from functools import cached_property

from . import approvals
from .approvalrows import row_of


class AgreementPanel:
    """`reading` is the one the page is made from: its approvals are read once."""

    def __init__(self, deal, process, reading, today):
        self.deal, self.process, self.reading, self.today = deal, process, reading, today

    @cached_property
    def asked(self):
        return approvals.asked_of(self.deal, self.process)

    @cached_property
    def approvals(self):
        """[Row] of every approval that counts, late and rejected ones first."""
        if not self.asked:
            return []
        wanted = {definition.criterion_id for definition in self.asked}
        found = [row for key, rows in self.reading.approvals.items() if key in wanted for row in rows]
        rows = [row_of(row, self.deal, self.today) for row in found]
        return sorted(rows, key=lambda row: (_ORDER.get(row.tone, 2), row.approval.pk))

    @property
    def late(self):
        return sum(row.is_late for row in self.approvals)

    @property
    def objections(self):
        return self.reading.objections

    @property
    def open_objections(self):
        return [objection for objection in self.objections if not objection.is_settled]

    @property
    def settled_objections(self):
        return len(self.objections) - len(self.open_objections)


_ORDER = {"risk": 0, "warn": 1}
