"""Rows B01, B02, B04, B05, B09, B10, B17, B32, B38, B47, B48, B49 and B60, over every address the site has."""

import ast
from copy import deepcopy

import pytest
from django.contrib import admin
from django.core.management import get_commands
from django.test import Client
from django.urls import NoReverseMatch, reverse

from deals.models import Deal, GateRefusal, Transition

from .. import factories as f
from ..fingerprint import fingerprint
from ..house.test_settings import start
from .inventory import (
    ACT,
    ADMIN,
    ADMINS,
    ASK,
    COLUMNS,
    COMMANDS,
    DOOR,
    FORM,
    LINK,
    PUBLIC,
    READ,
    TASKS,
    URLS,
    kind_of,
    walked,
)
from .office import Office
from .world import undone

pytestmark = pytest.mark.django_db
ROUTES = sorted(set(walked()))
# Shown to whoever asked for it alone.
OWN = ("import_report", "import_check", "bulk", "bulk_result")
OF_A_DEAL = [pair for pair in ROUTES if pair[1].startswith("deals/<int:pk>/")]
WRITING = [pair for pair in ROUTES if kind_of(pair[0]) in (FORM, ACT, DOOR)]
FIXED = [name for name, kind in COLUMNS.items() if kind in ("guarded", "made", "moved") and name != "id"]
PEOPLE = ["rep", "manager", "admin"]


@pytest.fixture(scope="module")
def rooms(company, django_db_blocker):
    """Everything an address may name, once for the module, inside the module's transaction."""
    with django_db_blocker.unblock():
        manager, boss = f.make_manager(), f.make_admin()
        office = Office(company)
        office.people = {"rep": company.rep, "manager": manager, "admin": boss}
        office.people["teammate"] = f.make_user("Piet Olen")
        office.people["stranger"] = f.make_user("Ines Roth", team="South")
        office.people["strange manager"] = f.make_manager("Karl Ost", team="South")
        office.sessions = {who: session_of(person) for who, person in office.people.items()}
        office.addresses = {route: address(office, *route) for route in ROUTES}
    return office


def session_of(person):
    client = Client()
    client.force_login(person)
    return client.cookies


@pytest.fixture
def office(rooms, db):
    return rooms


@pytest.fixture
def as_(office):
    """A client in which that person is logged in."""

    def log_in(who, **options):
        client = Client(raise_request_exception=False, **options)
        if who != "anonymous":
            client.cookies = deepcopy(office.sessions[who])
        return client

    return log_in


def address(office, name, route):
    """The URL with the office's own ids; None for regular expressions nobody links to."""
    if kind_of(name) == ADMIN and name.count(":") and ("/" in name or "?P" in name):
        return None
    arguments = office.arguments(name, route)
    try:
        return reverse(name, kwargs=arguments)
    except NoReverseMatch:
        return "/" + route if "<" not in route and "(" not in route else None


def addresses(office, pairs):
    found = [(pair[0], office.addresses[pair]) for pair in pairs]
    return [(name, url) for name, url in found if url]


def state():
    """Where every deal stands, and what is written once."""
    columns = [field.attname for field in Deal._meta.concrete_fields if field.name in FIXED]
    return {row["pk"]: row for row in Deal.objects.values("pk", *columns)}


def refusing(client, method, url, data=None, **options):
    """Ask and expect nothing changed. Returns the response."""
    before = fingerprint()
    response = getattr(client, method)(url, data or {}, **options)
    assert fingerprint() == before, f"{method} {url} changed something ({response.status_code})"
    assert response.status_code < 500, f"{method} {url} answered {response.status_code}"
    return response


# The inventory


def test_every_address_is_classified():
    """B02: a new URL fails here until somebody says what it does."""
    assert [pair for pair in ROUTES if kind_of(pair[0]) is None] == []


def test_nothing_is_classified_that_is_not_there():
    names = {name for name, _route in ROUTES}
    django_own = {"admin:*", "admin:auth_user_password_change", "admin:password_change"}
    assert set(URLS) - names - django_own == set()


def test_every_admin_class_is_classified_and_none_edits_in_its_list():
    """B09, B10"""
    registered = {model._meta.label: model_admin for model, model_admin in admin.site._registry.items()}
    assert set(registered) == set(ADMINS)
    for label, model_admin in registered.items():
        assert not model_admin.list_editable, label
        assert list(model_admin.actions or []) == ADMINS[label], label


