"""Whose word rows wait for: conditions for the subqueries that waiting.py counts by."""

from django.db.models import CharField, ExpressionWrapper, OuterRef, Q

from .models import Level, User


def of_managers(rows):
    level = ExpressionWrapper(OuterRef("level"), output_field=CharField())
    return rows.annotate(its_level=level).filter(its_level__in=[Level.MANAGER, Level.ADMIN])


def of_managers_who_see_the_deal(rows):
    """As Deal.objects.visible_to() has it, for managers and admins."""
    teams = User.teams.through.objects.filter(user=OuterRef(OuterRef("pk"))).values("team")
    mine = Q(deal__team__in=teams) | Q(deal__owner=OuterRef("pk")) | Q(deal__next_owner=OuterRef("pk"))
    return of_managers(rows).filter(Q(its_level=Level.ADMIN) | mine, deal__seq__gt=0)
