"""The administration is no way around the gate: whatever is posted there, deals stay where they are."""

import json
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib import admin
from django.core import serializers
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from deals import moves
from deals.models import Competitor, Deal, ExchangeRate, GateRefusal, LossReason, Task, Transition
from outbox import queue, signing, webhooks
from outbox.models import Endpoint
from pipeline.vocabulary import Kind

from .. import factories as f
from ..fingerprint import fingerprint
from ..forms_of import form_of
from ..trust.inventory import ADMINS

pytestmark = pytest.mark.django_db

FORGED = {
    "stage": "99", "stage_id": "99", "status": "won", "seq": "77", "pipeline": "99", "pipeline_id": "99",
    "closed_at_0": "2020-01-01", "closed_at_1": "00:00", "won_at": "2020-01-01", "archived_at": "2020-01-01",
    "open_before": "0", "held_here": "9", "probability": "100", "probability_override": "100",
    "to_stage": "99", "kind": "win", "owner": "1", "amount": "1",
    "amount_base": "1", "rev": "0", "exception_until": "", "counts_as_pipeline": "on",
}  # fmt: skip
LISTED = sorted(admin.site._registry, key=lambda model: model._meta.label)
DEALS = [model for model in LISTED if model._meta.app_label == "deals"]


def name_of(model):
    return model._meta.label


@pytest.fixture(scope="module")
def office(kept, django_db_blocker):
    """One row of everything the administration lists."""
    with django_db_blocker.unblock():
        boss = f.make_admin()
        return SimpleNamespace(boss=boss, deal=listed(boss))


def listed(boss):
    deal = f.make_deal(f.make_pipeline(owner=boss), stage="Discover")
    with pytest.raises(moves.GateClosed):
        moves.advance(deal.pk, to=f.stage_of(deal.pipeline, "Propose").pk, seen_seq=deal.seq, by=boss)
    now = timezone.now()
    Task.objects.create(deal=deal, assignee=deal.owner, title="Call", due_on=now.date(), created_at=now)
    ExchangeRate.objects.create(currency="USD", day=now.date(), rate="0.9")
    f.make_loss_reason()
    Competitor.objects.create(name="Pelloran")
    queue.put(key="hello", to="lena@buyer.example", name="Lena", subject="Hello", body="Hello", now=now)
    endpoint = Endpoint.objects.create(name="Warehouse", url="https://8.8.8.8/", secret=signing.new_secret())
    webhooks.put_test(endpoint, now=now)
    if not GateRefusal.objects.exists():
        GateRefusal.objects.create(deal=deal, at=now, actor=boss, from_stage=deal.stage, source="page")
    return deal


@pytest.fixture
def boss(office, client, db):
    client.force_login(office.boss)
    return office.boss


@pytest.fixture
def deal(office, boss):
    return f.fresh(office.deal)


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def row_of(model):
    row = model._default_manager.first()
    assert row is not None, f"this test needs a row of {model._meta.label}"
    return row


def test_the_administration_lists_these_and_nothing_else():
    assert [name_of(model) for model in LISTED] == [
        "deals.Company", "deals.Competitor", "deals.Contact", "deals.Deal", "deals.ExchangeRate", "deals.GateRefusal",
        "deals.LossReason", "deals.Task", "deals.Transition", "outbox.Delivery", "outbox.Endpoint", "outbox.Mail",
        "pipeline.Criterion", "pipeline.Pipeline", "pipeline.ProcessVersion",
        "pipeline.Stage", "team.Organisation", "team.Role", "team.Team", "team.User",
    ]  # fmt: skip


@pytest.mark.parametrize("model", LISTED, ids=name_of)
def test_no_list_has_an_unclassified_action_or_an_editable_cell(model, rf, boss):
    request = rf.get("/")
    request.user = boss
    listed = admin.site._registry[model]
    assert list(listed.get_actions(request)) == ADMINS[name_of(model)]
    assert listed.list_editable == ()


