"""Rows B22 and B49: who may answer in the buyer's name, and that looking changes nothing."""

import logging
import re
from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.redaction import redacted
from deals import activities, answers, moves, recaps
from deals.answers import Given
from deals.models import Activity, Answer, Recap, RecapRefusal, RecapState
from outbox.models import Mail
from pipeline.vocabulary import Evidence
from team.models import Organisation
from team.notices import Notice

from .. import factories as f
from ..evidence.test_recaps import ASKED, pk_of
from ..fingerprint import fingerprint
from .world import refused

pytestmark = pytest.mark.django_db
BROWSER = {"HTTP_USER_AGENT": "Mozilla/5.0 (a phone)", "REMOTE_ADDR": "198.51.100.7"}


class Case:
    """A recap on its way to Lena, with the secret only she has."""

    def __init__(self):
        Organisation.objects.update_or_create(pk=1, defaults={"own_domains": "seller.example"})
        self.rep, self.manager = f.make_user("Mara Kessel"), f.make_manager()
        self.deal = f.make_deal(f.make_pipeline(stages=ASKED), self.rep)
        self.lena = f.make_contact(self.deal.company, "Lena Vossberg", "lena@buyer.example")
        f.log_call(self.deal, self.lena)
        self.deal = f.walk_to(f.fresh(self.deal), "Discover")
        given = Given(pk_of(self.deal, "summary"), value="yes", state="claimed")
        answers.save(self.deal.pk, [given], by=self.rep)
        self.token = f.send_recap(self.deal, self.lena, by=self.rep)
        self.recap = Recap.objects.get()
        self.url = reverse("confirm", args=[self.token])
        self.buyer = Client(**BROWSER, raise_request_exception=False)

    @property
    def lines(self):
        return {line.criterion.slug: line for line in self.recap.lines.select_related("criterion")}

    def says(self, **corrections):
        """Yes to everything, but for the points corrected."""
        data = {f"choice{line.pk}": "yes" for line in self.lines.values()}
        for slug, words in corrections.items():
            data |= {f"choice{self.lines[slug].pk}": "no", f"words{self.lines[slug].pk}": words}
        return data

    def current(self, slug):
        return Answer.objects.current().get(deal=self.deal, criterion=pk_of(self.deal, slug))


@pytest.fixture(scope="module")
def made(kept):
    return Case()


@pytest.fixture
def case(made):
    return deepcopy(made)


def unchanged(ask, status):
    before = fingerprint()
    response = ask()
    assert fingerprint() == before and response.status_code == status
    return response


# B22, to the letter


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_mail_scanner_that_fetches_the_link_ten_times_confirms_nothing(case, method):
    """GET ×10 → nothing confirmed"""
    for _time in range(10):
        unchanged(lambda: getattr(case.buyer, method)(case.url), 200)
    case.recap.refresh_from_db()
    assert case.recap.state == RecapState.SENT and case.recap.answered_at is None


@pytest.mark.parametrize("who", ["rep", "manager"])
def test_who_is_signed_in_cannot_answer_and_the_attempt_is_put_on_record(case, who):
    """POST with rep session → 403 + audit"""
    person = getattr(case, who)
    case.buyer.force_login(person)
    unchanged(lambda: case.buyer.get(case.url), 403)
    assert not RecapRefusal.objects.exists()  # looking changes nothing at all
    text = unchanged(lambda: case.buyer.post(case.url, case.says()), 403).content.decode()
    assert "Only the buyer answers this" in text and "budget" not in text and case.deal.name not in text
    refusal = RecapRefusal.objects.get()
    assert (refusal.user, refusal.recap, refusal.came_from) == (person, case.recap, "198.51.100.7")
    assert "a phone" in refusal.came_with
    assert f"{person} tried to answer" in Notice.objects.get(user=case.manager, key__contains="refused").text
    page = Client()
    page.force_login(case.manager)
    shown = page.get(reverse("deal", args=[case.deal.pk])).content.decode()
    assert f"{person} tried to answer a recap in the buyer&#x27;s place" in shown


