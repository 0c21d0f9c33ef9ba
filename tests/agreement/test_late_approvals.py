"""Approvals of ours that are late are escalated once; what was decided keeps the amount it was decided on."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from automations import tick
from deals import edits, moves
from deals.answers import Given
from deals.answers import save as save_answers
from deals.approving import approvals
from deals.models import Approval, Deal
from pipeline.process import process_of
from pipeline.vocabulary import Evidence, Kind
from team.models import Notice

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
OURS = {"roles": "Legal", "needs_buyer": False, "evidence": Evidence.NONE}
STAGES = {
    "Negotiate": [("ours", Kind.APPROVAL, OURS), ("theirs", Kind.APPROVAL, {"evidence": Evidence.WHO})],
    "Close": [],
}


@pytest.fixture
def hugo():
    user = f.make_user("Hugo Lenzmar", team=None)
    user.roles.add(f.make_role("Legal"))
    return user


@pytest.fixture
def ruth():
    return f.make_manager()


@pytest.fixture
def deal(rep):
    return f.make_deal(f.make_pipeline(stages=STAGES), owner=rep, name="Three plants")


def ask(deal, slug="ours", **typed):
    definition = next(d for d in process_of(deal.pipeline).criteria_of_all() if d.slug == slug)
    typed.setdefault("due_on", f.today().isoformat())
    return approvals.ask(deal.pk, {"criterion": str(definition.criterion_id), **typed}, by=deal.owner)


def in_days(days):
    return timezone.now() + timedelta(days=days)


def told(user):
    """Where this person's notices of what is late lead."""
    return [notice.url for notice in Notice.objects.filter(user=user, key__endswith="-late")]


def test_what_is_late_is_told_to_the_managers_the_owner_and_the_one_who_is_waited_for(deal, rep, hugo, ruth):
    elsewhere = f.make_manager("Otto Brask", team="South")
    asked = ask(deal, approver=str(hugo.pk))
    assert tick.run(in_days(1)).escalated == 1
    page = reverse("approvals", args=[deal.pk])
    assert told(ruth) == told(rep) == [page]
    assert told(hugo) == [reverse("approval", args=[asked.pk])]
    assert told(elsewhere) == []
    text = Notice.objects.get(user=ruth).text
    assert "Hugo Lenzmar" in text and "Three plants" in text


def test_on_the_day_it_is_due_it_is_not_late(deal, hugo, ruth):
    ask(deal, approver=str(hugo.pk))
    tick.run(in_days(0))  # what it keeps of the deal's way is kept
    before = fingerprint()
    assert tick.run(in_days(0)).escalated == 0
    assert fingerprint() == before and told(ruth) == []


def test_it_is_escalated_once(deal, hugo, ruth):
    asked = ask(deal, approver=str(hugo.pk))
    tick.run(in_days(1))
    first = Approval.objects.get(pk=asked.pk).escalated_at
    assert tick.run(in_days(1)).escalated == tick.run(in_days(5)).escalated == 0
    assert Approval.objects.get(pk=asked.pk).escalated_at == first
    assert len(told(ruth)) == len(told(hugo)) == 1


def test_where_a_team_has_no_manager_the_admins_are_told(deal, hugo):
    admin = deal.pipeline.process_owner
    ask(deal, approver=str(hugo.pk))
    tick.run(in_days(1))
    assert told(admin) == [reverse("approvals", args=[deal.pk])]


def test_what_was_decided_or_withdrawn_in_time_is_not_escalated(deal, rep, hugo, ruth):
    approvals.decide(ask(deal, approver=str(hugo.pk)).pk, {"decision": "approved"}, by=hugo)
    approvals.withdraw(deal.pk, ask(deal, approver=str(hugo.pk)).pk, "Nobody needs it", by=rep)
    assert tick.run(in_days(3)).escalated == 0


def test_a_closed_deal_waits_for_nobody_and_one_taken_up_again_does(deal, rep, hugo, ruth):
    ask(deal, approver=str(hugo.pk))
    moves.archive(deal.pk, seen_seq=1, by=None)
    assert tick.run(in_days(2)).escalated == 0 and told(ruth) == []
    moves.reopen(deal.pk, seen_seq=2, by=rep, reason="They called again")
    assert tick.run(in_days(2)).escalated == 1 and len(told(ruth)) == 1


