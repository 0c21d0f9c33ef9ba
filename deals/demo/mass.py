"""Writing the mass of deals: all lives advance together, one step a round, each round a few statements."""

import random

from ..models import Company, Contact, LossReason, Status
from ..moves import create_many, land_many
from ..moves.replay import begin_many, refuse_many, replay_many, write_columns
from . import lives
from .let_pass import let_mass_pass
from .life import Life
from .names import FAMILY, FIRST, JOBS, address
from .plan import named, type_of
from .plan_closed import closed_plans
from .plan_live import IMPORTED_ON, live_plans
from .scribe import COLUMNS, Scribe

_SEED = 20260101


def make_mass(world, every=1):
    """About 150 live and 600 closed deals, on the ledger hop by hop."""
    rng = random.Random(_SEED)  # noqa: S311  the same on every run
    plans = named(rng, closed_plans(rng) + live_plans(rng))[::every]
    world.reasons = {reason.name: reason for reason in LossReason.objects.all()}
    scribe, people = Scribe(), _companies(rng, plans)
    deals = _begin(world, plans, people)
    _tell([_teller(world, scribe, plan, deals[plan.name], people[plan.company][1]) for plan in plans], scribe)
    write_columns(list(deals.values()), COLUMNS)
    let_mass_pass(world, plans, deals)


def _teller(world, scribe, plan, deal, contacts):
    life = Life(world, scribe, plan, deal, contacts)
    return lives.closed_life(life) if plan.end else lives.live_life(life)


def _tell(tellers, scribe):
    """Let every life go one step, write what happened, then make the moves it led to; until all are told."""
    while tellers:
        told = [(teller, next(teller, StopIteration)) for teller in tellers]
        scribe.flush()
        refuse_many([step.hop for _teller, step in told if isinstance(step, lives.Refused)])
        replay_many([step for _teller, step in told if isinstance(step, lives.Hop)])
        tellers = [teller for teller, step in told if step is not StopIteration]


def _companies(rng, plans):
    """{(place, trade): (Company, its contacts)}"""
    known = dict.fromkeys(plan.company for plan in plans)
    made = Company.objects.bulk_create([_company(key) for key in known])
    people = [(company, _contacts(rng, company)) for company in made]
    Contact.objects.bulk_create([contact for _company, contacts in people for contact in contacts])
    return dict(zip(known, people, strict=True))


def _company(key):
    name = " ".join(key)
    return Company(name=name, industry=key[1], domain=address("x", name).partition("@")[2])


def _contacts(rng, company):
    """Four people, of different first names: champion, economic buyer, technical, approver."""
    first, family = rng.sample(FIRST, len(JOBS)), rng.sample(FAMILY, len(JOBS))
    names = [f"{one} {two}" for one, two in zip(first, family, strict=True)]
    return [
        Contact(company=company, name=name, job_title=rng.choice(jobs), email=address(name, company.name))
        for name, jobs in zip(names, JOBS, strict=True)
    ]


def _begin(world, plans, people):
    """{name: Deal}, each made on its own day under the process of that day."""
    deals, groups = {}, {}
    for plan in plans:
        if plan.state == "imported":
            continue
        groups.setdefault(world.processes.on(plan.pipeline, plan.born), []).append(plan)
    for process, group in groups.items():
        made = begin_many(process, [_specification(world, plan, people) for plan in group])
        deals.update((deal.name, deal) for deal in made)
    return deals | _import(world, plans, people)


def _specification(world, plan, people):
    owner = world.people[plan.owner]
    return {
        "name": plan.name, "company": people[plan.company][0], "owner": owner, "team": world.teams[plan.owner],
        "amount": plan.amount, "lead_source": plan.lead_source, "deal_type": type_of(plan.lead_source),
        "at": world.clock.at(plan.born, 9),
    }  # fmt: skip


def _import(world, plans, people):
    """Those that came with the file, in the stage the other system had them in."""
    deals, ruth, now = {}, world.people["ruth"], world.clock.at(IMPORTED_ON, 9)
    batch = world.batch(IMPORTED_ON, ruth)
    for slug in world.processes.pipelines:
        process = world.processes.now(slug)
        group = [plan for plan in plans if plan.state == "imported" and plan.pipeline == slug]
        specifications = [
            {**_specification(world, plan, people), "at": now, "import_batch": batch, "lead_source": "Import"}
            for plan in group
        ]
        made = create_many(process, specifications, by=ruth, now=now, batch=str(batch.pk))
        landings = [
            (deal, process.stages[plan.stage].stage_id, Status.OPEN, now, None)
            for deal, plan in zip(made, group, strict=True)
        ]
        land_many(process, landings, by=ruth, now=now, batch=str(batch.pk))
        deals.update((deal.name, _as_landed(deal)) for deal in made)
    return deals


def _as_landed(deal):
    """As the ledger has it now: an import row moves the deal in the database alone."""
    owner, company = deal.owner, deal.company
    deal.refresh_from_db()
    deal.owner, deal.company = owner, company
    return deal
