"""What the engine did, does next and holds back: one page for those who run it."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Max, Min, Q, Sum
from django.utils import timezone

from deals.models import ClocksToFollow, Deal, Firing, FiringState
from deals.timers import due_following
from outbox.models import Delivery, Mail
from pipeline.models import RuleDefinition
from pipeline.rules import in_words

from . import holds
from .claiming import due_deals
from .models import Hold, Setback, Tick

LATE = timedelta(minutes=5)
RECENT = timedelta(days=7)


@dataclass
class RuleLine:
    """A rule in force: when it fired last, when it fires next, how often and for how many it is due.

    Of those that are due `held` wait for a manager's word; `errors` were set aside and are tried again.
    """

    definition: RuleDefinition
    words: str
    last: object = None
    fired: int = 0
    shadow: int = 0
    undone: int = 0
    next: object = None
    due: int = 0
    held: int = 0
    errors: int = 0
    waiting: int = 0


def rule_lines(now):
    """A RuleLine for each rule in force, by pipeline."""
    found = RuleDefinition.objects.filter(valid_until__isnull=True, pipeline__is_active=True)
    found = found.exclude(key__startswith="former-").select_related("pipeline", "stage")
    lines = {
        d.pk: RuleLine(d, in_words(d))
        for d in found.order_by("pipeline__position", "pipeline", "stage", "days")
    }
    by_rule = {(line.definition.rule_id): line for line in lines.values()}
    for row in _fired(now):
        if line := by_rule.get(row["definition__rule"]):
            line.last, line.fired = row["last"], row["fired"]
            line.shadow, line.undone = row["shadow"], row["undone"]
    going = dict(due_deals(now).order_by().values_list("next_due_rule").annotate(Count("pk")))
    for row in _coming(now):
        if line := lines.get(row["next_due_rule"]):
            line.next, line.due, line.waiting = row["next"], row["due"], row["waiting"]
            line.held = line.due - going.get(row["next_due_rule"], 0)
    for rule, count in setbacks().order_by().values_list("deal__next_due_rule").annotate(Count("pk")):
        if line := lines.get(rule):
            line.errors = count
    return list(lines.values())


def _fired(now):
    recent = Firing.objects.filter(fired_at__gte=now - timedelta(days=90)).order_by()
    return recent.values("definition__rule").annotate(
        last=Max("fired_at"),
        fired=Count("pk", filter=~Q(state__in=[FiringState.SHADOW])),
        shadow=Count("pk", filter=Q(state=FiringState.SHADOW)),
        undone=Count("pk", filter=Q(state=FiringState.UNDONE)),
    )


def _coming(now):
    waiting = Deal.objects.filter(next_due_at__isnull=False).order_by()
    return waiting.values("next_due_rule").annotate(
        next=Min("next_due_at"), due=Count("pk", filter=Q(next_due_at__lte=now)), waiting=Count("pk")
    )


@dataclass(frozen=True)
class Health:
    """Whether somebody looks at the clock, and what waits to leave."""

    tick: Tick | None
    is_late: bool
    due: int
    mails: int
    mails_given_up: int
    webhooks: int
    webhooks_given_up: int
    following: list[ClocksToFollow]


def health(now):
    tick = Tick.objects.filter(pk=1).first()
    waiting = Q(next_attempt_at__isnull=False)
    given_up = Q(given_up_at__isnull=False)
    mails = Mail.objects.aggregate(a=Count("pk", filter=waiting), b=Count("pk", filter=given_up))
    hooks = Delivery.objects.aggregate(a=Count("pk", filter=waiting), b=Count("pk", filter=given_up))
    return Health(
        tick,
        tick is None or now - tick.at > LATE,
        due_deals(now).count(),
        mails["a"],
        mails["b"],
        hooks["a"],
        hooks["b"],
        list(due_following.left()),
    )


@dataclass(frozen=True)
class Held:
    pk: int
    words: str
    since: object


def held():
    """Holds that wait for a manager's word."""
    standing = Hold.objects.filter(released_at__isnull=True).select_related("pipeline")
    return [Held(hold.pk, holds.words(hold), hold.held_at) for hold in standing]


def asked(user):
    """Archives that wait for this manager's word, the most money first."""
    found = (
        Firing.objects.asked().visible_to(user).select_related("deal__company", "deal__owner", "definition")
    )
    return found.order_by("-deal__amount_base", "pk")


def asked_money(firings):
    return firings.aggregate(money=Sum("deal__amount_base"))["money"] or 0


def setbacks():
    return Setback.objects.select_related("deal").filter(retry_at__gte=timezone.now() - RECENT)