def test_what_the_buyer_is_late_with_is_not_put_to_our_managers(deal, ruth):
    ask(deal, "theirs", contact="Lena Vossberg")
    assert tick.run(in_days(3)).escalated == 0 and told(ruth) == []


def test_the_deals_pages_and_the_approvers_say_that_it_is_late_and_escalated(deal, rep, hugo, ruth, client):
    asked = ask(deal, approver=str(hugo.pk))
    Approval.objects.filter(pk=asked.pk).update(due_on=f.today() - timedelta(days=3))
    tick.run(timezone.now())
    client.force_login(rep)
    shown = client.get(reverse("deal", args=[deal.pk])).content.decode()
    assert "Late since" in shown and "escalated" in shown
    assert "Escalated" in client.get(reverse("approvals", args=[deal.pk])).content.decode()
    assert "Approval late" in client.get(reverse("board")).content.decode()
    client.force_login(hugo)
    assert "Its managers were told." in client.get(reverse("my_approvals")).content.decode()


# The amount it was given for


def page_of(client, deal, user):
    client.force_login(user)
    return [client.get(reverse(name, args=[deal.pk])).content.decode() for name in ("deal", "approvals")]


def now_worth(deal, amount):
    typed = {"amount": amount, "currency": "EUR"}
    edits.change(deal.pk, "amount", typed, by=deal.owner, rev=f.fresh(deal).rev)


def test_a_deal_says_that_its_amount_has_changed_since_it_was_approved(deal, rep, hugo, client):
    approvals.decide(ask(deal, approver=str(hugo.pk)).pk, {"decision": "approved"}, by=hugo)
    assert all("Decided at" not in page for page in page_of(client, deal, rep))
    now_worth(deal, "95000")
    assert all(
        "Decided at €86,000; the deal is at €95,000 now." in page for page in page_of(client, deal, rep)
    )
    now_worth(deal, "86000")
    assert all("Decided at" not in page for page in page_of(client, deal, rep))


def test_another_currency_is_another_amount(deal, rep, hugo, client):
    approvals.decide(ask(deal, approver=str(hugo.pk)).pk, {"decision": "approved"}, by=hugo)
    Deal.objects.filter(pk=deal.pk).update(currency="USD")
    assert all(
        "Decided at €86,000; the deal is at $86,000 now." in page for page in page_of(client, deal, rep)
    )


def test_what_the_buyer_approved_and_what_was_rejected_keep_their_amount_too(deal, rep, hugo):
    said = {"decision": "rejected", "comment": "Annex 2 is missing"}
    approvals.decide(ask(deal, approver=str(hugo.pk)).pk, said, by=hugo)
    lena, call = f.make_contact(deal.company), f.log_call(deal)
    asked = ask(deal, "theirs", contact=str(lena.pk))
    given = Given(asked.criterion_id, value="yes", by=str(lena.pk), conversation=str(call.pk))
    save_answers(deal.pk, [given], by=rep)
    terms = set(
        Approval.objects.filter(decided_at__isnull=False).values_list(
            "decision", "decided_amount", "decided_currency"
        )
    )
    assert terms == {("rejected", Decimal(86000), "EUR"), ("approved", Decimal(86000), "EUR")}


def test_a_deal_without_an_amount_that_gets_one_says_so(rep, hugo, client):
    deal = f.make_deal(f.make_pipeline(stages=STAGES), owner=rep, amount=None)
    approvals.decide(ask(deal, approver=str(hugo.pk)).pk, {"decision": "approved"}, by=hugo)
    now_worth(deal, "95000")
    assert all(
        "Decided at no amount; the deal is at €95,000 now." in page for page in page_of(client, deal, rep)
    )


def test_of_an_approval_older_than_this_nothing_is_said(deal, rep, hugo, client):
    approvals.decide(ask(deal, approver=str(hugo.pk)).pk, {"decision": "approved"}, by=hugo)
    Approval.objects.update(decided_amount=None, decided_currency="")
    assert all("Decided at" not in page for page in page_of(client, deal, rep))
