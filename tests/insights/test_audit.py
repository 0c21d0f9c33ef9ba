"""The audit: each live deal against what it has to prove, money before and after, and what is missing by name."""

import csv
import io
import re
import uuid
from decimal import Decimal

import pytest
from django.utils import timezone

from deals import moves
from deals.models import BulkRun, Deal
from insights.audit import detailing, figures, keeping, listing, missing
from insights.audit import look as look_module
from insights.audit.look import Look
from insights.models import Audit
from pipeline.models import Pipeline

from .. import factories as f
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
ADDRESSES = ["/audit/", "/audit/deals.csv", "/audit/stages.csv", "/audit/kept/"]


@pytest.fixture(scope="module")
def made(kept):
    """Five live deals of 1,000 to 16,000: the first holds; one lacks its next step, two an earlier answer, one is
    prospecting; a won one is none of them."""
    boss, mara, noor = f.make_admin(), f.make_user(), f.make_user("Noor Ashgrave")
    pipeline = f.make_pipeline(stages=f.SIMPLE, owner=boss)
    holds = f.next_step(f.make_deal(pipeline, mara, "Discover", name="Holds", amount=Decimal(1000)))
    stepless = f.make_deal(pipeline, mara, "Discover", name="Stepless", amount=Decimal(2000))
    Deal.objects.filter(pk=stepless.pk).update(next_step="", next_step_on=None)
    unproven = f.next_step(f.make_deal(pipeline, noor, "Propose", name="Unproven", amount=Decimal(4000)))
    lose_answer(unproven, "summary")
    shallow = f.next_step(f.make_deal(pipeline, noor, "Propose", name="Shallow", amount=Decimal(8000)))
    lose_answer(shallow, "problem")
    lose_answer(shallow, "summary")
    early = f.make_deal(pipeline, mara, name="Early", amount=Decimal(16000))
    Deal.objects.filter(stage=early.stage_id).update(counts_as_pipeline=False)
    gone = f.make_deal(pipeline, mara, "Discover", name="Gone", amount=Decimal(32000))
    moves.archive(gone.pk, seen_seq=gone.seq, by=mara, reason="They closed the plant")
    return {"pipeline": pipeline.pk, "boss": boss, "mara": mara, "noor": noor, "holds": holds, "unproven": unproven,
            "shallow": shallow, "stepless": stepless}  # fmt: skip


def lose_answer(deal, slug):
    """The buyer takes back what an earlier gate rested on."""
    criterion = f.criterion_of(deal.pipeline, slug).pk
    deal.answers.filter(criterion=criterion).update(opens=False)
    f.resettle(deal)


@pytest.fixture
def pipeline(made, db):
    return Pipeline.objects.get(pk=made["pipeline"])


@pytest.fixture
def boss(made, client, db):
    client.force_login(made["boss"])
    return made["boss"]


def look(user, **asked):
    return Look.from_query(user, asked, timezone.now())


def test_money_before_and_after_is_what_claims_and_what_holds(boss):
    found = figures.of(look(boss))
    assert (found.whole.deals, found.whole.failing) == (4, 3)
    assert (found.whole.before, found.whole.after) == (Decimal(15000), Decimal(1000))
    assert (found.early_count, found.early) == (1, Decimal(16000))
    by_stage = {line.name: (line.deals, line.failing, line.before, line.after) for line in found.stages}
    assert by_stage == {"Discover": (2, 1, 3000, 1000), "Propose": (2, 2, 12000, 0)}
    by_owner = {line.name: (line.before, line.after) for line in found.owners}
    assert by_owner == {"Noor Ashgrave": (12000, 0), "Mara Kessel": (3000, 1000)}


def test_the_headline_says_both(client, boss):
    assert "<h1>€15k claimed before, €1k after</h1>" in client.get("/audit/").content.decode()


