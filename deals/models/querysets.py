"""Questions asked of deals, in the words the business uses."""

from django.db import models
from django.db.models import Count, Q, Sum

from .machine import LIVE_STATUSES, Status


class DealQuerySet(models.QuerySet):
    def made(self):
        """Deals whose creation is on the ledger; a half-made row is nobody's to see."""
        return self.filter(seq__gt=0)

    def visible_to(self, user):
        """A rep sees the deals of their teams and those they act on; an admin sees all."""
        if not user.is_active:
            return self.none()
        if user.is_admin:
            return self.made()
        return self.made().filter(Q(team__in=user.team_ids) | Q(owner=user) | Q(next_owner=user))

    def editable_by(self, user):
        """A rep edits what they own or act on next; a manager the team's; an admin all."""
        if not user.is_active:
            return self.none()
        if user.is_admin:
            return self.made()
        mine = Q(owner=user) | Q(next_owner=user)
        return self.made().filter(mine | Q(team__in=user.team_ids) if user.is_manager else mine)

    def live(self):
        return self.filter(status__in=LIVE_STATUSES)

    def open(self):
        return self.filter(status=Status.OPEN)

    def proven(self, today, grace):
        """Open deals that the buyer backs: earlier gates hold, a dated next step, no exception, nothing lapsed.

        `grace` is the oldest next-step date that still counts (team.calendar.grace_date).
        """
        return self.open().filter(proven_condition(today, grace))

    def with_proven(self, today, grace):
        """Each deal with `is_proven`, by the one definition."""
        return self.annotate(
            is_proven=models.Case(
                models.When(proven_condition(today, grace) & Q(status=Status.OPEN), then=True),
                default=False,
                output_field=models.BooleanField(),
            )
        )

    def pulse(self):
        """Numbers of which one differs once a deal of these moved, was edited, answered or recounted, came or left."""
        sums = [Sum(name, default=0) for name in ("seq", "rev", "open_before", "held_here", "claimed_here")]
        return list(self.aggregate(Count("pk"), *sums).values())

    def for_update(self):
        """Lock the deal row alone: PostgreSQL re-checks joined rows against their old partners after waiting."""
        return self.select_for_update(of=("self",))


def proven_condition(today, grace):
    """The one definition of proven (requirements, settled point 9), without the status."""
    return Q(counts_as_pipeline=True, open_before=0) & proven_but_for_gates(today, grace)


def proven_but_for_gates(today, grace):
    """The part of it that no process can change."""
    return (
        Q(next_step_on__gte=grace, exception_until__isnull=True)
        & ~Q(next_step="")
        & (Q(holds_until__isnull=True) | Q(holds_until__gte=today))
    )
