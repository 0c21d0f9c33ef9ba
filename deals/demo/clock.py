"""The demo's days. Everything is told relative to T, so that the story is the same on every day it is told."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

FRIDAY = 4


class Clock:
    """T is the local date of the given instant; on a weekend, the Friday before."""

    def __init__(self, now, zone):
        self.zone = ZoneInfo(zone)
        self.t = off_weekend(now.astimezone(self.zone).date())

    def day(self, offset):
        """T plus so many days, off the weekend: the past moves to the Friday before, the future to the Monday after."""
        day = self.t + timedelta(days=offset)
        return off_weekend(day) if offset <= 0 else onto_monday(day)

    def at(self, offset, hour=10, minute=0):
        """A moment on that day, in the organisation's time zone."""
        return self.on(self.day(offset), hour, minute)

    def exactly(self, offset, hour=10, minute=0):
        """The same without avoiding the weekend, for what the silence clock counts in calendar days."""
        return self.on(self.t + timedelta(days=offset), hour, minute)

    def on(self, day, hour=10, minute=0):
        return datetime.combine(day, time(hour, minute), tzinfo=self.zone)


def off_weekend(day):
    return day - timedelta(days=max(0, day.weekday() - FRIDAY))


def onto_monday(day):
    return day + timedelta(days=7 - day.weekday()) if day.weekday() > FRIDAY else day
