"""What insights want done each night, week or month; the tick calls them in this order (automations/duties.py)."""

from . import benchmarks
from .audit import detailing
from .flow import keeping
from .forecast import nights
from .standing import standings
from .weekly import mails

ALL = [
    standings.write_down, nights.write, benchmarks.check, mails.monday_review, mails.stalled_report, detailing.duty,
    keeping.duty,
]  # fmt: skip
