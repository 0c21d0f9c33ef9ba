"""The world of attacks, with everything an address may name."""

from datetime import timedelta

from deals.models import Competitor, RecapLine

from .. import factories as f


class Office:
    """The world of world.py with everything an address may name, and what a browser would send there."""

    def __init__(self, w):
        from django.utils import timezone

        from api import tokens
        from deals.answers import attach
        from deals.asking import exceptions
        from deals.models import BulkRun, ImportBatch, Task
        from insights.models import Audit
        from team.models import Level, User
        from team.notices import tell

        self.w, self.deal, self.pipeline = w, w.deal, w.pipeline
        self.contact = w.deal.company.contacts.first() or f.make_contact(w.deal.company)
        self.call = f.log_call(w.deal, self.contact)
        self.stake = f.put_in_role(w.deal, self.contact, "user")
        moment = timezone.now()
        self.file = attach(w.deal, f.upload(), "application/pdf", by=w.rep, now=moment)
        self.approval, self.objection, self.note = f.make_agreement(self.deal, self.contact)
        boss = User.objects.filter(level=Level.ADMIN).latest("pk")
        self.mine = f.ask_for(self.deal, boss)
        self.advice = f.make_advice(self.deal, boss)
        self.task = Task.objects.create(
            deal=w.deal, assignee=w.rep, title="Send the offer", due_on=f.today(), created_at=moment
        )
        self.batch = ImportBatch.objects.create(
            name="old.csv", started_at=moment, finished_at=moment, by=w.rep, report=dict.fromkeys(
                ["rows", "new", "already", "rejected", "proven", "claimed"], 0
            ),
        )  # fmt: skip
        self.api_token, _secret = tokens.make(w.rep, "Nightly report", ["read"])
        tell([w.rep], "A deal was handed to you.", key="handed", now=moment)
        self.notice = w.rep.notices.get(key="handed")
        self.bulk = BulkRun.objects.create(
            action="archive", arguments={"reason": "Old"}, by=w.rep, asked_at=moment
        )
        self.audit = Audit.objects.create(made_at=moment, by=boss, pipeline=w.pipeline)
        self.rival = Competitor.objects.create(name="Pelloran").pk
        self.criterion = w.process.exit_criteria(w.entry)[1].criterion_id
        self.asked = w.deal.answers.filter(is_current=True, contact__isnull=False).latest("pk").criterion_id
        self.draft = f.make_draft(w.deal, self.contact)
        self.token = f.send_recap(w.deal, self.contact, by=w.rep)
        self.why = "The works council votes next week, and the plant cannot wait."
        seen = f.fresh(w.deal).seq
        self.exception = exceptions.ask(w.deal.pk, to=w.later, seen_seq=seen, by=w.rep, reason=self.why)
        self.deal = f.fresh(w.deal)

    def arguments(self, name, route):
        """What stands in the address."""
        first = route.partition("/")[0]
        pk = {"companies": self.deal.company_id, "contacts": self.contact.pk}
        pk |= {"bulk": self.bulk.pk}
        pk |= {"import": self.batch.pk, "admin": self.pipeline.pk, "exceptions": self.exception.pk}
        pk |= {"notices": self.notice.pk, "audit": self.audit.pk}
        pk["approvals"] = self.mine.pk
        pk["today"] = self.task.pk if "tasks" in route else self.deal.pk
        known = {
            "pk": self.w.rep.pk if "people/<int:pk>" in route else pk.get(first, self.deal.pk),
            "slug": self.pipeline.slug,
            "stage_id": self.w.here,
            "stage_slug": self.pipeline.stages.first().slug,
            "file_id": self.file.pk,
            "criterion_id": self.criterion,
            "stakeholder_id": self.stake.pk,
            "task_id": self.task.pk,
            "approval_id": self.approval.pk,
            "objection_id": self.objection.pk,
            "note_id": self.note.pk,
            "draft_id": self.draft.pk,
            "advice_id": self.advice.pk,
            "verb": "answer",
            "token_id": self.api_token.pk,
            "deal_id": self.deal.pk,
            "company_id": self.deal.company_id,
            "contact_id": self.contact.pk,
            "name": {"audit": "stages", "dashboard": "months"}.get(first, "promises"),
            "number": 1,
            "object_id": self.w.here,
            "key": "no-such-key",
            "panel": "pipeline",
            "token": self.token,
            "uidb36": "1",
            "app_label": "deals",
            "content_type_id": "1",
        }
        return {word: value for word, value in known.items() if f":{word}>" in route or f"<{word}>" in route}

    def sends(self, name):
        """What a page of ours would post to the address, so that it is refused for nothing else."""
        day, soon = f.today().isoformat(), (f.today() + timedelta(days=3)).isoformat()
        yes, call, person = f"c{self.criterion}", self.call.pk, self.contact.pk
        return {
            "move": {"to": str(self.w.last), "seen_seq": self.deal.seq},
            "gate": {"to": str(self.w.last)},
            "ask_exception": {"to": str(self.w.later), "seen_seq": self.deal.seq, "reason": self.why},
            "decide_exception": {"decision": "grant"},
            "answers": {yes: "60-90k", f"{yes}_tick": "1", "conversation": call, "conversation_by": person},
            "bulk_choose": {"action": "archive", "deal": f"{self.deal.pk}:{self.deal.seq}"},
            "bulk_start": {
                "action": "archive", "deal": f"{self.deal.pk}:{self.deal.seq}", "token": str(self.bulk.token),
                "reason": "Duplicate of another",
            },
            "audit_advise": {"deal": self.deal.pk, "text": "Ask who signs"},
            "audit_decide": {"decision": "archive", "deal": self.deal.pk},
            "audit_carry_out": {"decision": "archive", "token": str(self.bulk.token), "reason": "Not proven"},
            "audit_landing": {"act": "set", "landing": self.w.later, "day": soon},
            "audit_choose": {"action": "back", "all": "1"},
            "audit_start": {"action": "back", "all": "1", "token": str(self.bulk.token), "reason": "Not proven"},
            "edit": {"commitments": "No work in August", "rev": self.deal.rev},
            "log": {"kind": "call", "people": person, "happened_on": day, "said": "They want two plants first"},
            "still_true": {"conversation": call},
            "just_now": {"kind": "meeting", "people": person, "said": "They want two plants first", "step": ""},
            "reply": {"kind": "email", "people": person, "said": "We want two plants", "outcome": "interested"},
            "today_done": {"outcome": "They have it"},
            "today_snooze": {"until": soon},
            "today_next_step": {"next_step": "Call with finance", "next_step_on": soon},
            "contested": {"text": "The register names another signer", "source": "Trade register"},
            "settle_contested": {"settlement": "Asked him: he signs up to 100k"},
            "approvals": {"criterion": self.criterion, "approver": self.w.rep.pk},
            "record_approval": {"decision": "approved", "conversation": call},
            "withdraw_approval": {"because": "Another one decides now"},
            "approval": {"decision": "approved"},
            "objections": {"text": "The price is above the budget", "raised_by": person, "raised_on": day},
            "objection": {"response": "It is paid in two parts"},
            "new_stakeholder": {"name": "Jonas Rehm", "stance": "for", "influence": "2", "roles": "champion"},
            "stakeholder": {"name": "Lena Vossberg", "stance": "for", "influence": "2", "roles": "champion"},
            "recap": {"contact": person, "subject": "What we understood", f"line{self.asked}": "1",
                      f"text{self.asked}": "You lose a shift a month"},
            "confirm": {f"choice{pk}": "yes" for pk in RecapLine.objects.values_list("pk", flat=True)},
            "mail_draft": {"act": "send", "contact": person, "subject": "Where do we stand?", "body": "Is it later?"},
            "write_mail": {"template": "empty"},
            "advise": {"text": "Ask who else has to sign", "criterion": ""},
            "review_loss": {"happened": "They waited for their budget", "change": "Ask for it sooner"},
            "add_task": {"title": "Call Lena about the tender", "due_on": day},
            "note_rival": {"competitor": self.rival, "state": "seen", "note": "They were there first"},
            "task_done": {"outcome": "They agreed"},
            "upload": {"file": f.upload()},
            "new_deal": {"company": "Vellgrove Dairies", "name": "Three plants"},
            "new_company": {"name": "Vellgrove Dairies"},
            "company": {"name": "Vellgrove Dairies"},
            "new_contact": {"name": "Jonas Rehm"},
            "contact": {"name": "Jonas Rehm"},
            "profile": {"name": "Mara Kessel", "theme": "dark", "mail_digest": "daily"},
            "theme": {"theme": "dark"},
            "tokens": {"name": "Nightly report", "scopes": "read"},
            "handover": {"to": self.w.rep.pk},
            "import": {"pipeline": self.pipeline.slug, "text": "company,stage\nVellgrove,Close\n"},
            "import_check": {"act": "land"},
        }.get(name, {})  # fmt: skip
