"""Mails that rules draft: written for the right person, read, changed, sent or discarded by somebody of us."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from automations import tick
from deals import moves
from deals.mails import mail_drafts
from deals.models import Activity, MailDraft
from outbox.models import Mail
from pipeline.models import RuleDefinition
from pipeline.vocabulary import RuleAction, RuleTrigger
from team.models import Organisation, User
from team.notices import Notice

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def attempt(number=1, **columns):
    defaults = {
        "trigger": RuleTrigger.NO_RESPONSE,
        "days": 14,
        "action": RuleAction.RE_ENGAGE,
        "attempt": number,
    }
    return RuleDefinition(**defaults | columns)


@pytest.fixture(scope="module")
def made(kept):
    return f.make_deal(f.make_pipeline(), f.make_user(), stage="Propose", name="Cold store")


@pytest.fixture
def rep(made):
    return User.objects.get(pk=made.owner_id)


@pytest.fixture
def deal(made):
    return f.fresh(made)


@pytest.fixture
def lena(deal):
    """The one who answered every gate on the way."""
    return deal.company.contacts.get()


def page(draft):
    return reverse("mail_draft", args=[draft.deal_id, draft.pk])


def typed(contact, /, act="send", **fields):
    form = {"contact": contact.pk, "subject": "Is it for later?", "body": "Hello Lena,\r\n\r\nis it?"}
    form |= {"expects_answer": "1"}
    return form | fields | {"act": act}


def after(client, draft, form):
    """The page one comes to."""
    answer = client.post(page(draft), form)
    assert answer.status_code == 303
    return answer["Location"], client.get(answer["Location"]).content.decode()


# What a rule writes


def test_it_is_for_who_was_heard_from_last(deal, lena):
    jonas = f.make_contact(deal.company, "Jonas Rehm")
    f.put_in_role(deal, jonas, "champion")
    assert mail_drafts.written(deal, attempt(), NOW).contact == lena
    f.log_call(f.fresh(deal), jonas)
    assert mail_drafts.written(deal, attempt(), NOW).contact == jonas


def test_nobody_heard_from_it_is_for_the_first_with_an_address(rep):
    deal = f.make_deal(f.make_pipeline(), rep)
    for name, address in [("Nora Lind", ""), ("Jonas Rehm", None), ("Lena Vossberg", None)]:
        f.put_in_role(deal, f.make_contact(deal.company, name, address), "user")
    assert mail_drafts.written(deal, attempt(), NOW).contact.name == "Jonas Rehm"


def test_it_is_for_nobody_who_is_one_of_us_or_has_left_or_was_merged(rep):
    deal = f.make_deal(f.make_pipeline(), rep)
    Organisation.objects.filter(pk=Organisation.current().pk).update(own_domains="seller.example")
    people = [
        f.make_contact(deal.company, "Own House", "a@mail.seller.example"),
        f.make_contact(deal.company, "Own User", rep.email.upper()),
        f.make_contact(deal.company, "Gone Away", left_at=f.today()),
        f.make_contact(deal.company, "Merged Away", merged_into=f.make_contact(deal.company, "Kept One")),
    ]
    for contact in people:
        f.put_in_role(deal, contact, "user")
    draft = mail_drafts.written(deal, attempt(), NOW)
    assert draft.contact is None and draft.body.startswith("Hello there,")


def test_many_deals_are_asked_for_in_as_many_statements_as_one(rep):
    pipeline = f.make_pipeline()
    deals = [f.make_deal(pipeline, rep) for _number in range(6)]
    for deal in deals:
        for name in ("Jonas Rehm", "Lena Vossberg"):
            f.put_in_role(deal, f.make_contact(deal.company, name), "user")
    counts = []
    for ids in ([deals[0].pk], [deal.pk for deal in deals]):
        with CaptureQueriesContext(connection) as captured:
            found = mail_drafts.recipients_of(ids)
        counts.append(len(captured))
        assert sorted(found) == sorted(ids) and {c.name for c in found.values()} == {"Jonas Rehm"}
    assert counts[0] == counts[1] <= 5


@pytest.mark.parametrize(
    "number, subject", [(1, "Cold store: where do we stand?"), (2, "Shall we close Cold store on our side?")]
)
def test_without_words_of_the_rule_each_attempt_has_its_own(deal, lena, number, subject):
    draft = mail_drafts.written(deal, attempt(number), NOW)
    assert draft.subject == subject and draft.body.startswith("Hello Lena,\n\n") and "{" not in draft.body
    assert draft.body.endswith(f"Kind regards\n{deal.owner.name}") and draft.owner == deal.next_owner
    assert draft.pk is None and draft.created_at == NOW and draft.sent_at is None


def test_the_rules_words_are_filled_in(deal, lena):
    rule = attempt(
        subject="{deal}: {days} days", body="{contact} of {company}, in {stage}. {first_name}? {owner}"
    )
    draft = mail_drafts.written(deal, rule, NOW + timedelta(days=20))
    assert draft.subject == "Cold store: 20 days"
    expected = f"{lena.name} of {deal.company.name}, in Propose. Lena? {deal.owner.name}"
    assert draft.body == expected


def test_the_days_are_those_since_what_waits_for_an_answer(deal, lena):
    f.log_call(deal, lena)
    deal = f.fresh(deal)
    deal.awaiting_since = NOW - timedelta(days=9)
    assert mail_drafts.written(deal, attempt(subject="{days}"), NOW).subject == "9"
    quiet = attempt(trigger=RuleTrigger.NO_ACTIVITY, subject="{days}")
    assert mail_drafts.written(deal, quiet, NOW + timedelta(days=3)).subject == "3"


def test_a_rule_for_one_person_drafts_for_them(deal):
    ruth = f.make_manager()
    assert mail_drafts.written(deal, attempt(person=ruth), NOW).owner == ruth


def test_a_long_name_with_line_breaks_makes_one_short_subject(deal):
    deal.name = "Cold\nstore " * 60
    draft = mail_drafts.written(deal, attempt(), NOW)
    assert len(draft.subject) <= 200 and "\n" not in draft.subject
    draft.save()


# On the deal's page


def test_the_deal_says_that_a_mail_waits_and_costs_no_statement_for_it(client, rep, deal, lena):
    client.force_login(rep)
    address = reverse("deal", args=[deal.pk])
    client.get(address)
    with CaptureQueriesContext(connection) as without:
        assert "A mail waits" not in client.get(address).content.decode()
    draft = f.make_draft(deal, lena, subject="Is <it> for later?")
    with CaptureQueriesContext(connection) as with_one:
        text = client.get(address).content.decode()
    assert "A mail waits" in text and "Is &lt;it&gt; for later?" in text and page(draft) in text
    assert f"Drafted for {lena.name}" in text and len(with_one) == len(without)


def test_who_only_sees_the_deal_sees_that_a_mail_waits_and_does_not_open_it(client, deal, lena):
    draft = f.make_draft(deal, lena)
    client.force_login(f.make_user("Piet Olen"))
    text = client.get(reverse("deal", args=[deal.pk])).content.decode()
    assert "A mail waits" in text and page(draft) not in text
    before = fingerprint()
    assert client.get(page(draft)).status_code == 403
    assert client.post(page(draft), typed(lena)).status_code == 403
    client.force_login(f.make_user("Ines Roth", team="South"))
    assert client.get(page(draft)).status_code == client.post(page(draft), typed(lena)).status_code == 404
    assert fingerprint() == before and not Mail.objects.filter(key__startswith="draft").exists()


def test_a_draft_of_another_deal_is_not_found_under_this_one(client, rep, deal, lena):
    other = f.make_draft(f.make_deal(deal.pipeline, rep))
    client.force_login(rep)
    assert client.get(reverse("mail_draft", args=[deal.pk, other.pk])).status_code == 404


# Sending


def test_it_is_sent_as_it_was_changed_and_answers_go_to_who_sent_it(client, rep, deal, lena):
    draft = f.make_draft(deal, lena, owner=f.make_manager())
    client.force_login(rep)
    text = client.get(page(draft)).content.decode()
    assert "Where do we stand?" in text and lena.email in text and "is it for later?" in text
    address, text = after(client, draft, typed(lena))
    assert address == reverse("deal", args=[deal.pk])
    assert "The mail is on its way to Lena Vossberg." in text and "A mail waits" not in text
    mail = Mail.objects.get(key=f"draft:{draft.pk}")
    assert (mail.to_address, mail.to_name, mail.reply_to) == (lena.email, lena.name, rep.email)
    assert (mail.subject, mail.body, mail.is_automatic) == (
        "Is it for later?",
        "Hello Lena,\n\nis it?",
        False,
    )
    draft.refresh_from_db()
    assert draft.sent_at and draft.owner == rep and draft.subject == "Is it for later?"


def test_it_goes_on_record_as_a_message_that_waits_for_an_answer(client, rep, deal, lena):
    before = f.fresh(deal).last_buyer_activity_at
    client.force_login(rep)
    client.post(page(f.make_draft(deal, lena)), typed(lena))
    row = Activity.objects.filter(deal=deal).latest("pk")
    assert (row.kind, row.direction, row.expects_answer, row.from_buyer) == ("email", "out", True, False)
    assert (row.subject, row.recorded_by, list(row.attendees.all())) == ("Is it for later?", rep, [lena])
    after = f.fresh(deal)
    assert after.awaiting_since == row.happened_at and after.last_buyer_activity_at == before


def test_it_leaves_once_however_often_send_is_pressed(client, rep, deal, lena):
    draft = f.make_draft(deal, lena)
    client.force_login(rep)
    assert client.post(page(draft), typed(lena)).status_code == 303
    before = fingerprint()
    again = client.post(page(draft), typed(lena, subject="Another"))
    assert again.status_code == 409 and "sent already" in again.content.decode()
    assert fingerprint() == before and Mail.objects.filter(key__startswith="draft").count() == 1
    assert f"{rep.name} sent it" in client.get(page(draft)).content.decode()


BAD = [
    ({"contact": ""}, "contact", "Choose who"),
    ({"contact": "999999"}, "contact", "Choose who"),
    ({"contact": "x"}, "contact", "Choose who"),
    ({"subject": " "}, "subject", ""),
    ({"subject": "tbd"}, "subject", "placeholder"),
    ({"subject": "a b" * 100}, "subject", "at most 200"),
    ({"body": "\u200b"}, "body", ""),
    ({"body": "Hello " * 2000}, "body", "at most 10000"),
]


@pytest.mark.parametrize("wrong, field, words", BAD)
def test_what_does_not_fit_comes_back_with_the_reason_beside_it_and_all_that_was_typed(
    client, rep, deal, lena, wrong, field, words
):
    draft = f.make_draft(deal, lena)
    client.force_login(rep)
    before = fingerprint()
    given = typed(lena) | {"subject": "Is it <later>?", "body": "Kept as typed"} | wrong
    answer = client.post(page(draft), given)
    text = answer.content.decode()
    assert answer.status_code == 422 and f'id="e-{field}"' in text and words in text
    kept = {"subject": "Is it &lt;later&gt;?", "body": "Kept as typed"}
    assert all(value in text for name, value in kept.items() if name != field)
    assert fingerprint() == before and not Mail.objects.filter(key__startswith="draft").exists()
    assert MailDraft.objects.get().sent_at is None


def test_it_goes_to_nobody_who_is_one_of_us(client, rep, deal, lena):
    ours = f.make_contact(deal.company, "Own User", rep.email)
    f.put_in_role(deal, ours, "user")
    client.force_login(rep)
    draft = f.make_draft(deal, lena)
    assert "Own User" not in client.get(page(draft)).content.decode()
    assert client.post(page(draft), typed(ours)).status_code == 422


@pytest.mark.parametrize("form", [{"act": "explode"}, {}, {"act": "send", "stage": "9"}])
def test_what_no_page_of_ours_sends_is_malformed(client, rep, deal, lena, form):
    client.force_login(rep)
    draft = f.make_draft(deal, lena)
    assert client.post(page(draft), form).status_code == 400
    assert MailDraft.objects.get().subject == "Where do we stand?"


def test_it_is_kept_for_later_without_a_receiver_yet(client, rep, deal, lena):
    draft = f.make_draft(deal, lena)
    client.force_login(rep)
    address, text = after(client, draft, typed(lena, "save", contact="", body=""))
    assert "It has not been sent." in text and address == page(draft)
    draft.refresh_from_db()
    assert (draft.contact, draft.subject, draft.body, draft.sent_at) == (None, "Is it for later?", "", None)
    assert not Mail.objects.filter(key__startswith="draft").exists()


@pytest.mark.parametrize("ticked", ["1", ""])
def test_kept_for_later_it_remembers_whether_it_waits_for_an_answer(client, rep, deal, lena, ticked):
    draft = f.make_draft(deal, lena)
    client.force_login(rep)
    kept = typed(lena, "save", expects_answer=ticked)
    _address, text = after(client, draft, {name: value for name, value in kept.items() if value})
    assert ('name="expects_answer" value="1" checked>' in text) == bool(ticked)


def test_enter_in_a_field_saves_and_does_not_send(client, rep, deal, lena):
    """A browser presses the first button of the form."""
    client.force_login(rep)
    text = client.get(page(f.make_draft(deal, lena))).content.decode()
    form = text[text.index('data-draft="mail-') :]
    assert form.index('value="save"') < form.index('value="send"')


def test_discarded_it_is_gone_from_the_deal_and_nothing_leaves(client, rep, deal, lena):
    draft = f.make_draft(deal, lena)
    client.force_login(rep)
    _address, text = after(client, draft, {"act": "discard"})
    assert "Nothing was sent." in text and "A mail waits" not in text
    assert client.post(page(draft), typed(lena)).status_code == 409
    assert not Mail.objects.filter(key__startswith="draft").exists()
    assert "Nothing was sent." in client.get(page(draft)).content.decode()


def test_on_a_closed_deal_nothing_is_sent(client, rep, deal, lena):
    draft = f.make_draft(deal, lena)
    moves.archive(deal.pk, seen_seq=f.fresh(deal).seq, by=rep, reason="Duplicate of another one")
    client.force_login(rep)
    assert client.post(page(draft), typed(lena)).status_code == 409
    assert 'value="send"' not in client.get(page(draft)).content.decode()


def test_scripts_read_the_same_as_json(client, rep, deal, lena):
    draft = f.make_draft(deal, lena)
    client.force_login(rep)
    asked = {"headers": {"accept": "application/json"}}
    answer = client.post(page(draft), typed(lena, subject=""), **asked)
    assert answer.status_code == 422 and "subject" in answer.json()["error"]["fields"]
    assert client.post(page(draft), typed(lena), **asked).json() == {"id": draft.pk, "deal": deal.pk}


def test_who_sent_it_hears_when_it_could_not_be_delivered(rep, deal, lena, settings):
    draft = f.make_draft(deal, lena, owner=f.make_manager())
    form = mail_drafts.Typed(str(lena.pk), "Is it for later?", "Hello Lena, is it?")
    mail_drafts.send(deal.pk, draft.pk, form, by=rep, now=NOW)
    Mail.objects.update(subject="Spoiled\nBcc: a@b.example")  # given up at once
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    tick.run(NOW + timedelta(minutes=1))
    notice = Notice.objects.get(key=f"draft:{draft.pk}:undelivered")
    assert notice.user == rep and lena.name in notice.text and notice.url == reverse("deal", args=[deal.pk])
