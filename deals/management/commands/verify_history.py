import sys
import time

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from deals.history.anchored import Anchors, NoAnchors
from deals.history.walk import Walk
from team.calendar import local_date


class Command(BaseCommand):
    help = _(
        "Walk the ledger of every deal and name each row that was altered, removed, put in or cut off, one line each."
        " Ends with status 1 where there is one."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--strict",
            action="store_true",
            help=_("evaluate every advance again, and compare stored counts, outbox and files, too"),
        )
        parser.add_argument(
            "--anchor",
            metavar="FILE",
            help=_("compare with anchors kept outside: ANCHOR_FILE, lines of the log, or of the mails"),
        )

    def handle(self, *args, strict=False, anchor=None, **options):
        began, found = time.monotonic(), 0
        try:
            anchors = Anchors.gathered(anchor)
        except NoAnchors as error:
            raise CommandError(str(error)) from error
        walk = Walk(anchors, local_date(timezone.now()), strict=strict, progress=self._progress())
        for finding in walk.findings():
            found += 1
            self.stdout.write(str(finding))
        self._sum_up(walk, anchors, found, time.monotonic() - began)
        if found:
            sys.exit(1)

    def _progress(self):
        """A line that rewrites itself on a terminal; nothing elsewhere."""
        if not sys.stderr.isatty():
            return lambda text: None
        return lambda text: self.stderr.write(f"\r\x1b[K{text}", ending="")

    def _sum_up(self, walk, anchors, found, seconds):
        if sys.stderr.isatty():
            self.stderr.write("\r\x1b[K", ending="")
        said = {
            "found": found, "rows": f"{walk.rows:,}", "deals": f"{walk.deals:,}", "days": len(anchors.known),
            "seconds": f"{seconds:.1f}",
        }  # fmt: skip
        if anchors.first_bad_day:
            self.stdout.write(_("The first day that does not match its anchor: %s") % anchors.first_bad_day)
        line = _("%(found)d findings; %(rows)s rows of %(deals)s deals, %(days)d anchors, %(seconds)s s")
        self.stdout.write(line % said)
