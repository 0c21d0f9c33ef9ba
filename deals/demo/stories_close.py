"""The twelve named deals, second half: those close to a signature, imported, or waiting for one thing."""

from .. import moves
from ..models import ImportBatch, Status
from .stories import APPROVER, BOSS, CHAMPION, ENGINEER, walk
from .story import Story


def wexholm(world):
    """Everything approved; the signature is two days away."""
    story = Story(
        world, "Wexholm Paper: mill 2", owner="jonas", amount=310_000, born=-73, industry="Paper",
        lead_source="Existing customer", goals="Fewer breaks of the web, and one figure for heat the auditor accepts.",
        people={
            CHAMPION: ("Aisha Kuiperin", "Head of operations"),
            BOSS: ("Daniel Marshby", "Finance director"),
            ENGINEER: ("Yara Petrosel", "Site engineer"),
        },
    )  # fmt: skip
    gates = {"qualify": -69, "discover": -60, "present": -46, "propose": -33, "negotiate": -20, "close": -4}
    _walk_and_renew(story, gates, before_last=-12)
    story.write(-3, commitments="No stop of machine 2, one free training, price fixed for three years.")
    story.talk(
        -1, "introduction", CHAMPION, BOSS, direction="out", subject="Your contact from now on: Yuki Tanebara",
        body="Yuki runs your start. Everything you told us is in her hands already.",
    )  # fmt: skip
    story.next_step(-1, "Signature in their office", 2)
    return story


def _walk_and_renew(story, gates, before_last):
    """A long sale: what lapses is confirmed once more before the last gate."""
    last = list(gates)[-1]
    walk(story, {slug: day for slug, day in gates.items() if slug != last})
    story.talk(before_last, "call", BOSS, CHAMPION, subject="Who signs, and when")
    renew(story, before_last, "economic_buyer", "budget_access", "decision_date")
    signed_in = {"signing_date": {"value": story.clock.day(2).isoformat()}}
    return walk(story, {last: gates[last]}, **{last: signed_in})


def renew(story, day, *slugs):
    """The same facts, confirmed once more."""
    special = {"economic_buyer": {"value": BOSS}} if "economic_buyer" in slugs else {}
    story.confirm(day, CHAMPION, *slugs, via="call", hour=15, **special)


def lorvane(world):
    """Won four days ago; the whole way can be read."""
    story = Story(
        world, "Lorvane Breweries: two sites", owner="jonas", amount=94_000, born=-75, industry="Breweries",
        lead_source="Referral", goals="Less water per litre, without a stop in the season.", people={
            CHAMPION: ("Mateo Brennick", "Head of brewing"),
            BOSS: ("Leila Okafarin", "Finance director"),
            ENGINEER: ("Anton Senghal", "Site engineer"),
        },
    )  # fmt: skip
    gates = {"qualify": -72, "discover": -64, "present": -51, "propose": -38, "negotiate": -27, "close": -9}
    _walk_and_renew(story, gates, before_last=-16)
    story.write(
        -6,
        commitments="Work outside the season, first report in week four.",
    )
    story.talk(
        -5,
        "introduction",
        CHAMPION,
        direction="out",
        subject="Your contact from now on: Yuki Tanebara",
        body="",
    )
    signed = {"file": story.agreement(-4), "date": story.clock.day(-4).isoformat(), "who": BOSS}
    start = {"value": story.clock.day(10).isoformat()}
    story.confirm(
        -4, BOSS, "signed_agreement", "implementation_date", via="meeting", hour=10,
        signed_agreement=signed, implementation_date=start,
    )  # fmt: skip
    moves.win(story.deal.pk, seen_seq=story.seen, by=story.owner, now=story.clock.at(-4, 15))
    story.talk(
        -3, "kickoff", CHAMPION, ENGINEER, direction="out", subject="Kickoff at site one",
        body="Agenda and dates for the first four weeks.",
    )  # fmt: skip
    return story


class Imported(Story):
    """A deal that came with a file, in the stage the other system claimed."""

    def _make(self, name, born, columns):
        now, ruth = self.clock.at(born, 9), self.world.people["ruth"]
        batch = self.world.batch(born, ruth)
        landed = self._stage("propose")
        specification = {
            "name": name, "company": self.company, "owner": self.owner, "team": self.owner.teams.get(),
            "amount": self.amount, "import_batch": batch, "at": now, **columns,
        }  # fmt: skip
        deals = moves.create_many(self.process, [specification], by=ruth, now=now, batch=str(batch.pk))
        landings = [(deals[0], landed.stage_id, Status.OPEN, now, None)]
        moves.land_many(self.process, landings, by=ruth, now=now, batch=str(batch.pk))
        return deals[0]


def make_batch(clock, day, by):
    """The file that came in from the system Ostermere used before."""
    return ImportBatch.objects.create(
        name="old-crm-export.csv", started_at=clock.at(day, 8), finished_at=clock.at(day, 8, 1), by=by
    )