def test_each_deal_that_fails_is_listed_with_what_is_missing_and_the_deepest_stage_it_proves(boss):
    view = look(boss)
    rows = {row.deal.name: row for row in listing.rows(view, listing.failing(view))}
    assert list(rows) == ["Shallow", "Unproven", "Stepless"]
    assert rows["Unproven"].words == ["The buyer confirmed summary"]
    assert rows["Shallow"].words == ["The buyer confirmed problem", "The buyer confirmed summary"]
    assert rows["Stepless"].words == ["Next step missing or past"]
    assert {name: row.lacks.deepest.name for name, row in rows.items()} == {
        "Shallow": "Qualify", "Unproven": "Discover", "Stepless": "Discover",
    }  # fmt: skip
    assert [name for name, row in rows.items() if row.can_go_back] == ["Shallow", "Unproven"]


def test_the_deepest_stage_is_the_one_that_reopening_a_deal_finds(boss, made):
    from deals.gate import Reading
    from pipeline.process import process_of

    for name in ("shallow", "unproven", "holds", "stepless"):
        deal = Deal.objects.select_related("pipeline__version").get(pk=made[name].pk)
        reading = Reading(deal, process_of(deal.pipeline), f.today())
        (lacks,) = missing.of(look(boss), [deal.pk]).values()
        assert lacks.deepest.stage_id == reading.deepest(deal.stage_id), name
        assert [d.criterion_id for d in lacks.criteria] == [
            x.criterion_id for x in reading.before() if not x.holds
        ]


@pytest.mark.parametrize(
    "asked, names",
    [
        ({"missing": "step"}, {"Stepless"}),
        ({"missing": "gate"}, {"Shallow", "Unproven"}),
        ({"missing": "exception"}, set()),
        ({"missing": "nonsense"}, {"Shallow", "Unproven", "Stepless"}),
        ({"status": "paused"}, set()),
    ],
)
def test_the_list_narrows_by_what_is_missing(boss, asked, names):
    assert {deal.name for deal in look(boss, **asked).failing()} == names


def test_filters_of_the_address_narrow_every_figure(client, boss, made):
    page = client.get(f"/audit/?owner={made['mara'].pk}").content.decode()
    assert "€3k claimed before, €1k after" in page and "Shallow" not in page
    stage = made["unproven"].stage_id
    assert figures.of(look(boss, stage=str(stage))).whole.before == Decimal(12000)


def sheet(client, name, query=""):
    response = client.get(f"/audit/{name}.csv{query}")
    content = response.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


@pytest.mark.parametrize("name", ["deals", "stages", "owners"])
@pytest.mark.parametrize("query", ["", "?against=draft", "?status=open&missing=step"])
def test_the_sums_of_each_sheet_are_the_pages(client, boss, name, query):
    rows = sheet(client, name, query)
    assert sum(Decimal(row["before"]) for row in rows) == Decimal(15000)
    assert sum(Decimal(row["after"]) for row in rows) == Decimal(1000)


def test_the_sheet_of_deals_says_what_each_lacks(client, boss):
    rows = {row["name"]: row for row in sheet(client, "deals")}
    assert rows["Shallow"]["missing"] == "The buyer confirmed problem; The buyer confirmed summary"
    assert (rows["Shallow"]["deepest_stage"], rows["Shallow"]["holds"]) == ("Qualify", "no")
    assert (rows["Holds"]["deepest_stage"], rows["Holds"]["holds"]) == ("Discover", "yes")


def test_a_second_run_says_the_same(client, boss):
    first = client.get("/audit/deals.csv").getvalue()
    assert client.get("/audit/deals.csv").getvalue() == first
    one, two = (kept_in_full(boss) for _run in range(2))
    columns = ["deal_id", "stage_id", "owner_id", "amount", "holds", "deepest_id", "missing"]
    assert list(one.rows.values_list(*columns)) == list(two.rows.values_list(*columns))


def kept_in_full(boss):
    audit = keeping.keep(look(boss), by=boss, now=timezone.now())
    detailing.go_on(audit, timezone.now())
    return audit


