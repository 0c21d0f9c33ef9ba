"""The review: a manager walks the deals of a stage one at a time, sees what the buyer has confirmed, and decides."""

import re
import uuid
from decimal import Decimal

import pytest

from deals.models import BulkRun, Deal, Status
from deals.views import bulk as pages
from insights.audit import walking
from pipeline.vocabulary import Evidence, Kind

from .. import factories as f
from ..fingerprint import fingerprint
from .test_audit import lose_answer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_long_as_it_takes(monkeypatch):
    """A slow machine would leave the rest of a run to the next request."""
    monkeypatch.setattr(pages, "SECONDS", 60)


@pytest.fixture(scope="module")
def made(kept):
    """Three deals in Discover, of 3,000, 2,000 (which proves Qualify alone) and 1,000; one in Qualify."""
    boss, mara = f.make_admin(), f.make_user()
    pipeline = f.make_pipeline(stages=f.SIMPLE, owner=boss)
    names = [("Large", 3000), ("Middle", 2000), ("Small", 1000)]
    deals = {
        name: f.next_step(f.make_deal(pipeline, mara, "Discover", name=name, amount=Decimal(money))).pk
        for name, money in names
    }
    lose_answer(Deal.objects.get(pk=deals["Middle"]), "problem")
    deals["Early"] = f.make_deal(pipeline, mara, name="Early", amount=Decimal(500)).pk
    return {"boss": boss, "mara": mara, "stage": f.stage_of(pipeline, "Discover").pk, **deals}


@pytest.fixture
def boss(made, client, db):
    client.force_login(made["boss"])
    return made["boss"]


def page(client, **query):
    return client.get("/audit/review/", query).content.decode()


def decide(client, deal, decision, **query):
    return client.post("/audit/review/decide/", {"deal": deal, "decision": decision, **query})


def carry_out(client, decision, reason="Not proven"):
    data = {"decision": decision, "token": uuid.uuid4(), "reason": reason}
    return client.post("/audit/review/carry-out/", data)


def title(text):
    return re.search(r"<h1>(?:<a [^>]*>)?([^<]+)", text).group(1)


def test_the_walk_begins_with_the_largest_and_goes_on_by_links(client, boss, made):
    seen, address = [], f"/audit/review/?stage={made['stage']}"
    while address:
        text = client.get(address).content.decode()
        seen.append(title(text))
        link = re.search(r'rel="next" href="([^"]+)"', text)
        address = "/audit/review/" + link.group(1).replace("&amp;", "&") if link else ""
    assert seen == ["Large", "Middle", "Small"]


def test_the_matrix_says_what_the_buyer_confirmed_who_and_in_which_words(client, boss, made):
    text = page(client, deal=made["Middle"])
    assert "Has the buyer confirmed it?" in text and "It proves Qualify." in text
    rows = re.findall(r'data-state="(\w+)"><th scope="row">The buyer confirmed (\w+)', text)
    states = {slug: state for state, slug in rows}
    assert states == {"problem": "open", "budget": "holds", "summary": "open"}
    assert "Lena Vossberg" in text and "“We lose a shift a month”" in text


def test_the_matrix_names_the_document_and_says_where_the_record_itself_answers(client, boss, made):
    needs = {"roles": "champion", "needs_buyer": False}
    file = ("summary", Kind.FILE_OR_LINK, {"evidence": Evidence.OWN})
    asked = {"First": [("champion", Kind.STAKEHOLDER, needs), file], "Second": []}
    deal = f.make_deal(f.make_pipeline(stages=asked, owner=boss), made["mara"], "Second")
    text = page(client, deal=deal.pk, pipeline=deal.pipeline_id)
    document = deal.attachments.get()
    assert f'<a href="/deals/{deal.pk}/files/{document.pk}/">{document.name}</a>' in text
    assert text.count("own record answers this.") == 1


