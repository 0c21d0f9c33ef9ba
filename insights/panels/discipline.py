"""Follow-up discipline: who follows up on time, whose evidence is the buyer's own, who needs exceptions."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from team.digits import number_in

from ..attention import discipline
from ..attention.risks import Risks
from ..charts import share
from . import Behind, Panel, Table, as_of_now, named

# Per cent of follow-ups on time below which a person's bar warns.
LOW = 75
HEAD = (
    gettext_lazy("Person"), gettext_lazy("Follow-ups due"), gettext_lazy("On time"), gettext_lazy("Late"),
    gettext_lazy("Missed"), gettext_lazy("Cancelled by reply"), gettext_lazy("Buyer’s own hand, %"),
    gettext_lazy("Gates passed"), gettext_lazy("Without exception, %"), gettext_lazy("Exceptions open"),
    gettext_lazy("No next step"), gettext_lazy("Tasks late now"), gettext_lazy("Acts recorded late"),
    gettext_lazy("Two gates in a day"),
)  # fmt: skip


@dataclass(frozen=True)
class Discipline:
    people: list

    @property
    def rows(self):
        """Each with the bar of what was on time."""
        return [(person, share.bar(person.on_time_share, low=LOW)) for person in self.people]


def of(lens):
    """Seven statements. Who follows up best comes first, who had nothing to follow up last."""
    people = discipline.people(lens)
    people.sort(key=lambda person: -1 if person.on_time_share is None else person.on_time_share, reverse=True)
    return Discipline(people)


def cells(person):
    """What the sheet says of a person, in the order of HEAD."""
    return (
        person.user.name, person.due, person.on_time, person.late, person.missed, person.cancelled, person.own_share,
        person.moves, person.clean_share, person.exceptions, person.no_step, person.late_tasks, person.recorded_late,
        person.two_gates,
    )  # fmt: skip


def table(data):
    return Table(
        _("Keeping to the process, by person"),
        tuple(map(str, HEAD)),
        [cells(person) for person in data.people],
    )


def _exceptions(lens, arg):
    """Of one person, by id."""
    return _of(lens, arg).filter(exception_until__isnull=False)


def _no_step(lens, arg):
    return _of(lens, arg).filter(Risks(lens).conditions["no_step"])


def _of(lens, arg):
    deals = lens.deals().open()
    owner = number_in(arg)
    return deals if owner is None else deals.filter(owner=owner)


def _followed_up(lens, arg):
    return discipline.followed_up(lens, number_in(arg))


def _on_time(lens, arg):
    return discipline.followed_up(lens, number_in(arg), on_time=True)


PANEL = Panel(
    key="discipline",
    title=gettext_lazy("Follow-up discipline"),
    of=of,
    template="insights/panels/discipline.html",
    width=12,
    table=table,
    behind={
        "follow_ups": Behind(
            gettext_lazy("Deals with follow-ups that were due"), _followed_up, named=named.person
        ),
        "on_time": Behind(gettext_lazy("Deals followed up on time"), _on_time, named=named.person),
        "exceptions": Behind(gettext_lazy("Exceptions open"), _exceptions, named=named.owner, days=as_of_now),
        "no_step": Behind(gettext_lazy("No next step"), _no_step, named=named.owner, days=as_of_now),
    },
    defines=("follow_ups", "own_hand", "adherence", "recorded_late"),
    managers=True,
)
