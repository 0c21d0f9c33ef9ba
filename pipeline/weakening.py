"""Asking less of the buyer is told to everybody who answers for a team, with what exactly changed."""

from django.urls import reverse
from django.utils.translation import ngettext

from team import notices
from team.models import Level, User


def tell(version, now):
    """Give every manager and admin but who published it a notice of what this version asks less of, once."""
    count = len(version.weakened)
    if not count:
        return
    words = ngettext(
        "%(name)s, version %(number)d: one criterion asks less than before.",
        "%(name)s, version %(number)d: %(count)d criteria ask less than before.",
        count,
    ) % {"name": version.pipeline.name, "number": version.number, "count": count}
    leaders = (
        User.objects.active()
        .filter(level__in=[Level.MANAGER, Level.ADMIN])
        .exclude(pk=version.published_by_id)
    )
    notices.tell(leaders, words, key=f"weakened-{version.token}", url=comparison_url(version), now=now)


def comparison_url(version):
    """The page that says what a version changed."""
    page = reverse("process_compare", args=[version.pipeline.slug])
    return f"{page}?from={version.number - 1}&to={version.number}"
