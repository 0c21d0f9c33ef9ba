"""What insights want done each night, week or month; the tick calls them in this order (automations/duties.py)."""

from . import mails, nights, standings

ALL = [standings.write_down, nights.write, mails.monday_review, mails.stalled_report]
