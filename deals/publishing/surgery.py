"""Stages that left the process: their live deals stand in another one from then on, each with its ledger row."""

from decimal import Decimal

from django.db.models import Count, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from pipeline import retiring
from pipeline.models import Stage
from team.models import TeamDefault, User

from ..models import Deal, Kind, Participant, Source
from ..moves import move_many
from ..rows.among import Among


def held(stage):
    """Live deals of a stage."""
    return Deal.objects.made().live().filter(stage=stage)


def what_is_held(stage):
    """Their number and money, for who retires the stage."""
    found = held(stage).aggregate(count=Count("pk"), money=Sum("amount_base"))
    return retiring.Held(found["count"], found["money"] or Decimal(0))


def remap(publication, old, new):
    """Move the live deals of stages that are no more to where these lead. Returns the ids of the deals moved.

    Imported deals that once landed in such a stage landed where it leads.
    """
    moved = []
    gone = [stage.stage_id for stage in old.stages if stage.stage_id not in new]
    for stage in Stage.objects.filter(pk__in=gone):
        to = retiring.destination(stage)
        if to is None or to.pk not in new:
            continue
        Deal.objects.filter(landed_in=stage).update(landed_in=to)
        moved += _move(publication, stage, to, old, new)
    return moved


def _move(publication, stage, to, old, new):
    left, entered, version = old.stage(stage.pk), new.stage(to.pk), publication.version
    ids = list(held(stage).order_by("pk").values_list("pk", flat=True))
    words = _("“%(stage)s” left the process with version %(number)d.")
    move_many(
        ids, Kind.REMAP, to=to.pk, by=version.published_by, now=version.published_at, source=Source.RULE,
        reason=words % {"stage": left.name, "number": version.number},
    )  # fmt: skip
    if left.owner_role_id != entered.owner_role_id:
        _hand_over(Deal.objects.filter(Among("pk", ids)), entered.owner_role_id)
    return ids


def _hand_over(deals, role):
    """As on entering a stage (door.next_owner_id), for all: participant, seller with that role, the team's default."""
    named = Participant.objects.filter(deal=OuterRef("pk"), role=role, user__is_active=True)
    seller = User.objects.filter(pk=OuterRef("owner"), roles=role, is_active=True)
    default = TeamDefault.objects.filter(team=OuterRef("team"), role=role, user__is_active=True)
    deals.update(
        next_owner=Coalesce(
            Subquery(named.values("user")[:1]),
            Subquery(seller.values("pk")[:1]),
            Subquery(default.values("user")[:1]),
            F("next_owner"),
        )
    )
