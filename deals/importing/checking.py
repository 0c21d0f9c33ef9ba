"""A file's rows made into deals that could come in, or refused with a reason. Nothing is written here."""

import hashlib
import json

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from deals.models import Status
from pipeline.process import process_of
from team.calendar import local_date
from team.models import Organisation, User

from ..input import parsing
from . import stages
from .cells import Cells, DateOrder, Readers, currency_within, percent
from .columns import DATES, fold, places
from .incoming import Incoming
from .mapping import Mapping, Target
from .matching import Owners
from .rates import Rates
from .reading import MAX_ROWS, Unreadable

UNKNOWN_COMPANY = "Unknown account"
_NO_RATE = gettext_lazy("There is no exchange rate for this currency. An admin enters it; then import again.")
_STRANGER = gettext_lazy("The row names no company, so the contact was left out.")


class Plan:
    """A readable file, a pipeline and a mapping, brought together by somebody who may import."""

    def __init__(self, sheet, pipeline, *, by, now, mapping=None):
        self.sheet, self.pipeline, self.by, self.now = sheet, pipeline, by, now
        self.mapping = mapping or Mapping()
        self.process = process_of(pipeline)
        self.organisation = Organisation.current()
        self.today = local_date(now, self.organisation)
        self.fields = self.mapping.fields(sheet.header)
        self.places = places(self.fields)
        self.owners = Owners(by, self.mapping.owners, self.mapping.defaults)
        self.rates = Rates(self.organisation)
        self.currency = parsing.currency(self.mapping.defaults.get("currency") or self.organisation.currency)
        self.own_emails = set(User.objects.values_list("email", flat=True))
        self._survey()
        self._targets = {}
        self.stages_seen, self.owners_seen = {}, {}

    def _survey(self):
        """Count the rows and find out how the file writes its dates."""
        self.check_columns()
        self.date_order, self.total = DateOrder(), 0
        columns = [place for name in DATES for place in self.places.get(name, ())]
        for _line, cells in self.sheet.rows():
            self.total += 1
            for place in columns:
                if place < len(cells):
                    self.date_order.see(cells[place])
        if self.total > MAX_ROWS:
            raise Unreadable(
                _("The file has %(given)d rows; at most %(limit)d are read at a time. Split it.")
                % {"given": self.total, "limit": MAX_ROWS}
            )
        said = self.mapping.defaults.get("dates")
        self.month_first = said == "month_first" if said else self.date_order.is_month_first
        self.readers = Readers(self.today, self.organisation.time_zone, self.month_first)

    def check_columns(self):
        if not self.places.keys() & {"name", "company", "external_id"}:
            raise Unreadable(
                _(
                    "No column names the deal or the company. Columns found: %s. Say which is which in a mapping."
                )
                % ", ".join(filter(None, self.sheet.header))
            )
        if self.owners.team_of(self.by) is None:
            raise Unreadable(_("There is no team the deals could belong to. Make one first: Admin, Teams."))

    @property
    def unused(self):
        """Columns of the file that nothing is taken from."""
        return [name for place, name in enumerate(self.sheet.header) if name and place not in self.fields]

    def checked_rows(self):
        """(line, Incoming or None, problems) of every row."""
        for line, cells in self.sheet.rows():
            yield self._checked(line, cells)

    def _checked(self, line, cells):
        width = len(self.sheet.header)
        row = Cells(self.readers, line, cells, self.places, self.sheet.header)
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            numbers = {"given": len(cells), "wanted": width}
            row.error("", "", _("This row has %(given)d cells, the header %(wanted)d.") % numbers)
            return line, None, row.problems
        incoming = self._incoming(row, cells)
        return line, None if row.rejected else incoming, row.problems

    def _incoming(self, row, cells):
        target, owner = self.target(row), self._owner(row)
        amount, currency = self._money(row)
        created, closed, expected = self._dates(row, target)
        company = self._company(row)
        external = self._external_id(row)
        base = self._base(row, amount, currency, closed or created)
        if row.rejected:
            return None
        return Incoming(
            line=row.line, digest=self._digest(external, cells), target=target, name=self._name(row, company, external),
            company=company, owner=owner, team=self.owners.team_of(owner), amount=amount, amount_base=base,
            currency=currency, created_at=self.moment(created), closed_at=self.moment(closed),
            expected_close=expected, external_id=external, **self._rest(row, target), **self._contact(row, company),
        )  # fmt: skip

    def moment(self, day):
        """Noon of that local day, but never later than now."""
        return min(self.readers.moment(day), self.now) if day else None

    def target(self, row):
        """Where the row's deal comes in, None where its stage means nothing here."""
        word, status = row.text("stage"), row.text("status")
        key = fold(word), fold(status)
        if key not in self._targets:
            self._targets[key] = self._find_target(word, status)
        target = self._targets[key]
        if word:
            self.stages_seen.setdefault(word, target)
        if target is None:
            row.error(
                "stage", word, _("This stage means nothing here; say in the mapping which of ours it is.")
            )
        elif not word and not status and "stage" in self.places:
            row.note("stage", "", _("No stage; the deal comes in at %s.") % self.process.entry.name)
        return target

    def _find_target(self, word, status):
        said = self.mapping.stages
        end = stages.end_of(status) if status and fold(status) not in said else None
        if end:
            return self._ended(end, word)
        if status and fold(status) in said:
            return stages.named(said[fold(status)], self.process)
        if not word:
            return Target(self.process.entry.stage_id)
        return (
            stages.named(said[fold(word)], self.process)
            if fold(word) in said
            else stages.target_of(word, self.process)
        )

    def _ended(self, end, word):
        """Where a status column says how it ended and the stage column where it stood, both are kept."""
        stood = stages.target_of(word, self.process) if word else None
        if end != Status.WON and stood and not stood.closes:
            return Target(stood.stage_id, end)
        return stages.at_the_end(end, self.process)

    def _owner(self, row):
        word = row.text("owner")
        owner, level, reason = self.owners.of(word)
        self.owners_seen[word] = self.owners_seen.get(word, 0) + 1
        if level and "owner" in self.places:
            (row.error if level == "error" else row.note)("owner", word, reason)
        return owner

    def _money(self, row):
        amount = row.parsed("amount", self.readers.amount)
        currency = row.parsed("currency", parsing.currency)
        return amount, currency or currency_within(row.text("amount")) or self.currency

    def _base(self, row, amount, currency, day):
        base = self.rates.to_base(amount, currency, day or self.today)
        if base is None:
            field = "currency" if "currency" in self.places else "amount"
            row.error(field, currency, _NO_RATE)
        return base

    def _dates(self, row, target):
        """(created, closed, expected close) as days; what cannot be is mended and noted."""
        created, said = row.day("created"), row.day("close_date")
        if target is None or row.rejected:
            return created or self.today, None, None
        if not target.closes:
            return self._opened(row, created), None, row.day("expected_close") or said
        closed_field = "closed" if row.text("closed") else "close_date"
        closed = self._past(row, closed_field, row.day("closed") or said)
        if closed is None:
            closed = self._past(row, "created", created) or self.today
            row.note("close_date", "", _("Closed, but without a date; %s is used.") % closed.isoformat())
        if created and created > closed:
            row.note(
                "created", row.text("created"), _("After the day it was closed; that day is used for both.")
            )
        return min(created or closed, closed), closed, None

    def _opened(self, row, created):
        if created is None and "created" in self.places:
            row.note("created", "", _("No day on which it was created; today is used."))
        return self._past(row, "created", created) or self.today

    def _past(self, row, field, day):
        if day is None or day <= self.today:
            return day
        row.note(field, row.text(field), _("This day is yet to come; today is used."))
        return self.today

    def _company(self, row):
        company = row.said("company", 160)
        if not company:
            row.note("company", "", _("No company; the deal is put under “%s”.") % UNKNOWN_COMPANY)
        return company or UNKNOWN_COMPANY

    def _name(self, row, company, external):
        given = row.said("name", 160)
        if given:
            return given
        known = company if company != UNKNOWN_COMPANY else ""
        parts = [part for part in (known, row.said("product")) if part]
        return (": ".join(parts) if known else ", ".join(filter(None, [*parts, external])) or company)[:160]

    def _external_id(self, row):
        external = row.text("external_id")
        if len(external) > 80:
            row.error("external_id", external, _("An id has at most 80 characters."))
        return external

    def _digest(self, external, cells):
        """What makes this row itself: its id in the other system, else everything it says, by column name."""
        if external:
            said = ["id", external]
        else:
            pairs = zip(self.sheet.header, map(self.readers.clean, cells), strict=False)
            said = ["row", sorted([fold(name), value] for name, value in pairs if value)]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    def _rest(self, row, target):
        lost = target.closes and target.status != Status.WON
        defaults = self.mapping.defaults
        return {
            "lost_reason": row.text("lost_reason") if lost else "",
            "next_step": "" if target.closes else row.said("next_step", 200),
            "next_step_on": None if target.closes else row.day("next_step_on", level="note"),
            "probability": None if target.closes else row.parsed("probability", percent, level="note"),
            "deal_type": row.text("deal_type", 60) or defaults.get("deal_type", "")[:60],
            "lead_source": row.text("source", 80) or defaults.get("source", "")[:80],
            "domain": row.text("domain", 160), "industry": row.text("industry", 80), "country": row.text("country", 80),
        }  # fmt: skip

    def _contact(self, row, company):
        email = row.parsed("contact_email", self.readers.email, level="note") or ""
        whole = " ".join(filter(None, [row.text("contact_first"), row.text("contact_last")]))
        name = row.said("contact_name", 120) or whole[:120] or email[:120]
        if email in self.own_emails:
            row.note("contact_email", email, _("This is one of us, not a buyer; the contact was left out."))
            return {}
        if name and company == UNKNOWN_COMPANY != row.text("company"):
            row.note("contact_name" if "contact_name" in self.places else "contact_email", name, _STRANGER)
            return {}
        return {
            "contact_name": name, "contact_email": email,
            "contact_phone": row.text("contact_phone", 60), "job_title": row.text("job_title", 120),
        }  # fmt: skip
