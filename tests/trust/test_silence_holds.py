"""What keeps the engine honest when nobody looks: only what is due, only of live deals, only by what the buyer did."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from automations import setbacks
from deals import activities, edits, moves
from deals.mails import mail_drafts
from deals.models import Activity, Deal, Firing, FiringState, Kind, MailDraft, Transition
from deals.recaps import Reply, Unanswerable, answer

from .. import clockwork as c
from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent():
    """A proposal sent on Monday 2 November 2026 at ten."""
    deal = c.quiet_deal(c.seven_stages())
    c.proposal(deal)
    return deal


def test_a_stored_date_that_came_too_early_does_nothing_and_is_put_right(sent):
    due = Deal.objects.get(pk=sent.pk).next_due_at
    Deal.objects.filter(pk=sent.pk).update(next_due_at=c.days(1))
    assert not c.swept(c.days(2)) and not Firing.objects.exists()
    assert Deal.objects.get(pk=sent.pk).next_due_at == due


def test_the_admins_hear_once_of_a_deal_that_could_not_be_swept(sent):
    boss = f.make_admin("Ines Duarvo")
    for day in (8, 9):
        setbacks.set_aside(sent.pk, ValueError("a page is missing"), c.days(day))
    assert boss.notices.filter(text__contains="could not do what is due").count() == 1


def test_a_question_to_a_manager_is_over_when_the_buyer_answers(client):
    deal = c.quiet_deal(c.seven_stages(), amount=250_000)
    for day in (30, 38, 46):
        c.swept(c.midnight(c.days(day).date()))
    assert Firing.objects.get(key="archive").state == FiringState.ASKED
    c.reply(deal, c.days(47))
    assert Firing.objects.get(key="archive").state == FiringState.LAPSED


def test_what_is_closed_is_archived_by_nobody_a_second_time(sent):
    moves.archive(sent.pk, seen_seq=sent.seq, by=sent.owner, reason="They merged with another company")
    before = fingerprint()
    assert moves.move_many([sent.pk], Kind.ARCHIVE) == [] and moves.move_many([sent.pk], Kind.RE_ENGAGE) == []
    assert fingerprint() == before and Transition.objects.filter(deal=sent).count() == 2


# What is put on record


def log(deal, at, now, **fields):
    fields = {"kind": "email", "direction": "in", "attendees": [deal.company.contacts.first()]} | fields
    return activities.log(deal.pk, by=deal.owner, happened_at=at, now=now, **fields)


def test_nothing_is_on_record_before_it_happened(sent):
    before = fingerprint()
    with pytest.raises(ValidationError):
        log(sent, c.days(3), c.days(2))
    assert fingerprint() == before
    log(sent, c.days(2) + timedelta(minutes=4), c.days(2))  # two clocks differ a little


@pytest.mark.parametrize(
    ("recorded", "fields", "heard"),
    [
        (1, {}, True),
        (3, {}, True),
        (4, {}, False),
        (1, {"is_auto": True}, False),
        (1, {"direction": "out"}, False),
    ],
    ids=["next day", "two business days later", "three business days later", "an automatic answer", "ours"],
)
def test_only_a_word_of_the_buyer_told_in_time_stops_the_clock(sent, recorded, fields, heard):
    """Said on Tuesday 3 November."""
    said = log(sent, c.days(1), c.days(recorded), **fields)
    assert said.from_buyer is (not fields)
    deal = Deal.objects.get(pk=sent.pk)
    assert bool(deal.last_buyer_activity_at) is heard and (deal.awaiting_since is None) is heard
    assert Activity.objects.filter(deal=sent).count() == 2


def test_an_automatic_mail_of_ours_waits_for_nothing():
    deal = c.quiet_deal(c.seven_stages())
    log(deal, c.days(1), c.days(1), direction="out", expects_answer=True, is_auto=True)
    assert Deal.objects.get(pk=deal.pk).awaiting_since is None
    log(deal, c.days(1), c.days(1), direction="out", expects_answer=True)
    assert Deal.objects.get(pk=deal.pk).awaiting_since == c.days(1)


def test_a_field_that_somebody_changed_meanwhile_is_not_written_over(w):
    seen = f.fresh(w.deal)
    was = edits.shown(seen, "promises")
    edits.change(w.deal.pk, "promises", {"commitments": "No work in August"}, by=w.rep, rev=seen.rev)
    before, ours = fingerprint(), {"commitments": "No work in July"}
    with pytest.raises(edits.StaleEdit):
        edits.change(w.deal.pk, "promises", ours, by=w.rep, rev=seen.rev, was=was)
    assert fingerprint() == before


# Mails and links


def test_a_draft_leaves_under_no_other_deal(sent):
    other = f.make_deal(owner=sent.owner)
    lena = sent.company.contacts.first()
    draft = f.make_draft(sent, lena)
    typed = mail_drafts.Typed(str(lena.pk), "Where do we stand?", "Hello, is it for later?")
    before = fingerprint()
    with pytest.raises(MailDraft.DoesNotExist):
        mail_drafts.send(other.pk, draft.pk, typed, by=sent.owner, now=c.days(1))
    assert fingerprint() == before


def test_a_discarded_draft_is_neither_sent_nor_kept(sent):
    lena = sent.company.contacts.first()
    activities.put_on_map(sent, [lena])
    draft = f.make_draft(sent, lena)
    typed = mail_drafts.Typed(str(lena.pk), "Where do we stand?", "Hello, is it for later?")
    mail_drafts.discard(sent.pk, draft.pk, by=sent.owner, now=c.days(1))
    for act in (mail_drafts.send, mail_drafts.save):
        before = fingerprint()
        with pytest.raises(moves.IllegalMove):
            act(sent.pk, draft.pk, typed, by=sent.owner, now=c.days(1))
        assert fingerprint() == before


def test_who_answers_a_recap_beside_another_window_answers_once(w):
    """The page looked before; the answer looks again under the lock."""
    lena = w.deal.company.contacts.first()
    f.send_recap(w.deal, lena, by=w.rep)
    recap = w.deal.recaps.get()
    replies = {line.pk: Reply("yes") for line in recap.lines.all()}
    says = {"address": "203.0.113.9", "agent": "a browser", "now": timezone.now()}
    answer(recap.pk, replies, **says)
    before = fingerprint()
    with pytest.raises(Unanswerable):
        answer(recap.pk, replies, **says)
    assert fingerprint() == before


# Pages


@pytest.mark.parametrize("name", ["short_lived_moves", "effect", "operations", "import"])
def test_a_seller_does_not_open_what_managers_look_at(w, client, name):
    client.force_login(w.rep)
    arguments = [w.pipeline.slug] if name == "effect" else []
    assert client.get(reverse(name, args=arguments)).status_code == 403


def test_whose_reply_it_is_offers_the_deals_one_acts_on_alone(w, client):
    client.force_login(f.make_user("Piet Olen"))
    assert w.deal.company.name not in client.get(reverse("whose_reply")).content.decode()
    client.force_login(w.rep)
    assert w.deal.company.name in client.get(reverse("whose_reply")).content.decode()


def test_a_result_says_nothing_of_a_deal_one_does_not_see_any_more(w, client):
    from deals.models import BulkRun
    from deals.runs import bulk

    now, token = timezone.now(), BulkRun._meta.get_field("token").get_default()
    run = bulk.ask("archive", {"reason": "Old"}, [(w.deal.pk, w.deal.seq)], by=w.rep, token=token, now=now)
    bulk.work_off(run, now, seconds=5)
    link = f'href="{reverse("deal", args=[w.deal.pk])}"'
    client.force_login(w.rep)
    assert link in client.get(reverse("bulk", args=[run.pk])).content.decode()
    other = f.make_user("Karl Ost", team="South")
    Deal.objects.filter(pk=w.deal.pk).update(owner=other, next_owner=other, team=other.teams.get())
    shown = client.get(reverse("bulk", args=[run.pk])).content.decode()
    assert link not in shown
