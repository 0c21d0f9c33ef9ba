"""How much of the pipeline is proven, and why the rest is not."""

from decimal import Decimal

import pytest
from django.db.models import Sum
from django.utils import timezone

from deals.models import Deal
from insights.lens import Lens
from insights.panels import headline
from team.calendar import grace_date, local_date
from team.models import Organisation

from .. import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss():
    return f.make_admin()


def seen_by(user, **asked):
    return Lens.from_query(user, asked, timezone.now())


def test_proven_and_claimed_add_up_to_the_open_pipeline(boss):
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    proven = f.make_deal(pipeline, amount=Decimal(100))
    f.make_deal(pipeline, amount=Decimal(40), next_step="", next_step_on=None)
    Deal.objects.filter(pk=proven.pk).update(next_step="Call", next_step_on=f.today())
    data = headline.of(seen_by(boss))
    assert (data.proven, data.claimed) == (Decimal(100), Decimal(40))
    assert [(cause.key, cause.count, cause.money) for cause in data.causes] == [("no_step", 1, Decimal(40))]
    assert headline.title(data, "EUR") == "€100 proven, of €140 in the pipeline"


def test_what_a_cause_says_is_the_sum_of_the_deals_behind_it(boss):
    pipeline = f.make_pipeline(stages=f.OPEN_GATES)
    for amount in (10, 20, 30):
        f.make_deal(pipeline, amount=Decimal(amount), next_step="", next_step_on=None)
    data = headline.of(seen_by(boss))
    behind = headline.PANEL.behind["open"].deals(seen_by(boss), "no_step")
    assert behind.aggregate(money=Sum("amount_base"))["money"] == data.causes[0].money == Decimal(60)


def test_the_headline_is_the_boards_own_figure(boss):
    pipeline = f.make_pipeline()
    f.make_deal(pipeline, amount=Decimal(70))
    organisation = Organisation.current()
    today = local_date(timezone.now(), organisation)
    proven = Deal.objects.proven(today, grace_date(today, organisation))
    money = proven.aggregate(money=Sum("amount_base", default=0))["money"]
    assert headline.of(seen_by(boss)).proven == money
