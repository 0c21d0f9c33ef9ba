"""What an audit finds can be put right at once: back to what is proven or into the archive, and undone as a whole."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from automations import tick
from deals import moves
from deals.history import stored
from deals.models import BulkRun, CancelledWhy, Deal, Kind, Source, Status, Task, Transition
from deals.runs import bulk, bulk_many
from deals.views import bulk as pages
from pipeline.models import Pipeline
from team.models import Level, User

from .. import factories as f
from ..clockwork import proposal
from ..fingerprint import fingerprint
from .test_audit import lose_answer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_long_as_it_takes(monkeypatch):
    """A slow machine would leave the rest of a run to the next request."""
    monkeypatch.setattr(pages, "SECONDS", 60)


@pytest.fixture(scope="module")
def made(kept):
    """Twelve deals in Propose: eleven lack the summary, so they prove Discover; one of these the problem, too."""
    boss, mara = f.make_admin(), f.make_user()
    pipeline = f.make_pipeline(stages=f.SIMPLE, owner=boss)
    company = f.make_company()
    deals = [
        f.next_step(
            f.make_deal(pipeline, mara, "Propose", company=company, name=f"Deal {n}", amount=Decimal(1000))
        )
        for n in range(12)
    ]
    for deal in deals[:11]:
        lose_answer(deal, "summary")
    lose_answer(deals[10], "problem")
    return {"pipeline": pipeline.pk, "boss": boss, "mara": mara, "deals": [deal.pk for deal in deals]}


@pytest.fixture
def boss(made, client, db):
    client.force_login(made["boss"])
    return made["boss"]


@pytest.fixture
def deals(made, db):
    return list(Deal.objects.filter(pk__in=made["deals"]).order_by("pk"))


def stages():
    return dict(Deal.objects.order_by("pk").values_list("pk", "stage__name"))


def standing():
    """Everything about where deals stand, and what is stored beside it."""
    columns = ["pk", "stage_id", "status", "open_before", "held_here", "claimed_here", "total_here", "closed_at",
               "loss_reason_id", "counts_as_pipeline", "probability", "next_owner_id", "next_due_at"]  # fmt: skip
    return list(Deal.objects.order_by("pk").values_list(*columns))


def found_by_verifying():
    """What is stored beside the deals and not what it is derived from."""
    return list(stored.findings(f.today(), lambda _text: None))


def started(client, action, reason="Not proven", **data):
    return client.post(
        "/audit/act/start/", {"action": action, "token": uuid.uuid4(), "reason": reason, **data}
    )


def test_all_that_fail_go_back_to_the_deepest_stage_they_prove(client, boss, made, deals):
    response = started(client, "back", all=1)
    run = BulkRun.objects.get()
    assert response["Location"] == f"/bulk/{run.pk}/" and run.finished_at
    named = stages()
    assert [named[deal.pk] for deal in deals] == ["Discover"] * 10 + ["Qualify", "Propose"]
    rows = Transition.objects.filter(kind=Kind.BACK)
    assert {(row.actor_id, row.source, row.batch, row.reason) for row in rows} == {
        (boss.pk, Source.BULK, f"bulk-{run.pk}", "Not proven")
    }
    assert "Move back to what is proven: Not proven" in client.get(response["Location"]).content.decode()
    assert not found_by_verifying()


def test_going_back_together_leaves_what_going_back_one_by_one_leaves(client, boss, deals, monkeypatch):
    started(client, "back", all=1)
    together = standing()
    client.post(f"/bulk/{BulkRun.objects.get().pk}/undo/")
    monkeypatch.setattr(bulk_many, "LEAST", 1000)
    started(client, "back", all=1)
    assert standing() == together


def test_archiving_together_leaves_what_archiving_one_by_one_leaves(client, boss, deals, monkeypatch):
    columns = ["pk", "stage_id", "status", "next_due_at", "next_due_rule_id", "exception_until"]
    started(client, "archive", all=1)
    together = list(Deal.objects.order_by("pk").values_list(*columns))
    client.post(f"/bulk/{BulkRun.objects.get().pk}/undo/")
    monkeypatch.setattr(bulk_many, "LEAST", 1000)
    started(client, "archive", all=1)
    assert list(Deal.objects.order_by("pk").values_list(*columns)) == together


@pytest.mark.parametrize("action", ["back", "archive"])
def test_ten_deals_moved_and_undone_stand_exactly_where_they_stood(client, boss, deals, action):
    before = standing()
    ten = [f"{deal.pk}:{deal.seq}" for deal in deals[:10]]
    run = BulkRun.objects.get(pk=started(client, action, deal=ten)["Location"].split("/")[2])
    assert run.items.filter(outcome="done").count() == 10 and standing() != before
    page = client.get(f"/bulk/{run.pk}/").content.decode()
    assert "Undo for all 10 deals" in page
    response = client.post(f"/bulk/{run.pk}/undo/")
    assert standing() == before and not found_by_verifying()
    assert "10 deals done" in client.get(response["Location"]).content.decode()
    assert "Undo for all" not in client.get(f"/bulk/{run.pk}/").content.decode()


@pytest.mark.parametrize("action", ["back", "archive"])
def test_undoing_together_leaves_what_undoing_one_by_one_leaves(client, boss, deals, action, monkeypatch):
    def undone():
        run = BulkRun.objects.get(pk=started(client, action, all=1)["Location"].split("/")[2])
        client.post(f"/bulk/{run.pk}/undo/")
        rows = Transition.objects.filter(batch=f"bulk-{run.undone_by.pk}").order_by("deal")
        said = rows.values_list(
            "deal", "kind", "from_stage", "to_stage", "from_status", "to_status", "reason", "actor"
        )
        entered = list(Deal.objects.order_by("pk").values_list("stage_entered_at", "rev"))
        return standing(), list(said), [at for at, _rev in entered], [rev for _at, rev in entered]

    *together, revised = undone()
    monkeypatch.setattr(bulk_many, "LEAST", 1000)
    *one_by_one, later = undone()
    assert together == one_by_one and len(together[1]) >= 11
    assert [rev - before for before, rev in zip(revised, later, strict=True)].count(0) <= 1, (
        "a page that is open hears"
    )
    assert not found_by_verifying()


def test_what_an_archive_took_away_comes_back_also_where_others_are_undone_together(client, boss, deals):
    proposal(deals[3], timezone.now())
    tick.run(timezone.now() + timedelta(days=9))
    left = Task.objects.get(deal=deals[3])
    started(client, "archive", all=1)
    left.refresh_from_db()
    assert left.cancelled_why == CancelledWhy.CLOSED
    client.post(f"/bulk/{BulkRun.objects.get().pk}/undo/")
    left.refresh_from_db()
    assert left.cancelled_at is None and not left.cancelled_why
    assert set(Deal.objects.values_list("status", flat=True)) == {Status.OPEN}


def test_what_has_moved_on_since_is_listed_and_stays(client, boss, made, deals):
    started(client, "back", all=1)
    run = BulkRun.objects.get()
    first = f.fresh(deals[0])
    moves.archive(first.pk, seen_seq=first.seq, by=made["mara"], reason="They closed the plant")
    response = client.post(f"/bulk/{run.pk}/undo/")
    assert f.fresh(first).status == Status.ARCHIVED
    assert (
        "Not undone: it has moved on since, by Mara Kessel: Archived."
        in client.get(response["Location"]).content.decode()
    )
    assert set(stages().values()) == {"Propose", "Discover"} and stages()[first.pk] == "Discover"


def test_undone_twice_is_undone_once(client, boss, deals):
    started(client, "back", all=1)
    run = BulkRun.objects.get()
    first, second = (client.post(f"/bulk/{run.pk}/undo/")["Location"] for _click in range(2))
    assert first == second and Transition.objects.filter(kind=Kind.UNDO).count() == 11


def test_after_a_week_nothing_is_undone(client, boss, deals):
    started(client, "back", all=1)
    BulkRun.objects.update(asked_at=timezone.now() - timedelta(days=8))
    run = BulkRun.objects.get()
    assert "Undo for all" not in client.get(f"/bulk/{run.pk}/").content.decode()
    before = fingerprint()
    assert client.post(f"/bulk/{run.pk}/undo/").status_code == 409 and fingerprint() == before


def test_a_run_that_was_cut_off_goes_on_with_the_tick_and_is_undone_as_a_whole(
    client, boss, deals, monkeypatch
):
    before = standing()
    monkeypatch.setattr(pages, "SECONDS", 0)
    monkeypatch.setattr(bulk, "CHUNK", 4)
    started(client, "back", all=1)
    run = BulkRun.objects.get()
    assert 0 < run.items.filter(outcome="").count() < 11 and not run.finished_at
    assert "worked off" in client.get(f"/bulk/{run.pk}/").content.decode()
    assert client.post(f"/bulk/{run.pk}/undo/").status_code == 409
    tick.run(timezone.now())
    assert not run.items.filter(outcome="").exists()
    client.post(f"/bulk/{run.pk}/undo/")
    tick.run(timezone.now())
    assert [row[:3] for row in standing()] == [row[:3] for row in before]


def test_a_deal_that_holds_by_its_turn_is_refused(client, boss, deals):
    chosen = deals[0]
    run = bulk.ask("back", {"reason": "Not proven"}, [(deals[11].pk, deals[11].seq)], by=boss, token=uuid.uuid4(),
                   now=timezone.now())  # fmt: skip
    bulk.work_off(run, timezone.now(), 10)
    (item,) = run.items.all()
    assert (item.outcome, item.message) == (
        "refused", "Everything before its stage holds; there is nothing to move back.",
    )  # fmt: skip
    assert f.fresh(chosen).seq == chosen.seq


def test_a_deal_moved_since_it_was_chosen_is_refused(client, boss, deals):
    stale = [f"{deal.pk}:{deal.seq - 1}" for deal in deals[:10]]
    before = stages()
    started(client, "back", deal=stale)
    assert stages() == before
    assert BulkRun.objects.get().items.filter(outcome="refused").count() == 10


def test_the_same_form_sent_twice_is_one_run(client, boss, deals):
    token = uuid.uuid4()
    for _click in range(2):
        client.post("/audit/act/start/", {"action": "back", "token": token, "reason": "Not proven", "all": 1})
    assert BulkRun.objects.count() == 1 and Transition.objects.filter(kind=Kind.BACK).count() == 11


def test_what_is_asked_is_shown_before_anything_happens(client, boss, deals):
    before = fingerprint()
    page = client.post("/audit/act/", {"action": "back", "all": 1}).content.decode()
    assert "Move 11 deals back to what they prove" in page and "€11,000" in page
    one = client.post(
        "/audit/act/", {"action": "archive", "deal": f"{deals[0].pk}:{deals[0].seq}"}
    ).content.decode()
    assert "Archive 1 deal" in one and fingerprint() == before


@pytest.mark.parametrize(
    "reason, words", [("", "This field is required."), ("x", "looks like a placeholder")]
)
def test_without_a_reason_nothing_happens(client, boss, deals, reason, words):
    before = fingerprint()
    response = started(client, "back", reason=reason, all=1)
    assert response.status_code == 422 and words in response.content.decode() and fingerprint() == before


@pytest.mark.parametrize(
    "data, status",
    [
        ({"action": "win", "all": 1}, 400),
        ({"action": "back", "deal": "x:y"}, 400),
        ({"action": "back", "all": 1, "against": "draft"}, 400),
        ({"action": "back"}, 422),
        ({"action": "archive", "deal": "999999:1"}, 422),
    ],
)
def test_a_form_that_names_nothing_to_do_does_nothing(client, boss, deals, data, status):
    before = fingerprint()
    for address in ("/audit/act/", "/audit/act/start/"):
        response = client.post(address, {"token": uuid.uuid4(), "reason": "Not proven", **data})
        assert response.status_code == status
    assert fingerprint() == before


@pytest.mark.parametrize("address", ["/audit/act/", "/audit/act/start/"])
def test_a_rep_acts_on_no_audit(client, made, address):
    client.force_login(made["mara"])
    before = fingerprint()
    data = {"action": "back", "all": 1, "token": uuid.uuid4(), "reason": "Not proven"}
    assert client.post(address, data).status_code == 403 and fingerprint() == before


@pytest.mark.parametrize("action", ["back", "archive", "undo"])
def test_who_lost_the_right_by_their_turn_moves_none_of_many(client, boss, deals, action, monkeypatch):
    if action == "undo":
        started(client, "archive", all=1)
    monkeypatch.setattr(pages, "SECONDS", 0)
    monkeypatch.setattr(bulk, "work_off", lambda *_arguments: 12)  # nothing yet
    if action == "undo":
        client.post(f"/bulk/{BulkRun.objects.get().pk}/undo/")
    else:
        started(client, action, all=1)
    monkeypatch.undo()
    User.objects.filter(pk=boss.pk).update(level=Level.REP)
    before, run = standing(), BulkRun.objects.latest("pk")
    bulk.work_off(run, timezone.now(), 60)
    assert set(run.items.values_list("outcome", flat=True)) == {"refused"} and standing() == before


def test_of_many_chosen_the_one_that_moved_since_stays_where_it_is(client, boss, made, deals, monkeypatch):
    chosen = [f"{deal.pk}:{deal.seq}" for deal in deals[:11]]
    first = f.fresh(deals[0])
    moves.pause(
        first.pk,
        seen_seq=first.seq,
        by=made["mara"],
        reason="They move house",
        until=f"{f.today() + timedelta(days=20)}",
    )
    moves.resume(first.pk, seen_seq=first.seq + 1, by=made["mara"])
    started(client, "archive", deal=chosen)
    assert f.fresh(first).status == Status.OPEN
    assert Deal.objects.filter(status=Status.ARCHIVED).count() == 10


def test_a_run_is_undone_by_who_asked_for_it(client, boss, deals):
    started(client, "back", all=1)
    client.force_login(f.make_admin("Karl Ost"))
    assert client.post(f"/bulk/{BulkRun.objects.get().pk}/undo/").status_code == 404


def test_many_deals_go_back_and_forth_with_as_many_statements_as_few(
    boss, made, deals, django_assert_max_num_queries
):
    def work(count):
        chosen = Deal.objects.filter(pk__in=[deal.pk for deal in deals[:count]])
        run = bulk.ask_all(
            "back", {"reason": "Not proven"}, chosen, by=boss, token=uuid.uuid4(), now=timezone.now()
        )
        with django_assert_max_num_queries(200) as asked:
            bulk.work_off(run, timezone.now(), 60)
        assert run.items.filter(outcome="done").count() == count
        undone = bulk.undo(BulkRun.objects.get(pk=run.pk), by=boss, now=timezone.now())
        with django_assert_max_num_queries(100) as asked_again:
            bulk.work_off(undone, timezone.now(), 60)
        assert undone.items.filter(outcome="done").count() == count
        return len(asked), len(asked_again)

    assert Pipeline.objects.filter(pk=made["pipeline"]).exists()
    work(10)
    for ten, eleven in zip(work(10), work(11), strict=True):
        assert eleven <= ten + 4