@pytest.mark.parametrize("model", LISTED, ids=name_of)
def test_every_page_of_the_administration_opens(model, client, deal):
    pages = [address(model, "changelist"), address(model, "changelist") + "?q=a", address(model, "add")]
    pages += [address(model, page, row_of(model).pk) for page in ("change", "history", "delete")]
    for page in pages:
        assert client.get(page, follow=True).status_code in (200, 403, 409), page


@pytest.mark.parametrize("model", LISTED, ids=name_of)
def test_a_forged_change_moves_no_deal_and_breaks_nothing(model, client, deal):
    before = fingerprint()
    page = address(model, "change", row_of(model).pk)
    shown = client.get(page)
    known = form_of(shown, "_form") if shown.status_code == 200 and b"_form" in shown.content else {}
    theirs = {
        name: value for name, value in FORGED.items() if model._meta.app_label == "deals" or name not in known
    }
    for data in (FORGED, {**known, **theirs, "_save": "Save"}):
        if model is Deal:
            data = {**data, **{name: value for name, value in known.items() if name not in FORGED}}
        response = client.post(page, data)
        assert response.status_code in (200, 302, 403, 422), response.status_code
    assert fingerprint() == before


@pytest.mark.parametrize("model", LISTED, ids=name_of)
def test_a_forged_addition_or_deletion_moves_no_deal_and_breaks_nothing(model, client, deal):
    before = fingerprint()
    assert client.post(address(model, "add"), FORGED).status_code in (200, 302, 403, 422)
    forged = {"action": "delete_selected", "_selected_action": [row_of(model).pk], "post": "yes", "index": 0}
    assert client.post(address(model, "changelist"), forged, follow=True).status_code in (200, 403)
    cells = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": row_of(model).pk, "_save": "Save"}
    cells |= {f"form-0-{name}": value for name, value in FORGED.items()}
    assert client.post(address(model, "changelist"), cells, follow=True).status_code in (200, 403)
    if model._meta.app_label == "deals":
        gone = client.post(address(model, "delete", row_of(model).pk), {"post": "yes"})
        assert gone.status_code in (302, 403, 409)
    assert fingerprint() == before


@pytest.mark.parametrize("path", ["deals/nothing/", "nothing/"])
def test_an_address_of_nothing_in_the_administration_says_that_nothing_is_there(path, client, boss):
    client.force_login(boss)
    response = client.get(f"/admin/{path}")
    assert response.status_code == 404 and "There is nothing at this address" in response.content.decode()


@pytest.mark.parametrize("model", [Deal, Transition, Task], ids=name_of)
def test_deals_ledger_rows_and_tasks_are_neither_added_nor_deleted_here(model, client, deal):
    assert client.get(address(model, "add")).status_code == 403
    assert client.post(address(model, "delete", row_of(model).pk), {"post": "yes"}).status_code == 403


def test_a_deals_description_is_mended_and_nothing_else_of_it(client, deal):
    page = address(Deal, "change", deal.pk)
    typed = {
        **form_of(client.get(page), "_form"),
        **FORGED,
        "name": "Second line",
        "goals": "Fewer shutdowns",
    }
    response = client.post(page, {**typed, "_save": "Save"})
    assert response.status_code == 302
    after = f.fresh(deal)
    assert (after.name, after.goals, after.rev) == ("Second line", "Fewer shutdowns", deal.rev + 1)
    kept = (
        "stage_id",
        "status",
        "seq",
        "pipeline_id",
        "amount",
        "owner_id",
        "next_step",
        "closed_at",
        "probability",
    )
    assert [getattr(after, name) for name in kept] == [getattr(deal, name) for name in kept]
    assert after.transitions.count() == deal.transitions.count()


def test_saving_a_deal_here_undoes_nobody_elses_change(client, deal):
    page = address(Deal, "change", deal.pk)
    typed = form_of(client.get(page), "_form")
    Deal.objects.filter(pk=deal.pk).update(next_step="Changed meanwhile", goals="Changed meanwhile")
    client.post(page, {**typed, "name": "Second line", "goals": "Changed meanwhile", "_save": "Save"})
    assert f.fresh(deal).next_step == f.fresh(deal).goals == "Changed meanwhile"


