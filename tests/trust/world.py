"""A small company to attack: one deal in its second stage, others around it, and the check that a refusal changed
nothing."""

from contextlib import contextmanager
from functools import cached_property

import pytest
from django.db import DatabaseError, connection, transaction

from deals.moves import ledger
from deals.moves.errors import MoveRefused
from pipeline.process import process_of

from .. import factories as f
from ..fingerprint import fingerprint

# What the guard, a constraint or a protected field answers with.
REFUSALS = (DatabaseError, AttributeError, MoveRefused)


class World:
    """`deal` stands in Discover with two ledger rows; `other` is another pipeline, `fresh` a deal just made."""

    def __init__(self):
        self.rep = f.make_user()
        self.pipeline = f.make_pipeline()
        self.process = process_of(self.pipeline)
        self.deal = f.make_deal(self.pipeline, owner=self.rep, stage="Discover")
        self.entry, self.here, self.later, self.last = [stage.stage_id for stage in self.process.stages]

    @cached_property
    def other(self):
        return f.make_pipeline("Other sale", stages=f.OPEN_GATES)

    def answer(self):
        """The deal's oldest answer that still counts."""
        return self.deal.answers.filter(is_current=True, contact__isnull=False).earliest("pk")

    def stranger(self):
        """Somebody of the buyer's company who said nothing."""
        return f.make_contact(self.deal.company, "Jonas Rehm", "jonas@buyer.example")

    def fresh_deal(self, **fields):
        return f.make_deal(self.pipeline, owner=self.rep, **fields)

    def moved(self, **columns):
        """The deal in memory with columns changed behind the fields' back."""
        deal = f.fresh(self.deal)
        deal.__dict__.update(columns)
        return deal

    def new_deal(self, **columns):
        """A Deal not yet written, with columns of its own."""
        from deals.moves.create import unsaved

        company = self.deal.company
        deal = unsaved(
            self.process,
            name="Forged",
            company=company,
            owner=self.rep,
            team=self.deal.team,
            now=f.at(f.today()),
        )
        deal.__dict__.update(columns)
        return deal

    def row(self, kind, deal=None, **columns):
        """A ledger row that continues the deal's chain but for the columns given; its own hash is right."""
        deal = f.fresh(deal or self.deal)
        last = ledger.last_row(deal)
        row = ledger.row_for(
            deal,
            kind,
            to_stage_id=columns.pop("to_stage_id", deal.stage_id),
            to_status=columns.pop("to_status", deal.status),
            prev_hash=last.hash if last else "",
            by=self.rep,
            now=f.at(f.today()),
            source="command",
            version_id=self.process.version.pk,
        )
        row.__dict__.update(columns)
        row.hash = ledger.hash_of(row)
        return row

    def forge(self, kind, deal=None, **columns):
        self.row(kind, deal, **columns).save(force_insert=True)


@contextmanager
def refused(*errors, says=None):
    """The block is refused with one of the errors, and the fingerprint is what it was."""
    before = fingerprint()
    with pytest.raises(errors or REFUSALS, match=says) as refusal, transaction.atomic():
        yield refusal
    assert fingerprint() == before


def sql(statement, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


@contextmanager
def undone():
    """Whatever happens inside leaves no trace."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
