"""The twelve named deals, first half: those that are stuck, silent or gone."""

from datetime import timedelta

from team.calendar import add_business_days

from .. import moves
from ..models import Kind, Source, Task
from .let_pass import let_pass
from .processes import SMALL
from .story import Story

CHAMPION, BOSS, ENGINEER, APPROVER = "champion", "boss", "engineer", "approver"


def walk(story, gates, **special):
    """Pass gate after gate on the given days: {slug of the stage entered: day}. `special`: {slug: {criterion: ...}}."""
    for slug, day in gates.items():
        _ready(story, slug, day)
        typed = {**_USUAL.get(slug, {}), **special.get(slug, {})}
        story.pass_gate(day, slug, CHAMPION, via="call" if slug == "qualify" else "meeting", **typed)
    return story


# Who is named where the champion is not the answer.
_USUAL = {
    "discover": {"economic_buyer": {"value": BOSS}},
    "negotiate": {"approval_path": {"value": ENGINEER}},
}


def _ready(story, slug, day):
    """What has to have happened before the gate into that stage, beside what is answered there."""
    if slug == "present":
        story.role(CHAMPION, "champion")
        story.role(ENGINEER, "technical")
    if slug == "propose":
        story.talk(day - 1, "demo", CHAMPION, ENGINEER, subject="Demo on their own data")
    if slug == "negotiate":
        story.talk(day - 3, "proposal", CHAMPION, direction="out", subject="Our offer", expects_answer=True)
        story.talk(day - 1, "meeting", BOSS, CHAMPION, subject="Walk through the offer")


def vellgrove(world):
    """The champion loves it and asked for an offer. Nobody else has seen it."""
    story = Story(
        world, "Vellgrove Dairies: three plants", owner="mara", amount=86_000, born=-34, industry="Dairies",
        lead_source="Referral", people={
            CHAMPION: ("Lena Vossberg", "Head of operations"),
            BOSS: ("Viktor Lundquen", "Finance director"),
            ENGINEER: ("Marek Ramanel", "Site engineer"),
        },
    )  # fmt: skip
    walk(story, {"qualify": -31, "discover": -25, "present": -11})
    words = {"words": "It found the leak in hall 2 that we have been paying for since spring."}
    story.confirm(-5, CHAMPION, "fit_confirmed", via="email", fit_confirmed=words)
    words = {"words": "Send us an offer for all three plants."}
    story.confirm(-1, CHAMPION, "proposal_requested", via="call", proposal_requested=words)
    story.next_step(-1, "Write the offer for three plants", 2)
    story.try_gate(-1, "propose")
    return story


def marrowfen(world):
    """Proposal sent eight days ago, no word. The follow-up is due on the fifth business day."""
    story = Story(
        world, "Marrowfen Clinics: water safety", owner="mara", amount=178_000, born=-52, industry="Clinics",
        lead_source="Website", people={
            CHAMPION: ("Priya Oseidan", "Head of facilities"),
            BOSS: ("Henrik Castelin", "Finance director"),
            ENGINEER: ("Noor Haldorin", "Site engineer"),
            APPROVER: ("Clara Wielmar", "Hygiene officer"),
        },
    )  # fmt: skip
    walk(story, {"qualify": -48, "discover": -41, "present": -26, "propose": -13})
    story.talk(-12, "call", BOSS, subject="What finance will look at")
    story.confirm(-11, CHAMPION, "approval_path", via="call", approval_path={"value": APPROVER})
    sent = _sent_before_five_business_days(world)
    story.talk(
        sent, "proposal", CHAMPION, exact=True, direction="out", subject="Offer: water safety, 14 wards",
        body="The offer as discussed. When will you have been through it?", expects_answer=True,
    )  # fmt: skip
    story.next_step(sent, "Hear when they have reviewed the offer", 1)
    due = add_business_days(world.clock.t + timedelta(days=sent), 5, world.organisation)
    Task.objects.create(
        deal=story.deal, assignee=story.owner, title="Follow up on the offer",
        purpose="No reply for 5 business days after the offer was sent.", due_on=due,
        created_at=world.clock.on(due, 0, 5),
    )  # fmt: skip
    return story


def _sent_before_five_business_days(world):
    """T-8, or earlier where a public holiday lies between."""
    clock, day = world.clock, -8
    while add_business_days(clock.t + timedelta(days=day), 5, world.organisation) > clock.t:
        day -= 1
    return day


def skarholt(world):
    """Went quiet after a good start."""
    story = Story(
        world, "Skarholt Hotels: 9 houses", owner="ines", amount=64_000, born=-47, industry="Hotels",
        lead_source="Trade fair", people={
            CHAMPION: ("Freya Solvarin", "Head of operations"),
            BOSS: ("Anton Moreauvin", "Owner"),
        },
    )  # fmt: skip
    walk(story, {"qualify": -43, "discover": -33})
    story.talk(-20, "call", CHAMPION, exact=True, subject="Houses 3 and 7 first")
    story.talk(
        -19, "email", CHAMPION, exact=True, direction="out", subject="Our summary of what you need",
        body="Is this how you see it? Please mark what is wrong.", expects_answer=True,
    )  # fmt: skip
    story.next_step(-19, "Confirm the summary", -6)
    _fall_silent(story, -5, "No buyer response for 14 days.")
    story.talk(
        -5, "email", CHAMPION, exact=True, hour=9, direction="out", subject="Still the plan for the season?",
        body="Two lines on what other houses did. Worth a call?", expects_answer=True,
    )  # fmt: skip
    _attempt(story, 2, 3, created=-5)
    return story


