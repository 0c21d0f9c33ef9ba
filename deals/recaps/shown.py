"""A recap as the deal's page and timeline tell it. Never its link."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from outbox.models import Mail
from team.formats import day

from ..models import Recap, RecapState


@dataclass
class Shown:
    """One recap; it comes with `mail_sent_at`, `mail_given_up_at` and `mail_error` of its mail."""

    recap: Recap
    now: datetime

    @property
    def is_waiting(self):
        return self.recap.state == RecapState.SENT and self.recap.expires_at > self.now

    @property
    def is_undelivered(self):
        return self.is_waiting and self.recap.mail_given_up_at is not None

    @property
    def is_expired(self):
        return self.recap.state == RecapState.SENT and not self.is_waiting

    @property
    def state(self):
        if self.is_undelivered:
            return _("Not delivered")
        if self.is_expired:
            return _("Expired")
        if self.is_waiting and not self.recap.mail_sent_at:
            return _("On its way")
        return self.recap.get_state_display()

    @property
    def tone(self):
        if self.is_undelivered:
            return "risk"
        return {RecapState.CONFIRMED: "ok", RecapState.CORRECTED: "warn"}.get(self.recap.state, "")

    @property
    def words(self):
        """'3 points, sent Fri 20 Nov by Mara Kessel' and what became of it."""
        recap = self.recap
        count = ngettext("%d point", "%d points", len(recap.lines.all())) % len(recap.lines.all())
        words = _("%(points)s, sent %(day)s by %(who)s") % {
            "points": count,
            "day": day(recap.sent_at),
            "who": recap.sent_by,
        }
        if recap.answered_at:
            words += ". " + _("Answered %s") % day(recap.answered_at)
        elif self.is_waiting:
            words += ". " + _("Open until %s") % day(recap.expires_at)
        return words + "."

    @property
    def warning(self):
        found = [self.fresh_words, self.failed_words, *map(refused_words, self.recap.refusals.all())]
        return " ".join(filter(None, found))

    @property
    def fresh_words(self):
        """An address somebody put in just before, where a confirmation is worth a second look."""
        recap = self.recap
        if not recap.address_is_fresh:
            return ""
        if recap.sent_at - recap.address_since < timedelta(minutes=1):
            return _("Sent to an address added just before: %s.") % recap.address
        ago = timesince(recap.address_since, recap.sent_at, depth=1)
        return _("Sent to an address added %(ago)s before: %(address)s.") % {
            "ago": ago,
            "address": recap.address,
        }

    @property
    def failed_words(self):
        return _("The mail was not delivered: %s") % self.recap.mail_error if self.is_undelivered else ""

    @property
    def can_repeat(self):
        return self.is_waiting or self.is_expired


def refused_words(refusal):
    words = _("%(who)s tried to answer it in the buyer's place on %(day)s; that was refused.")
    return words % {"who": refusal.user, "day": day(refusal.at)}


def of_deal(deal, now):
    """Every recap of the deal, newest first, with what became of its mail."""
    mine = Mail.objects.filter(key=Concat(Value("recap:"), Cast(OuterRef("pk"), CharField())))
    told = {f"mail_{name}": Subquery(mine.values(name)[:1]) for name in ("sent_at", "given_up_at", "error")}
    rows = deal.recaps.select_related("contact", "sent_by").prefetch_related("lines", "refusals__user")
    return [Shown(recap, now) for recap in rows.annotate(**told)]
