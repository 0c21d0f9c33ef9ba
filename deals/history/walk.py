"""Walking everything that can be verified, in blocks of deals, each read in one statement."""

from django.db.models import Exists, Max, OuterRef, Q

from outbox.models import Mail

from .. import guard
from ..models import Deal, Transition
from . import files, stored
from .altered import Guesses
from .chain import COLUMNS, of_deal
from .digests import BLOCK
from .findings import Finding
from .gates import Block, Gates


class Walk:
    """One verification. Iterate over findings(); `deals` and `rows` then say how much was walked."""

    def __init__(self, anchors, today, *, strict=False, progress=lambda text: None):
        self.anchors, self.today, self.strict, self.progress = anchors, today, strict, progress
        self.deals = self.rows = 0

    def findings(self):
        yield from self.anchors.findings
        yield from self._guard()
        yield from self._without_partner()
        yield from self._ledger()
        yield from self.anchors.of_process()
        if self.strict:
            yield from stored.findings(self.today, self.progress)
            yield from self._outbox()
            yield from files.findings(self.progress)

    def _guard(self):
        if missing := guard.missing():
            yield Finding("G", f"the database guard is not in place: {', '.join(missing)}")

    def _without_partner(self):
        """Deals without rows, rows without a deal: a join would show neither."""
        rows = Transition.objects.filter(deal=OuterRef("pk"))
        for pk in Deal.objects.filter(~Exists(rows)).order_by("pk").values_list("pk", flat=True):
            yield Finding("I2", "has no ledger at all", pk)
        deals = Deal.objects.filter(pk=OuterRef("deal_id"))
        orphans = Transition.objects.filter(~Exists(deals)).order_by("deal_id", "seq")
        for deal_id, seq in orphans.values_list("deal_id", "seq"):
            yield Finding("I2", "belongs to a deal that is not there", deal_id, seq)

    def _ledger(self):
        guesses, gates = Guesses(), Gates() if self.strict else None
        last = max(self._last_block(), self.anchors.last_block())
        for number in range(last + 1):
            rows = rows_of(number)
            for deal_rows in _by_deal(rows):
                self.deals += 1
                yield from of_deal(deal_rows, guesses)
            yield from self.anchors.of_block(number, rows)
            if gates:
                yield from Block(gates, rows).findings()
            self.rows += len(rows)
            self.progress(f"{self.rows:,} rows of {self.deals:,} deals, block {number + 1:,} of {last + 1:,}")

    def _last_block(self):
        last = Transition.objects.aggregate(last=Max("deal_id"))["last"]
        return -1 if last is None else last // BLOCK

    def _outbox(self):
        """I7, as far as rows tell: a mail is waiting, sent or given up, and only one of these."""
        waits, sent, given_up = (
            Q(**{f"{column}__isnull": False}) for column in ("next_attempt_at", "sent_at", "given_up_at")
        )
        alone = (waits & ~sent & ~given_up) | (~waits & sent & ~given_up) | (~waits & ~sent & given_up)
        for pk in Mail.objects.exclude(alone).order_by("pk").values_list("pk", flat=True):
            yield Finding("I7", f"mail {pk} is neither waiting nor sent nor given up, or several of them")


def rows_of(number):
    """All rows of a block's deals with where these deals stand, in one statement."""
    rows = Transition.objects.filter(deal_id__gte=number * BLOCK, deal_id__lt=(number + 1) * BLOCK)
    return list(rows.order_by("deal_id", "seq", "id").values_list(*COLUMNS, named=True))


def _by_deal(rows):
    ours = []
    for row in rows:
        if ours and ours[-1].deal_id != row.deal_id:
            yield ours
            ours = []
        ours.append(row)
    if ours:
        yield ours
