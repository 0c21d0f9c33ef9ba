"""export_process SLUG: the draft of a pipeline as TOML, ready for load_process."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from pipeline.documents import ProcessError, read, write
from pipeline.loading import document_of
from pipeline.models import Pipeline


class Command(BaseCommand):
    help = "Write the process of a pipeline as TOML."

    def add_arguments(self, parser):
        parser.add_argument("slug")
        parser.add_argument("--output", metavar="FILE", help="write to this file instead of the screen")

    def handle(self, *, slug, output, **options):
        try:
            text = _text_of(_pipeline(slug))
        except ProcessError as error:
            raise CommandError(str(error)) from error
        if output:
            Path(output).write_text(text, encoding="utf-8")
        else:
            self.stdout.write(text, ending="")


def _pipeline(slug):
    pipeline = Pipeline.objects.filter(slug=slug).first()
    if pipeline is None:
        known = ", ".join(Pipeline.objects.values_list("slug", flat=True)) or _("none yet")
        raise CommandError(_("There is no pipeline with the slug %s; there are: %s.") % (slug, known))
    return pipeline


def _text_of(pipeline):
    """Written and read back once, so that whatever leaves can also come in."""
    text = write(document_of(pipeline))
    read(text, name=pipeline.slug)
    return text
