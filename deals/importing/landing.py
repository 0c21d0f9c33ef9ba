"""Rows become deals: in chunks, each one transaction, through the door, and no row a second time."""

from contextlib import nullcontext
from itertools import islice

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from deals import counts, moves
from deals.locking import share_lock
from deals.models import (
    Company,
    Contact,
    Deal,
    ImportBatch,
    ImportedRow,
    LossReason,
    Stakeholder,
    Status,
    Transition,
)
from pipeline.process import process_of, with_version

from . import report as reporting
from .columns import fold
from .matching import Companies, Contacts, company_key
from .report import NOTE, Problem, Report, Summary

CHUNK = 500
NO_REASON = "Imported, reason unknown"


class NothingImported(Exception):
    """All or nothing was asked for, and some row was rejected; `summary` has the figures."""

    def __init__(self, summary):
        self.summary = summary
        super().__init__(f"{summary.rejected} rows were rejected")


def check(plan, report=None, progress=lambda done: None):
    """Go through the whole file and write nothing. Returns the Summary of what would come in."""
    summary, report = Summary(), report or Report()
    for rows in _new_rows(plan, summary, report, progress):
        for row in rows:
            _count(plan, summary, row)
    open_parts = [part for target, part in summary.stages.items() if not target.closes]
    summary.claimed = sum((part.money for part in open_parts), summary.claimed)
    reporting.fewest_missing(summary, plan.process)
    return summary


def land(plan, *, name, landed="claimed", all_or_nothing=False, report=None, progress=lambda done: None):
    """Bring the file in. Returns (ImportBatch, Summary); NothingImported where a row keeps all of them out."""
    report = report or Report()
    if all_or_nothing and (checked := check(plan, report)).rejected:
        raise NothingImported(checked)
    quiet = Report() if all_or_nothing else report
    with transaction.atomic() if all_or_nothing else nullcontext():
        batch = _begin(plan, name, landed)
        summary = Summary()
        lander = Lander(plan, batch, landed)
        for rows in _new_rows(plan, summary, quiet, progress):
            for row in lander.land(rows):
                _count(plan, summary, row)
        _finish(plan, batch, summary, quiet if not all_or_nothing else report)
    return batch, summary


def _begin(plan, name, landed):
    return ImportBatch.objects.create(name=name[:200], started_at=timezone.now(), by=plan.by, landed=landed)


def _finish(plan, batch, summary, sink):
    _let_the_database_count(batch)
    reporting.weigh(summary, plan.process, reporting.batch_deals(batch), plan.today, plan.organisation)
    batch.finished_at, batch.report = timezone.now(), summary.as_json(plan.process)
    batch.report |= {"errors": sink.levels["error"], "notes": sink.levels["note"], "often": sink.often()[:30]}
    batch.save(update_fields=["finished_at", "report"])


def _let_the_database_count(batch):
    """PostgreSQL plans by how full it found its tables when it looked last: after many rows it looks again at once."""
    if connection.vendor != "postgresql" or reporting.batch_deals(batch).count() < CHUNK:
        return
    tables = [model._meta.db_table for model in (Company, Contact, Deal, Stakeholder, Transition)]
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")


def _count(plan, summary, row):
    name = plan.process.stage(row.target.stage_id).name
    if row.target.closes:
        name = Status(row.target.status).label
    summary.count(row, str(name))


def _new_rows(plan, summary, report, progress):
    """Chunks of rows that could come in; the others are counted and reported on the way."""
    checked, seen = plan.checked_rows(), {}
    while chunk := list(islice(checked, CHUNK)):
        digests, externals = _here([row for _line, row, _problems in chunk if row])
        new = []
        for line, row, problems in chunk:
            summary.rows += 1
            if row and row.digest in seen:
                _already(row, summary, report, _("The same as line %d of this file.") % seen[row.digest])
            elif row and (row.digest in digests or row.external_id in externals):
                _already(row, summary, report, _("Already here; nothing was changed."))
            else:
                _take(line, row, problems, summary, report, seen, new)
        yield new
        progress(summary.rows)


def _here(rows):
    """(digests, ids of the other system) of these rows that are on record."""
    digests = ImportedRow.objects.filter(digest__in=[row.digest for row in rows])
    # The exclusion is what lets the partial index be used.
    wanted = [row.external_id for row in rows if row.external_id]
    deals = Deal.objects.filter(external_id__in=wanted).exclude(external_id="")
    return set(digests.values_list("digest", flat=True)), set(deals.values_list("external_id", flat=True))


def _take(line, row, problems, summary, report, seen, new):
    for problem in problems:
        report.add(problem)
    if row is None:
        summary.rejected += 1
    else:
        seen[row.digest] = line
        new.append(row)


def _already(row, summary, report, reason):
    summary.already += 1
    report.add(Problem(row.line, "", row.external_id or row.name, reason, NOTE))