def _fall_silent(story, day, why):
    now = story.clock.exactly(day, 0, 5)
    moves.re_engage(story.deal.pk, seen_seq=None, by=None, reason=why, now=now, source=Source.RULE)


def _attempt(story, number, due, created, done=None):
    clock = story.clock
    return Task.objects.create(
        deal=story.deal, assignee=story.owner, title=f"Re-engage: attempt {number} of 2",
        purpose="The buyer is silent. Write one line that is worth an answer.", due_on=clock.day(due),
        created_at=clock.exactly(created, 0, 5), done_at=done and clock.exactly(done, 15),
    )  # fmt: skip


def brindleby(world):
    """Both attempts in silence; the rule archived it."""
    story = Story(
        world, "Brindleby Bakery", owner="ines", amount=9_000, born=-58, pipeline=SMALL, industry="Foods",
        lead_source="Website", people={CHAMPION: ("Sanne Brindleby", "Owner")},
    )  # fmt: skip
    walk(story, {"show": -54, "offer": -42})
    story.talk(
        -40, "proposal", CHAMPION, direction="out", subject="Offer: bakery and cold room", expects_answer=True
    )
    story.talk(-32, "call", CHAMPION, exact=True, subject="The offer is with the bank")
    story.talk(
        -32, "email", CHAMPION, exact=True, hour=16, direction="out", subject="The figures for your bank",
        body="Here they are. What did the bank say?", expects_answer=True,
    )  # fmt: skip
    _fall_silent(story, -18, "No buyer response for 14 days.")
    for number, day in [(1, -18), (2, -10)]:
        _attempt(story, number, day, created=day, done=day)
        story.talk(
            day, "email", CHAMPION, exact=True, hour=15, direction="out", subject="Shall we keep the offer open?",
            body="One line is enough.", expects_answer=True,
        )  # fmt: skip
    moves.move_many(
        [story.deal.pk], Kind.ARCHIVE, now=story.clock.exactly(-2, 0, 5), source=Source.RULE,
        reason="No buyer activity for 30 days; both attempts went unanswered.", loss_reason=world.silent,
    )  # fmt: skip
    return story


def tarnwick(world):
    """Great talks, all with one man."""
    story = Story(
        world, "Tarnwick Rail Works: depots", owner="jonas", amount=205_000, born=-27, industry="Rail",
        lead_source="Outreach", people={
            CHAMPION: ("Idris Danforst", "Depot manager"),
            BOSS: ("Helen Ashgrave", "Finance director"),
        },
    )  # fmt: skip
    walk(story, {"qualify": -24, "discover": -12})
    story.confirm(-6, CHAMPION, "success_metric", via="call")
    story.confirm(
        -2, CHAMPION, "need_summary", "next_step", via="call", step=("Second visit, depot north", 4)
    )
    story.confirm(-2, CHAMPION, "top_three_pains", via="call", hour=15)
    story.put_to_buyer(-2, -1, CHAMPION)
    return story


def corvendale(world):
    """The works council votes in eight days, and its names follow: Ruth let it pass by exception until then."""
    story = Story(
        world, "Corvendale Ceramics: kilns", owner="tom", amount=55_000, born=-50, industry="Ceramics",
        lead_source="Partner", people={
            CHAMPION: ("Omar Bellavar", "Plant manager"),
            BOSS: ("Giulia Tavarro", "Finance director"),
            ENGINEER: ("Pavel Novarek", "Kiln engineer"),
        },
    )  # fmt: skip
    walk(story, {"qualify": -46, "discover": -38, "present": -27, "propose": -17})
    _ready(story, "negotiate", -7)
    story.prepare_gate(-6, "negotiate", CHAMPION, hour=10, except_for=["approval_path"])
    claimed = {
        "state": "claimed",
        "value": ENGINEER,
        "words": "The works council votes on it too; the names follow.",
    }
    story.confirm(-6, CHAMPION, "approval_path", via="call", approval_path=claimed)
    _pass_by_exception(story)
    story.talk(-6, "invitation", CHAMPION, hour=15, body="", subject="Vote of the works council on the kilns")
    vote = ("The works council votes", 8)
    cameras = "The works council fears that the sensors watch people"
    story.object_to(
        -6, CHAMPION, cameras, "They count water, and nothing else; the data sheet says so.", accepted=-6
    )
    story.confirm(-6, CHAMPION, "next_step", "no_open_objections", via="call", hour=19, step=vote)
    story.ask_ours(-1, "hugo", "Legal", due=2, subject="Contract for the kilns, with their works agreement")
    return story


def _pass_by_exception(story):
    """Tom asks at one, Ruth grants at two, until the day of the vote."""
    let_pass(
        story.world, story.deal, story._stage("negotiate").stage_id, day=-6, hour=13, until=8,
        note="Until the vote. Then I want the names.", reason=(
            "The works council votes in eight days and will not name its approvers before. Finance and the plant"
            " want to settle the price until then; if we wait for the names, the offer runs out first."
        ),
    )  # fmt: skip


TELLERS = [vellgrove, marrowfen, skarholt, brindleby, tarnwick, corvendale]
