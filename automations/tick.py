"""What happens when nobody acts. One tick does everything that is due at the moment it is given."""

from dataclasses import dataclass, field

from django.utils import timezone

from deals import lapses, publishing, rereading
from deals.approving import late_approvals
from deals.history import daily
from deals.runs import bulk, landing_days
from deals.tightening import binding
from deals.timers import due_following
from deals.waiving import exception_notices
from outbox.attempts import Sent
from pipeline import reviews

from . import digests, duties, leaving, waits, watch
from .sweep import Swept, sweep


@dataclass(frozen=True)
class Done:
    """What one tick did."""

    recounted: int
    bound: int = 0
    expired: int = 0
    escalated: int = 0
    reviews_due: int = 0
    bulk_runs: int = 0
    landed: int = 0
    anchored: bool = False
    published: int = 0
    not_published: int = 0
    followed: int = 0
    texts_read: int = 0
    resumed: int = 0
    swept: Swept = field(default_factory=Swept)
    digests: int = 0
    # What the duties of apps above did, in words.
    duties: list = field(default_factory=list)
    mail: Sent = field(default_factory=Sent)
    webhooks: Sent = field(default_factory=Sent)

    def __bool__(self):
        return any(vars(self).values())

    def __str__(self):
        counted = [
            (self.bound, "deal bound by a tightened criterion", "deals bound by a tightened criterion"),
            (self.escalated, "late approval escalated", "late approvals escalated"),
            (self.reviews_due, "review due", "reviews due"),
            (self.landed, "stage whose imported deals land", "stages whose imported deals land"),
            (self.published, "process published", "processes published"),
            (self.not_published, "publication refused", "publications refused"),
            (self.followed, "clock followed its process", "clocks followed their process"),
            (self.resumed, "pause over", "pauses over"),
        ]
        return (
            f"{_counted(self.recounted, 'deal recounted', 'deals recounted')}, "
            f"{_counted(self.expired, 'exception expired', 'exceptions expired')}"
            + "".join(f", {_counted(*each)}" for each in counted if each[0])
            + (f", {self.swept}" if self.swept else "")
            + (", ledger anchored" if self.anchored else "")
            + (f", {_counted(self.digests, 'daily mail', 'daily mails')} made ready" if self.digests else "")
            + "".join(f", {words}" for words in self.duties)
            + (f", {self.mail}" if self.mail else "")
            + (f", {self.webhooks}" if self.webhooks else "")
        )


def _counted(number, one, more):
    return f"{number} {one if number == 1 else more}"


def run(now):
    """Do what is due at this moment, whatever the clocks say. Safe to run twice, or from several processes at once."""
    published, not_published = publishing.publish_due(now)
    followed = due_following.go_on()  # before anything goes by what is due
    watch.check_dates(now)
    return Done(
        published=published,
        not_published=not_published,
        followed=followed,
        bound=binding.end_due(now),
        recounted=lapses.recount_lapsed(now),
        expired=exception_notices.tell_expired(now),
        escalated=late_approvals.escalate(now),
        reviews_due=reviews.remind(now),
        landed=landing_days.land_due(now),
        bulk_runs=bulk.go_on(now),
        anchored=daily.anchor(now),
        texts_read=rereading.read(now),
        resumed=waits.resume_due(now),
        swept=sweep(now),
        digests=digests.send_digests(now),
        duties=duties.run(now),
        mail=leaving.mail(now),  # last: what the others put into the outbox leaves at once
        webhooks=leaving.webhooks(now),
    )


def run_now():
    """A tick of the real clock: it is looked at first, and remembered."""
    now, said = timezone.now(), []
    watch.look(now)
    with watch.remembered(said):
        done = run(now)
        said.append(str(done))
    return done