class Lander:
    """Writes chunks of rows."""

    def __init__(self, plan, batch, landed):
        self.plan, self.batch, self.landed = plan, batch, landed
        self.contacts = Contacts()
        self.forget()

    def forget(self):
        """What was remembered of a transaction that did not happen must not be used."""
        self.companies = Companies()
        self.reasons = {fold(reason.name): reason for reason in LossReason.objects.all()}

    def land(self, rows):
        """Returns the rows that came in. A file brought in twice at once: the second waits, then finds them here."""
        if not rows:
            return []
        try:
            return self._write(rows)
        except IntegrityError:
            self.forget()
            here = ImportedRow.objects.filter(digest__in=[row.digest for row in rows])
            here = set(here.values_list("digest", flat=True))
            if not here:
                raise
            return self._write([row for row in rows if row.digest not in here])

    @transaction.atomic
    def _write(self, rows):
        process = self._process()
        companies = self.companies.ids_of(rows)
        contacts = self.contacts.of(rows, companies)
        deals = moves.create_many(
            process, [self._columns(row, companies) for row in rows], by=self.plan.by, now=self.plan.now,
            batch=str(self.batch.pk),
        )  # fmt: skip
        by_line = dict(zip((row.line for row in rows), deals, strict=True))
        Stakeholder.objects.bulk_create(
            Stakeholder(deal=by_line[line], contact_id=contact) for line, contact in contacts.items()
        )
        self._place(process, rows, deals)
        self._recount(process, rows, deals)
        ImportedRow.objects.bulk_create(
            ImportedRow(batch=self.batch, digest=row.digest, deal=deal)
            for row, deal in zip(rows, deals, strict=True)
        )
        return rows

    def _process(self):
        """The process as it is now: somebody may publish between two chunks."""
        share_lock(self.plan.pipeline.pk)
        return process_of(with_version(self.plan.pipeline.pk))

    def _columns(self, row, companies):
        return {
            "at": row.created_at, "name": row.name, "company_id": companies[company_key(row.company)],
            "owner": row.owner, "team": row.team, "amount": row.amount, "amount_base": row.amount_base,
            "currency": row.currency, "expected_close": row.expected_close, "external_id": row.external_id,
            "next_step": row.next_step, "next_step_on": row.next_step_on, "probability_override": row.probability,
            "deal_type": row.deal_type, "lead_source": row.lead_source, "import_batch": self.batch,
        }  # fmt: skip

    def _recount(self, process, rows, deals):
        """Live deals alone, and only in stages some landed in: a closed one is counted when it is reopened."""
        landed = {}
        for row, deal in zip(rows, deals, strict=True):
            if not row.target.closes:
                landed.setdefault(self.stages.get(deal.pk, row.target.stage_id), []).append(deal.pk)
        for stage_id, ids in landed.items():
            columns = counts.expressions(process, process.stage(stage_id), self.plan.today)
            Deal.objects.filter(pk__in=ids).update(**columns)

    def _place(self, process, rows, deals):
        self.stages = self._proven_stages(process, rows, deals) if self.landed == "proven" else {}
        landings = []
        for row, deal in zip(rows, deals, strict=True):
            stage_id = self.stages.get(deal.pk, row.target.stage_id)
            at = row.closed_at or self.plan.now
            landings.append((deal, stage_id, row.target.status, at, *self._reason(row)))
        moves.land_many(process, landings, by=self.plan.by, now=self.plan.now, batch=str(self.batch.pk))

    def _reason(self, row):
        """(the loss reason of ours, the words of theirs that are none)."""
        if row.target.status != Status.LOST:
            return None, row.lost_reason
        known = self.reasons.get(fold(row.lost_reason)) if row.lost_reason else None
        return known or self._no_reason(), "" if known else row.lost_reason

    def _no_reason(self):
        """Not offered for new losses: it says only that the other system did not say."""
        key = fold(NO_REASON)
        if key not in self.reasons:
            self.reasons[key] = LossReason.objects.get_or_create(
                name=NO_REASON, defaults={"is_active": False}
            )[0]
        return self.reasons[key]

    def _proven_stages(self, process, rows, deals):
        """{deal id: the deepest stage its answers and facts prove, no deeper than the one it claims}."""
        wanted = {
            deal.pk: row.target.stage_id
            for row, deal in zip(rows, deals, strict=True)
            if not row.target.closes
        }
        return deepest(process, wanted, self.plan.today)


def deepest(process, wanted, today):
    """{deal id: the deepest stage whose earlier gates all hold, no deeper than the one wanted for it}."""
    reached = dict.fromkeys(wanted, process.entry.stage_id)
    for stage in process.stages[1:]:
        open_before = counts.open_before(process, stage, today)
        deals = Deal.objects.filter(pk__in=reached).annotate(asked=open_before).filter(asked=0)
        depth = process.index(stage.stage_id)
        for pk in deals.values_list("pk", flat=True):
            follows = process.index(reached[pk]) == depth - 1
            if follows and process.index(wanted[pk]) >= depth:
                reached[pk] = stage.stage_id
    return reached
