"""lint_process [SLUG] [--strict] [--published]: what is weak in a process and what its deals say, worst first."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.linting import Level, by_weight, lint, lint_published
from pipeline.models import Pipeline

from ...publishing import process_health


class Command(BaseCommand):
    help = "Say what is weak in a process. Ends with status 1 on errors, with --strict on warnings too."

    def add_arguments(self, parser):
        parser.add_argument("slug", nargs="?", help="the pipeline; without it every one that is in use")
        parser.add_argument("--strict", action="store_true", help="warnings end with status 1, too")
        parser.add_argument("--published", action="store_true", help="what is in force, not the draft")

    def handle(self, *, slug, strict, published, **options):
        found = [finding for pipeline in _pipelines(slug) for finding in self._report(pipeline, published)]
        grave = [Level.ERROR, Level.WARN] if strict else [Level.ERROR]
        if any(finding.level in grave for finding in found):
            raise CommandError(_("The process needs mending."), returncode=1)

    def _report(self, pipeline, published):
        found = _findings(pipeline, published)
        for finding in found:
            self.stdout.write(f"{pipeline.slug}: {finding.level}: {finding} {finding.mend} [{finding.code}]")
        if not found:
            self.stdout.write(_("%s: nothing to say.") % pipeline.slug)
        return found


def _findings(pipeline, published):
    """Deals speak of what is in force, of a draft's gates nobody knows yet."""
    if pipeline.version_id is None:
        return lint(pipeline)
    written = lint_published(pipeline) if published else lint(pipeline)
    return by_weight([*written, *process_health.findings(pipeline, timezone.now())])


def _pipelines(slug):
    known = Pipeline.objects.select_related("version")
    if slug is None:
        return known.filter(is_active=True)
    if not known.filter(slug=slug).exists():
        slugs = ", ".join(known.values_list("slug", flat=True)) or _("none yet")
        raise CommandError(_("There is no pipeline with the slug %s; there are: %s.") % (slug, slugs))
    return known.filter(slug=slug)
