"""A manager advises on a deal or a criterion; the rep sees it where the criterion is asked and takes it up."""

import pytest
from django.utils import timezone

from deals import moves
from deals.models import CoachingNote, LossReview
from pipeline.process import process_of
from team.models import Notice

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
TEXT = "Ask who else has to sign before you send the offer"


@pytest.fixture
def rep():
    return f.make_user()


@pytest.fixture
def ruth():
    return f.make_manager()


@pytest.fixture
def deal(rep):
    return f.make_deal(f.make_pipeline(), rep)


@pytest.fixture
def problem(deal):
    return f.criterion_of(deal.pipeline, "problem")


def as_(client, user):
    client.force_login(user)
    return client


def advise(client, deal, text=TEXT, criterion=""):
    return client.post(
        f"/deals/{deal.pk}/coaching/", {"text": text, "criterion": criterion}, HTTP_ACCEPT="text/html"
    )


def read(client, deal, part=""):
    return client.get(f"/deals/{deal.pk}/{part}", HTTP_ACCEPT="text/html").content.decode()


def next_stage(deal):
    return process_of(deal.pipeline).stage_after(deal.stage_id).stage_id


def test_advice_on_a_criterion_stands_on_the_deals_page_and_in_the_gate_and_its_owner_is_told(
    client, deal, problem, rep, ruth
):
    assert advise(as_(client, ruth), deal, criterion=str(problem.pk)).status_code == 303
    note = CoachingNote.objects.get()
    assert (note.criterion, note.by, note.deal, note.done_at) == (problem, ruth, deal, None)
    notice = Notice.objects.get(user=rep)
    assert TEXT in notice.text and notice.url == f"/deals/{deal.pk}/#coaching"
    as_(client, rep)
    criterion = read(client, deal).partition("<h3>The buyer confirmed problem")[2].partition("<h3>")[0]
    assert TEXT in criterion
    assert TEXT in read(client, deal, f"gate/?to={next_stage(deal)}")
    assert TEXT not in criterion.partition("<h3>The buyer confirmed budget")[2]


def test_the_rep_takes_it_up_once_and_then_it_stands_aside(client, deal, problem, rep, ruth):
    note = f.make_advice(deal, ruth, problem, TEXT)
    as_(client, rep)
    assert client.post(f"/deals/{deal.pk}/coaching/{note.pk}/").status_code == 303
    done = CoachingNote.objects.get().done_at
    client.post(f"/deals/{deal.pk}/coaching/{note.pk}/")
    assert done and CoachingNote.objects.get().done_at == done
    page = read(client, deal)
    assert page.count(TEXT) == 1 and "taken up" in page
    assert TEXT not in read(client, deal, f"gate/?to={next_stage(deal)}")


def test_advice_on_the_deal_as_a_whole_names_no_criterion(client, deal, ruth):
    advise(as_(client, ruth), deal)
    assert CoachingNote.objects.get().criterion is None
    assert TEXT in read(client, deal) and TEXT not in read(client, deal, f"gate/?to={next_stage(deal)}")


def test_who_is_no_manager_of_the_deal_advises_nobody(client, deal, rep):
    before = fingerprint()
    assert advise(as_(client, rep), deal).status_code == 403
    assert advise(as_(client, f.make_manager("Karl Ost", team="South")), deal).status_code == 404
    assert fingerprint() == before and "Advise" not in read(as_(client, rep), deal)


def test_only_who_acts_on_the_deal_takes_advice_up(client, deal, ruth):
    note = f.make_advice(deal, ruth)
    address = f"/deals/{deal.pk}/coaching/{note.pk}/"
    assert as_(client, f.make_user("Piet Olen")).post(address).status_code == 403
    assert as_(client, f.make_user("Ines Roth", team="South")).post(address).status_code == 404
    assert as_(client, ruth).get(address).status_code == 405
    other = f.make_deal(deal.pipeline)
    assert client.post(f"/deals/{other.pk}/coaching/{note.pk}/").status_code == 404
    assert CoachingNote.objects.get().done_at is None


