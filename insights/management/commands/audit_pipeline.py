import csv
import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from insights.audit import detailing, figures, keeping, listing
from insights.audit.look import DRAFT, Look
from pipeline.models import Pipeline
from team import formats
from team.csv_files import cell
from team.models import remembered

SOME_FAIL = 3


class Command(BaseCommand):
    help = _(
        "Hold each live deal against its published process, or the draft, and say what is left when proof counts. "
        "Ends with status 0, with 1 where it could not be done, and with 3 where --check finds a deal that fails."
    )

    def add_arguments(self, parser):
        parser.add_argument("slug", nargs="?", help=_("the pipeline; all of them where it is left out"))
        parser.add_argument(
            "--draft", action="store_true", help=_("against the draft, before it is published")
        )
        parser.add_argument(
            "--keep", action="store_true", help=_("keep the audit, to be compared with later ones")
        )
        parser.add_argument("--note", default="", help=_("a note to keep with it"))
        parser.add_argument(
            "--csv", metavar="FILE", help=_("write every deal with what it lacks to this file")
        )
        parser.add_argument("--json", action="store_true", help=_("print the figures as JSON"))
        parser.add_argument("--check", action="store_true", help=_("end with status 3 where a deal fails"))

    @remembered()
    def handle(self, *args, slug=None, draft=False, csv=None, **options):
        now = timezone.now()
        looks = [Look.of_all(pipeline, now, DRAFT if draft else "") for pipeline in _pipelines(slug)]
        found = [(look, figures.of(look)) for look in looks]
        if csv:
            _write(csv, looks)
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(look, each) for look, each in found], indent=1))
        else:
            for look, each in found:
                self._say(look, each)
        if options["keep"]:
            for look in looks:
                made = keeping.keep(look, by=None, note=options["note"][:200], now=now)
                detailing.go_on(made, now)
        if options["check"] and any(each.whole.failing for _look, each in found):
            sys.exit(SOME_FAIL)

    def _say(self, look, found):
        whole, version = found.whole, look.published.version.number
        against = _("draft") if look.is_draft else _("version %d") % version
        said = figures.headline(whole.before, whole.after, look.currency)
        self.stdout.write(f"{look.pipeline.name} ({against}): {said}")
        width = max([len(line.name) for line in found.stages], default=0)
        for line in found.stages:
            before, after = (formats.money(money, look.currency) for money in (line.before, line.after))
            fail = _("%(failing)d of %(deals)d fail") % vars(line)
            self.stdout.write(f"  {line.name:{width}}  {before:>14}  {after:>14}  {fail}")
        failing = ngettext("%d deal fails", "%d deals fail", whole.failing) % whole.failing
        self.stdout.write(_("%(failing)s of %(deals)d") % {"failing": failing, "deals": whole.deals})


def _pipelines(slug):
    published = Pipeline.objects.filter(is_active=True, version__isnull=False).select_related("version")
    found = list(published.filter(slug=slug) if slug else published.order_by("position", "pk"))
    if not found:
        raise CommandError(
            _("There is no published pipeline %s.") % slug if slug else _("No pipeline is published.")
        )
    return found


def _write(path, looks):
    try:
        with Path(path).open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file)
            writer.writerow(listing.HEAD)
            writer.writerows([cell(value) for value in row] for look in looks for row in listing.sheet(look))
    except OSError as error:
        raise CommandError(
            _("%(path)s cannot be written: %(why)s") % {"path": path, "why": error.strerror}
        ) from error


def _as_json(look, found):
    return {
        "pipeline": look.pipeline.slug,
        "against": "draft" if look.is_draft else look.published.version.number,
        "currency": look.currency,
        **_figures(found.whole),
        "stages": [{"stage": line.name, **_figures(line)} for line in found.stages],
        "owners": [{"owner": line.name, **_figures(line)} for line in found.owners],
    }


def _figures(line):
    return {
        "deals": line.deals,
        "failing": line.failing,
        "before": f"{line.before:.2f}",
        "after": f"{line.after:.2f}",
    }
