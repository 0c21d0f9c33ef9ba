"""What happens when nobody acts. One tick does everything that is due at the moment it is given."""

from dataclasses import dataclass, field

from deals import bulk, exception_notices, lapses
from deals.history import daily
from deals.recaps import undelivered
from outbox.sending import Sent, send_due
from pipeline import reviews


@dataclass(frozen=True)
class Done:
    """What one tick did."""

    recounted: int
    expired: int = 0
    reviews_due: int = 0
    bulk_runs: int = 0
    anchored: bool = False
    mail: Sent = field(default_factory=Sent)

    def __str__(self):
        return (
            f"{self.recounted} deals recounted, {self.expired} exceptions expired"
            + (f", {self.reviews_due} reviews due" if self.reviews_due else "")
            + (", ledger anchored" if self.anchored else "")
            + (f", {self.mail}" if self.mail else "")
        )


def run(now):
    """Do what is due. Safe to run twice, or from several processes at once."""
    return Done(
        recounted=lapses.recount_lapsed(now),
        expired=exception_notices.tell_expired(now),
        reviews_due=reviews.remind(now),
        bulk_runs=bulk.go_on(now),
        anchored=daily.anchor(now),
        mail=_send_mail(now),  # last: what the others put into the outbox leaves at once
    )


def _send_mail(now):
    done = send_due(now)
    undelivered(done.given_up, now)
    return done
