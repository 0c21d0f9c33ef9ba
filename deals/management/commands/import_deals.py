"""Deals from a file of another system, on the command line."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deals.importing import landing, mapping, reading
from deals.importing.checking import Plan
from deals.importing.report import ERROR, Report, headline
from pipeline.models import Pipeline
from pipeline.process import process_of
from team.formats import money
from team.models import Level, User

MOST_SHOWN = 20


class Command(BaseCommand):
    help = "Bring in deals from a CSV file of another system, claimed, and say what they lack."

    def add_arguments(self, parser):
        parser.add_argument("file", help="a text file: comma, semicolon or tab; UTF-8, UTF-16 or Latin-1")
        parser.add_argument(
            "--map", metavar="FILE", help="a TOML file: [columns], [stages], [owners], [defaults]"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, change nothing")
        parser.add_argument(
            "--land", choices=["claimed", "proven"], default="claimed",
            help="claimed: in the stage the file says; proven: in the deepest stage the answers prove",
        )  # fmt: skip
        parser.add_argument("--pipeline", metavar="SLUG", help="the pipeline; else the first one in use")
        whole = parser.add_mutually_exclusive_group()
        whole.add_argument(
            "--good-only", action="store_true", help="bring in the rows without errors (default)"
        )
        whole.add_argument("--all-or-nothing", action="store_true", help="one error keeps everything out")
        parser.add_argument("--report", metavar="FILE", help="write every problem to this CSV file")
        parser.add_argument(
            "--by", metavar="EMAIL", help="who imports: a manager or admin; else the first admin"
        )

    def handle(self, *, file, dry_run, report, all_or_nothing, land, **options):
        plan = self._plan(file, options)
        self.stdout.write(introduction(plan))
        with _opened(report) as out:
            sink = Report(out)
            summary = self._run(plan, sink, Path(file).name, dry_run, land, all_or_nothing)
        self.stdout.write("\n".join(words(plan, summary, sink, dry_run)))
        if dry_run and summary.rejected:
            raise CommandError(would_stay_out(summary))

    def _plan(self, file, options):
        by, pipeline = _importer(options["by"]), _pipeline(options["pipeline"])
        try:
            said = mapping.from_toml(_bytes(options["map"]), process_of(pipeline)) if options["map"] else None
            return Plan(reading.read(_bytes(file)), pipeline, by=by, now=timezone.now(), mapping=said)
        except (reading.Unreadable, mapping.BadMapping) as error:
            raise CommandError(f"{Path(file).name}: {error}") from error

    def _run(self, plan, sink, name, dry_run, land, all_or_nothing):
        progress = self._progress(plan.total)
        try:
            if dry_run:
                return landing.check(plan, sink, progress)
            options = {"landed": land, "all_or_nothing": all_or_nothing, "report": sink, "progress": progress}
            return landing.land(plan, name=name, **options)[1]
        except reading.Unreadable as error:
            raise CommandError(f"{name}: {error}") from error
        except landing.NothingImported as error:
            lines = [
                _("Nothing was imported: %d rows have errors.") % error.summary.rejected,
                *problem_lines(sink),
            ]
            raise CommandError("\n".join(lines)) from error

    def _progress(self, total):
        """A line that rewrites itself on a terminal; every tenth of the file elsewhere."""
        tty, last = sys.stderr.isatty(), [0]

        def show(done):
            share = done * 10 // max(total, 1)
            if tty or share != last[0]:
                self.stderr.write(f"{done:,} / {total:,}", ending="\r" if tty and done < total else "\n")
                last[0] = share

        return show


def would_stay_out(summary):
    """Why a dry run ends with status 1, so that a script can tell."""
    said = ngettext("%d row would be rejected.", "%d rows would be rejected.", summary.rejected)
    return said % summary.rejected


def introduction(plan):
    """What was recognised, before anything happens."""
    sheet = plan.sheet
    taken = ", ".join(f"{sheet.header[place]} → {field}" for place, field in sorted(plan.fields.items()))
    lines = [
        _("%(rows)d rows, %(encoding)s, separated by %(separator)s, into %(pipeline)s as %(by)s.")
        % {"rows": plan.total, "encoding": sheet.shown_encoding, "separator": sheet.shown_separator,
           "pipeline": plan.pipeline.name, "by": plan.by},
        _("Columns: %s") % taken,
    ]  # fmt: skip
    if plan.unused:
        lines.append(_("Not used: %s") % ", ".join(plan.unused))
    if plan.date_order.unclear and "dates" not in plan.mapping.defaults:
        order = _("month first") if plan.month_first else _("day first")
        lines.append(
            _("Dates like %(example)s are read %(order)s.")
            % {"example": plan.date_order.unclear, "order": order}
        )
    return "\n".join(lines)


def words(plan, summary, sink, dry):
    """The summary, line by line."""
    currency = plan.organisation.currency
    yield headline(summary, dry)
    for part in summary.in_order(plan.process):
        yield f"  {part.name}: {part.deals} · {money(part.money, currency)}"
    yield _("Open deals: claimed %(claimed)s · proven %(proven)s") % {
        "claimed": money(summary.claimed, currency),
        "proven": money(summary.proven, currency),
    }
    if summary.blank:
        yield _("Open deals without an amount in the file: %d") % summary.blank
    if summary.missing:
        yield _("What the buyer has not confirmed yet:")
    for row in summary.missing:
        yield f"  {row['stage']}: {row['label']} – {row['deals']} · {money(row['money'], currency)}"
    yield from problem_lines(sink)


def problem_lines(sink):
    often = sink.often()
    for level, column, reason, many in often[:MOST_SHOWN]:
        where = f"{column}: " if column else ""
        yield f"{level.upper() if level == ERROR else level} ×{many}  {where}{reason}"
    if len(often) > MOST_SHOWN:
        yield _("and %d more kinds of problems; --report FILE lists every one.") % (len(often) - MOST_SHOWN)
    for problem in sink.first[:MOST_SHOWN]:
        yield _("  line %(line)d, %(column)s “%(value)s”: %(reason)s") % {
            "line": problem.line, "column": problem.column, "value": problem.value, "reason": problem.reason,
        }  # fmt: skip


def _bytes(path):
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CommandError(
            _("%(path)s cannot be read: %(why)s.") % {"path": path, "why": error.strerror}
        ) from error


class _opened:
    """The report's file, or nothing where none was asked for."""

    def __init__(self, path):
        self.path, self.file = path, None

    def __enter__(self):
        if self.path:
            try:
                self.file = open(self.path, "w", encoding="utf-8-sig", newline="")
            except OSError as error:
                raise CommandError(_("The report cannot be written: %s.") % error.strerror) from error
        return self.file

    def __exit__(self, *exception):
        if self.file:
            self.file.close()


def _importer(email):
    people = User.objects.active()
    if email:
        person = people.filter(email__iexact=email).first()
        if person is None or not person.is_manager:
            raise CommandError(_("%s is no active manager or admin; only they import deals.") % email)
        return person
    admin = people.filter(level=Level.ADMIN).order_by("pk").first()
    if admin is None:
        raise CommandError(_("Who imports? Make an admin first, or name a manager with --by EMAIL."))
    return admin


def _pipeline(slug):
    pipelines = Pipeline.objects.active().select_related("version")
    found = pipelines.filter(slug=slug).first() if slug else pipelines.first()
    if found is None and slug:
        known = ", ".join(pipelines.values_list("slug", flat=True))
        raise CommandError(
            _("There is no pipeline %(slug)s in use; there are: %(known)s.") % {"slug": slug, "known": known}
        )
    if found is None:
        raise CommandError(_("There is no pipeline yet. Load a process first: load_process b2b-seven-stages"))
    return found
