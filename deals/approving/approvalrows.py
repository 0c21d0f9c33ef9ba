"""An approval as its deal's pages show it: where it stands, and the amount it was given for where that has changed."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from team import formats

from ..models import Decision


@dataclass
class Row:
    """One approval with what may be done about it."""

    approval: object
    is_late: bool
    has_run_out: bool
    changed: str = ""
    record: list = field(default_factory=list)
    withdraw: list = field(default_factory=list)
    errors: dict = field(default_factory=dict)

    @property
    def tone(self):
        late = self.is_late or self.has_run_out or self.approval.decision == Decision.REJECTED
        return "risk" if late else {"approved": "ok", "pending": "warn"}.get(self.approval.decision, "")

    @property
    def is_escalated(self):
        return self.is_late and self.approval.escalated_at is not None


def row_of(approval, deal, today):
    return Row(approval, approval.is_late(today), approval.has_run_out(today), _changed(approval, deal))


def _changed(approval, deal):
    """What it was decided on and what the deal is worth now, where that is not the same."""
    if not approval.was_for_another_amount(deal):
        return ""
    return _("Decided at %(then)s; the deal is at %(now)s now.") % {
        "then": _money(approval.decided_amount, approval.decided_currency),
        "now": _money(deal.amount, deal.currency),
    }


def _money(amount, currency):
    return _("no amount") if amount is None else formats.money(amount, currency)
