"""Row B02 below the pages: whoever calls an act of a deal without the right to it is refused, and nothing changes."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from automations import holds, undoing
from automations.models import Hold
from deals import edits, recaps
from deals.approving import approvals, contradictions, objections
from deals.asking import exceptions
from deals.mails import mail_drafts
from deals.mails.mail_drafts import Typed
from deals.models import Approval, Firing, FiringState, Objection, Task
from deals.moves import NotAllowed
from deals.people import stakeholders
from pipeline.models import RuleDefinition

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
HTML = {"HTTP_ACCEPT": "text/html"}
MAIL = {"subject": "Is it for later?", "body": "Hello Lena,\n\nis it for later?"}


def fired(deal, state=FiringState.DONE, **columns):
    """A firing of today that left a task."""
    now = timezone.now()
    rule, _made = RuleDefinition.objects.get_or_create(
        pipeline=deal.pipeline, key="follow_up", defaults={
            "version": deal.pipeline.version, "trigger": "no_response", "days": 5, "action": "task", "valid_from": now,
        },
    )  # fmt: skip
    columns = {"definition": rule, "action": rule.action, "state": state, "fired_at": now} | columns
    since, number = f.today() - timedelta(days=7), Firing.objects.count()
    firing = Firing.objects.create(
        deal=deal, key=rule.key, occurrence=str(number), since=since, due_at=now, **columns
    )
    Task.objects.create(
        deal=deal, assignee=deal.owner, title="Ask again", due_on=f.today(), created_at=now, firing=firing
    )
    return firing


class Acts:
    """What somebody does to the deal of `w`, each under the name a test gives it. Everything it needs is made first."""

    def __init__(self, w):
        self.w, self.deal, self.now = w, w.deal, timezone.now()
        self.lena = w.deal.company.contacts.first()
        self.call = f.log_call(w.deal, self.lena)
        self.draft = f.make_draft(w.deal, self.lena)
        self.firing = fired(w.deal)
        self.approval, self.objection, self.note = f.make_agreement(w.deal, self.lena)
        self.criterion = w.process.exit_criteria(w.entry)[1].criterion_id
        seen = f.fresh(w.deal).seq
        why = "The works council votes next week, and the plant cannot wait."
        self.exception = exceptions.ask(w.deal.pk, to=w.later, seen_seq=seen, by=w.rep, reason=why)

    def mail(self):
        return Typed(contact=str(self.lena.pk), **MAIL)

    def undo_a_firing(self, by):
        undoing.undo(self.firing.pk, by=by, now=self.now)

    def send_a_draft(self, by):
        mail_drafts.send(self.deal.pk, self.draft.pk, self.mail(), by=by, now=self.now)

    def save_a_draft(self, by):
        mail_drafts.save(self.deal.pk, self.draft.pk, self.mail(), by=by, now=self.now)

    def discard_a_draft(self, by):
        mail_drafts.discard(self.deal.pk, self.draft.pk, by=by, now=self.now)

    def contest(self, by):
        typed = {"text": "The register names another signer", "source": "Trade register"}
        contradictions.note(self.deal.pk, self.criterion, typed, by=by)

    def settle_what_is_contested(self, by):
        contradictions.settle_note(self.deal.pk, self.note.pk, {"settlement": "He signs up to 100k"}, by=by)

    def log_an_objection(self, by):
        typed = {"text": "The price is above the budget", "raised_by": str(self.lena.pk), "raised_on": ""}
        objections.log(self.deal.pk, typed, by=by)

    def answer_an_objection(self, by):
        typed = {"response": "It is paid in two parts"}
        objections.act(self.deal.pk, self.objection.pk, "answer", typed, by=by)

    def withdraw_an_approval(self, by):
        approvals.withdraw(self.deal.pk, self.approval.pk, "Another one decides now", by=by)

    def change_the_map(self, by):
        typed = {"name": "Jonas Rehm", "stance": "for", "influence": "2", "priority": "Payback"}
        stakeholders.put(self.deal.pk, typed, ["champion"], by=by)

    def send_a_recap(self, by):
        made = recaps.draft(self.deal, by)
        lines = {line.criterion_id: line.statement for line in made.lines}
        typed = recaps.Typed(
            contact=str(self.lena.pk), subject=made.subject, intro=made.intro, statements=lines
        )
        recaps.send(self.deal.pk, typed, by=by, link=lambda token: "https://crm.example.com/", now=self.now)

    def edit_a_field(self, by):
        rev = f.fresh(self.deal).rev
        edits.change(self.deal.pk, "promises", {"commitments": "No work in August"}, by=by, rev=rev)

    def take_an_exception_back(self, by):
        exceptions.withdraw(self.exception.pk, by=by)


ACTS = [name for name in vars(Acts) if not name.startswith("_") and name != "mail"]


@pytest.fixture
def acts(w):
    return Acts(w)


@pytest.fixture(params=["a teammate", "a manager of another team", "somebody who has left"])
def outsider(request, w):
    if request.param == "a teammate":
        return f.make_user("Piet Olen")
    if request.param == "a manager of another team":
        return f.make_manager("Karl Ost", team="South")
    return f.make_manager("Ida Kern", is_active=False)


@pytest.mark.parametrize("name", ACTS)
def test_who_may_not_act_on_a_deal_does_none_of_it_from_anywhere(acts, outsider, name):
    """B02"""
    before = fingerprint()
    with pytest.raises(NotAllowed):
        getattr(acts, name)(outsider)
    assert fingerprint() == before


@pytest.mark.parametrize("name", ACTS)
def test_who_acts_on_the_deal_may_do_each_of_it(acts, name):
    before = fingerprint()
    getattr(acts, name)(acts.w.rep)
    assert fingerprint() != before


# What managers alone decide


@pytest.mark.parametrize("name", ["the owner", "a manager of another team"])
def test_an_archive_that_asks_is_decided_by_a_manager_of_the_team_alone(w, client, name):
    firing = fired(w.deal, FiringState.ASKED)
    by = w.rep if name == "the owner" else f.make_manager("Karl Ost", team="South")
    before, until = fingerprint(), (f.today() + timedelta(days=9)).isoformat()
    for archive in (True, False):
        with pytest.raises(NotAllowed):
            undoing.decide(firing.pk, by=by, archive=archive, kept_until=until, now=timezone.now())
    client.force_login(by)
    answer = client.get(reverse("archive_decision", args=[w.deal.pk, firing.pk]), **HTML)
    assert answer.status_code == (403 if by == w.rep else 404)
    assert fingerprint() == before and Firing.objects.get(pk=firing.pk).state == FiringState.ASKED


def test_a_decision_is_made_once(w):
    firing, ruth = fired(w.deal, FiringState.ASKED), f.make_manager()
    until = (f.today() + timedelta(days=9)).isoformat()
    undoing.decide(firing.pk, by=ruth, archive=False, kept_until=until, now=timezone.now())
    before = fingerprint()
    with pytest.raises(undoing.moves.IllegalMove):
        undoing.decide(firing.pk, by=ruth, archive=True, now=timezone.now())
    assert fingerprint() == before


def test_what_was_only_noted_or_is_over_a_week_ago_is_not_undone(w):
    now = timezone.now()
    late = fired(w.deal, fired_at=now - timedelta(days=7, seconds=1))
    before = fingerprint()
    for firing in (late, fired(w.deal, FiringState.SHADOW), fired(w.deal, seq=w.deal.seq - 1)):
        before = fingerprint()
        with pytest.raises(undoing.moves.IllegalMove):
            undoing.undo(firing.pk, by=w.rep, now=now)
        assert fingerprint() == before


def test_what_is_held_back_is_released_by_a_manager_once_and_it_stays_known_who(w, client):
    held = Hold.objects.create(reason="gap", held_at=timezone.now(), details={"days": 10})
    address = reverse("release_hold", args=[held.pk])
    client.force_login(w.rep)
    assert client.post(address, **HTML).status_code == 403 and not Hold.objects.get().released_at
    ruth, otto = f.make_manager(), f.make_manager("Otto Lindrum")
    assert holds.release(held.pk, by=ruth, now=timezone.now())
    assert not holds.release(held.pk, by=otto, now=timezone.now())
    assert Hold.objects.get().released_by == ruth


@pytest.mark.parametrize("who", ["rep", "manager", "admin"])
def test_the_page_of_the_engine_is_for_managers_and_its_errors_for_admins(w, client, who):
    from automations.models import Setback

    now = timezone.now()
    Setback.objects.create(
        deal=w.deal, key="follow_up", failed_at=now, retry_at=now, error="KeyError: 'secret'"
    )
    person = {"rep": w.rep, "manager": f.make_manager(), "admin": f.make_admin()}[who]
    client.force_login(person)
    answer = client.get(reverse("operations"))
    assert answer.status_code == (403 if who == "rep" else 200)
    assert ("KeyError" in answer.content.decode()) == (who == "admin")


@pytest.mark.parametrize("name", ["firings", "operations", "waiting"])
def test_a_manager_reads_nothing_of_another_teams_deal(w, client, name):
    Acts(w)
    fired(w.deal, FiringState.ASKED)
    client.force_login(f.make_manager("Karl Ost", team="South"))
    company = w.deal.company.name
    assert company not in client.get(reverse(name)).content.decode()
    client.force_login(f.make_manager())
    assert company in client.get(reverse(name)).content.decode()


def test_a_seller_is_shown_nothing_that_managers_decide(w, client):
    Acts(w)
    fired(w.deal, FiringState.ASKED)
    Hold.objects.create(reason="gap", held_at=timezone.now(), details={"days": 10})
    client.force_login(f.make_user("Piet Olen"))
    said = client.get(reverse("waiting")).content.decode()
    assert w.deal.name not in said and "Held back" not in said


def test_an_approval_is_decided_by_who_was_asked_and_once(w):
    piet, otto = f.make_user("Piet Olen"), f.make_manager("Otto Lindrum")
    asked = f.ask_for(w.deal, piet, asked_by=w.rep)
    before = fingerprint()
    with pytest.raises(Approval.DoesNotExist):
        approvals.decide(asked.pk, {"decision": "approved"}, by=otto)
    assert fingerprint() == before
    approvals.decide(asked.pk, {"decision": "rejected", "comment": "The discount is too large"}, by=piet)
    before = fingerprint()
    with pytest.raises(undoing.moves.IllegalMove):
        approvals.decide(asked.pk, {"decision": "approved"}, by=piet)
    assert fingerprint() == before


def test_nobody_is_asked_to_approve_what_they_ask_for_themselves(w):
    from types import SimpleNamespace

    other = f.make_user("Piet Olen")
    found = approvals.colleagues(SimpleNamespace(role_list=[]), other)
    assert other not in found and w.rep in found


@pytest.mark.parametrize("name", ["today_done", "today_snooze"])
def test_a_task_is_done_or_put_off_by_who_has_it_alone(w, client, name):
    task = Task.objects.create(
        deal=w.deal, assignee=w.rep, title="Send the offer", due_on=f.today(), created_at=timezone.now()
    )
    client.force_login(f.make_manager())
    before = fingerprint()
    sent = {"outcome": "They have it", "until": (f.today() + timedelta(days=3)).isoformat()}
    field = {"today_done": "outcome", "today_snooze": "until"}[name]
    answer = client.post(reverse(name, args=[task.pk]), {field: sent[field]}, **HTML)
    assert answer.status_code == 404 and fingerprint() == before


def test_an_objection_of_another_deal_is_not_answered_under_ones_own(w):
    other = f.make_deal(w.pipeline, owner=w.rep)
    theirs = f.make_agreement(other, w.stranger())[1]
    with pytest.raises(Objection.DoesNotExist):
        objections.act(w.deal.pk, theirs.pk, "answer", {"response": "It is paid in two parts"}, by=w.rep)
