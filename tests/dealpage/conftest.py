"""One deal and who looks at it."""

import pytest

from pipeline.models import Pipeline

from .. import factories as f


@pytest.fixture(scope="module")
def made(kept):
    return f.make_pipeline().pk


@pytest.fixture
def pipeline(made, db):
    return Pipeline.objects.get(pk=made)


@pytest.fixture
def deal(pipeline, rep):
    return f.make_deal(pipeline, rep)


@pytest.fixture
def page(client, rep):
    client.force_login(rep)
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client
