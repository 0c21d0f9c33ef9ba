"""What there is, is classified: addresses, admin classes, commands, tasks and columns (rows B02, B09, B10, B38)."""

import ast

import pytest
from django.contrib import admin
from django.core.management import get_commands

from deals.models import Deal

from ..house.test_settings import start
from .doors import ROUTES
from .inventory import (
    ADMINS,
    COLUMNS,
    COMMANDS,
    TASKS,
    URLS,
    kind_of,
)

pytestmark = pytest.mark.django_db


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
