"""What the board asks of the database: a page of cards per column, whole columns' totals, and whether it changed.

Every function asks as often however many columns there are: once, the cards twice.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Sum, TextField, Value, When

from .. import new_owner
from ..models import Deal, GateRefusal, Kind, Stakeholder, Status, Transition
from . import erosion

PAGE = 30
RE_ENGAGE = "re_engaging"
SCOPES = ("team", "mine", "blocked")
STANDING = [Status.OPEN, Status.PAUSED]


@dataclass(frozen=True)
class Scope:
    """Whose deals the board shows: as asked in the address, within what the user may see."""

    user: object
    pipeline: object
    who: str = "team"
    owner: int | None = None

    def deals(self):
        """The pipeline's live deals."""
        return self.of_any_pipeline().filter(pipeline=self.pipeline)

    def of_any_pipeline(self):
        deals = Deal.objects.visible_to(self.user).live()
        if self.who == "mine":
            deals = deals.filter(Q(owner=self.user) | Q(next_owner=self.user))
        if self.who == "blocked":
            deals = blocked(deals)
        return deals

    def column(self, key):
        """The deals of one column: those standing in a stage, or the silent ones of all stages.

        A stage belongs to one pipeline: naming that too would lead SQLite away from the column's partial index.
        """
        deals = self.of_any_pipeline()
        if self.owner:
            deals = deals.filter(owner=self.owner)
        if key == RE_ENGAGE:
            return deals.filter(pipeline=self.pipeline, status=Status.RE_ENGAGING)
        return deals.filter(stage_id=key, status__in=STANDING)

    @property
    def narrowed(self):
        return self.who != "team" or self.owner is not None


def refused_here():
    """Whether the gate refused the deal since it entered its stage."""
    return Exists(GateRefusal.objects.filter(deal=OuterRef("pk"), at__gt=OuterRef("stage_entered_at")))


def why_paused():
    """The reason of a paused deal's pause; empty for every other deal."""
    rows = Transition.objects.filter(deal=OuterRef("pk"), kind=Kind.PAUSE).order_by("-seq")
    reason = When(status=Status.PAUSED, then=Subquery(rows.values("reason")[:1]))
    return Case(reason, default=Value(""), output_field=TextField())


def blocked(deals):
    """Deals that tried to move on, were refused, and still have open criteria."""
    still_open = Q(open_before__gt=0) | Q(held_here__lt=F("total_here"))
    return deals.filter(still_open, status=Status.OPEN).filter(refused_here())


def blocked_count(scope):
    return blocked(Scope(scope.user, scope.pipeline).deals()).count()


@dataclass
class Total:
    """A column's deals, all of them: how many, and their money in the organisation's currency."""

    count: int = 0
    proven: Decimal = Decimal(0)
    claimed: Decimal = Decimal(0)
    paused: Decimal = Decimal(0)

    @property
    def open(self):
        return self.proven + self.claimed


@dataclass
class Totals:
    columns: dict = field(default_factory=dict)  # stage id, or RE_ENGAGE -> Total
    owners: dict = field(default_factory=dict)  # (user id, name) -> deals
    count: int = 0

    def of(self, key):
        return self.columns.setdefault(key, Total())


def totals(scope, today, grace):
    """Totals of every column, and how many deals each owner has for the filter. One statement."""
    is_open = Q(status=Status.OPEN)
    grouped = scope.deals().with_proven(today, grace).order_by()
    rows = grouped.values_list("stage_id", "status", "owner_id", "owner__name").annotate(
        n=Count("pk"),
        proven=Sum("amount_base", filter=Q(is_proven=True), default=Decimal(0)),
        money=Sum("amount_base", default=Decimal(0)),
        open=Sum("amount_base", filter=is_open, default=Decimal(0)),
    )
    found = Totals()
    for stage_id, status, owner_id, name, *numbers in rows:
        found.owners[owner_id, name] = found.owners.get((owner_id, name), 0) + numbers[0]
        if scope.owner in (None, owner_id):
            _add(found, RE_ENGAGE if status == Status.RE_ENGAGING else stage_id, *numbers)
    return found