def test_a_session_of_somebody_whose_account_was_closed_is_refused_too(case):
    case.buyer.force_login(case.rep)
    type(case.rep).objects.filter(pk=case.rep.pk).update(is_active=False)
    unchanged(lambda: case.buyer.post(case.url, case.says()), 403)
    assert RecapRefusal.objects.get().user == case.rep


def test_a_second_answer_is_told_that_there_was_one(case):
    """second POST → 410"""
    assert case.buyer.post(case.url, case.says()).status_code == 200
    text = unchanged(lambda: case.buyer.post(case.url, case.says(budget="Less")), 410).content.decode()
    assert "You have answered this already." in text
    unchanged(lambda: case.buyer.get(case.url), 410)


def test_the_secret_has_256_bits_and_only_its_hash_is_kept(case):
    assert len(case.token) == 43 and re.fullmatch(r"[\w-]+", case.token)
    assert case.recap.token_hash == __import__("hashlib").sha256(case.token.encode()).hexdigest()
    assert case.recap.expires_at - case.recap.sent_at == timedelta(days=14)
    assert len({f.send_recap(case.deal, case.lena, by=case.rep) for _time in range(5)}) == 5


# every other way a link ends


def test_a_link_that_is_too_old_says_to_ask_for_a_new_one(case):
    Recap.objects.update(expires_at=timezone.now())
    for method in ("get", "post"):
        assert (
            "Ask for a new one"
            in unchanged(lambda m=method: getattr(case.buyer, m)(case.url), 410).content.decode()
        )


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 4000, "..", "ä", "%00", "' OR 1=1", "-"])
@pytest.mark.parametrize("method", ["get", "post", "head"])
def test_a_link_nobody_sent_is_not_there(case, token, method):
    response = unchanged(
        lambda: getattr(case.buyer, method)(f"/confirm/{token}/"), 400 if token == "%00" else 404
    )
    assert case.deal.name not in response.content.decode()


def test_a_newer_recap_ends_the_older_link(case):
    f.send_recap(case.deal, case.lena, by=case.rep)
    assert (
        "A newer message took the place" in unchanged(lambda: case.buyer.get(case.url), 410).content.decode()
    )
    unchanged(lambda: case.buyer.post(case.url, case.says()), 410)


def closed_deal(case):
    moves.archive(case.deal.pk, seen_seq=f.fresh(case.deal).seq, by=case.rep)


def left(case):
    case.lena.left_at = f.today()
    case.lena.save(update_fields=["left_at"])


def one_of_us(case):
    Organisation.objects.update(own_domains="buyer.example")


def other_address(case):
    """The mail went where the contact is not reached any more."""
    case.lena.email = "lena@home.example"
    case.lena.save(update_fields=["email"])


def said_otherwise(case):
    call = f.log_call(case.deal, case.lena)
    for slug, value in (("budget", "10-20k"), ("problem", "It is the price after all"), ("summary", "")):
        item = Given(pk_of(case.deal, slug), value=value, conversation=str(call.pk), words="They said so")
        item.state = "confirmed" if value else "disproved"
        answers.save(case.deal.pk, [item], by=case.rep)


@pytest.mark.parametrize("happened", [closed_deal, left, one_of_us, other_address, said_otherwise])
def test_what_is_no_longer_needed_is_not_asked(case, happened):
    happened(case)
    for method in ("get", "post"):
        response = unchanged(lambda m=method: getattr(case.buyer, m)(case.url, case.says()), 410)
        assert "no longer needed" in response.content.decode()


def test_when_who_sent_it_has_left_the_buyer_can_still_answer(case):
    type(case.rep).objects.filter(pk=case.rep.pk).update(is_active=False)
    assert case.buyer.post(case.url, case.says()).status_code == 200
    assert not Notice.objects.filter(user=case.rep).exists()


