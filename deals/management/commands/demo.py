"""demo: make the demo company, with people who can log in and deals of 18 months."""

from argparse import ArgumentTypeError
from datetime import UTC

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from deals.demo import build
from deals.demo.people import PASSWORD, PEOPLE
from deals.models import Deal


class Command(BaseCommand):
    help = "Make the demo company: people with logins, two pipelines, deals of 18 months."

    def add_arguments(self, parser):
        parser.add_argument("--at", metavar="ISO-TIME", type=_moment, help="the moment of the demo; else now")

    def handle(self, *, at, **options):
        if build.is_there():
            self.stdout.write(_("The demo company is already there. Nothing was changed."))
            return
        if build.in_the_way():
            raise CommandError(
                _("This database has deals or pipelines of its own. The demo needs an empty one.")
            )
        build.build(at or timezone.now(), say=lambda line: self.stdout.write(f"  {line} ..."))
        count = Deal.objects.count()
        self.stdout.write(_("%(count)d deals. Log in as %(login)s@demo.example, password %(password)s.") % {
            "count": count, "login": PEOPLE[0][0], "password": PASSWORD,
        })  # fmt: skip


def _moment(text):
    """An instant; without an offset it is UTC."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise ArgumentTypeError(_("%s is no time. Write it like 2026-11-19T09:00:00+01:00.") % text)
    return timezone.make_aware(moment, UTC) if timezone.is_naive(moment) else moment
