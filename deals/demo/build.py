"""Building the whole demo company in one transaction."""

from django.db import transaction
from django.db.models import F

from pipeline.models import Pipeline
from team.models import Notice, User, remembered

from .. import counts, new_owner
from ..approving import late_approvals
from ..models import Company, Contact, Deal, Stakeholder
from ..timers import due_stored
from . import firings, more, rivals, stories, stories_close
from .mass import make_mass
from .people import PEOPLE
from .processes import NEW, SMALL
from .world import make_world

TELLERS = stories.TELLERS + stories_close.TELLERS


def is_there():
    """Whether the demo company was made before."""
    return User.objects.filter(email=f"{PEOPLE[0][0]}@demo.example").exists()


def in_the_way():
    """Whether the database holds what the demo must not be mixed with."""
    return Deal.objects.exists() or Pipeline.objects.filter(slug__in=[NEW, SMALL]).exists()


@transaction.atomic
def build(now, say=lambda line: None, tellers=TELLERS, every=1):
    """Make everything, relative to the day of `now`. `say` is told what is being done. Returns the World.

    Fewer `tellers`, and only every so-manieth of the other deals, make a smaller company for tests.
    """
    with remembered():
        say("People and processes")
        world = make_world(now)
        say("Twelve deals with a story")
        for teller in tellers:
            teller(world)
        say("18 months of other deals")
        make_mass(world, every)
        _finish(world)
        rivals.make(world)
        _hand_one_over(world)
        for make in more.ADDED:
            make(world)
    return world


def _hand_one_over(world):
    """A small deal that came from Ines, whom Mara has not answered yet."""
    mara, ines, ruth = (world.people[name] for name in ("mara", "ines", "ruth"))
    proven = Deal.objects.proven(world.clock.t, world.clock.t).filter(owner=mara)
    if deal := proven.order_by("amount_base", "pk").first():
        why = "Ines takes over the hotels. Their site engineer asks for you since the fair."
        new_owner.record([deal], {deal.pk: ines.pk}, by=ruth, now=world.clock.at(-1, 16), reason=why)


def _finish(world):
    """Count what is stored as of T, and date what was only written now."""
    for pipeline in world.processes.pipelines:
        process = world.processes.now(pipeline)
        deals = Deal.objects.filter(pipeline=process.pipeline_id)
        counts.recount(process, world.clock.t, deals)
    due_stored.follow_many(Deal.objects.live())
    firings.remember(world)
    late_approvals.escalate(world.clock.at(0, 0, 5))
    Notice.objects.filter(at__lt=world.clock.at(-7, 0)).update(read_at=F("at"))
    first = Deal.objects.order_by("created_at").first().created_at
    for model, column in [(Company, "created_at"), (Contact, "created_at"), (Stakeholder, "added_at")]:
        model.objects.update(**{column: first})
