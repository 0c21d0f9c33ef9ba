"""What insights want done each night, week or month; the tick calls them in this order (automations/duties.py)."""

ALL = []
