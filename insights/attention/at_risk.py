"""Deals at risk as somebody reads them: why, what is still open, and whom to ask."""

from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from deals.figures import pushed_times
from deals.models import Stakeholder
from deals.today.readings import readings
from pipeline.process import process_of
from pipeline.vocabulary import StakeholderRoleName
from team import formats
from team.calendar import local_date

from . import risks

# Who is asked first.
DECIDERS = [StakeholderRoleName.ECONOMIC_BUYER, StakeholderRoleName.APPROVER, StakeholderRoleName.CHAMPION]


@dataclass(frozen=True)
class Row:
    """One deal to talk about."""

    deal: object
    why: list
    # The first criterion its next gate waits for, and how many more.
    open: str
    more: int
    ask: str


def ranked(deals):
    """By the money at stake."""
    return deals.order_by("-amount_base", "pk")


def with_people(deals):
    """The same deals with everybody on their maps, as `why` and the question whom to ask read them."""
    people = Stakeholder.objects.select_related("contact").prefetch_related("roles")
    return deals.prefetch_related(Prefetch("stakeholders", people, "everybody"))


def rows(lens, found, deals):
    """Rows of some deals of risks.Risks.deals; as many statements for fifty as for one, and one more a process."""
    shown = found.marked(deals).select_related("company", "stage", "owner", "pipeline__version")
    shown = list(with_people(shown))
    known = readings(shown, lens.today)
    return [_row(deal, known.get(deal.pk), lens) for deal in shown]


def _row(deal, reading, lens):
    labels = _open(deal, reading) if reading else []
    return Row(deal, why(deal, lens), labels[0] if labels else "", max(0, len(labels) - 1), _ask(deal))


def _open(deal, reading):
    after = process_of(deal.pipeline).stage_after(deal.stage_id)
    return [finding.definition.label for finding in reading.for_move(after.stage_id if after else None).open]


def _ask(deal):
    """'Henrik Lundquen, managing director'."""
    people = [person for person in deal.everybody if person.contact.left_at is None]
    people.sort(key=lambda person: (_place(person), -person.influence, person.pk))
    if not people:
        return ""
    contact = people[0].contact
    return f"{contact.name}, {contact.job_title}" if contact.job_title else contact.name


def _place(person):
    roles = {row.role for row in person.roles.all()}
    return next((place for place, role in enumerate(DECIDERS) if role in roles), len(DECIDERS))


def why(deal, lens):
    """Every cause of the deal, in words."""
    causes = [cause for cause in risks.WORDS if getattr(deal, f"risk_{cause}")]
    return [
        str(_SAID[cause](deal, lens) if cause in _SAID else _first_up(risks.WORDS[cause])) for cause in causes
    ]


def _first_up(words):
    return str(words)[:1].upper() + str(words)[1:]


def _silent(deal, lens):
    days = (lens.today - local_date(deal.quiet_at, lens.organisation)).days
    return _("Silent for %s") % formats.days(days)


def _step(deal, lens):
    if not deal.next_step or deal.next_step_on is None:
        return _("No next step")
    return _("Next step was due on %s") % formats.day(deal.next_step_on)


def _single(deal, lens):
    return _("One contact only") if deal.engaged else _("No contact has taken part")


def _left(deal, lens):
    """'Lena Vossberg, champion, has left'."""
    parts = [(row.role, person.contact) for person in deal.everybody for row in person.roles.all()]
    held = {role for role, contact in parts if contact.left_at is None}
    role, contact = next((r, c) for r, c in parts if r in risks.NEEDED and r not in held)
    part = str(StakeholderRoleName(role).label).lower()
    return _("%(name)s, %(part)s, has left") % {"name": contact.name, "part": part}


def _exception(deal, lens):
    words = _("Exception expired %s") if deal.exception_until < lens.today else _("By exception until %s")
    return words % formats.day_short(deal.exception_until)


def _traceless(deal, lens):
    days = risks.TRACE_DAYS
    return (
        ngettext(
            "Nothing in the buyer’s own hand for %d day", "Nothing in the buyer’s own hand for %d days", days
        )
        % days
    )


_SAID = {
    risks.SILENT: _silent,
    risks.NO_STEP: _step,
    risks.SINGLE: _single,
    risks.PAST_CLOSE: lambda deal, lens: _("Was to close on %s") % formats.day(deal.expected_close),
    risks.LEFT: _left,
    risks.EXCEPTION: _exception,
    risks.TRACELESS: _traceless,
    risks.PUSHED: lambda deal, lens: _first_up(pushed_times(deal.pushes)),
}
