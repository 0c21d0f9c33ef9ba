"""The one door. Every change of a deal's stage or status happens inside `Move`, and *is* one ledger row."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_fsm import TransitionNotAllowed

from team.calendar import local_date
from team.models import Organisation, User

from ..gate import Judgement, Reading, snapshot
from ..locking import locked_deal
from ..models import Deal, GateRefusal, Kind, Source, Transition
from ..settle import settle
from ..tightening import binding
from . import ledger
from .errors import GateClosed, IllegalMove, MissingInput, NotAllowed, StaleDeal

# Where somebody looks at the deal while they move it.
BY_HAND = frozenset({Source.PAGE, Source.API, Source.ADMIN})


@dataclass
class Context:
    """Who moves, when, from where. `by` None is the system; the clock is always given."""

    by: User | None
    now: datetime = field(default_factory=timezone.now)
    source: str = Source.PAGE
    key: str = ""
    batch: str = ""


class Move:
    """One move of one deal, inside a transaction: locked, checked against what the mover saw, judged, written."""

    def __init__(self, deal_id, seen_seq, context):
        self._stand(*locked_deal(deal_id), context)
        self.check_permission()
        self.check_seen(seen_seq)
        if context.key:
            self.earlier = earlier_answer(deal_id, context.key)
        if self.earlier is None and seen_seq is not None and seen_seq != self.deal.seq:
            raise StaleDeal(self.deal, self.last)

    @classmethod
    def of_locked(cls, deal, process, context):
        """A move the system makes on a deal that its transaction holds already."""
        move = cls.__new__(cls)
        move._stand(deal, process, context)
        return move

    def _stand(self, deal, process, context):
        self.context, self.deal, self.process = context, deal, process
        self.last, self.earlier = ledger.last_row(deal), None
        self.before = (deal.stage_id, deal.status)
        self.organisation = Organisation.current()
        self.today = local_date(context.now, self.organisation)

    def check_permission(self):
        by = self.context.by
        if by is not None and not may_edit(by, self.deal):
            raise NotAllowed(
                _("Only the owner, the owner of the next action or a manager of the team may do this.")
            )

    def check_seen(self, seen_seq):
        """Who moves by hand says from which state: without it nobody could tell that somebody else was first."""
        if seen_seq is None and self.context.by is not None and self.context.source in BY_HAND:
            raise MissingInput({"seen_seq": _("Say which state of the deal you saw (seen_seq).")})

    def reading(self):
        """The deal's answers and facts as they stand now, in this transaction."""
        return Reading(self.deal, self.process, self.today)

    def fire(self, name, *arguments):
        """Let the state machine make the change in memory; it refuses what is not legal from here."""
        try:
            return getattr(self.deal, name)(*arguments)
        except TransitionNotAllowed as refusal:
            raise IllegalMove(not_legal(self.deal)) from refusal

    def judge(self, to_id, to_stage):
        """The gate's word on leaving for a later stage; raises GateClosed with everything that is open."""
        reading = self.reading()
        self.deal.judgement = judgement = reading.for_move(to_id)
        if not judgement.holds:
            raise GateClosed(self.deal, to_stage, judgement)
        return reading, judgement

    def write(self, kind, *, reading=None, judgement=None, also=(), **fields):
        """Insert the ledger row (a trigger moves the deal) and settle what is stored beside it."""
        stage_id, status = self.deal.stage_id, self.deal.status
        row = self._row(kind, stage_id, status, self.last, judgement or Judgement(), fields)
        row.save(force_insert=True)
        self.deal.seq = row.seq
        columns = {*also}
        self._entered(row, stage_id, columns)
        settle(self.deal, self.process, self.context.now, reading=reading, also=columns)
        return row

    def _row(self, kind, stage_id, status, previous, judgement, fields):
        from_stage, from_status = self.before
        fields.setdefault("happened_at", self.context.now)
        row = Transition(
            deal_id=self.deal.pk, seq=self.deal.seq + 1, kind=kind,
            from_stage_id=from_stage, to_stage_id=stage_id, from_status=from_status, to_status=status,
            actor=self.context.by, source=self.context.source, recorded_at=self.context.now,
            owner_id=self.deal.owner_id, team_id=self.deal.team_id,
            amount=self.deal.amount, currency=self.deal.currency, version_id=self.process.version.pk,
            snapshot=snapshot(self.deal, judgement.findings), key=self.context.key, batch=self.context.batch,
            prev_hash=previous.hash if previous else "", **fields,
        )  # fmt: skip
        row.hash = ledger.hash_of(row)
        return row

    def _entered(self, row, stage_id, columns):
        """What entering a stage brings with it: its clock starts, its role owns the next action."""
        if stage_id != self.before[0]:
            undone = row.kind == Kind.UNDO and ledger.entered_at(self.deal, row.seq)
            self.deal.stage_entered_at = undone or row.happened_at
            self.deal.next_owner_id = next_owner_id(self.deal, self.process, self.before[0])
            columns.update({"stage_entered_at", "next_owner"})
            binding.left(self.deal, self.process)


def may_edit(user, deal):
    """The same as Deal.objects.editable_by, for a deal already in hand."""
    if not user.is_active:
        return False
    if user.is_admin or user.pk in (deal.owner_id, deal.next_owner_id):
        return True
    return user.is_manager and deal.team_id in user.team_ids


def not_legal(deal):
    """What to tell somebody who asks for a move the deal's status does not allow."""
    if not deal.is_live:
        return _("This deal is %s. Reopen it first.") % deal.get_status_display().lower()
    return _("A deal that is %s cannot do this. Bring it back first.") % deal.get_status_display().lower()


def next_owner_id(deal, process, left_stage_id):
    """Who owns the next action on entry: the deal's participant for the stage's role, the seller where they have
    it, the team's default for it, else whoever owned it."""
    role = process.stage(deal.stage_id).owner_role_id if deal.stage_id in process else None
    if role is None or (left_stage_id in process and process.stage(left_stage_id).owner_role_id == role):
        return deal.next_owner_id
    candidates = [
        User.objects.active().filter(pk__in=deal.participants.filter(role=role).values("user")),
        User.objects.active().filter(pk=deal.owner_id, roles=role),
        User.objects.active().filter(pk__in=deal.team.defaults.filter(role=role).values("user")),
    ]
    for people in candidates:
        if found := people.values_list("pk", flat=True).first():
            return found
    return deal.next_owner_id


def earlier_answer(deal_id, key):
    """The row an earlier request with the same key wrote, None where there is none."""
    return Transition.objects.filter(deal=deal_id, key=key).first()


def record_refusal(refusal, context):
    """Put a refusal on record after the move has rolled back."""
    with transaction.atomic():
        GateRefusal.objects.create(
            deal_id=refusal.deal.pk,
            at=context.now,
            actor=context.by,
            from_stage_id=Deal.objects.values_list("stage_id", flat=True).get(pk=refusal.deal.pk),
            to_stage_id=refusal.to_stage.stage_id if refusal.to_stage else None,
            criteria=[finding.criterion_id for finding in refusal.open_criteria],
            source=context.source,
        )