def test_a_large_audit_is_kept_at_once_and_the_tick_writes_down_what_each_deal_lacks(
    client, boss, monkeypatch
):
    monkeypatch.setattr(detailing, "CHUNK", 1)
    monkeypatch.setattr(detailing, "AT_ONCE", -1)
    client.post("/audit/keep/", {"note": "Large"})
    audit, whole = Audit.objects.get(), kept_in_full(boss)
    columns = ["deal_id", "stage_id", "owner_id", "amount", "holds"]
    assert list(audit.rows.values_list(*columns)) == list(whole.rows.values_list(*columns))
    lacking = audit.rows.filter(holds=False)
    assert (lacking.exclude(missing=[]).count(), audit.failing) == (1, 3)
    said = client.get(f"/audit/kept/{audit.pk}/").content.decode()
    assert "being written down: 1 of 3" in said and "€15k claimed before, €1k after" in said
    assert detailing.duty(timezone.now()) == "2 deals of kept audits written down"
    columns += ["deepest_id", "missing"]
    assert list(audit.rows.values_list(*columns)) == list(whole.rows.values_list(*columns))
    assert "being written down" not in client.get(f"/audit/kept/{audit.pk}/").content.decode()
    assert detailing.duty(timezone.now()) is None, "nothing is left"


def test_a_deal_that_ends_while_an_audit_is_written_down_stays_in_it_as_it_stood(boss, made):
    audit = keeping.keep(look(boss), by=boss, now=timezone.now())
    moves.archive(made["shallow"].pk, seen_seq=made["shallow"].seq, by=boss)
    detailing.go_on(audit, timezone.now())
    row = audit.rows.get(deal=made["shallow"].pk)
    assert (row.holds, row.missing, row.deepest_id) == (False, [], row.stage_id)
    assert Audit.objects.get(pk=audit.pk).detailed_at


def test_against_the_draft_a_new_criterion_counts_before_it_is_published(boss, pipeline):
    f.add_criterion(f.stage_of(pipeline, "Qualify"), "sponsor", "text", label="The sponsor is named")
    view = look(boss, against="draft")
    found = figures.of(view)
    assert (found.whole.before, found.whole.after) == (Decimal(15000), Decimal(0))
    rows = {row.deal.name: row for row in listing.rows(view, listing.failing(view))}
    assert rows["Holds"].words == ["The sponsor is named"]
    assert rows["Holds"].lacks.deepest.name == "Qualify"
    assert figures.of(look(boss)).whole.after == Decimal(1000)


def test_against_the_draft_of_a_large_pipeline_the_page_comes_at_once_and_asks_for_the_figures(
    client, boss, made, monkeypatch
):
    address = f"/audit/?against=draft&owner={made['mara'].pk}&page=2"
    assert "claimed before" in client.get(address).content.decode(), "five deals are judged at once"
    monkeypatch.setattr(look_module, "MANY", 3)
    page = client.get(address).content.decode()
    assert "being held against the draft" in page and "claimed before" not in page
    next_one = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page)[1].replace("&amp;", "&")
    assert "€3k claimed before" in client.get(next_one).content.decode()
    assert f'value="{made["mara"].pk}" selected' in page, "the filters stay"
    assert "claimed before" in client.get("/audit/").content.decode(), "what is in force is counted already"


def test_the_audit_of_the_draft_is_the_audit_after_publishing_it(boss, pipeline):
    from pipeline.publishing import publish

    f.stage_of(pipeline, "Discover").criteria.filter(slug="summary").update(retired_at=timezone.now())
    f.add_criterion(f.stage_of(pipeline, "Discover"), "sponsor", "text", label="The sponsor is named")
    draft = look(boss, against="draft")
    foreseen = {pk: (found.criteria and [d.label for d in found.criteria], found.deepest.name)
                for pk, found in missing.of(draft, draft.live().values_list("pk", flat=True)).items()}  # fmt: skip
    money = figures.of(draft).whole.after
    publish(pipeline, by=boss, note="sponsor")
    now = look(boss)
    real = {pk: (found.criteria and [d.label for d in found.criteria], found.deepest.name)
            for pk, found in missing.of(now, now.live().values_list("pk", flat=True)).items()}  # fmt: skip
    assert foreseen == real and figures.of(now).whole.after == money


def test_a_kept_audit_says_later_what_it_said_then(client, boss, made):
    response = client.post("/audit/keep/", {"note": "Before the clean-up"})
    audit = Audit.objects.get()
    assert response.status_code == 302 or response.status_code == 303
    assert (audit.deals, audit.failing, audit.money_before, audit.money_after) == (4, 3, 15000, 1000)
    Deal.objects.filter(pk=made["shallow"].pk).update(amount_base=1)
    page = client.get(f"/audit/kept/{audit.pk}/").content.decode()
    assert "€15k claimed before, €1k after" in page and "Before the clean-up" in page
    assert "Before the clean-up" in client.get("/audit/kept/").content.decode()