def test_too_many_requests_from_one_place_are_put_off(case):
    codes = {case.buyer.get("/confirm/guess/").status_code for _time in range(130)}
    assert codes == {404, 429}
    assert Client(REMOTE_ADDR="198.51.100.8").get(case.url).status_code == 200


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_it_knows_no_other_method(case, method):
    unchanged(lambda: getattr(case.buyer, method)(case.url), 405)


# what leaves with it


@pytest.mark.parametrize("status", [200, 403, 404, 405, 410])
def test_no_answer_lets_the_link_out(case, status):
    if status == 403:
        case.buyer.force_login(case.rep)
    if status == 410:
        Recap.objects.update(expires_at=timezone.now())
    url = "/confirm/guess/" if status == 404 else case.url
    response = case.buyer.put(url) if status == 405 else case.buyer.get(url)
    assert response.status_code == status
    assert response["Referrer-Policy"] == "no-referrer" and "noindex" in response["X-Robots-Tag"]
    assert response["Cache-Control"] == "no-store"
    assert case.token not in response.content.decode()  # the form posts to where it stands


def test_no_log_holds_the_link(case, caplog, capsys):
    with caplog.at_level(logging.DEBUG):
        case.buyer.post(case.url, {})
        case.buyer.put(case.url)
        Recap.objects.update(expires_at=timezone.now())
        case.buyer.get(case.url)
    printed = capsys.readouterr()
    assert case.token not in printed.out + printed.err
    assert redacted(f'"GET {case.url} HTTP/1.1" 200') == '"GET /confirm/.../ HTTP/1.1" 200'


# nobody of us answers, from any side


def test_nobody_of_us_can_log_an_answer_by_link(case):
    page = Client(HTTP_ACCEPT="text/html")
    page.force_login(case.rep)
    data = {"kind": "confirmation", "people": case.lena.pk, "happened_on": f.today().isoformat()}
    unchanged(lambda: page.post(reverse("log", args=[case.deal.pk]), data), 422)
    given = Given(pk_of(case.deal, "budget"), value="60-90k", by=str(case.lena.pk), how="confirmation")
    with refused(answers.AnswerErrors, says="Choose how the buyer confirmed it"):
        answers.save(case.deal.pk, [given], by=case.rep)
    with pytest.raises(Exception, match="Only the buyer"), transaction.atomic():
        activities.log(case.deal.pk, by=case.rep, kind="confirmation", happened_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Activity.objects.filter(recorded_by=None).update(kind="confirmation")
        Activity.objects.update(recorded_by=case.rep)


def test_what_the_buyer_answered_lends_its_weight_to_no_other_answer(case):
    """A rep cannot rest a further answer on the buyer's own hand."""
    case.buyer.post(case.url, case.says(summary="We never agreed to that"))
    activity = Recap.objects.get().activity
    page = Client(HTTP_ACCEPT="text/html")
    page.force_login(case.rep)
    given = Given(
        pk_of(case.deal, "summary"), value="yes", conversation=str(activity.pk), by=str(case.lena.pk)
    )
    with refused(answers.AnswerErrors, says="Choose a conversation of this deal"):
        answers.save(case.deal.pk, [given], by=case.rep)
    renew = reverse("still_true", args=[case.deal.pk, pk_of(case.deal, "budget")])
    unchanged(lambda: page.post(renew, {"conversation": activity.pk}), 400)
    forged = Answer(deal=case.deal, activity=activity, contact=case.lena, source="page")
    from deals.evidence.judging import evidence_of

    assert evidence_of(forged) == Evidence.WHO


def test_an_answer_rolls_back_as_a_whole(case, monkeypatch):
    before = fingerprint()
    monkeypatch.setattr(recaps.answering, "settle", lambda *_args: 1 / 0)
    assert case.buyer.post(case.url, case.says()).status_code == 500
    assert fingerprint() == before and Mail.objects.count() == 1
