"""What every teller of the demo needs: the clock, the people, the processes."""

from dataclasses import dataclass, field

from ..models import LossReason
from . import people, processes, stories_close
from .clock import Clock


@dataclass
class World:
    clock: Clock
    organisation: object
    people: dict
    processes: processes.Processes
    silent: LossReason
    teams: dict
    batches: dict = field(default_factory=dict)
    reasons: dict = field(default_factory=dict)

    def batch(self, day, by):
        """The one import of that day."""
        if day not in self.batches:
            self.batches[day] = stories_close.make_batch(self.clock, day, by)
        return self.batches[day]


def make_world(now):
    """The company before its first deal. `now` says which day T is."""
    organisation = people.make_organisation()
    clock = Clock(now, organisation.time_zone)
    staff = people.make_people(joined=clock.at(-560, 9))
    known = processes.make_processes(clock, staff["sofia"])
    silent, _made = LossReason.objects.get_or_create(
        name="Went silent", defaults={"by_rule": True, "position": 99}
    )
    teams = {key: user.teams.order_by("name").first() for key, user in staff.items()}
    return World(clock, organisation, staff, known, silent, teams)