def test_two_kept_audits_are_compared_stage_by_stage(client, boss, made):
    first = keeping.keep(look(boss), by=boss, now=timezone.now())
    shallow = f.fresh(made["shallow"])
    stage = f.stage_of(shallow.pipeline, "Qualify").pk
    moves.back(shallow.pk, to=stage, seen_seq=shallow.seq, by=boss, reason="Not proven")
    second = keeping.keep(look(boss), by=boss, now=timezone.now())
    found = keeping.compare(second, first)
    assert (found.earlier, found.later) == (first, second)
    named = {
        row.name: ([r.deal.name for r in row.joined], [r.deal.name for r in row.left]) for row in found.stages
    }
    assert named["Propose"] == ([], ["Shallow"])
    page = client.get(f"/audit/kept/{second.pk}/?with={first.pk}").content.decode()
    assert "€15k to" in page and "Shallow" in page


def test_a_note_too_long_is_said_so_and_nothing_is_kept(client, boss):
    before = fingerprint()
    response = client.post("/audit/keep/", {"note": "x" * 201})
    assert response.status_code == 422 and "At most 200 characters." in response.content.decode()
    assert "x" * 201 in response.content.decode() and fingerprint() == before and not Audit.objects.exists()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_rep_is_refused(client, made, address):
    client.force_login(made["mara"])
    assert client.get(address).status_code == 403


def test_a_rep_keeps_nothing(client, made):
    client.force_login(made["mara"])
    assert client.post("/audit/keep/").status_code == 403 and not Audit.objects.exists()


def test_a_manager_sees_the_deals_of_their_team_alone(client, made):
    client.force_login(f.make_manager(team="South"))
    page = client.get("/audit/").content.decode()
    assert "€0 claimed before, €0 after" in page and "Shallow" not in page


def test_a_kept_audit_is_for_who_kept_it_and_for_admins(client, boss):
    audit = keeping.keep(look(boss), by=boss, now=timezone.now())
    client.force_login(f.make_manager())
    assert client.get(f"/audit/kept/{audit.pk}/").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["?stage=abc&owner=0", "?page=zz", "?missing=x%27", "?against=now&status=won"],
)
def test_an_address_that_nobody_could_mean_shows_what_it_can(client, boss, query):
    assert client.get(f"/audit/{query}").status_code == 200


def test_an_unknown_pipeline_is_not_found_and_nothing_is_done_to_another(client, boss, pipeline):
    page = client.get("/audit/?pipeline=999999&against=draft").content.decode()
    assert "Pipeline not found" in page and '<option value="999999" selected>not found</option>' in page
    assert pipeline.name in page and "Shallow" not in page
    answer = client.get("/audit/review/?pipeline=999999")
    assert answer.status_code == 302 and answer.url == "/audit/?pipeline=999999"
    assert client.get("/audit/deals.csv?pipeline=999999").status_code == 404
    asked = {
        "pipeline": "999999",
        "action": "archive",
        "all": "1",
        "reason": "Not real",
        "token": str(uuid.uuid4()),
    }
    for act in ("act", "act/start", "keep"):
        assert client.post(f"/audit/{act}/", asked).status_code == 404, act
    assert not BulkRun.objects.exists() and not Audit.objects.exists()


def test_without_a_published_process_the_page_says_so(client):
    client.force_login(f.make_admin())
    Pipeline.objects.update(is_active=False)
    assert "No process is published" in client.get("/audit/").content.decode()


def test_the_page_asks_as_much_for_one_deal_as_for_many(client, boss, made, django_assert_max_num_queries):
    with django_assert_max_num_queries(40) as few:
        client.get("/audit/")
    for number in range(5):
        deal = f.make_deal(made["unproven"].pipeline, made["mara"], "Propose", name=f"More {number}")
        lose_answer(deal, "problem")
    with django_assert_max_num_queries(len(few)):
        client.get("/audit/")
