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

_CHUNK = 2000


def held(stage):
    """Live deals of a stage."""
    return Deal.objects.made().live().filter(stage=stage)


def what_is_held(stage):
    """Their number and money, for who retires the stage."""
    found = held(stage).aggregate(count=Count("pk"), money=Sum("amount_base"))
    return retiring.Held(found["count"], found["money"] or Decimal(0))


def held_by_gone(old, new):
    """{stage id: ids of its live deals} of the stages that are no more and lead to one that is."""
    gone = [stage.stage_id for stage in old.stages if stage.stage_id not in new]
    found = Stage.objects.filter(pk__in=gone).select_related("retired_to")
    leading = [stage for stage in found if (to := retiring.destination(stage)) and to.pk in new]
    return {stage: list(held(stage).order_by("pk").values_list("pk", flat=True)) for stage in leading}


def chunks(ids):
    """How often `taken` is called for so many."""
    return -(-len(ids) // _CHUNK)


def remap(publication, old, new, gone, taken):
    """Move these live deals to where their stages lead; `taken` is called after each 2,000. Returns all their ids.

    Imported deals that once landed in such a stage landed where it leads.
    """
    for stage, ids in gone.items():
        to = retiring.destination(stage)
        Deal.objects.filter(landed_in=stage).update(landed_in=to)
        _move(publication, ids, old.stage(stage.pk), new.stage(to.pk), taken)
    return [pk for ids in gone.values() for pk in ids]


def _move(publication, ids, left, entered, taken):
    version = publication.version
    words = _("“%(stage)s” left the process with version %(number)d.")
    for start in range(0, len(ids), _CHUNK):
        move_many(
            ids[start : start + _CHUNK], Kind.REMAP, to=entered.stage_id, by=version.published_by,
            now=version.published_at, source=Source.RULE,
            reason=words % {"stage": left.name, "number": version.number},
        )  # fmt: skip
        taken()
    if left.owner_role_id != entered.owner_role_id:
        _hand_over(Deal.objects.filter(Among("pk", ids)), entered.owner_role_id)


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