@pytest.mark.parametrize("goals", ["n/a", ".", "\u200b"])
def test_what_is_no_answer_at_the_gate_is_none_here(client, deal, goals):
    page = address(Deal, "change", deal.pk)
    before = fingerprint()
    response = client.post(page, {**form_of(client.get(page), "_form"), "goals": goals, "_save": "Save"})
    assert response.status_code == 422 and "errorlist" in response.content.decode()
    assert fingerprint() == before


def test_a_deal_that_is_changed_here_is_counted_anew(client, boss):
    asks = {
        "Qualify": [
            ("facts", Kind.DEAL_FIELD, {"deal_fields": "goals", "needs_buyer": False, "evidence": "none"})
        ]
    }
    deal = f.make_deal(f.make_pipeline("Small", {**f.OPEN_GATES, **asks}, owner=boss))
    page = address(Deal, "change", deal.pk)
    assert f.fresh(deal).held_here == 0
    client.post(page, {**form_of(client.get(page), "_form"), "goals": "Fewer shutdowns", "_save": "Save"})
    assert f.fresh(deal).held_here == 1


def test_a_used_loss_reason_is_kept_and_says_how_many_deals_have_it(client, deal):
    reason = LossReason.objects.first()
    moves.lose(deal.pk, seen_seq=deal.seq, by=None, loss_reason=reason)
    response = client.post(address(LossReason, "delete", reason.pk), {"post": "yes"})
    assert response.status_code == 409 and "<b>1</b> deals" in response.content.decode()
    assert LossReason.objects.filter(pk=reason.pk).exists()


@pytest.mark.parametrize("typed", [{"currency": "XYZ"}, {"rate": "0"}, {"rate": "-1"}, {"currency": "€€"}])
def test_an_exchange_rate_that_cannot_be_is_refused(client, boss, typed):
    page = address(ExchangeRate, "add")
    known = {"currency": "usd", "day": "2026-01-01", "rate": "0.91"}
    rates = ExchangeRate.objects.filter(day=known["day"])
    assert client.post(page, {**known, **typed}).status_code == 422
    assert not rates.exists()
    assert client.post(page, known).status_code == 302
    assert rates.get().currency == "USD"


@pytest.mark.parametrize("level", ["rep", "manager", None])
def test_only_admins_come_in(level, client, deal):
    client.logout()
    if level:
        client.force_login(f.make_user("Somebody", level))
    before = fingerprint()
    pages = [reverse("admin:index"), reverse("admin:pipeline_pipeline_new")]
    pages += [reverse("admin:pipeline_stage_retire", args=[deal.stage_id])]
    for model in LISTED:
        pages += [
            address(model, "changelist"),
            address(model, "add"),
            address(model, "change", row_of(model).pk),
        ]
    for page in pages:
        assert client.get(page).status_code in (302, 403), page
        assert client.post(page, FORGED).status_code in (302, 403), page
        assert fingerprint() == before, page


def test_a_fixture_is_no_way_past_the_guard(deal, tmp_path):
    before = fingerprint()
    file = tmp_path / "deals.json"
    for change in ({"status": "won"}, {"seq": 9}):
        file.write_text(dumped(deal, change))
        with pytest.raises(DatabaseError), transaction.atomic():
            call_command("loaddata", str(file), verbosity=0)
    assert fingerprint() == before


def dumped(deal, change):
    row = json.loads(serializers.serialize("json", [deal]))
    row[0]["fields"] |= change
    return json.dumps(row)


def test_models_without_a_page_have_none():
    hidden = [model for model in apps.get_app_config("deals").get_models() if model not in LISTED]
    for model in hidden:
        with pytest.raises(NoReverseMatch):
            address(model, "changelist")
