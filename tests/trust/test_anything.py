"""Random people, moves, answers, publications, exceptions, imports and days, in any order: the ledger backs every stage
and every stored count is the derived one."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from .anything import Anything

pytestmark = pytest.mark.django_db
SHORT = settings(
    max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck), database=None,
    derandomize=True,
)  # fmt: skip


def test_whatever_people_do_in_whatever_order_the_ledger_backs_every_deal():
    run_state_machine_as_test(Anything, settings=SHORT)


@pytest.mark.soak
def test_whatever_people_do_for_a_long_time():
    run_state_machine_as_test(
        Anything, settings=settings(SHORT, max_examples=300, stateful_step_count=40, derandomize=False)
    )
