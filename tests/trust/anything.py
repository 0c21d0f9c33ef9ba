"""People who do anything, in any order: the acts of a hypothesis state machine, and what must hold after each."""

import io
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import time_machine
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from automations import tick
from deals import answers, counts, moves
from deals.approving import contradictions
from deals.asking import exceptions
from deals.gate import Reading
from deals.models import Answer, Deal, GateException, Kind, Transition
from deals.moves import ledger
from deals.moves.errors import MoveRefused
from pipeline import ordering, retiring
from pipeline.models import Pipeline
from pipeline.process import process_of
from pipeline.publishing import ENTERING, NOW, IncompleteProcess, publish
from pipeline.vocabulary import Evidence
from pipeline.vocabulary import Kind as Asks
from team.calendar import local_date
from team.models import Organisation

from .. import factories as f

REASON = "The works council votes next week, and the plant cannot wait."
REFUSED = (MoveRefused, answers.AnswerErrors)
number = st.integers(0, 60)


class Anything(RuleBasedStateMachine):
    """One company in a transaction that is rolled back. Numbers choose deals, stages and criteria, modulo."""

    def __init__(self):
        super().__init__()
        self.outside = transaction.atomic()
        self.outside.__enter__()
        self.clock = time_machine.travel(timezone.now(), tick=True)
        self.clock.start()
        self.rep, self.boss, self.admin = f.make_user(), f.make_manager(), f.make_admin()
        self.pipeline = f.make_pipeline(owner=self.admin)
        self.deals = [f.make_deal(self.pipeline, self.rep).pk for _ in range(2)]
        f.make_deal(self.pipeline, self.rep, stage="Propose")
        f.make_loss_reason()

    def teardown(self):
        self.clock.stop()
        transaction.set_rollback(True)
        self.outside.__exit__(None, None, None)

    def deal(self, which):
        rows = Deal.objects.made().order_by("pk")
        return rows[which % rows.count()]

    @property
    def process(self):
        return process_of(Pipeline.objects.select_related("version").get(pk=self.pipeline.pk))

    def stage(self, which):
        return self.process.stages[which % len(self.process.stages)].stage_id

    def criterion(self, which):
        asked = self.process.criteria_of_all()
        return asked[which % len(asked)] if asked else None

    def tried(self, act, *arguments, **fields):
        """What is refused changes nothing, and the next act goes on from there."""
        with suppress(*REFUSED), transaction.atomic():
            return act(*arguments, **fields)

    # Moves

    @rule(which=number, to=number)
    def advance(self, which, to):
        deal = self.deal(which)
        self.tried(moves.advance, deal.pk, to=self.stage(to), seen_seq=deal.seq, by=self.rep)

    @rule(which=number)
    def answer_the_gate_and_advance(self, which):
        deal, process = self.deal(which), self.process
        if deal.stage_id not in process or not deal.is_live:
            return
        f.satisfy_all(deal, process.criteria_before(deal.stage_id) + process.exit_criteria(deal.stage_id))
        if after := process.stage_after(deal.stage_id):
            deal = f.fresh(deal)
            self.tried(moves.advance, deal.pk, to=after.stage_id, seen_seq=deal.seq, by=self.rep)

    @rule(which=number, to=number)
    def go_back(self, which, to):
        deal = self.deal(which)
        self.tried(moves.back, deal.pk, to=self.stage(to), reason="Too early", seen_seq=deal.seq, by=self.rep)

    @rule(
        which=number,
        verb=st.sampled_from(["won", "lost", "archived", "paused", "resume", "return", "reopen", "undo"]),
    )
    def end_or_bring_back(self, which, verb):
        deal, said = self.deal(which), {"reason": "Budget in May", "loss_reason": "No decision"}
        self.tried(moves.move, deal.pk, verb, seen_seq=deal.seq, by=self.rep, **said)

    @rule(which=number, kind=st.sampled_from([Kind.ARCHIVE, Kind.RE_ENGAGE]))
    def a_rule_moves_many(self, which, kind):
        moves.move_many([self.deal(which).pk, self.deal(which + 1).pk], kind, reason="Silence")

    # Answers

    @rule(which=number, what=number)
    def answer(self, which, what):
        deal, definition = self.deal(which), self.criterion(what)
        if definition:
            self.tried(f.satisfy, deal, definition)

    @rule(which=number, what=number, state=st.sampled_from(["claimed", "disproved"]))
    def take_back(self, which, what, state):
        deal, definition = self.deal(which), self.criterion(what)
        held = (
            definition
            and Answer.objects.current().filter(deal=deal, criterion=definition.criterion_id).first()
        )
        if held and definition.kind == Asks.TEXT:
            item = answers.Given(definition.criterion_id, value=held.text, state=state)
            self.tried(answers.save, deal.pk, [item], by=self.rep)

    @rule(which=number, what=number)
    def contest(self, which, what):
        deal, definition = self.deal(which), self.criterion(what)
        if definition and deal.is_live:
            said = {"text": "Their annual report says otherwise", "source": "Annual report, page 12"}
            self.tried(contradictions.note, deal.pk, definition.criterion_id, said, by=self.rep)

    @rule(which=number, days=st.integers(-3, 20))
    def plan(self, which, days):
        f.next_step(self.deal(which), days)

    # Exceptions

    @rule(which=number, to=number)
    def ask_for_an_exception(self, which, to):
        deal = self.deal(which)
        self.tried(exceptions.ask, deal.pk, to=self.stage(to), seen_seq=deal.seq, by=self.rep, reason=REASON)

    @rule(grants=st.booleans())
    def decide_an_exception(self, grants):
        for exception in GateException.objects.filter(state="asked"):
            if grants:
                self.tried(moves.grant, exception.pk, by=self.boss)
            else:
                self.tried(exceptions.decline, exception.pk, by=self.boss, note="Not this time")

    # The process

    @rule(
        what=number,
        change=st.sampled_from(["words", "who", "expires", "condition", "gone"]),
        binds=st.sampled_from([NOW, ENTERING]),
    )
    def publish_a_changed_criterion(self, what, change, binds):
        drafts = list(self.pipeline_criteria())
        if not drafts:
            return
        draft = drafts[what % len(drafts)]
        columns = {
            "words": {"evidence": Evidence.WORDS}, "who": {"evidence": Evidence.WHO},
            "expires": {"expires_after_days": 10}, "condition": {"applies_when": "amount >= 100000"},
            "gone": {"retired_at": timezone.now()},
        }[change]  # fmt: skip
        type(draft).objects.filter(pk=draft.pk).update(**columns)
        self.published({draft.pk: binds})

    def pipeline_criteria(self):
        for stage in Pipeline.objects.get(pk=self.pipeline.pk).stages.current():
            yield from stage.criteria.filter(retired_at__isnull=True).order_by("pk")

    @rule(where=number, binds=st.sampled_from([NOW, ENTERING]))
    def publish_a_new_criterion(self, where, binds):
        stages = list(self.pipeline.stages.current())
        stage = stages[where % len(stages)]
        added = f.add_criterion(stage, f"new-{timezone.now():%f}-{where}", Asks.YES_NO, position=9)
        self.published({added.pk: binds})

    @rule(where=number)
    def publish_another_order(self, where):
        stages = list(self.pipeline.stages.current())
        ordering.swap(self.pipeline.stages.current(), stages[where % len(stages)].pk, "down")
        self.published({})

    @rule(where=number, merged=st.booleans())
    def publish_without_a_stage(self, where, merged):
        stages = list(self.pipeline.stages.current())
        if len(stages) > 3:
            gone, to = stages[where % len(stages)], stages[(where + 1) % len(stages)]
            retiring.retire(gone, to, move_criteria=merged)
            self.published({})

    def published(self, binding):
        with suppress(IncompleteProcess):
            publish(self.pipeline, by=self.admin, note="As somebody wished", binding=binding)

    # Import and time

    @rule(stage=number, amount=st.integers(0, 90000))
    def import_a_deal(self, stage, amount):
        name = f"Imported {timezone.now().timestamp()}"
        place = self.process.stages[stage % len(self.process.stages)].name
        text = f"Deal name,Company,Stage,Amount\n{name},Vellgrove,{place},{amount}\n"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "deals.csv"
            path.write_text(text)
            with suppress(SystemExit):
                call_command(
                    "import_deals",
                    str(path),
                    pipeline=self.pipeline.slug,
                    stdout=io.StringIO(),
                    stderr=io.StringIO(),
                )

    @rule(days=st.integers(1, 20))
    def days_pass(self, days):
        later = timezone.now() + timedelta(days=days)
        self.clock.stop()
        self.clock = time_machine.travel(later, tick=True)
        self.clock.start()
        tick.run(timezone.now())

    # What must hold

    @invariant()
    def every_stage_is_backed_by_the_ledger(self):
        rows = list(Transition.objects.order_by("deal", "seq"))
        assert not list(ledger.broken_rows(rows))
        last = {row.deal_id: row for row in rows}
        for deal in Deal.objects.made():
            row = last[deal.pk]
            assert (deal.seq, deal.stage_id, deal.status) == (row.seq, row.to_stage_id, row.to_status)

    @invariant()
    def stored_counts_are_what_one_would_count(self):
        today, process = local_date(timezone.now(), Organisation.current()), self.process
        for deal in Deal.objects.made().live():
            stored = {name: getattr(deal, name) for name in counts.COLUMNS}
            if deal.stage_id in process:
                assert stored == counts.of_reading(Reading(deal, process, today)), (deal.pk, deal.stage.name)

    @invariant()
    def an_exception_shows_on_its_deal(self):
        live = set(
            GateException.objects.filter(state="granted", ended_at__isnull=True).values_list(
                "deal", flat=True
            )
        )
        shown = set(Deal.objects.filter(exception_until__isnull=False).values_list("pk", flat=True))
        assert live == shown
