"""A process is looked at again every quarter: when that is due, who is told, and that it was done."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from team.calendar import local_date
from team.models import Level, Organisation, User
from team.notices import tell

from .models import Pipeline


def due_on(pipeline):
    """The day the next review is due: counted from the last one, else from the first publication."""
    if pipeline.reviewed_on:
        return pipeline.reviewed_on + timedelta(days=pipeline.review_every_days)
    first = pipeline.versions.order_by("number").values_list("published_at", flat=True).first()
    if first is None:
        return None
    return local_date(first, Organisation.current()) + timedelta(days=pipeline.review_every_days)


def mark_reviewed(pipeline, now):
    """Somebody has looked: the next review counts from today."""
    pipeline.reviewed_on = local_date(now, Organisation.current())
    pipeline.save(update_fields=["reviewed_on"])


def may_review(user, pipeline):
    return user.is_admin or (user.is_active and pipeline.process_owner_id == user.pk)


def remind(now):
    """Tell each process owner whose review is due, once per period. Returns how many processes are due."""
    today = local_date(now, Organisation.current())
    due = [
        (pipeline, due_on(pipeline)) for pipeline in Pipeline.objects.active().select_related("process_owner")
    ]
    due = [(pipeline, day) for pipeline, day in due if day <= today]
    for pipeline, day in due:
        words = (
            _("“%s” is due for its review: look at what is weak in it, what deals say and its figures.")
            % pipeline
        )
        url = reverse("process_health", args=[pipeline.slug])
        tell(_people(pipeline), words, key=f"review:{pipeline.pk}:{day.isoformat()}", url=url, now=now)
    return len(due)


def _people(pipeline):
    """The owner; the admins where nobody owns it any more."""
    if pipeline.process_owner and pipeline.process_owner.is_active:
        return [pipeline.process_owner]
    return User.objects.active().filter(level=Level.ADMIN)