def test_no_admin_offers_delete_selected(office, rf):
    """B10"""
    request = rf.get("/")
    request.user = office.people["admin"]
    for label, model_admin in [(m._meta.label, a) for m, a in admin.site._registry.items()]:
        if label.startswith("deals.") or label.startswith("pipeline."):
            assert "delete_selected" not in model_admin.get_actions(request), label


def test_every_command_is_classified():
    ours = {
        name
        for name, app in get_commands().items()
        if app in ("team", "pipeline", "deals", "automations", "insights")
    }
    assert ours == set(COMMANDS)


def test_every_task_of_a_worker_is_classified_and_takes_no_orders(tmp_path):
    code = """(celery := __import__("config.celery").celery, celery.app.loader.import_default_modules(), [
        [name, str(__import__("inspect").signature(task.run))]
        for name, task in sorted(celery.app.tasks.items()) if not name.startswith("celery.")
    ])[2]"""
    seen = start(tmp_path, code, REDIS_URL="redis://redis/0").stdout
    assert dict(ast.literal_eval(seen)) == dict.fromkeys(TASKS, "()")


def test_every_column_of_a_deal_is_classified():
    """B38: a new field fails here until it is listed."""
    assert {field.name for field in Deal._meta.concrete_fields} == set(COLUMNS)


# B01, B03, B04, B05 over HTTP


@pytest.mark.parametrize("who", PEOPLE)
def test_posting_past_the_buttons_is_refused_with_everything_that_is_missing(office, as_, who):
    """B01: 422, every open criterion, whoever asks."""
    w, asked = office.w, office.w.process.asked_from(office.w.here, office.w.last)
    for to in (str(w.last), str(w.later), "won"):
        data = {"to": to, "seen_seq": office.deal.seq}
        response = refusing(as_(who), "post", reverse("move", args=[office.deal.pk]), data)
        assert response.status_code == 422
        expected = w.process.asked_from(w.here, None if to == "won" else int(to))
        for definition in expected:
            assert f'data-criterion="{definition.criterion_id}"' in response.content.decode()
    assert len(asked) > 1


@pytest.mark.parametrize("seq, status", [(-1, 409), (1, 409), (None, 400), ("", 400), ("x", 400), ("٢", 400)])
def test_a_page_from_before_the_last_move_is_told_so(office, as_, seq, status):
    """B04"""
    data = {"to": "archived"}
    if seq is not None:
        data["seen_seq"] = office.deal.seq + seq if isinstance(seq, int) else seq
    response = refusing(as_("rep"), "post", reverse("move", args=[office.deal.pk]), data)
    assert response.status_code == status


def test_two_clicks_with_one_key_are_one_move_and_with_two_keys_a_conflict(office, as_):
    """B05"""
    client, url = as_("rep"), reverse("move", args=[office.deal.pk])
    data = {"to": "archived", "seen_seq": office.deal.seq, "key": "click-1"}
    first = client.post(url, data)
    assert first.status_code in (200, 302, 303)
    again = refusing(client, "post", url, data)
    assert again.status_code == first.status_code
    assert refusing(client, "post", url, {**data, "key": "click-2"}).status_code == 409
    assert Transition.objects.filter(deal=office.deal, kind="archive").count() == 1


# B02, B32, B38: no address changes what is not its own

HOSTILE = {
    "status": "won",
    "seq": "99",
    "closing_reason": "won",
    "won_at": "2020-01-01",
    "closed_at": "2020-01-01",
    "archived_at": "2020-01-01",
    "created_at": "2001-01-01",
    "stage_entered_at": "2001-01-01",
    "open_before": "0",
    "probability": "100",
    "external_id": "x",
    "import_batch": "",
    "token": "00000000-0000-0000-0000-000000000000",
    "kind": "win",
    "exception_until": "2099-01-01",
}


def hostile(office):
    stages = {name: str(office.w.last) for name in ("stage", "stage_id", "to_stage", "landed_in")}
    return {**HOSTILE, **stages, "pipeline_id": str(office.w.other.pk), "pipeline": str(office.w.other.pk)}


@pytest.mark.parametrize("who", PEOPLE)
def test_no_address_moves_a_deal_whose_gate_is_shut(office, as_, who):
    """B02: everything that takes a POST, with what its page sends and what an attacker might add."""
    before = state()
    for name, url in addresses(office, [pair for pair in ROUTES if kind_of(pair[0]) not in (PUBLIC, ADMIN)]):
        if name != "account_logout":
            with undone():
                attack(office, as_(who), name, url, before)


