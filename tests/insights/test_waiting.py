"""How long deals waited on us and on the buyer, and what was done in each stage: worked out by hand."""

import pytest

from deals import activities
from deals.models import Activity, Approval, Decision
from insights.metrics import waiting
from insights.panels import waits
from pipeline.vocabulary import Kind

from .. import factories as f
from .lives import at, spring, take

pytestmark = pytest.mark.django_db
STAGES = {"Qualify": [("problem", Kind.TEXT, {"core": True})], "Discover": [], "Propose": [], "Close": []}


@pytest.fixture
def boss():
    return f.make_admin()


def said(deal, number, kind="email", direction="out", **fields):
    """Something on record at noon of that day; what is written by us expects an answer."""
    contact = deal.company.contacts.first() or f.make_contact(deal.company)
    fields.setdefault("expects_answer", direction == "out")
    return activities.log(
        deal.pk,
        by=None,
        kind=kind,
        happened_at=at(number),
        attendees=[contact],
        direction=direction,
        **fields,
    )


@pytest.fixture
def told(boss):
    """One was answered after seven days and lost ten days after the next message; another waits since day 90."""
    f.make_loss_reason("Price")
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    first, second = (f.make_deal(pipeline, name=name, now=at(0)) for name in ("first", "second"))
    for number in (5, 8):
        said(first, number)
    said(first, 12, kind="call", direction="in")
    take(first, "to Discover 15")
    said(first, 20)
    take(first, "lost 30 Price")
    said(second, 90)
    return first, second


def of_stage(found, deal, name):
    return found.get(f.stage_of(deal.pipeline, name).pk)


def test_a_wait_on_the_buyer_goes_from_our_first_message_to_their_next_act(boss, told):
    """Qualify: 5 to 12, the message of day 8 is the same wait, and day 90 to 120, which is now: 7 + 30.

    Discover: 20 to 30, when it was lost.
    """
    found = waiting.on_buyer(spring(boss))
    assert of_stage(found, told[0], "Qualify") == waiting.Waited(37, 2)
    assert of_stage(found, told[0], "Discover") == waiting.Waited(10, 1)


def test_what_was_done_stands_in_the_stage_of_that_moment(boss, told):
    found = waiting.activities(spring(boss))
    assert of_stage(found, told[0], "Qualify") == {"email": 3, "call": 1}
    assert of_stage(found, told[0], "Discover") == {"email": 1}
    rows = {row.step.name: row for row in waits.of(spring(boss)).rows}
    assert (rows["Qualify"].calls, rows["Qualify"].mails, rows["Qualify"].meetings) == (1, 3, 0)
    assert sum(row.activities for row in rows.values()) == Activity.objects.count()


def approval(deal, asked, decided=None, side="legal"):
    criterion = f.criterion_of(deal.pipeline, "problem")
    who = {"contact": f.make_contact(deal.company)} if side == "buyer" else {"approver": f.make_user()}
    columns = {"decision": Decision.APPROVED, "decided_at": at(decided)} if decided is not None else {}
    return Approval.objects.create(
        deal=deal, criterion=criterion, side=side, subject="Terms", asked_at=at(asked), **who, **columns
    )


def test_a_wait_on_us_is_an_approval_of_ours_that_is_pending_in_the_period(boss):
    """6 days; 4 of the 14 that lie in the period; 10 to its end of one that is pending still. Theirs is not ours."""
    deal = f.make_deal(f.make_pipeline(stages=STAGES), now=at(-20))
    approval(deal, 10, 16)
    approval(deal, -10, 4, side="finance")
    approval(deal, 80)
    approval(deal, 10, 70, side="buyer")
    approval(deal, -15, -12)
    assert of_stage(waiting.on_us(spring(boss)), deal, "Qualify") == waiting.Waited(20, 3)
    data = waits.of(spring(boss))
    assert (data.most.step.name, data.most.us.days) == ("Qualify", 20)
    behind = waits.PANEL.behind["us"].deals(spring(boss), str(f.stage_of(deal.pipeline, "Qualify").pk))
    assert list(behind) == [deal]
    assert waiting.on_us(spring(boss, owner=boss.pk)) == {}
