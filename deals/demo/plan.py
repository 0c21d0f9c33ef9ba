"""What the mass of deals will look like, before any of it is written: stages, days, money, owners, reasons.

Days are counted from T. Nothing here touches the database; the same T gives the same plans.
"""

from dataclasses import dataclass, field

from .names import COMPETITORS, LARGE, PLACES, SOURCES, TRADES
from .names import SMALL as SMALL_JOBS
from .processes import NEW, SMALL

STAGE_DAYS = {NEW: [8, 9, 12, 13, 9, 15, 5], SMALL: [4, 7, 8, 5]}
LEAST_DAYS = 3  # so that two hops never share a working day
OWNERS = {
    (NEW, "won"): {"jonas": 42, "mara": 24, "ines": 17, "tom": 17},
    (NEW, "other"): {"jonas": 22, "mara": 30, "ines": 20, "tom": 28},
    (SMALL, "won"): {"ines": 60, "tom": 16, "mara": 14, "jonas": 10},
    (SMALL, "other"): {"ines": 52, "tom": 22, "mara": 16, "jonas": 10},
}


@dataclass
class Plan:
    """One deal to be. `hops` are the days on which it passed a gate; `end` is (kind, day) for a closed one."""

    pipeline: str
    owner: str
    amount: int
    born: int
    hops: list
    end: tuple | None = None
    reason: str = ""
    note: str = ""
    state: str = "proven"
    next_on: int | None = None
    refused: dict = field(default_factory=dict)  # number of the gate -> slugs left open
    company: tuple = ()
    name: str = ""
    lead_source: str = ""

    @property
    def stage(self):
        """Number of the stage it stands in."""
        return len(self.hops)


def owner_of(rng, pipeline, outcome):
    shares = OWNERS[pipeline, "won" if outcome == "won" else "other"]
    return rng.choices(list(shares), weights=list(shares.values()))[0]


def stays(rng, pipeline, stages):
    """Days spent in each of the first so many stages."""
    return [max(LEAST_DAYS, round(days * rng.uniform(0.5, 1.5))) for days in STAGE_DAYS[pipeline][:stages]]


def hops_from(born, days):
    """The days on which the gates were passed."""
    found = []
    for stay in days:
        born += stay
        found.append(born)
    return found


def amount_of(rng, pipeline):
    """New business from 25,000, most of it around 45,000; small sites around 9,000."""
    if pipeline == NEW:
        return max(25_000, min(240_000, round(rng.lognormvariate(10.62, 0.5) / 500) * 500))
    return max(2_500, min(24_500, round(rng.lognormvariate(9.03, 0.4) / 100) * 100))


def named(rng, plans):
    """Give every plan its company, name and lead source; a company has few deals, and each its own name."""
    companies = [(place, trade) for place in PLACES for trade in TRADES]
    rng.shuffle(companies)
    taken = set()
    for number, plan in enumerate(plans):
        plan.company = companies[number % len(companies)]
        plan.name = _name(rng, plan, taken)
        plan.lead_source = plan.lead_source or rng.choice(SOURCES)
    return plans


def type_of(lead_source):
    """Who has bought before extends what they have."""
    return "Extension" if lead_source == "Existing customer" else "New customer"


def _name(rng, plan, taken):
    works = LARGE if plan.pipeline == NEW else SMALL_JOBS
    while True:
        name = f"{' '.join(plan.company)}: {rng.choice(works)}"
        if name not in taken:
            taken.add(name)
            return name


def lost_note(rng, reason, notes):
    if reason == "Lost to a competitor":
        return f"They chose {rng.choice(COMPETITORS)}."
    return notes.get(reason, "")
