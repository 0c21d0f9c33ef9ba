"""One row of a file that may become a deal."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from team.models import Team, User

from .mapping import Target


@dataclass(slots=True)
class Incoming:
    """One row that may become a deal."""

    line: int
    digest: str
    target: Target
    name: str
    company: str
    owner: User
    team: Team
    amount: Decimal | None
    amount_base: Decimal
    currency: str
    created_at: datetime
    closed_at: datetime | None
    expected_close: date | None
    lost_reason: str = ""
    external_id: str = ""
    next_step: str = ""
    next_step_on: date | None = None
    probability: int | None = None
    deal_type: str = ""
    lead_source: str = ""
    domain: str = ""
    industry: str = ""
    country: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    job_title: str = ""

    phone = property(lambda self: self.contact_phone)
