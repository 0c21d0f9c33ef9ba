"""Other days for the three timers of a card: whom they would reach today. Nothing is changed.

Follow-up and re-engagement count from the message that waits for an answer, the archive from the buyer's last act
(clocks.face says the same of one deal).
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django import forms
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.process import process_of
from team.calendar import by_calendar, latest_start, local_date, start_of

from ..models import Status

LABELS = {
    "follow_up": gettext_lazy("Follow up after"),
    "re_engage": gettext_lazy("Re-engage after"),
    "archive": gettext_lazy("Archive after"),
}
LONGEST = 365
# Since when each timer counts, and which deals it may still reach.
_SINCE = {
    "follow_up": (F("awaiting_since"), [Status.OPEN]),
    "re_engage": (F("awaiting_since"), [Status.OPEN]),
    "archive": (
        Coalesce("last_buyer_activity_at", "known_since", "created_at"),
        [Status.OPEN, Status.RE_ENGAGING, Status.PAUSED],
    ),
}


@dataclass(frozen=True)
class Reached:
    """So many deals, and their money in the organisation's currency."""

    count: int
    money: Decimal


@dataclass(frozen=True)
class Row:
    """One timer: as it is in force, and as it was asked about."""

    key: str
    label: str
    days: int
    asked: int
    business_days: bool
    now: Reached
    then: Reached

    @property
    def more(self):
        return self.then.count - self.now.count

    @property
    def more_money(self):
        return self.then.money - self.now.money


class DaysForm(forms.Form):
    """Days for each timer the pipeline has; what is left empty stays as it is."""

    def __init__(self, pipeline, data=None):
        super().__init__(data)
        self.rules = rules_of(pipeline)
        for key, rule in self.rules.items():
            unit = _("work days") if rule.business_days else _("days")
            self.fields[key] = forms.IntegerField(
                label=f"{LABELS[key]}, {unit}",
                min_value=1,
                max_value=LONGEST,
                required=False,
                initial=rule.days,
            )

    def days(self):
        """{key: days} of those that are valid."""
        found = {key: rule.days for key, rule in self.rules.items()}
        if self.is_bound:
            self.is_valid()
            found |= {key: value for key, value in self.cleaned_data.items() if value}
        return found


def rules_of(pipeline):
    """{key: rule} of the card's timers that are on for the whole pipeline."""
    process = process_of(pipeline)
    return {key: rule for key in LABELS if (rule := process.rule(key))}


def rows(pipeline, days, deals, now):
    """A Row for each timer, over the given deals that obey it: not those whose stage has one of its own."""
    mine, calendars = deals.filter(pipeline=pipeline), by_calendar()
    found, process = [], process_of(pipeline)
    for key, rule in rules_of(pipeline).items():
        elsewhere = [own.stage_id for own in process.rules if own.key == key and own.stage_id]
        obeying = mine.exclude(stage__in=elsewhere)
        found.append(_row(key, rule, days[key], obeying, calendars, now))
    return found


def _row(key, rule, asked, deals, calendars, now):
    reach = [_reached(key, rule, days, deals, calendars, now) for days in (rule.days, asked)]
    label = _("%s, in shadow") % LABELS[key] if rule.is_shadow else str(LABELS[key])
    return Row(key, label, rule.days, asked, rule.business_days, *reach)


def _reached(key, rule, days, deals, calendars, now):
    since, statuses = _SINCE[key]
    silent = Q()
    for calendar, teams in calendars:
        silent |= teams & Q(silent_since__lt=_latest_start(days, rule.business_days, calendar, now))
    found = deals.filter(status__in=statuses).alias(silent_since=since).filter(silent)
    return reached_of(found)


def reached_of(deals):
    """Their number and money."""
    counted = deals.aggregate(count=Count("pk"), money=Sum("amount_base"))
    return Reached(counted["count"], counted["money"] or Decimal(0))


def _latest_start(days, business_days, calendar, now):
    """The instant before which a silence must have begun for its mark to lie on or before today."""
    today = local_date(now, calendar)
    day = latest_start(today, days, calendar) if business_days else today - timedelta(days=days)
    return start_of(day + timedelta(days=1), calendar)
