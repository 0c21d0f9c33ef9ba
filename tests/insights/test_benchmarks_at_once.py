"""Bands for figures with two ticks at the same time: what is outside is asked about once."""

import pytest

from deals.models import Task
from insights import benchmarks

from ..receivers import at_once
from .test_benchmarks import Company, band, tonight

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_ticks_at_once_ask_once():
    company = Company()
    band(company.pipeline, company.ruth, low=50)
    at_once(lambda: benchmarks.check(tonight()))
    assert Task.objects.count() == 1
