"""What leaves the house, or may: mails drafted for somebody to send, and calls of webhooks. A set at a time."""

from django.urls import reverse
from django.utils.translation import gettext as _

from deals.mails import mail_drafts
from deals.models import Company, Deal, MailDraft
from deals.rows.among import Among
from deals.rows.inserting import insert
from outbox import webhooks
from team.models import User
from team.notices import Notice

# What a receiver reads as `type` of a message that a rule sends.
EVENT = "deal.rule"


def draft(acts, people, now):
    """A mail for each act that asks for one, with who is to send it; a few statements for any number."""
    drafting = [act for act in acts if act.drafts]
    if not drafting:
        return
    names = _names_for([act.deal for act in drafting])
    recipients = mail_drafts.recipients_of([act.deal.pk for act in drafting])
    insert(
        MailDraft, _DRAFT, [_row(act, recipients.get(act.deal.pk), people, names, now) for act in drafting]
    )
    told = [_notice(act, people, now) for act in drafting if act.task is None]
    if told:
        Notice.objects.bulk_create(told, ignore_conflicts=True)


def _names_for(deals):
    """A function that says what the company and the owner of one of these deals are called."""
    companies = _by_id(Company, {deal.company_id for deal in deals})
    owners = _by_id(User, {deal.owner_id for deal in deals})
    return lambda deal: (companies[deal.company_id], owners[deal.owner_id])


def _by_id(model, ids):
    return dict(model.objects.filter(Among("pk", ids)).order_by().values_list("pk", "name"))


_DRAFT = ["deal_id", "firing_id", "owner_id", "contact_id", "subject", "body", "created_at"]


def _row(act, contact, people, names, now):
    """In the order of _DRAFT. Each belongs to a firing that was made just now, so there is none of it yet."""
    deal, rule = act.deal, act.definition
    texts = mail_drafts.text_of(deal, rule, now, contact, deal.process, names(deal))
    return [deal.pk, act.firing.pk, people.one_for(deal, rule), contact and contact.pk, *texts, now]


def _notice(act, people, now):
    """For who is to send it; who has a task with it knows."""
    words = _("%(deal)s: a mail waits for you to send it") % {"deal": act.deal}
    url = f"{reverse('deal', args=[act.deal.pk])}#draft"
    user_id = people.one_for(act.deal, act.definition)
    return Notice(user_id=user_id, at=now, text=words[:300], url=url, key=f"draft:{act.firing.pk}")


def call(acts, now):
    """A message for each act that calls a webhook."""
    calling = [act for act in acts if act.calls]
    if not calling:
        return
    deals = Deal.objects.select_related("company", "owner").in_bulk([act.deal.pk for act in calling])
    webhooks.put_many([_message(act, deals[act.deal.pk]) for act in calling], now=now)


def _message(act, deal):
    key = f"firing:{act.firing.pk}"
    return webhooks.Message(act.definition.endpoint_id, key, EVENT, payload_of(act, deal))


def payload_of(act, deal):
    """What a receiver is told: the deal as it stands, and why the rule came due."""
    rule, process = act.definition, act.deal.process
    return {
        "deal": {
            "id": deal.pk,
            "name": deal.name,
            "company": deal.company.name,
            "pipeline": process.pipeline_id,
            "stage": {"id": deal.stage_id, "name": process.stage(deal.stage_id).name},
            "status": deal.status,
            "owner": deal.owner.email,
            "amount": None if deal.amount is None else str(deal.amount),
            "currency": deal.currency,
        },
        "rule": {"key": rule.key, "trigger": rule.trigger, "days": rule.days},
        "since": act.firing.since.isoformat(),
        "why": act.why,
    }
