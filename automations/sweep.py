"""What is due, done: in chunks, claimed, looked at again under the lock, once for each silence.

A rule never makes a gated move. A deal that cannot be swept is set aside with its error and stops nobody else.
"""

import logging
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError, transaction

from deals.models import FiringState, Kind
from deals.moves import move_many
from deals.timers import due_stored
from pipeline.vocabulary import RuleAction
from team.models import remembered

from . import after, mass, setbacks
from .acts import act_of, fired_by
from .claiming import claim
from .lanes import Lanes
from .people import People
from .recording import record

logger = logging.getLogger(__name__)
CHUNK = 2500
# A deal that was not watched for long goes through what it missed in order, one thing each round.
_ROUNDS = 1000


@dataclass
class Swept:
    """What one sweep did."""

    tasks: int = 0
    re_engaged: int = 0
    archived: int = 0
    asked: int = 0
    other: int = 0
    shadow: int = 0
    failed: int = 0
    held: list = field(default_factory=list)

    @property
    def fired(self):
        return self.tasks + self.re_engaged + self.archived + self.asked + self.other

    def __bool__(self):
        return bool(self.fired or self.shadow or self.failed or self.held)

    def __add__(self, other):
        return Swept(**{name: number + getattr(other, name) for name, number in vars(self).items()})

    def __str__(self):
        named = [
            (self.tasks, "task made", "tasks made"), (self.re_engaged, "deal re-engaging", "deals re-engaging"),
            (self.archived, "deal archived", "deals archived"),
            (self.asked, "archive asked of a manager", "archives asked of a manager"),
            (self.other, "other rule fired", "other rules fired"),
            (self.shadow, "only noted", "only noted"),
            (self.failed, "set aside with an error", "set aside with an error"),
        ]  # fmt: skip
        said = [f"{number} {one if number == 1 else more}" for number, one, more in named if number]
        return ", ".join(said + [f"held: {words}" for words in self.held])


def sweep(now, chunk=CHUNK):
    """Do everything that is due at `now`. Safe from several processes at once. Returns Swept."""
    share = mass.Share(now)
    with remembered():
        with Lanes(lambda is_over: _lane(now, chunk, share, lanes.widen, is_over)) as lanes:
            done = _lane(now, chunk, share, lanes.widen)
        done = sum(lanes.given, done)
    done.held += share.words
    return done


def _lane(now, most, share, widen, is_over=lambda: False):
    """Chunk after chunk, until nothing is due that nobody else has in hand. Returns Swept."""
    done = Swept()
    for _round in range(_ROUNDS):
        if is_over() or not _chunk(now, most, share, done, widen):
            break
    return done


def _chunk(now, most, share, done, widen):
    """Whether there may be more to do."""
    try:
        with transaction.atomic():
            deals, fired = claim(now, most)
            if len(deals) == most:
                widen()
            again = _work(deals, fired, share, done, now)
            return again or len(deals) == most
    except (OperationalError, InterfaceError):
        raise  # the database is away or busy: the next tick heals
    except Exception:
        logger.exception("a chunk of the sweep failed; its deals are tried one by one")
        return _one_by_one(now, most, share, done)


def _one_by_one(now, most, share, done):
    with transaction.atomic():
        ids = [deal.pk for deal in claim(now, most)[0]]
    for pk in ids:
        try:
            with transaction.atomic():
                _work(*claim(now, 1, ids=[pk]), share, done, now)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.exception("deal %s could not be swept", pk)
            done.failed += setbacks.set_aside(pk, error, now)
    return len(ids) == most


def _work(deals, fired, share, done, now):
    """Do what is due for claimed deals. Whether something more is due for one of them now."""
    if not deals:
        return False
    people, acts, stale = People(deals), [], []
    for deal in deals:
        coming = _coming(deal, fired.get(deal.pk, {}))
        if coming is None or coming.at > now:
            _store(deal, coming)
            stale.append(deal)
        else:
            acts.append(act_of(deal, coming, people, now))
    acts, held = share.within(acts)
    for act in held:  # its archive is stored as what is due, and held back from now on
        act.deal.next_due_at, act.deal.next_due_rule = act.firing.due_at, act.definition
        act.deal.next_due_rule_id = act.definition.pk
        stale.append(act.deal)
    for act in acts:
        _stand(act)
        _remember(act, fired.setdefault(act.deal.pk, {}))
        _store(act.deal, _coming(act.deal, fired[act.deal.pk]))
    _move(acts, now)
    made = record(acts, stale)
    acts = [act for act in acts if act.deal.pk in made]
    after.follow(acts, made, people, now)
    setbacks.healed(deals)
    _count(acts, done)
    return any(_is_due(deal, now) for deal in [*stale, *(act.deal for act in acts)])


def _coming(deal, fired):
    return due_stored.soonest(deal, deal.process, fired)


def _store(deal, coming):
    deal.next_due_at = coming.at if coming else None
    deal.next_due_rule = coming.definition if coming else None
    deal.next_due_rule_id = coming.definition.pk if coming else None


def _is_due(deal, now):
    return deal.next_due_at is not None and deal.next_due_at <= now


def _remember(act, fired):
    fired[act.firing.key, act.firing.occurrence] = fired_by(act)


_MOVES = [Kind.RE_ENGAGE, Kind.ARCHIVE]


def _stand(act):
    """The deal here as its move will leave it; what is due next follows from that."""
    if act.moves:
        act.deal.follow(act.moves)
        act.firing.seq = act.deal.seq


def _move(acts, now):
    """Through the door, many at once: none of these has a gate."""
    for kind in _MOVES:
        moving = {act.deal.pk: act for act in acts if act.moves == kind}
        if not moving:
            continue
        due = {pk: (act.deal.next_due_at, act.deal.next_due_rule_id) for pk, act in moving.items()}
        moved = move_many(
            list(moving), kind, now=now, reason=lambda deal, by=moving: by[deal.pk].why, due=due
        )
        if len(moved) != len(moving):
            raise RuntimeError("a deal that was claimed did not move")


def _count(acts, done):
    for act in acts:
        if act.firing.state == FiringState.SHADOW:
            done.shadow += 1
        elif act.firing.state == FiringState.ASKED:
            done.asked += 1
        elif act.moves:
            done.archived += act.moves == Kind.ARCHIVE
            done.re_engaged += act.moves == Kind.RE_ENGAGE
        elif act.firing.action in (RuleAction.TASK, RuleAction.RE_ENGAGE):
            done.tasks += 1
        else:
            done.other += 1
