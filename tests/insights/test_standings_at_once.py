"""Two processes that come to the same midnight write each standing once."""

import pytest
from django.utils import timezone

from insights.models import Standing, StandingNight
from insights.standing import standings

from .. import factories as f
from ..trust.test_concurrency import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_four_at_once_write_each_standing_once():
    pipeline, now = f.make_pipeline(stages=f.OPEN_GATES), timezone.now()
    deals = [f.make_deal(pipeline) for _number in range(3)]
    results = all_at_once([lambda: standings.write_down(now)] * 4)
    assert sorted(results, key=str) == ["3 standings changed", None, None, None]
    assert Standing.objects.count() == len(deals) and StandingNight.objects.count() == 1
