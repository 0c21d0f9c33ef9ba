"""What a buyer's answer does to a deal: rows R031, R032, R040, R165."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from deals import moves
from deals.answers import Given
from deals.answers import save as save_answers
from deals.gate import State
from deals.models import Activity, Answer, Deal, Recap, RecapState
from pipeline.vocabulary import Evidence
from team.notices import Notice

from .. import factories as f
from ..fingerprint import fingerprint
from ..trust.test_buyer_link import Case
from .test_recaps import pk_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(kept):
    return Case()


@pytest.fixture
def case(made):
    return deepcopy(made)


def shown(case, who=None):
    page = Client()
    page.force_login(who or case.rep)
    return page.get(reverse("deal", args=[case.deal.pk])).content.decode()


def test_the_page_says_who_asks_whom_what_line_by_line_and_answers_nothing_beforehand(case):
    text = case.buyer.get(case.url).content.decode()
    assert "Mara Kessel of" in text and "<b>Lena Vossberg</b>" in text and case.deal.company.name in text
    assert "You gave a range you can get: €60,000 to €90,000." in text
    assert text.count('value="yes"') == text.count('value="no"') == 3 and " checked" not in text
    assert "csrfmiddlewaretoken" not in text and "<script" not in text


def test_one_conversation_three_criteria_and_the_buyer_makes_all_of_them_their_own(case):
    """R165"""
    assert case.current("summary").state == "claimed" and f.fresh(case.deal).held_here == 0
    text = case.buyer.post(case.url, case.says()).content.decode()
    assert "Thank you" in text
    for slug in ("problem", "budget", "summary"):
        answer = case.current(slug)
        assert (answer.state, answer.opens, answer.evidence) == ("confirmed", True, Evidence.OWN)
        assert (answer.contact, answer.recorded_by, answer.source) == (case.lena, None, "buyer")
        assert answer.activity.kind == "confirmation" and answer.activity.from_buyer
    deal = f.fresh(case.deal)
    assert deal.held_here == 1 and deal.last_buyer_activity_at == Recap.objects.get().answered_at
    assert Recap.objects.get().state == RecapState.CONFIRMED


def test_a_criterion_that_wants_the_buyers_own_hand_opens_and_the_deal_moves(case):
    """R040"""
    target = case.deal.pipeline.stages.get(name="Close").pk
    fits = Given(pk_of(case.deal, "profile"), value="yes", by=str(case.lena.pk), how="call")
    save_answers(case.deal.pk, [fits], by=case.rep)
    with pytest.raises(moves.GateClosed) as refusal:
        moves.advance(case.deal.pk, to=target, seen_seq=f.fresh(case.deal).seq, by=case.rep)
    assert [finding.definition.slug for finding in refusal.value.open_criteria] == ["summary"]
    case.buyer.post(case.url, case.says())
    moves.advance(case.deal.pk, to=target, seen_seq=f.fresh(case.deal).seq, by=case.rep)
    assert f.fresh(case.deal).stage.name == "Close"


def test_the_old_answer_stays_and_the_new_one_is_a_row_of_its_own(case):
    """R032"""
    old = case.current("budget")
    case.buyer.post(case.url, case.says())
    old.refresh_from_db()
    new = case.current("budget")
    assert not old.is_current and old.source == "page" and new.pk != old.pk
    assert (new.number, new.number_to, new.currency) == (old.number, old.number_to, old.currency)


def test_a_correction_shuts_the_gate_and_shows_the_buyers_own_words(case):
    words = "Nearer to 40,000, and only from <July> on"
    case.buyer.post(case.url, case.says(budget=words))
    answer = case.current("budget")
    assert (answer.state, answer.opens, answer.words, answer.contact) == (
        "disproved",
        False,
        words,
        case.lena,
    )
    assert answer.number is None and case.current("problem").opens
    deal = f.fresh(case.deal)
    assert deal.open_before == 1  # Qualify rested on it
    text = shown(case)
    assert "Lena Vossberg confirmed 2 points and corrected 1 point, by their own link" in text
    assert "“Nearer to 40,000, and only from &lt;July&gt; on”" in text
    assert Recap.objects.get().state == RecapState.CORRECTED and "Corrected" in text
    assert State.DISPROVED == "disproved"


def test_who_sells_who_acts_next_and_who_asked_are_told_once(case):
    Deal.objects.filter(pk=case.deal.pk).update(next_owner=case.manager)
    case.buyer.post(case.url, case.says())
    told = {notice.user: notice for notice in Notice.objects.filter(key__endswith="answered")}
    assert set(told) == {case.rep, case.manager}
    assert "Lena Vossberg confirmed 3 points" in told[case.rep].text
    assert told[case.rep].url == reverse("deal", args=[case.deal.pk])


def test_where_and_with_what_it_was_answered_is_kept(case):
    case.buyer.post(case.url, case.says())
    recap = Recap.objects.get()
    assert (recap.answered_from, recap.answered_with) == ("198.51.100.7", "Mozilla/5.0 (a phone)")
    assert recap.activity.subject.startswith("Lena Vossberg confirmed 3 points")


def test_of_forwarded_addresses_only_what_our_proxies_added_is_believed(case):
    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1):
        case.buyer.post(case.url, case.says(), headers={"X-Forwarded-For": "192.0.2.1, 203.0.113.9"})
    assert Recap.objects.get().answered_from == "203.0.113.9"


@pytest.mark.parametrize(
    "choice, words, says",
    [
        ("", "", "Please choose one of the two."),
        ("maybe", "", "Please choose one of the two."),
        ("no", "", "Please write what is right instead."),
        ("no", " \u200b\n", "Please write what is right instead."),
        ("no", "...", "Please write what is right instead."),
        ("no", "n/a", "Please write what is right instead."),
        ("no", "a\0b", "cannot be stored"),
        ("no", "A" * 2001 + " b", "at most 2000"),
        ("yes", "but not in May", "You wrote a correction."),
    ],
)
def test_an_answer_that_cannot_be_taken_comes_back_with_what_was_typed(case, choice, words, says):
    line = case.lines["budget"]
    data = {**case.says(), f"choice{line.pk}": choice, f"words{line.pk}": words}
    before = fingerprint()
    response = case.buyer.post(case.url, data)
    text = response.content.decode()
    assert (response.status_code, fingerprint()) == (422, before) and says in text
    assert f'id="e-p{line.pk}"' in text and text.count('value="yes" checked') == (3 if choice == "yes" else 2)
    assert case.buyer.post(case.url, case.says()).status_code == 200  # the link is still good


@pytest.mark.parametrize(
    "words", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "{{1337*1337}} ${1337*1337}"]
)
def test_what_a_buyer_types_is_shown_as_text_everywhere(case, words):
    """Bad input 37"""
    done = case.buyer.post(case.url, case.says(budget=words)).content.decode()
    for text in (done, shown(case)):
        assert "<script>alert" not in text and "<img src=x" not in text
        assert "1787569" not in text


def test_a_point_that_was_mended_meanwhile_is_not_asked_and_not_needed(case):
    call = f.log_call(case.deal, case.lena)
    item = Given(pk_of(case.deal, "budget"), value="10-20k", conversation=str(call.pk), by=str(case.lena.pk))
    save_answers(case.deal.pk, [item], by=case.rep)
    text = case.buyer.get(case.url).content.decode()
    assert "€60,000" not in text and text.count('value="yes"') == 2
    assert case.buyer.post(case.url, case.says()).status_code == 200
    assert case.current("budget").number == 10_000 and case.current("budget").source == "page"
    assert Recap.objects.get().lines.get(criterion=pk_of(case.deal, "budget")).confirmed is None


def test_a_point_said_again_with_the_same_value_stands(case):
    call = f.log_call(case.deal, case.lena)
    item = Given(pk_of(case.deal, "budget"), value="60-90k", conversation=str(call.pk), by=str(case.lena.pk))
    save_answers(case.deal.pk, [item], by=case.rep)
    assert case.buyer.post(case.url, case.says()).status_code == 200
    assert case.current("budget").evidence == Evidence.OWN


def test_words_that_hide_what_is_on_record_do_not_hide_it_from_the_buyer(case):
    """A rep may put it in other words; the record stands beside them."""
    budget = pk_of(case.deal, "budget")
    token = f.send_recap(case.deal, case.lena, by=case.rep, statements={budget: "We had a pleasant call."})
    text = case.buyer.get(reverse("confirm", args=[token])).content.decode()
    assert "We had a pleasant call." in text and "€60,000 to €90,000" in text


def test_an_answer_that_was_late_counts_from_the_day_it_was_given(case):
    """The proof runs out anew from the buyer's own day."""
    Activity.objects.update(happened_at=timezone.now() - timedelta(days=20))
    case.buyer.post(case.url, case.says())
    assert case.current("budget").activity.happened_at > timezone.now() - timedelta(minutes=1)
    assert not Recap.objects.get().activity.is_late


def test_the_clock_of_silence_starts_anew_and_nobody_waits_any_more(case):
    Deal.objects.filter(pk=case.deal.pk).update(awaiting_since=timezone.now() - timedelta(days=4))
    case.buyer.post(case.url, case.says())
    assert f.fresh(case.deal).awaiting_since is None


def test_every_answer_is_one_row_of_the_buyer_on_the_timeline(case):
    case.buyer.post(case.url, case.says())
    activity = Recap.objects.get().activity
    assert Activity.objects.filter(kind="confirmation").count() == 1
    assert list(activity.attendees.all()) == [case.lena] and activity.recorded_by is None
    assert Answer.objects.filter(activity=activity).count() == 3
