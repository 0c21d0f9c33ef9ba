"""B27 with several at once: one of two decides, and nobody asks past the limit."""

import pytest

from deals import moves
from deals.models import Kind

from .. import factories as f
from ..exceptional import Case
from .test_concurrency import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    return Case()


@pytest.fixture
def exception(case):
    return case.ask()


def test_of_two_who_grant_at_once_one_does(case, exception):
    lotte = f.make_manager("Lotte Wend")
    results = all_at_once([lambda: case.grant(exception), lambda: moves.grant(exception.pk, by=lotte)])
    assert sorted(type(result).__name__ for result in results) == ["Deal", "IllegalMove"]
    assert case.fresh().transitions.filter(kind=Kind.EXCEPTION).count() == 1


def test_asking_for_many_at_once_stays_within_the_limit(case):
    deals = [f.make_deal(case.pipeline, case.tom, "Discover") for _number in range(4)]
    results = all_at_once([lambda deal=deal: case.ask(deal=deal) for deal in deals])
    names = sorted(type(result).__name__ for result in results)
    assert names == ["GateException", "GateException", "MissingInput", "MissingInput"]
