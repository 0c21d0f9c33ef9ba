"""A recap: what is on record, put to a buyer contact in words. Row R165, R040."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from deals.models import Activity, Answer, Recap, RecapState
from outbox import sending
from outbox.models import Mail
from pipeline.vocabulary import Evidence, Kind
from team.models import Organisation, User
from team.notices import Notice

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db

ASKED = {
    "Qualify": [
        ("problem", Kind.TEXT, {"evidence": Evidence.WORDS, "label": "The buyer stated their problem"}),
        ("budget", Kind.MONEY, {"evidence": Evidence.WHO, "label": "The buyer gave a range they can get"}),
    ],
    "Discover": [
        ("summary", Kind.YES_NO, {"evidence": Evidence.OWN, "label": "The buyer confirmed our summary"}),
        (
            "profile",
            Kind.YES_NO,
            {"needs_buyer": False, "verification": "Looked up", "label": "The company fits"},
        ),
    ],
    "Close": [],
}


@pytest.fixture(scope="module")
def made(kept):
    """A deal in Discover, with a contact who said what there is on record a week ago."""
    Organisation.objects.update_or_create(
        pk=1, defaults={"name": "Northgate", "own_domains": "seller.example"}
    )
    rep = f.make_user("Mara Kessel")
    deal = f.make_deal(f.make_pipeline(stages=ASKED), rep)
    lena = f.make_contact(deal.company, "Lena Vossberg", "lena@buyer.example")
    lena.created_at = timezone.now() - timedelta(days=30)
    lena.save(update_fields=["created_at"])
    f.log_call(deal, lena)
    f.walk_to(f.fresh(deal), "Discover")
    f.save_answers(deal.pk, [f.Given(f.criterion_of(deal.pipeline, "summary").pk, value="yes")], by=rep)
    return deal


@pytest.fixture
def rep(made, client):
    rep = User.objects.get(pk=made.owner_id)
    client.force_login(rep)
    return rep


@pytest.fixture
def deal(made, rep):
    return f.fresh(made)


@pytest.fixture
def lena(deal):
    return deal.company.contacts.get(name="Lena Vossberg")


def pk_of(deal, slug):
    return f.criterion_of(deal.pipeline, slug).pk


def form(deal, *slugs, contact=None, **fields):
    contact = contact or deal.company.contacts.get(name="Lena Vossberg")
    points = {}
    for slug in slugs:
        points |= {f"line{pk_of(deal, slug)}": "1", f"text{pk_of(deal, slug)}": f"You said so: {slug}"}
    return {"contact": contact.pk, "subject": "Is this right?", "intro": "Thank you.", **points, **fields}


def send(client, deal, data):
    return client.post(reverse("recap", args=[deal.pk]), data)


def refused(client, deal, data, status=422):
    before = fingerprint()
    response = send(client, deal, data)
    assert response.status_code == status and fingerprint() == before
    return response.content.decode()


# the form


def test_it_offers_what_the_buyer_can_confirm_as_statements_said_to_them(client, deal):
    text = client.get(reverse("recap", args=[deal.pk])).content.decode()
    assert "You gave a range you can get: €60,000 to €90,000." in text
    assert "You confirmed our summary." in text and "You stated your problem: We lose a shift" in text
    assert "The company fits" not in text  # nobody of the buyer's side is asked for it


def test_what_rests_on_little_is_ticked_and_what_the_buyer_gave_in_words_is_not(client, deal):
    text = client.get(reverse("recap", args=[deal.pk])).content.decode()
    ticked = {int(pk) for pk in re.findall(r'name="line(\d+)" value="1" checked', text)}
    assert ticked == {pk_of(deal, "budget"), pk_of(deal, "summary")}


def test_a_next_step_whose_day_has_passed_is_not_ticked(client, rep):
    pipeline = f.make_pipeline(stages={"First": [("step", Kind.NEXT_STEP, {})], "Next": [], "Last": []})
    deal = f.make_deal(pipeline, rep)
    f.log_call(deal, f.make_contact(deal.company, "Lena Vossberg", "lena@their-works.example"))
    f.walk_to(f.fresh(deal), "Next")
    ticked = f'name="line{pk_of(deal, "step")}" value="1" checked'
    assert ticked in client.get(reverse("recap", args=[deal.pk])).content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        client.force_login(rep)
        text = client.get(reverse("recap", args=[deal.pk])).content.decode()
    assert ticked not in text and f'name="line{pk_of(deal, "step")}"' in text


def test_it_goes_only_to_somebody_on_the_map_with_an_address_who_is_not_one_of_us(client, deal, rep):
    stranger = f.make_contact(deal.company, "Jonas Rehm")
    mute = f.make_contact(deal.company, "Ida Moll", email="")
    ours = f.make_contact(deal.company, "Piet Olen", email="piet@seller.example")
    for person in (mute, ours):
        f.put_in_role(deal, person, "user")
    text = client.get(reverse("recap", args=[deal.pk])).content.decode()
    assert "lena@buyer.example" in text
    for person in (stranger, mute, ours):
        assert person.name not in text
        assert "Choose who of the buyer" in refused(client, deal, form(deal, "budget", contact=person))


def test_nothing_ticked_nothing_written_or_too_much_is_refused_beside_its_field(client, deal):
    assert "Tick at least one point." in refused(client, deal, form(deal))
    budget = pk_of(deal, "budget")
    assert f'id="e-text{budget}"' in refused(client, deal, form(deal, "budget", **{f"text{budget}": " ... "}))
    assert "at most 1000" in refused(
        client, deal, form(deal, "budget", **{f"text{budget}": " ".join(map(str, range(400)))})
    )
    text = refused(client, deal, form(deal, "budget", subject="", intro="Kept <as> typed"))
    assert 'id="e-subject"' in text and "Kept &lt;as&gt; typed" in text
    assert "cannot be stored" in refused(client, deal, form(deal, "budget", intro="a\0b"))


def test_a_field_no_page_has_is_refused(client, deal):
    refused(client, deal, form(deal, "budget", token="x"), status=400)
    refused(client, deal, form(deal, "budget", address="me@here.example"), status=400)


def test_a_point_that_is_not_on_record_cannot_be_put(client, deal):
    assert "not on record any more" in refused(client, deal, form(deal, "budget", "profile"))


def test_a_closed_deal_sends_none(client, deal, lena, rep):
    from deals import moves

    moves.lose(deal.pk, seen_seq=deal.seq, by=rep, loss_reason=f.make_loss_reason().pk)
    assert "This deal is closed." in refused(client, deal, form(deal, "budget"))


def test_who_only_sees_the_deal_sends_none(client, deal):
    client.force_login(f.make_user("Piet Olen"))
    refused(client, deal, form(deal, "budget"), status=403)
    client.force_login(f.make_user("Ines Roth", team="South"))
    refused(client, deal, form(deal, "budget"), status=404)


# the mail


def test_it_leaves_as_one_mail_with_the_words_and_a_link(client, deal, mailoutbox):
    response = send(client, deal, form(deal, "budget", "summary"))
    assert response.status_code == 303
    assert sending.send_due(timezone.now()).sent == 1
    (mail,) = mailoutbox
    assert mail.to == ["Lena Vossberg <lena@buyer.example>"] and mail.subject == "Is this right?"
    assert "1. You said so: budget" in mail.body and "2. You said so: summary" in mail.body
    assert "Word for word in our notes: You gave a range you can get: €60,000 to €90,000." in mail.body
    assert re.search(r"http://testserver/confirm/[\w-]{43}/\n", mail.body)
    assert mail.reply_to == []  # an answer would quote the link to us
    assert "Mara Kessel" in mail.body and "Northgate" in mail.body


def test_the_link_begins_as_the_settings_say_not_as_the_request_was_called(
    client, deal, mailoutbox, settings
):
    settings.SITE_URL = "https://crm.example.com"
    send(client, deal, form(deal, "budget"))
    sending.send_due(timezone.now())
    assert "https://crm.example.com/confirm/" in mailoutbox[0].body and "testserver" not in mailoutbox[0].body


def test_the_link_is_in_the_mail_and_nowhere_else(client, deal, lena, mailoutbox, caplog):
    """The rep never sees it: not in an answer, a page, the administration, the database or a log."""
    shown = [send(client, deal, form(deal, "budget"))]
    sending.send_due(timezone.now())
    token = re.search(r"/confirm/([\w-]+)/", mailoutbox[0].body)[1]
    client.force_login(f.make_admin())
    addresses = [reverse(name, args=[deal.pk]) for name in ("deal", "recap")]
    addresses += [f"{addresses[1]}?again={Recap.objects.get().pk}", reverse("admin:outbox_mail_changelist")]
    addresses.append(reverse("admin:outbox_mail_change", args=[Mail.objects.get().pk]))
    shown += [client.get(address) for address in addresses]
    assert all(page.status_code in (200, 303) for page in shown)
    assert not any(token in page.content.decode() + str(page.headers) for page in shown)
    rows = [str(list(model.objects.values())) for model in (Recap, Mail, Activity, Answer, Notice)]
    assert not any(token in row for row in rows) and token not in caplog.text
    assert Recap.objects.get().token_hash != token


def test_a_mail_that_waits_shows_its_words_to_nobody(client, deal):
    send(client, deal, form(deal, "budget"))
    client.force_login(f.make_admin())
    mail = Mail.objects.get()
    assert mail.is_secret and "/confirm/" in mail.body
    text = client.get(reverse("admin:outbox_mail_change", args=[mail.pk])).content.decode()
    assert "/confirm/" not in text and mail.body not in text and "lena@buyer.example" in text


def test_a_subject_cannot_begin_another_header(client, deal, mailoutbox):
    send(client, deal, form(deal, "budget", subject="Hello\r\nBcc: all@elsewhere.example"))
    sending.send_due(timezone.now())
    assert mailoutbox[0].subject == "Hello Bcc: all@elsewhere.example" and mailoutbox[0].bcc == []


def test_a_newer_recap_to_the_same_person_takes_the_place_of_the_open_one(client, deal, lena):
    send(client, deal, form(deal, "budget"))
    send(client, deal, form(deal, "summary"))
    newer, older = Recap.objects.all()
    assert (older.state, newer.state) == (RecapState.WITHDRAWN, RecapState.SENT)
    assert sending.send_due(timezone.now()).sent == 1  # the older one had not left yet
    assert Mail.objects.get(key=f"recap:{older.pk}").body == ""


# the address


def test_an_address_of_today_raises_a_flag_the_managers_see(client, deal, lena):
    manager = f.make_manager()
    client.post(reverse("contact", args=[lena.pk]), {"name": lena.name, "email": "new@buyer.example"})
    lena.refresh_from_db()
    lena.email_since -= timedelta(hours=2)
    lena.save(update_fields=["email_since"])
    send(client, deal, form(deal, "budget"))
    assert Recap.objects.get().address_is_fresh
    client.force_login(manager)
    text = client.get(reverse("deal", args=[deal.pk])).content.decode()
    assert (
        text.count("Sent to an address added 2\xa0hours before: new@buyer.example.") == 2
    )  # list and timeline
    assert "new@buyer.example" in Notice.objects.get(user=manager).text


def test_a_new_contact_is_a_new_address_and_an_old_one_raises_no_flag(client, deal, lena):
    send(client, deal, form(deal, "budget"))
    assert not Recap.objects.get().address_is_fresh
    fresh = f.make_contact(deal.company, "Jonas Rehm")
    f.put_in_role(deal, fresh, "user")
    send(client, deal, form(deal, "budget", contact=fresh))
    assert Recap.objects.get(contact=fresh).address_is_fresh


@pytest.mark.parametrize("where", ["contact", "stakeholder", "admin"])
def test_wherever_an_address_is_changed_it_is_noted(client, deal, lena, where):
    stake = f.put_in_role(deal, lena, "user")
    if where == "contact":
        client.post(reverse("contact", args=[lena.pk]), {"name": lena.name, "email": "new@buyer.example"})
    elif where == "stakeholder":
        data = {
            "name": lena.name,
            "email": "new@buyer.example",
            "stance": "for",
            "influence": "2",
            "roles": "user",
        }
        client.post(reverse("stakeholder", args=[deal.pk, stake.pk]), data)
    else:
        client.force_login(f.make_admin())
        data = {"name": lena.name, "email": "new@buyer.example", "job_title": "", "phone": "", "left_at": ""}
        client.post(reverse("admin:deals_contact_change", args=[lena.pk]), data)
    lena.refresh_from_db()
    assert lena.email == "new@buyer.example" and timezone.now() - lena.email_since < timedelta(minutes=1)


def test_saving_a_person_without_changing_the_address_notes_nothing(client, deal, lena):
    client.post(reverse("contact", args=[lena.pk]), {"name": "Lena V", "email": lena.email})
    lena.refresh_from_db()
    assert lena.name == "Lena V" and lena.email_since is None


# the deal's page


def test_the_deals_page_tells_what_became_of_it_and_offers_to_send_it_again(client, deal, lena, mailoutbox):
    def page():
        return client.get(reverse("deal", args=[deal.pk])).content.decode()

    assert "A recap lets the buyer confirm" in page()
    send(client, deal, form(deal, "budget", "summary"))
    assert "On its way" in page() and "2 points, sent" in page()
    assert "Mara Kessel sent a recap to Lena Vossberg" in page()
    sending.send_due(timezone.now())
    assert "Open until" in page() and "Send again" in page()
    Recap.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    assert "Expired" in page()
    again = client.get(f"{reverse('recap', args=[deal.pk])}?again={Recap.objects.get().pk}").content.decode()
    assert "You said so: budget" in again and "You stated your problem" in again
    assert again.count(" checked") == 3  # Lena and the two points of before


@pytest.mark.parametrize("again", ["x", "²", "999999", "9" * 30, "-1", ""])
def test_to_send_again_what_is_not_there_is_a_fresh_form(client, deal, again):
    assert client.get(reverse("recap", args=[deal.pk]), {"again": again}).status_code == 200
