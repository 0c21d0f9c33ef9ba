"""A company with so many deals, made through the guard: deals start at the entry stage, ledger rows move them.

Rows that carry hashes are computed here and written in one statement per hop, so that the triggers move the deals;
what hangs on deals (people, conversations, answers) is made by INSERT ... SELECT; counts by counts.recount.
"""

import random
import time
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from deals import counts
from deals.models import Company, Contact, Deal, GateRefusal, Kind, Source, Status, Task, Transition
from deals.moves import ledger
from team.calendar import local_date

from . import bulk, evidence
from .company import DEALS_PER_COMPANY, companies, people
from .journeys import journey, money

NEXT_STEPS = [
    "Go through the offer",
    "Call with finance",
    "Site visit",
    "Answer open points",
    "Demo for the shift",
]


def generate(deals, *, seed=7, now=None, say=lambda words: None):
    """Add so many deals. Returns the House they belong to."""
    now = now or timezone.now()
    maker = Maker(deals, random.Random(seed), now, say)
    maker.run()
    return maker.house


class Maker:
    def __init__(self, number, dice, now, say):
        self.number, self.random, self.now, self.say = number, dice, now, say
        self.today = local_date(now)

    def run(self):
        bulk.widen()
        with self.step("people and companies"):
            self.house = people(self.number)
            self.stages = self.house.process.stages
            self.company_ids = companies(max(1, self.number // DEALS_PER_COMPANY))
        with self.step("deals"):
            self.made = self._deals()
        with self.step("ledger"):
            self._ledger()
        with self.step("people, conversations, answers"):
            evidence.make(self.house.process, self.made[0][0].pk)
        with self.step("tasks, refusals"):
            self._work()
        bulk.analyse()
        with self.step("counts"):
            counts.recount(self.house.process, self.today, Deal.objects.filter(pk__gte=self.made[0][0].pk))
        bulk.follow_ids(Company, Contact, Deal, Transition, Task, GateRefusal)
        bulk.narrow()

    @contextmanager
    def step(self, name):
        """One part in one transaction, with the time it took."""
        start, used = time.perf_counter(), time.process_time()
        with transaction.atomic():
            yield
        taken, used = time.perf_counter() - start, time.process_time() - used
        self.say(f"  {name}: {taken:.1f} s ({used:.1f} s of processor time)")

    def _deals(self):
        """[(deal as the guard wants it: entry stage, open, seq 0; its journey)]"""
        numbers = bulk.ids(Deal)
        ways = (journey(self.random, len(self.stages), self.now) for _ in range(self.number))
        made = [(self._deal(next(numbers), way), way) for way in ways]
        bulk.insert(Deal, (deal for deal, _way in made))
        return made

    def _deal(self, pk, way):
        dice, team = self.random, self.random.choice(self.house.teams)
        owner = dice.choice(self.house.reps[team])
        amount, currency, base = money(dice)
        deal = Deal(
            pk=pk, name=f"Line {pk % 9 + 1}, {NEXT_STEPS[pk % 5].lower()}", company_id=dice.choice(self.company_ids),
            pipeline_id=self.house.pipeline.pk, stage_id=self.stages[0].stage_id, owner_id=owner.pk,
            next_owner_id=owner.pk if dice.random() < 0.93 else dice.choice(self.house.reps[team]).pk,
            team_id=team.pk, amount=amount, currency=currency, amount_base=base, created_at=way.created_at,
            stage_entered_at=way.stage_entered_at, closed_at=way.closed_at,
            expected_close=self.today + timedelta(days=dice.randint(-20, 120)),
        )  # fmt: skip
        if way.status in (Status.LOST, Status.ARCHIVED):
            deal.loss_reason_id = dice.choice(self.house.reasons).pk
        if way.is_live:
            self._next_step(deal)
        if way.stage >= len(self.stages) - 2:
            deal.goals, deal.commitments = "Fewer unplanned stops", "No work in August"
        quiet = timedelta(days=dice.uniform(0, 70 if dice.random() < 0.15 else 20))
        deal.last_buyer_activity_at = max(way.created_at, (way.closed_at or self.now) - quiet)
        return deal

    def _next_step(self, deal):
        if self.random.random() < 0.8:
            deal.next_step = self.random.choice(NEXT_STEPS)
            deal.next_step_on = self.today + timedelta(days=self.random.randint(-6, 30))
        if self.random.random() < 0.3:
            deal.awaiting_since = self.now - timedelta(days=self.random.uniform(0, 15))

    def _ledger(self):
        """The create rows in one statement, then everybody's first hop, everybody's second, ..."""
        numbers = bulk.ids(Transition)
        standing = [(Standing(deal, way), way) for deal, way in self.made]
        self._write(numbers, [at.created() for at, _way in standing])
        number = 0
        while moving := [(at, way.hops[number]) for at, way in standing if number < len(way.hops)]:
            self._write(numbers, [at.hop(hop, self.stages) for at, hop in moving])
            number += 1

    def _write(self, numbers, hops):
        version = self.house.process.version.pk
        rows = []
        for at, kind, to_stage, status, moment, passed in hops:
            row = ledger.row_for(
                at, kind, to_stage_id=to_stage or at.stage_id, to_status=status, prev_hash=at.hash, by=None,
                now=moment, source=Source.PAGE, version_id=version, passed=passed,
                reason="Buyer changed the plan" if kind in (Kind.BACK, Kind.PAUSE) else "",
                loss_reason_id=at.loss_reason_id if status in (Status.LOST, Status.ARCHIVED) else None,
            )  # fmt: skip
            row.pk = next(numbers)
            at.follow(row)
            rows.append(row)
        bulk.insert(Transition, rows)

    def _work(self):
        live = [(deal, way) for deal, way in self.made if way.is_live]
        numbers = bulk.ids(Task)
        bulk.insert(Task, [self._task(next(numbers), deal) for deal, _way in live[::2]])
        numbers = bulk.ids(GateRefusal)
        refused = [(deal, way) for deal, way in live[::8] if way.stage + 1 < len(self.stages)]
        bulk.insert(GateRefusal, [self._refusal(next(numbers), deal, way.stage) for deal, way in refused])

    def _task(self, pk, deal):
        due = self.today + timedelta(days=pk % 20 - 5)
        return Task(pk=pk, deal_id=deal.pk, assignee_id=deal.owner_id, title="Ask for the review date",
                    due_on=due, created_at=self.now)  # fmt: skip

    def _refusal(self, pk, deal, stage):
        here = self.stages[stage].stage_id
        asked = [each.criterion_id for each in self.house.process.exit_criteria(here)]
        return GateRefusal(pk=pk, deal_id=deal.pk, at=self.now - timedelta(hours=pk % 48), actor_id=deal.owner_id,
                           from_stage_id=here, to_stage_id=self.stages[stage + 1].stage_id, criteria=asked,
                           source=Source.PAGE)  # fmt: skip


class Standing:
    """Where a deal stands after the hops written so far; what ledger.row_for reads of a deal."""

    def __init__(self, deal, way):
        self.pk, self.stage_id, self.status, self.seq, self.hash = deal.pk, deal.stage_id, Status.OPEN, 0, ""
        self.owner_id, self.team_id = deal.owner_id, deal.team_id
        self.amount, self.currency, self.loss_reason_id = deal.amount, deal.currency, deal.loss_reason_id
        self.created_at = way.created_at

    def created(self):
        return self, Kind.CREATE, None, Status.OPEN, self.created_at, []

    def hop(self, hop, stages):
        passed = [stages[number].stage_id for number in hop.passed]
        return self, hop.kind, stages[hop.stage].stage_id, hop.status, hop.at, passed

    def follow(self, row):
        self.stage_id, self.status, self.seq, self.hash = row.to_stage_id, row.to_status, row.seq, row.hash
