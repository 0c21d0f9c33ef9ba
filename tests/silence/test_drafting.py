"""What rules leave to be sent: a drafted mail with each attempt, a message to a webhook; once for each firing."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from automations.drafting import EVENT
from deals.mails import mail_drafts
from deals.models import Firing, MailDraft
from outbox import signing
from outbox.models import Delivery, Endpoint
from pipeline.models import Pipeline, Rule
from pipeline.publishing import publish
from pipeline.vocabulary import RuleAction, RuleTrigger

from .. import clockwork as c
from .. import factories as f

pytestmark = pytest.mark.django_db


def with_rule(**columns):
    """The seven stages and one more rule, after ten days without an answer."""
    pipeline = c.seven_stages()
    shared = {"key": "more", "trigger": RuleTrigger.NO_RESPONSE, "days": 10}
    Rule.objects.create(pipeline=pipeline, **shared, **columns)
    publish(pipeline, by=pipeline.process_owner, note="One more rule")
    return Pipeline.objects.get(pk=pipeline.pk)


def silent(pipeline, **fields):
    """A proposal sent on 2 November, to a contact on the map."""
    deal = c.quiet_deal(pipeline, **fields)
    f.put_in_role(deal, deal.company.contacts.get(), "champion")
    c.proposal(deal)
    return f.fresh(deal)


def sweep_days(*days):
    for day in days:
        c.swept(c.midnight(date(2026, 11, day)))


def test_each_attempt_to_re_engage_drafts_a_mail_for_the_contact():
    deal = silent(c.seven_stages())
    sweep_days(9, 16)
    (draft,) = deal.mail_drafts.all()
    assert (draft.contact, draft.owner) == (deal.company.contacts.get(), deal.next_owner)
    assert not deal.next_owner.notices.filter(
        key__startswith="draft"
    ).exists()  # the task of the attempt says it
    assert draft.firing.key == "re_engage" and draft.subject == f"{deal}: where do we stand?"
    assert "for 14 days" in draft.body and draft.body.startswith("Hello Lena,")
    sweep_days(24)
    assert deal.mail_drafts.count() == 2
    assert deal.mail_drafts.latest("pk").subject == f"Shall we close {deal} on our side?"


def test_a_reply_takes_the_draft_away():
    deal = silent(c.seven_stages())
    sweep_days(9, 16)
    c.reply(deal, c.days(15))
    assert not mail_drafts.open_drafts().exists() and MailDraft.objects.get().discarded_at


def test_a_rule_drafts_a_mail_in_its_own_words_for_who_it_names():
    ruth = f.make_manager()
    pipeline = with_rule(action=RuleAction.MAIL, person=ruth, subject="{deal}", body="{first_name}: {days}")
    deal = silent(pipeline)
    sweep_days(9, 12)
    draft = MailDraft.objects.get()
    assert (draft.owner, draft.subject, draft.body) == (ruth, deal.name, "Lena: 10")
    notice = ruth.notices.get()
    assert (
        notice.text == f"{deal}: a mail waits for you to send it" and notice.url == f"/deals/{deal.pk}/#draft"
    )


def test_a_firing_drafts_once_however_often_the_sweep_looks():
    silent(c.seven_stages())
    sweep_days(9, 16, 16, 17)
    assert MailDraft.objects.count() == 1


def test_a_rule_calls_its_webhook_once_and_says_why():
    endpoint = Endpoint.objects.create(name="Warehouse", url="https://8.8.8.8/", secret=signing.new_secret())
    deal = silent(with_rule(action=RuleAction.WEBHOOK, endpoint=endpoint))
    sweep_days(9, 12, 12, 13)
    row = Delivery.objects.get()
    firing = Firing.objects.get(key="more")
    assert (row.endpoint, row.event, row.key) == (endpoint, EVENT, f"firing:{firing.pk}")
    assert row.payload["deal"]["id"] == deal.pk and row.payload["deal"]["amount"] == "50000.00"
    assert row.payload["rule"] == {"key": "more", "trigger": "no_response", "days": 10}
    assert row.payload["since"] == "2026-11-02" and "2 Nov" in row.payload["why"]
    assert row.next_attempt_at == c.midnight(date(2026, 11, 12))


def test_a_shadow_rule_drafts_and_calls_nothing():
    endpoint = Endpoint.objects.create(name="Warehouse", url="https://8.8.8.8/", secret=signing.new_secret())
    silent(with_rule(action=RuleAction.WEBHOOK, endpoint=endpoint, is_shadow=True))
    sweep_days(9, 12)
    assert Firing.objects.get(key="more").state == "shadow" and not Delivery.objects.exists()


@pytest.mark.parametrize("action", [RuleAction.MAIL, RuleAction.WEBHOOK])
def test_ten_deals_take_as_many_statements_as_two(action):
    endpoint = Endpoint.objects.create(name="Warehouse", url="https://8.8.8.8/", secret=signing.new_secret())
    own = (
        {"subject": "{deal}", "body": "{first_name}"} if action == RuleAction.MAIL else {"endpoint": endpoint}
    )
    pipeline = with_rule(action=action, **own)
    counts = []
    for number in (2, 10):
        for _deal in range(number):
            silent(pipeline)
        sweep_days(9)
        with CaptureQueriesContext(connection) as captured:
            sweep_days(12)
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert MailDraft.objects.count() + Delivery.objects.count() == 12