def attack(office, client, name, url, before):
    extra, sends = hostile(office), office.sends(name)
    for data in [extra | sends, {"stage": extra["stage"], **sends}, {"status": "won", **sends}]:
        response = client.post(url, data)
        assert response.status_code < 500, (name, response.status_code)
        after = state()
        assert {pk: after[pk] for pk in before} == before, name
        for pk in set(after) - set(before):
            made = Deal.objects.get(pk=pk)
            assert (made.stage_id, made.status, made.seq) == (made.pipeline.entry_stage_id, "open", 1), name
            assert made.created_at.year > 2020, name
        if response.status_code == 405:
            break  # it takes no POST, whatever is in it


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_no_address_knows_other_methods(office, as_, method):
    """B38"""
    client = as_("admin")
    for name, url in addresses(office, OF_A_DEAL):
        response = refusing(client, method, url, '{"stage": 1}', content_type="application/json")
        assert response.status_code in (404, 405), name


@pytest.mark.parametrize("field", ["stage", "seq", "status", "created_at", "probability"])
def test_a_new_deal_with_a_field_no_page_has_is_refused(office, as_, field):
    """B32, B38: never silently accepted."""
    data = {"company": "Vellgrove Dairies", field: hostile(office)[field]}
    response = refusing(as_("rep"), "post", reverse("new_deal"), data)
    assert response.status_code == 400


@pytest.mark.parametrize("name", ["move", "answers", "edit", "stakeholder", "log", "ask_exception"])
def test_a_form_with_a_field_no_page_has_is_refused(office, as_, name):
    """B38"""
    (url,) = [url for found, url in addresses(office, OF_A_DEAL) if found == name]
    response = refusing(as_("admin"), "post", url, {**office.sends(name), "stage": office.w.last})
    assert response.status_code == 400


@pytest.mark.parametrize("field", ["stage", "status", "seq", "pipeline", "created_at", "closed_at", ""])
def test_only_the_fields_of_the_deals_page_can_be_edited(office, as_, field):
    """B38"""
    url = f"/deals/{office.deal.pk}/edit/{field or 'id'}/"
    data = {field or "id": "1", "rev": office.deal.rev}
    response = refusing(as_("admin"), "post", url, data)
    assert response.status_code == 404


# B47, B48: whose deal it is


@pytest.mark.parametrize("who", ["stranger", "strange manager"])
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_another_teams_deal_is_not_there(office, as_, who, method):
    """B47: 404, not 403, for every address of a deal, with data that would be right for its owner."""
    client = as_(who)
    for name, url in addresses(office, OF_A_DEAL):
        data = office.sends(name) if method == "post" else {}
        response = refusing(client, method, url, data)
        kind = kind_of(name)
        expected = (
            (404,)
            if method == ("post" if kind in (ACT, DOOR) else "get") or kind in (FORM, ASK)
            else (404, 405)
        )
        assert response.status_code in expected, (name, response.status_code)


def test_another_teams_deal_shows_nowhere_else(office, as_):
    """B47: lists, search, board, companies and contacts."""
    client, seen = as_("stranger"), []
    Deal.objects.filter(pk=office.deal.pk).update(name="Zanzibar secret", next_step="Zanzibar secret")
    for name, url in addresses(office, ROUTES):
        if kind_of(name) in (READ, FORM) and not url.startswith("/admin"):
            for query in ({}, {"q": "Zanzibar"}):
                if b"Zanzibar secret" in client.get(url, query).content:
                    seen.append(name)
    assert seen == []


def test_a_deal_of_ones_own_opens_no_file_task_or_person_of_another(office, as_):
    """B47: the ids of an address belong together."""
    own = f.make_deal(office.pipeline, owner=office.people["stranger"])
    client, wrong = as_("stranger"), []
    for name in ("file", "stakeholder", "task_done"):
        ((_name, route),) = [pair for pair in OF_A_DEAL if pair[0] == name]
        url = reverse(name, kwargs={**office.arguments(name, route), "pk": own.pk})
        for method in ("get", "post"):
            if refusing(client, method, url, office.sends(name)).status_code not in (404, 405):
                wrong.append((name, method))
    assert wrong == []
    talk = {"conversation": office.call.pk}
    url = reverse("still_true", args=[own.pk, office.criterion])
    assert refusing(client, "post", url, talk).status_code in (400, 404, 422)
    answer = {**office.sends("answers"), "conversation_by": ""}
    assert refusing(client, "post", reverse("answers", args=[own.pk]), answer).status_code in (404, 422)