def test_a_decision_goes_on_to_the_next_deal_and_moves_nothing_yet(client, boss, made):
    before = fingerprint()
    response = decide(client, made["Large"], "archive", stage=made["stage"])
    text = client.get(response["Location"]).content.decode()
    assert title(text) == "Middle" and "1 deal decided" in text and fingerprint() == before
    assert 'aria-pressed="true">Archive' in page(client, deal=made["Large"])


def test_what_is_decided_is_carried_out_together(client, boss, made):
    decide(client, made["Large"], "archive")
    decide(client, made["Middle"], "back")
    decide(client, made["Small"], "keep")
    carry_out(client, "archive")
    carry_out(client, "back", "The buyer took the problem back")
    large, middle, small = (Deal.objects.get(pk=made[name]) for name in ("Large", "Middle", "Small"))
    assert (
        large.status == Status.ARCHIVED and middle.stage.name == "Qualify" and small.stage.name == "Discover"
    )
    assert middle.transitions.latest("seq").reason == "The buyer took the problem back"
    assert "decided</h2>" not in page(client) and BulkRun.objects.count() == 2


def test_a_decision_may_be_changed_until_it_is_carried_out(client, boss, made):
    decide(client, made["Large"], "archive")
    decide(client, made["Large"], "keep")
    assert carry_out(client, "archive").status_code == 404 and not BulkRun.objects.exists()


def test_without_a_reason_nothing_is_carried_out_and_the_decision_stays(client, boss, made):
    decide(client, made["Large"], "archive")
    before = fingerprint()
    response = carry_out(client, "archive", "")
    assert response.status_code == 422 and "This field is required." in response.content.decode()
    assert fingerprint() == before and "1 deal decided" in page(client)


@pytest.mark.parametrize(
    "data, status",
    [({"decision": "win"}, 400), ({"deal": "x"}, 400), ({"deal": 999999}, 404), ({"deal": ""}, 400)],
)
def test_a_decision_on_nothing_is_none(client, boss, made, data, status):
    assert decide(client, **{"deal": made["Large"], "decision": "archive", **data}).status_code == status
    assert not walking.decisions(client.session)


def test_a_review_holds_no_more_than_one_run_carries_out(client, boss, made, monkeypatch):
    monkeypatch.setattr(walking, "MOST", 1)
    assert decide(client, made["Large"], "archive").status_code == 303
    assert decide(client, made["Small"], "archive").status_code == 400
    assert decide(client, made["Large"], "back").status_code == 303


@pytest.mark.parametrize("query", [{"deal": "999999"}, {"deal": "x"}, {"stage": "0"}])
def test_an_address_that_nobody_could_mean_begins_at_the_beginning(client, boss, query):
    assert title(page(client, **query)) == "Large"


def test_a_rep_reviews_nothing(client, made):
    client.force_login(made["mara"])
    before = fingerprint()
    assert client.get("/audit/review/").status_code == 403
    assert decide(client, made["Large"], "archive").status_code == 403
    assert (
        client.post("/audit/review/advise/", {"deal": made["Large"], "text": "Ask who signs"}).status_code
        == 403
    )
    assert carry_out(client, "archive").status_code == 403 and fingerprint() == before


def test_a_manager_walks_the_deals_of_their_team_alone(client, made):
    client.force_login(f.make_manager(team="South"))
    assert "No live deal is here" in page(client)
    assert decide(client, made["Large"], "archive").status_code == 404


def test_a_word_to_the_owner_is_kept_as_advice_and_the_walk_stays_where_it_is(client, boss, made):
    response = client.post("/audit/review/advise/", {"deal": made["Middle"], "text": "Ask who signs"})
    note = Deal.objects.get(pk=made["Middle"]).coaching.get()
    assert (note.text, note.by) == ("Ask who signs", boss)
    assert title(client.get(response["Location"]).content.decode()) == "Middle"


def test_advice_that_says_nothing_is_refused_beside_its_field(client, boss, made):
    before = fingerprint()
    response = client.post("/audit/review/advise/", {"deal": made["Middle"], "text": "n/a"})
    text = response.content.decode()
    assert response.status_code == 422 and 'id="advice-e"' in text and title(text) == "Middle"
    assert fingerprint() == before
