"""Long form of test_engines.py: a worker is killed twenty times at each point."""

import pytest

from ..house import test_engines
from ..house.test_engines import POINTS

pytestmark = [pytest.mark.soak, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("_time", range(20))
@pytest.mark.parametrize(("point", "committed"), POINTS.items())
def test_a_worker_killed_in_the_middle(engines, point, committed, _time):
    test_engines.killed_in_the_middle(engines, point, committed)


@pytest.mark.parametrize("_time", range(20))
@pytest.mark.parametrize(("point", "times"), [("before mail", 1), ("after mail", 2)])
def test_a_worker_killed_at_a_mail(engines, point, times, _time):
    test_engines.killed_at_a_mail(engines, point, times)
