"""Which part of a panel's figures a list of deals is, in words: what `arg` of its address stands for, else nothing.

Nobody is named of whom the person who looks sees no deal.
"""

from datetime import timedelta

from django.utils.dateformat import format as date_format

from deals.models import Competitor, LossReason
from pipeline.models import CriterionDefinition, Stage
from team import formats
from team.digits import number_in
from team.models import User

from .. import periods


def number(arg):
    """An id as an address says it; -1 where it is none."""
    found = number_in(arg)
    return -1 if found is None else found


def words(known):
    """Of a fixed set: {arg: words}."""
    return lambda _lens, arg: str(known.get(arg, ""))


def stage(_lens, arg):
    return _name(Stage.objects.filter(pk=number(arg)))


def loss_reason(_lens, arg):
    return _name(LossReason.objects.filter(pk=number(arg)))


def competitor(_lens, arg):
    return _name(Competitor.objects.filter(pk=number(arg)))


def criterion(_lens, arg):
    found = CriterionDefinition.objects.filter(criterion=number(arg)).order_by("-valid_from")
    return found.values_list("label", flat=True).first() or ""


def owner(lens, arg):
    return _name(lens.visible().filter(owner=number(arg)), "owner__name")


def person(lens, arg):
    """Who had something to do, also on deals of others: of those this eye leads alone."""
    known = User.objects.all() if lens.sees_all else User.objects.filter(teams__in=lens.user.team_ids)
    return _name(known.filter(pk=number(arg)))


def seller(lens, arg):
    """'team-3' or 'rep-4'."""
    kind, _dash, pk = arg.partition("-")
    if kind == "team":
        return _name(lens.visible().filter(team=number(pk)), "team__name")
    return owner(lens, pk) if kind == "rep" else ""


def month(_lens, arg):
    """'2026-12'"""
    day = periods.day_of(f"{arg}-01")
    return date_format(day, "F Y") if day else ""


def week(lens, arg):
    """So many weeks ago."""
    back = number(arg)
    monday = lens.today - timedelta(days=lens.today.weekday())
    return formats.day(monday - timedelta(weeks=back)) if 1 <= back <= 53 else ""


def _name(rows, column="name"):
    return rows.order_by().values_list(column, flat=True).first() or ""
