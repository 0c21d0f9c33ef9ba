"""Rows B09 and B10: what the administration shows, and what it never changes."""

import pytest
from django.contrib import admin
from django.urls import reverse

from deals.models import Deal, GateRefusal, Transition

from .. import factories as f
from .doors import hostile, refusing, state

pytestmark = pytest.mark.django_db


def admin_pages(office):
    """(model, object, urls) for every admin class, with an object where there is one."""
    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        thing = model._default_manager.order_by("pk").first()
        if model is Deal:
            thing = office.deal
        pages = {"changelist": reverse(f"{base}_changelist"), "add": reverse(f"{base}_add")}
        if thing is not None:
            for view in ("change", "delete", "history"):
                pages[view] = reverse(f"{base}_{view}", args=[thing.pk])
        yield model, thing, pages


def test_a_forged_post_to_the_administration_moves_no_deal(office, as_):
    """B09: to every form, list, delete and history page, with every field there is."""
    client, before, ledger = as_("admin"), state(), Transition.objects.count()
    forged = {
        **hostile(office),
        "_save": "1",
        "name": "Forged",
        "action": "delete_selected",
        "_selected_action": str(office.deal.pk),
        "index": "0",
        "post": "yes",
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": str(office.deal.pk),
        "form-0-stage": str(office.w.last),
        "form-0-status": "won",
    }
    for model, _thing, pages in admin_pages(office):
        for view, url in pages.items():
            if model._meta.app_label in ("team", "pipeline") and view in ("delete", "change"):
                continue  # those are what an admin may do; B17 and B18 look at them
            response = client.post(url, forged)
            assert response.status_code < 500, (url, response.status_code)
    assert state() == before and Transition.objects.count() == ledger


def test_the_administration_reads_the_ledger_and_writes_none_of_it(office, as_):
    """B09: no add, change or delete of ledger rows, refusals, versions and tasks; no delete of deals and people."""
    client = as_("admin")
    GateRefusal.objects.create(
        deal=office.deal, at=office.deal.created_at, from_stage_id=office.w.here, source="page"
    )
    shut = {
        "deals.Transition": {"add", "delete", "change"},
        "deals.GateRefusal": {"add", "delete", "change"},
        "deals.Task": {"add", "delete", "change"},
        "pipeline.ProcessVersion": {"add", "delete", "change"},
        "deals.Deal": {"add", "delete"},
        "deals.Company": {"delete"},
        "deals.Contact": {"delete"},
    }
    for model, thing, pages in admin_pages(office):
        for view in shut.get(model._meta.label, ()):
            assert thing is not None, model
            assert refusing(client, "post", pages[view], {"post": "yes"}).status_code == 403, (model, view)


def test_a_deal_changed_in_the_administration_stays_where_it_is(office, as_):
    """B09: the fields it does write go through, the rest of the form is ignored."""
    url, before = reverse("admin:deals_deal_change", args=[office.deal.pk]), state()
    sent = {**hostile(office), "name": "Renamed", "deal_type": "new", "_save": "1"}
    response = as_("admin").post(url, sent)
    assert response.status_code == 302 and f.fresh(office.deal).name == "Renamed"
    assert state() == before


def test_a_stage_criterion_or_pipeline_in_use_is_not_deleted_in_the_administration(office, as_):
    """B17, B18: refused with what points to it."""
    client = as_("admin")
    criterion = f.criterion_of(office.pipeline, "budget")
    for thing in (office.pipeline.stages.get(pk=office.w.here), criterion, office.pipeline):
        meta = thing._meta
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_delete", args=[thing.pk])
        assert refusing(client, "post", url, {"post": "yes"}).status_code in (403, 409), meta.label
        assert type(thing).objects.filter(pk=thing.pk).exists()