@pytest.mark.parametrize(
    ("text", "criterion", "beside"),
    [("", "", "advice-text"), ("x" * 2001, "", "advice-text"), ("a\0b", "", "advice-text"),
     (TEXT, "999999", "advice-criterion"), (TEXT, "²", "advice-criterion")],
)  # fmt: skip
def test_what_does_not_fit_is_said_beside_its_field_and_kept(client, deal, ruth, text, criterion, beside):
    before = fingerprint()
    response = advise(as_(client, ruth), deal, text, criterion)
    page = response.content.decode()
    assert response.status_code == 422 and fingerprint() == before
    assert (
        f'id="{beside}"' in page
        and 'aria-invalid="true"' in page.partition(f'id="{beside}"')[2].partition(">")[0]
    )
    assert text != TEXT or TEXT in page


def test_notes_cost_the_page_no_statement(client, deal, ruth, problem, django_assert_max_num_queries):
    for number in range(5):
        f.make_advice(deal, ruth, problem, f"Advice {number}")
    read(as_(client, ruth), deal)
    with django_assert_max_num_queries(15):
        read(client, deal)


def test_a_person_typing_markup_advises_in_words(client, deal, ruth):
    advise(as_(client, ruth), deal, "<b>Ask</b> them for the names of all signers")
    assert "&lt;b&gt;Ask&lt;/b&gt;" in read(client, deal)


# the review of a deal that was not won


@pytest.fixture
def lost(deal):
    moves.lose(deal.pk, seen_seq=deal.seq, by=None, loss_reason=f.make_loss_reason().name)
    return f.fresh(deal)


REVIEW = {"happened": "We met the one who pays a month too late.", "change": "Meet them before we offer."}


def review(client, deal, **fields):
    return client.post(f"/deals/{deal.pk}/loss-review/", REVIEW | fields, HTTP_ACCEPT="text/html")


def test_a_lost_deal_is_reviewed_on_its_page_and_a_later_review_takes_the_place(client, lost, rep, ruth):
    as_(client, rep)
    assert "Nobody has reviewed it yet" not in read(client, lost) and 'name="happened"' in read(client, lost)
    assert review(client, lost, should_have_won="1").status_code == 303
    kept = LossReview.objects.get()
    assert (kept.deal, kept.should_have_won, kept.by) == (lost, True, rep) and kept.change == REVIEW["change"]
    assert "Should have been won" in read(client, lost)
    review(as_(client, ruth), lost, change="Ask for them in the first talk.")
    kept = LossReview.objects.get()
    assert (kept.should_have_won, kept.by, kept.change) == (False, ruth, "Ask for them in the first talk.")


def test_there_is_nothing_to_review_while_a_deal_lives(client, deal, rep):
    before = fingerprint()
    assert review(as_(client, rep), deal).status_code == 409
    assert fingerprint() == before and 'name="happened"' not in read(client, deal)


@pytest.mark.parametrize("field", ["happened", "change"])
@pytest.mark.parametrize("text", ["", "x" * 4001])
def test_a_review_says_both_and_what_was_typed_is_kept(client, lost, rep, field, text):
    before = fingerprint()
    response = review(as_(client, rep), lost, **{field: text})
    page = response.content.decode()
    assert response.status_code == 422 and fingerprint() == before
    other = ({"happened", "change"} - {field}).pop()
    assert 'aria-invalid="true"' in page.partition(f'id="loss-{field}"')[2].partition(">")[0]
    assert REVIEW[other] in page


def test_who_does_not_act_on_the_deal_reads_the_review_and_writes_none(client, lost, rep):
    LossReview.objects.create(deal=lost, by=rep, at=timezone.now(), **REVIEW)
    before = fingerprint()
    as_(client, f.make_user("Piet Olen"))
    assert review(client, lost).status_code == 403 and fingerprint() == before
    page = read(client, lost)
    assert REVIEW["happened"] in page and 'name="happened"' not in page


def test_every_criterion_that_is_asked_can_be_advised_on(client, deal, ruth):
    page = read(as_(client, ruth), deal)
    for definition in process_of(deal.pipeline).exit_criteria(deal.stage_id):
        assert f'<option value="{definition.criterion_id}"' in page
