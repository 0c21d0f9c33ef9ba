"""load_process FILE: a new process is put in force; one that is in force gets the file as its draft."""

from dataclasses import replace
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.documents import ProcessError, read
from pipeline.drafts import Draft
from pipeline.loading import TEMPLATES, load
from pipeline.models import Pipeline
from team.models import Level, User

SHORTEST_NOTE = 10


class Command(BaseCommand):
    help = (
        "Load a process from a TOML file (or a shipped one by its name). A new one is published; of one that is in "
        "force the file becomes the draft, and what it would change is said."
    )

    def add_arguments(self, parser):
        shipped = ", ".join(sorted(path.stem for path in TEMPLATES.glob("*.toml")))
        parser.add_argument("file", help=f"a TOML file, or one of: {shipped}")
        parser.add_argument("--slug", help="load it under this slug instead of the file's")
        parser.add_argument("--name", help="load it under this name instead of the file's")
        parser.add_argument(
            "--owner", metavar="EMAIL", help="the process owner; else the one it has, or an admin"
        )
        parser.add_argument("--note", default="", help="what changed, kept with the version")
        parser.add_argument("--draft", action="store_true", help="do not publish, not even a new one")
        parser.add_argument("--publish", action="store_true", help="publish also one that is in force")

    def handle(self, *, file, slug, name, owner, note, draft, publish, **options):
        if publish and draft:
            raise CommandError(_("--publish and --draft exclude each other."))
        try:
            document = _renamed(read(_path(file)), slug=slug, name=name)
            person = _owner(owner, document.slug)
            is_new = not Pipeline.objects.filter(slug=document.slug, version__isnull=False).exists()
            if publish and not is_new:
                _check_note(note)
            pipeline = load(
                document, by=person, owner=person, publish=publish or (is_new and not draft), note=note
            )
        except ProcessError as error:
            count = len(error.problems)
            raise CommandError(_("%d to mend, nothing was loaded:\n%s") % (count, error)) from error
        self.stdout.write(_report(pipeline, document))
        for line in _drafted(pipeline):
            self.stdout.write(line)


def _path(file):
    shipped = TEMPLATES / f"{file}.toml"
    return shipped if "/" not in file and not Path(file).exists() and shipped.exists() else Path(file)


def _renamed(document, **given):
    """The document under another slug or name, checked like the file itself."""
    given = {key: value for key, value in given.items() if value}
    if not given:
        return document
    from pipeline.documents import write

    return read(write(replace(document, **given)), name="--" + ", --".join(given))


def _owner(email, slug):
    if email:
        person = User.objects.active().filter(email__iexact=email).first()
        if person is None:
            raise CommandError(_("There is no active user with the e-mail %s.") % email)
        return person
    pipeline = Pipeline.objects.filter(slug=slug, process_owner__isnull=False).first()
    admin = User.objects.active().filter(level=Level.ADMIN).order_by("pk").first()
    if pipeline is None and admin is None:
        raise CommandError(
            _("Who owns this process? Make an admin first, or name a user with --owner EMAIL.")
        )
    return pipeline.process_owner if pipeline else admin


def _check_note(note):
    """What the page asks of a person is asked here too. (A file with an open gate is refused when it is read.)"""
    if len(note.strip()) < SHORTEST_NOTE:
        raise CommandError(
            _("Say with --note what changes and why, in at least %d characters.") % SHORTEST_NOTE
        )


def _drafted(pipeline):
    """What the file changes and is not in force."""
    draft = Draft(pipeline)
    if not draft.version or not draft.count:
        return []
    head = ngettext("%d change is not in force:", "%d changes are not in force:", draft.count) % draft.count
    foot = _(
        "Publish in the administration, where the effect on deals is shown, or with --publish --note TEXT."
    )
    return [head, *(f"  {line}" for line in draft.difference.lines()), foot]


def _report(pipeline, document):
    words = {
        "name": pipeline.name,
        "stages": len(document.stages),
        "criteria": sum(len(stage.criteria) for stage in document.stages),
        "version": pipeline.version.number if pipeline.version else 0,
    }
    return _("%(name)s: %(stages)d stages, %(criteria)d criteria, version %(version)d in force.") % words
