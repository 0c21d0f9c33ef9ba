import signal
import threading

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, close_old_connections
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from automations import tick

YEARS = range(2000, 3000)  # days are counted from a moment in both directions, and the calendar has two ends


class Command(BaseCommand):
    help = "Do what is due now: recount deals whose proof ran out. With --every, go on doing so."

    def add_arguments(self, parser):
        parser.add_argument("--at", metavar="ISO-TIME", help="pretend it is this moment")
        parser.add_argument("--every", metavar="SECONDS", type=float, help="repeat until stopped")

    def handle(self, *args, at=None, every=None, **options):
        if at and every:
            raise CommandError("--at names one moment; it cannot be repeated with --every.")
        if every is not None and not 1 <= every <= 86400:
            raise CommandError("--every takes seconds, from 1 to 86400.")
        if every is None:
            self.stdout.write(str(tick.run(_moment(at)) if at else tick.run_now()))
            return
        self._repeat(every)

    def _repeat(self, every):
        stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopped.set())
        while not stopped.is_set():
            self._once()
            stopped.wait(every)

    def _once(self):
        """A database that is away for a moment ends one tick, not the scheduler: the next one heals."""
        close_old_connections()
        try:
            done = tick.run_now()
        except OperationalError as error:
            self.stderr.write(f"tick failed, will try again: {error}")
        else:
            if done:
                self.stdout.write(str(done))
        close_old_connections()


def _moment(text):
    if text is None:
        return timezone.now()
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.year not in YEARS:
        raise CommandError(f"--at is {text!r}; give a time such as 2026-12-01T09:00:00+00:00.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