def _add(found, key, count, proven, money, open_money):
    total = found.of(key)
    total.count += count
    total.proven += proven
    total.claimed += open_money - proven
    total.paused += money - open_money
    found.count += count


def cards(scope, places, today, grace):
    """{column: its next cards, at most one more than a page}, in column order. Two statements.

    `places` maps a column to the card its page starts after: None, or (next-step date or None, deal id).
    Each column is read from its partial index: first the deals without a next-step date, then the dated ones,
    since the engines disagree on where NULL sorts. Which cards they are is asked first, by itself: told as a condition
    of the second statement, PostgreSQL asks it again for each deal once many came in that it has not counted yet.
    """
    slices = [part for key, after in places.items() for part in _slices(scope.column(key), after)]
    found = (
        Deal.objects.filter(pk__in=_chosen(slices)).with_proven(today, grace).annotate(refused=refused_here())
    )
    found = found.annotate(
        paused_because=why_paused(), handed_over=new_owner.is_waiting(), **erosion.marks(today)
    )
    pages = {key: [] for key in places}
    for deal in found.select_related("company", "owner", "next_owner").order_by():
        pages[column_of(deal)].append(deal)
    return {key: sorted(page, key=sort_key)[: PAGE + 1] for key, page in pages.items()}


def _chosen(slices):
    """The ids of all slices. SQLite takes a slice in a union only inside another query."""
    if not connection.features.supports_slicing_ordering_in_compound:
        slices = [Deal.objects.filter(pk__in=part).order_by().values("pk") for part in slices]
    return [row["pk"] for row in slices[0].union(*slices[1:], all=True)]


def column_of(deal):
    return RE_ENGAGE if deal.status == Status.RE_ENGAGING else deal.stage_id


def sort_key(deal):
    return deal.next_step_on or date.min, deal.pk


def _slices(deals, after):
    """The next page as one or two sliced querysets of ids: undated deals first, then dated ones."""
    day, last = after or (None, 0)
    dated = deals.filter(next_step_on__isnull=False)
    if day is not None:
        dated = dated.filter(Q(next_step_on__gt=day) | Q(next_step_on=day, pk__gt=last))
    parts = [dated.order_by("next_step_on", "pk").values("pk")[: PAGE + 1]]
    if day is None:
        undated = deals.filter(next_step_on__isnull=True)
        undated = undated.filter(pk__gt=last) if last else undated
        parts.insert(0, undated.order_by("next_step_on", "pk").values("pk")[: PAGE + 1])
    return parts


def card_of(scope, deal_id, today, grace):
    """One deal as the board shows it, or None where it is not live or not for this user."""
    deals = Deal.objects.visible_to(scope.user).live().filter(pk=deal_id)
    annotated = deals.with_proven(today, grace).annotate(refused=refused_here(), **erosion.marks(today))
    annotated = annotated.annotate(paused_because=why_paused(), handed_over=new_owner.is_waiting())
    return annotated.select_related("company", "owner", "next_owner").first()


# Whom a decision waits on: the one who signs, else who approves, else who speaks for us.
DECIDERS = ["economic_buyer", "approver", "champion"]


def deciders(deal_ids):
    """{deal id: name of the buyer's person the decision is with}. One statement."""
    people = Stakeholder.objects.filter(
        deal__in=deal_ids, roles__role__in=DECIDERS, contact__left_at__isnull=True
    )
    rows = people.order_by().values_list("deal_id", "roles__role", "pk", "contact__name")
    ranked = sorted(rows, key=lambda row: (DECIDERS.index(row[1]), row[2]), reverse=True)
    return {deal_id: name for deal_id, _role, _pk, name in ranked}


def version(scope):
    """A word that differs once something on the board does: a deal came, left, moved, was edited, answered, recounted.

    A move or an edit raises a deal's seq or rev, a recount its counts; a change of process has a new version.
    One statement over what the user sees of the pipeline's live deals, through the board's partial indexes.
    """
    seen = Deal.objects.visible_to(scope.user).live().filter(pipeline=scope.pipeline).order_by()
    return ".".join(str(number) for number in (scope.pipeline.version_id, *seen.pulse()))
