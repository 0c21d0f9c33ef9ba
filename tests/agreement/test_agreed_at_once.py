"""What several do at the same time to approvals and to who counts as the buyer: one wins, nobody sees an error."""

import pytest
from django.db import transaction
from django.utils import timezone

from deals import handover, moves
from deals.approving import approvals, late_approvals
from deals.models import Approval, Deal
from pipeline.vocabulary import Evidence, Kind
from team.models import Notice, Organisation, User

from .. import factories as f
from ..trust.test_concurrency import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)
OURS = {"roles": "Legal", "needs_buyer": False, "evidence": Evidence.NONE}
ASKED = {
    "Qualify": [("budget", Kind.MONEY, {"evidence": Evidence.WHO})],
    "Discover": [("ours", Kind.APPROVAL, OURS)],
}


def of_legal(name):
    user = f.make_user(name)
    user.roles.add(f.make_role("Legal"))
    return user


def waiting_deal(hugo):
    deal = f.make_deal(f.make_pipeline(stages=ASKED), owner=f.make_user())
    return f.ask_for(deal, hugo, role="Legal", asked_by=deal.owner, due_on=f.today().replace(year=2024))


def test_ten_ticks_at_once_escalate_once():
    hugo, ruth = of_legal("Hugo Lenzmar"), f.make_manager()
    waiting_deal(hugo)
    done = all_at_once([lambda: late_approvals.escalate(timezone.now())] * 10)
    assert sorted(done) == [0] * 9 + [1]
    assert Notice.objects.filter(user=ruth).count() == 1


@pytest.mark.parametrize("round_", range(5))
def test_who_decides_while_their_approvals_are_handed_over_decides_or_finds_it_gone(round_):
    hugo, enno, admin = of_legal("Hugo Lenzmar"), of_legal("Enno Tarvik"), f.make_admin()
    asked = waiting_deal(hugo)
    decide, hand_over = all_at_once([
        lambda: approvals.decide(asked.pk, {"decision": "approved"}, by=hugo),
        lambda: handover.hand_over(hugo, None, by=admin, instead={"Legal": enno}),
    ])  # fmt: skip
    row = Approval.objects.get()
    if isinstance(decide, Approval.DoesNotExist):
        assert (hand_over, row.approver, row.decision) == ((0, 1), enno, "pending")
    else:
        assert (hand_over, row.decided_by, row.decision) == ((0, 0), hugo, "approved")


def test_a_domain_becomes_ours_and_a_user_is_renamed_while_the_deals_of_their_people_move():
    pipeline, rep = f.make_pipeline(stages=f.OPEN_GATES), f.make_user()
    deals = [f.make_deal(pipeline, owner=rep) for _number in range(8)]
    for deal in deals:
        f.log_call(deal, f.make_contact(deal.company, "Lena Vossberg", email="lena@buyer.example"))
    discover = f.stage_of(pipeline, "Discover").pk

    def becomes_ours():
        with transaction.atomic():
            organisation = Organisation.current()
            organisation.own_domains = "buyer.example"
            organisation.save()

    def renamed():
        with transaction.atomic():
            user = User.objects.get(pk=rep.pk)
            user.email = "lena@buyer.example"
            user.save()

    jobs = [becomes_ours, renamed]
    jobs += [lambda deal=deal: moves.advance(deal.pk, to=discover, seen_seq=1, by=rep) for deal in deals]
    failed = [result for result in all_at_once(jobs) if isinstance(result, Exception)]
    assert failed == []
    assert Deal.objects.filter(stage=discover, last_buyer_activity_at__isnull=True).count() == len(deals)