def kestermont(world):
    """Imported as Propose, moved back in the review. Our contact says he signs; the register names his boss."""
    story = Imported(
        world, "Kestermont Parks: logistics", owner="mara", amount=112_000, born=-20, industry="Logistics",
        lead_source="Import", people={
            CHAMPION: ("Viktor Haldorin", "Head of sites"),
            BOSS: ("Clara Senghal", "Managing director"),
        },
    )  # fmt: skip
    known = ("icp_fit", "right_contact", "reason_now", "problem_stated", "budget_access", "decision_date")
    story.confirm(-14, CHAMPION, *known, via="call")
    story.role(BOSS, "economic_buyer", priority="A return within two years")
    claimed = {
        "state": "claimed", "value": CHAMPION,
        "words": "He says that he signs. The trade register names his managing director.",
    }  # fmt: skip
    story.confirm(-14, CHAMPION, "economic_buyer", via="call", hour=15, economic_buyer=claimed)
    story.next_step(-13, "Meet the managing director", -3)
    moves.back(
        story.deal.pk, to=story._stage("discover").stage_id, seen_seq=story.seen, by=world.people["ruth"],
        reason="Came in as Propose, but the signer is not known and nobody confirmed the need.",
        now=world.clock.at(-13, 16),
    )  # fmt: skip
    return story


def fenlark(world):
    """Budget was confirmed 96 days ago, and budgets do not keep that long."""
    story = Story(
        world, "Fenlark Laundries: heat", owner="ines", amount=41_000, born=-103, industry="Laundries",
        lead_source="Trade fair", people={
            CHAMPION: ("Helen Castelin", "Head of operations"),
            BOSS: ("Idris Lundquen", "Owner"),
            ENGINEER: ("Giulia Marshby", "Site engineer"),
        },
    )  # fmt: skip
    walk(story, {"qualify": -100, "discover": -96, "present": -72, "propose": -46})
    renew(story, -40, "economic_buyer", "decision_date")
    walk(story, {"negotiate": -12})
    price = "The heat figures must not depend on our own meters"
    story.object_to(-8, CHAMPION, price, "They are read from the utility's meter.", accepted=-7)
    story.confirm(-5, CHAMPION, "no_open_objections", "buyer_approvals", via="call")
    story.approve_ours(-5)
    story.confirm(-1, CHAMPION, "next_step", via="call", step=("Agree on the date for signing", 5))
    return story


def dunmarrow(world):
    """The buyer said yes. We are the ones who are late."""
    story = Story(
        world, "Dunmarrow Textiles: group", owner="tom", amount=240_000, born=-58, industry="Textiles",
        lead_source="Partner", people={
            CHAMPION: ("Noor Ashgrave", "Head of group operations"),
            BOSS: ("Pavel Danforst", "Finance director"),
            ENGINEER: ("Freya Ramanel", "Site engineer"),
        },
    )  # fmt: skip
    walk(story, {"qualify": -55, "discover": -47, "present": -34, "propose": -22, "negotiate": -10})
    story.object_to(
        -9, BOSS, "Three years without a way out is too long", "They may end it after two.", accepted=-7
    )
    story.object_to(
        -8, ENGINEER, "Nobody here can change the sensors", "We train two of them, free.", accepted=-7
    )
    story.confirm(-6, CHAMPION, "no_open_objections", "buyer_approvals", via="meeting")
    signing = {"value": world.clock.day(9).isoformat()}
    story.confirm(-4, BOSS, "signing_date", via="email", signing_date=signing)
    story.confirm(-4, CHAMPION, "next_step", via="call", hour=15, step=("Sign the final contract", 9))
    story.ask_ours(-6, "amara", "Finance", due=-3, decided=-3, comment="8% for three years is fine.")
    story.ask_ours(-6, "hugo", "Legal", due=-2)
    return story


def sundermark(world):
    """Our summary went out yesterday; one answer is missing, and only the buyer can give it."""
    story = Story(
        world, "Sundermark Chemicals: cooling", owner="tom", amount=150_000, born=-24, industry="Chemicals",
        lead_source="Website", people={
            CHAMPION: ("Daniel Solvarin", "Head of utilities"),
            BOSS: ("Sanne Petrosel", "Finance director"),
            ENGINEER: ("Mateo Wielmar", "Cooling engineer"),
            APPROVER: ("Lena Tavarro", "Purchasing lead"),
        },
    )  # fmt: skip
    walk(story, {"qualify": -21, "discover": -13})
    story.role(CHAMPION, "champion")
    story.role(ENGINEER, "technical")
    story.role(APPROVER, "procurement")
    offers = "Purchasing wants two more offers before it looks at ours"
    story.object_to(-3, APPROVER, offers, "The list of what to compare is with them.")
    told = ("success_metric", "decision_criteria", "top_three_pains")
    story.confirm(-4, CHAMPION, *told, via="meeting")
    story.confirm(-2, CHAMPION, "next_step", via="call", step=("Show it to purchasing and the engineer", 6))
    summary = {"state": "claimed", "file": story.letter(CHAMPION, "What we understood, for you to correct.")}
    story.confirm(-1, CHAMPION, "need_summary", via="call", need_summary=summary)
    story.talk(
        -1, "email", CHAMPION, hour=16, direction="out", subject="Our summary of your cooling",
        body="Please correct what is wrong and say yes to the rest.", expects_answer=True,
    )  # fmt: skip
    return story


TELLERS = [wexholm, lorvane, kestermont, fenlark, dunmarrow, sundermark]
