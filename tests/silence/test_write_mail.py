"""A mail begun by hand: from a template of the stage, of the process, one of ours, or from scratch."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from deals import moves
from deals.models import Activity, Deal, MailDraft
from outbox.models import Mail
from outbox.sending import message_of
from pipeline.models import Rule, RuleDefinition
from pipeline.process import process_of
from pipeline.publishing import publish
from pipeline.vocabulary import RuleAction, RuleTrigger

from .. import factories as f
from ..browser import DESKTOP, PHONE
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db


def template(pipeline, key, stage=None, **columns):
    """A rule of the draft that writes a mail."""
    columns = {"subject": f"{key}: {{deal}}", "body": "Hello {first_name}", "is_on": True} | columns
    Rule.objects.create(
        pipeline=pipeline, key=key, stage=stage and f.stage_of(pipeline, stage), trigger=RuleTrigger.NO_ACTIVITY,
        days=9, action=RuleAction.MAIL, **columns,
    )  # fmt: skip


@pytest.fixture
def pipeline():
    pipeline = f.make_pipeline()
    template(pipeline, "general")
    template(
        pipeline, "stage-own", "Propose", body="Hello {first_name},\n\n{company} is in {stage}.\n\n{owner}"
    )
    template(pipeline, "elsewhere", "Close")
    template(pipeline, "off", is_on=False)
    publish(pipeline, by=pipeline.process_owner, note="mails")
    template(pipeline, "not-published")
    return type(pipeline).objects.get(pk=pipeline.pk)


@pytest.fixture
def deal(pipeline, rep):
    return f.make_deal(pipeline, rep, stage="Propose", name="Cold store")


@pytest.fixture
def page(client, rep):
    client.force_login(rep)
    return client


def address(deal):
    return reverse("write_mail", args=[deal.pk])


def offered(client, deal):
    text = client.get(address(deal)).content.decode()
    return re.findall(r'data-template="([^"]+)"', text), text


def key_of(deal, key):
    return f"rule-{process_of(deal.pipeline).rule(key, deal.stage_id).pk}"


def begun(client, deal, key="stand"):
    answer = client.post(address(deal), {"template": key})
    draft = MailDraft.objects.latest("pk")
    assert (answer.status_code, answer["Location"]) == (303, reverse("mail_draft", args=[deal.pk, draft.pk]))
    return draft


def form(draft, **fields):
    body = "Hello Lena,\r\n\r\nthe offer is attached to no mail."
    return {"contact": draft.contact_id, "subject": draft.subject, "body": body, "act": "send"} | fields


def test_the_texts_of_the_process_that_fit_come_first_the_stages_own_before_the_others(page, deal):
    keys, text = offered(page, deal)
    assert keys[0] == key_of(deal, "stage-own") and keys[-3:] == ["stand", "close", "empty"]
    names = re.findall(r'data-template="[^"]+"><div><p><b>([^<]+)</b>', text)
    assert (
        names[:3] == ["stage-own: Cold store", "general: Cold store", "off: Cold store"] and len(names) == 6
    )
    assert "Hello Lena" in text and f"{deal.company.name} is in Propose" in text


def test_the_deals_page_leads_to_it_and_looking_changes_nothing(page, deal):
    assert f'href="{address(deal)}"' in page.get(reverse("deal", args=[deal.pk])).content.decode()
    before = fingerprint()
    page.get(address(deal))
    assert fingerprint() == before


def test_a_mail_begins_with_the_filled_in_words_for_who_was_heard_last(page, deal, rep):
    draft = begun(page, deal, key_of(deal, "stage-own"))
    lena = deal.company.contacts.get()
    assert (draft.owner, draft.contact, draft.firing, draft.subject) == (
        rep,
        lena,
        None,
        "stage-own: Cold store",
    )
    assert draft.body == f"Hello Lena,\n\n{deal.company.name} is in Propose.\n\n{rep.name}"
    shown = page.get(reverse("mail_draft", args=[deal.pk, draft.pk])).content.decode()
    assert "stage-own: Cold store" in shown
    assert "A mail waits" in page.get(reverse("deal", args=[deal.pk])).content.decode()


def test_pressed_twice_it_is_one_draft_and_a_changed_one_is_left_alone(page, deal):
    first = begun(page, deal)
    assert begun(page, deal) == first and MailDraft.objects.count() == 1
    page.post(reverse("mail_draft", args=[deal.pk, first.pk]), form(first, act="save"))
    assert begun(page, deal) != first and MailDraft.objects.count() == 2


@pytest.mark.parametrize("key", ["", "rule-0", "no such", "empty\x00"])
def test_what_is_no_template_is_refused_beside_the_list(page, deal, key):
    before = fingerprint()
    answer = page.post(address(deal), {"template": key})
    assert answer.status_code == 422 and "Choose what the mail begins with" in answer.content.decode()
    assert fingerprint() == before


def test_a_text_for_another_stage_is_none_of_this_ones(page, deal):
    rule = RuleDefinition.objects.get(key="elsewhere")
    before = fingerprint()
    answer = page.post(address(deal), {"template": f"rule-{rule.pk}"})
    assert answer.status_code == 422 and fingerprint() == before


def test_on_a_closed_deal_none_is_begun(page, deal, rep):
    moves.archive(deal.pk, seen_seq=deal.seq, by=rep, reason="They merged with another company")
    assert offered(page, deal)[0] == []
    before = fingerprint()
    answer = page.post(address(deal), {"template": "stand"})
    assert answer.status_code == 409 and "Reopen it first" in answer.content.decode()
    assert fingerprint() == before


def test_who_only_sees_the_deal_begins_none(client, deal):
    client.force_login(f.make_user("Piet Olen"))
    before = fingerprint()
    assert client.post(address(deal), {"template": "stand"}, HTTP_ACCEPT="text/html").status_code == 403
    assert fingerprint() == before


@pytest.mark.parametrize("ticked", [True, False])
def test_sent_it_is_on_record_and_waits_for_an_answer_where_that_was_ticked(page, deal, rep, ticked):
    draft = begun(page, deal)
    Deal.objects.filter(pk=deal.pk).update(awaiting_since=None)
    page.post(
        reverse("mail_draft", args=[deal.pk, draft.pk]),
        form(draft, **{"expects_answer": "1"} if ticked else {}),
    )
    talk = Activity.objects.latest("pk")
    assert (talk.kind, talk.direction, talk.expects_answer, talk.subject) == (
        "email", "out", ticked, draft.subject,
    )  # fmt: skip
    assert bool(f.fresh(deal).awaiting_since) is ticked


def test_it_leaves_as_a_mail_of_a_person(page, deal, rep):
    draft = begun(page, deal, "empty")
    page.post(reverse("mail_draft", args=[deal.pk, draft.pk]), form(draft, subject="The offer"))
    message = message_of(Mail.objects.get()).message()
    assert message["Auto-Submitted"] is None and message["Reply-To"] == rep.email


def test_what_was_unticked_stays_so_when_the_form_comes_back(page, deal):
    draft = begun(page, deal)
    answer = page.post(reverse("mail_draft", args=[deal.pk, draft.pk]), form(draft, subject=""))
    assert answer.status_code == 422
    assert 'name="expects_answer" value="1">' in answer.content.decode()


def test_more_templates_take_no_more_statements(page, deal):
    def count():
        page.get(address(deal))
        with CaptureQueriesContext(connection) as captured:
            page.get(address(deal))
        return len(captured)

    few = count()
    for number in range(8):
        template(deal.pipeline, f"more-{number}")
    publish(deal.pipeline, by=deal.pipeline.process_owner, note="more")
    assert count() == few and len(offered(page, deal)[0]) > 12


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_the_page_has_no_barrier(open_page, axe, size, deal, rep):
    page = open_page(address(deal), user=rep, size=size)
    assert axe(page) == []