def test_a_teammate_sees_and_does_not_touch(office, as_):
    """B48: permission before any write: 403 for every address that writes."""
    client = as_("teammate")
    for name, url in addresses(office, OF_A_DEAL):
        kind = kind_of(name)
        if kind in (FORM, ACT, DOOR):
            assert refusing(client, "post", url, office.sends(name)).status_code == 403, name
        if kind == READ:
            assert refusing(client, "get", url).status_code == 200, name


def test_a_rep_neither_imports_nor_hands_over_nor_enters_the_administration(office, as_):
    """B39, B48"""
    client = as_("rep")
    for name, url in addresses(office, ROUTES):
        if name.startswith("import") or name == "handover":
            for method in ("get", "post"):
                assert refusing(client, method, url, office.sends(name)).status_code in (403, 405), name
        if kind_of(name) == ADMIN and name not in ("admin:logout", "admin:jsi18n"):
            assert refusing(client, "post", url).status_code in (302, 403, 404, 405), name


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_a_login_nothing_is_shown_or_done(office, as_, method):
    """B47"""
    client = as_("anonymous")
    for name, url in addresses(office, ROUTES):
        if kind_of(name) in (PUBLIC, LINK) or name in ("account_logout",):
            continue
        response = refusing(client, method, url, office.sends(name) if method == "post" else {})
        told = response.status_code == 302 and "/login/" in response["Location"]
        elsewhere = response.status_code == 302 and name in ("home", "accounts/email/")
        assert told or elsewhere or response.status_code in (401, 403, 404, 405), (name, response.status_code)


# B49


@pytest.mark.parametrize("who, method", [("rep", "get"), ("admin", "get")])
def test_reading_changes_nothing(office, as_, who, method):
    """B49: mail scanners and browsers follow links, with any words behind the question mark."""
    client = as_(who)
    shown = [n for n, kind in URLS.items() if kind in (READ, FORM) and not n.startswith("account")]
    for name, url in addresses(office, ROUTES):
        response = refusing(client, method, url)
        if name in shown and who == "admin" and name not in OWN:
            assert response.status_code in (200, 302), (name, response.status_code)
        if who == "rep" and kind_of(name) not in (PUBLIC, ADMIN):
            refusing(client, method, url, {**hostile(office), "to": "archived", "seen_seq": office.deal.seq})


def test_asking_for_the_head_of_a_deals_pages_changes_nothing(office, as_):
    """B49"""
    for _name, url in addresses(office, OF_A_DEAL):
        refusing(as_("rep"), "head", url)


def test_a_post_without_the_pages_token_is_refused(office, as_):
    """B49"""
    client = as_("admin", enforce_csrf_checks=True)
    for name, url in addresses(office, ROUTES):
        if kind_of(name) in (FORM, ACT, DOOR, ASK) or name.endswith(("_add", "_change", "_delete")):
            headers = {"HX-Request": "true"} if kind_of(name) == DOOR else {}
            assert refusing(client, "post", url, office.sends(name), headers=headers).status_code == 403, name


# B09, B10: the administration


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


# B60


def test_who_was_closed_while_a_form_was_open_writes_nothing(office, as_):
    """B60: the next request asks for a login."""
    client = as_("rep")
    assert client.get(reverse("deal", args=[office.deal.pk])).status_code == 200
    office.w.rep.__class__.objects.filter(pk=office.w.rep.pk).update(is_active=False)
    for name, url in addresses(office, WRITING):
        if name == "account_logout":
            continue
        response = refusing(client, "post", url, office.sends(name))
        assert response.status_code == 302 and "/accounts/login/" in response["Location"], name


def test_who_was_demoted_while_a_form_was_open_is_asked_again(office, as_):
    """B60: a manager who is a rep now, an admin who is nobody special."""
    manager, boss = as_("manager"), as_("admin")
    assert manager.get(reverse("import")).status_code == 200
    people = office.w.rep.__class__.objects
    people.filter(pk__in=[office.people["manager"].pk, office.people["admin"].pk]).update(level="rep")
    for client in (manager, boss):
        for name in ("move", "answers", "edit", "log"):
            ((_name, url),) = [pair for pair in addresses(office, OF_A_DEAL) if pair[0] == name]
            assert refusing(client, "post", url, office.sends(name)).status_code in (403, 404), name
        assert refusing(client, "post", reverse("import"), office.sends("import")).status_code == 403
    assert refusing(boss, "get", reverse("admin:index")).status_code in (302, 403)
