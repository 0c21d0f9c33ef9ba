"""Who looks at figures, and at what."""

import pytest

from .. import factories as f
from .forecasts import NOON


@pytest.fixture
def november(time_machine):
    """It is noon of the day that nights and months of forecasts are told from."""
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def boss(client):
    """An admin, signed in."""
    boss = f.make_admin()
    client.force_login(boss)
    return boss


@pytest.fixture
def pipeline(boss):
    return f.make_pipeline(stages=f.OPEN_GATES)
