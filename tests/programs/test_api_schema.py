"""The API keeps to its own schema: no 500, no answer that it does not document, whatever is sent."""

import pytest
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings

from api.door import api
from deals.models import Deal

from .. import factories as f
from ..api import Program

pytestmark = pytest.mark.django_db
SIGNALS = [signals.request_started, signals.request_finished]


@pytest.fixture(autouse=True)
def _connections_as_they_were():
    yield
    for signal in SIGNALS:
        signal.connect(close_old_connections)


def keep_the_connection():
    """A request of a test works in the test's own transaction, as Django's test client has it."""
    for signal in SIGNALS:
        signal.disconnect(close_old_connections)


@pytest.fixture
def program(settings):
    """An admin's, with one of everything to ask for."""
    settings.API_PER_MINUTE, settings.ALLOWED_HOSTS = 0, ["*"]
    program = Program(f.make_admin())
    program.deal = f.make_deal(f.make_pipeline(), program.user)
    f.log_call(program.deal)
    return program


def known(program, path):
    """Ids and names that are there, for the address."""
    deal = program.deal
    task = program.post("/tasks", {"deal_id": deal.pk, "title": "Call Lena"}).json()["id"]
    ids = {"deal_id": deal.pk, "company_id": deal.company_id, "contact_id": deal.company.contacts.first().pk}
    ids |= {"task_id": task, "slug": deal.pipeline.slug}
    return {name: value for name, value in ids.items() if f"{{{name}}}" in path}


def checks():
    """Loaded by who runs this test: that takes every other worker, too, most of a second."""
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks as openapi

    documented = [openapi.content_type_conformance, openapi.response_schema_conformance]
    return [not_a_server_error, openapi.status_code_conformance, *documented]


def ask_much(program, examples):
    """Every operation: so many requests that fit the schema, and as many that do not."""
    import schemathesis
    from schemathesis import GenerationMode

    keep_the_connection()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", WSGIHandler())
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method in methods:
            operation = schema[path][method.upper()]
            fitting = operation.as_strategy(
                GenerationMode.POSITIVE, path_parameters=known(program, path) or None
            )
            ask_some(program, fitting, examples)
            ask_some(program, operation.as_strategy(GenerationMode.NEGATIVE), examples)


def ask_some(program, strategy, examples):
    asked = checks()

    @hypothesis_settings(
        max_examples=examples, database=None, derandomize=True, deadline=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate],
    )  # fmt: skip
    @given(strategy)
    def each(case):
        keep_the_connection()
        headers = {"Authorization": f"Bearer {program.secret}", "Accept-Encoding": "identity"}
        response = case.call(headers=headers)
        case.validate_response(response, checks=asked)

    each()


def test_whatever_is_sent_the_answer_is_one_that_the_schema_documents(program):
    ask_much(program, 6)
    assert Deal.objects.get(pk=program.deal.pk).pipeline_id == program.deal.pipeline_id


@pytest.mark.soak
def test_whatever_is_sent_for_long_the_answer_is_one_that_the_schema_documents(program):
    ask_much(program, 300)
