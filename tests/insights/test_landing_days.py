"""Imported deals come in as they are; a manager names the day on which those of a stage have to prove it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from automations import tick
from deals.models import BulkRun, Deal, LandingDay
from deals.runs import landing_days
from insights.models import Audit
from pipeline.models import Pipeline
from team.notices import Notice

from .. import factories as f
from ..fingerprint import fingerprint
from ..importing import bring, ready

pytestmark = pytest.mark.django_db
FILE = "company,deal,stage,amount,owner\n" + "".join(
    f"Vellgrove {n},Deal {n},Propose,1000,mara@seller.example\n" for n in range(3)
)


@pytest.fixture
def boss(client, tmp_path):
    """Three deals that came in as Propose and prove nothing, and an admin who looks at them."""
    boss = ready()
    f.make_user(email="mara@seller.example")
    bring(tmp_path, FILE)
    client.force_login(boss)
    return boss


@pytest.fixture
def stage(boss):
    return f.stage_of(Pipeline.objects.get(), "Propose").pk


def soon(days=10):
    return (f.today() + timedelta(days=days)).isoformat()


def post(client, stage, day="", act="set"):
    return client.post("/audit/landing/", {"landing": stage, "day": day, "act": act})


def stages():
    return set(Deal.objects.values_list("stage__name", flat=True))


def at(days):
    return timezone.now() + timedelta(days=days)


def test_the_page_says_how_many_have_not_proven_their_stage(client, stage):
    page = client.get("/audit/").content.decode()
    assert "Imported deals that have not proven their stage" in page and "€3,000" in page


def test_on_the_day_they_land_in_the_stage_they_prove_and_all_of_it_can_be_undone(client, stage):
    assert post(client, stage, soon()).status_code == 303
    assert stages() == {"Propose"}
    tick.run(at(9))
    assert stages() == {"Propose"}
    tick.run(at(11))
    assert stages() == {"Qualify"}
    run = BulkRun.objects.get()
    assert run.items.filter(outcome="done").count() == 3
    assert "its stage not proven by" in Deal.objects.first().transitions.latest("seq").reason
    tick.run(at(12))
    assert BulkRun.objects.count() == 1
    client.post(f"/bulk/{run.pk}/undo/")
    assert stages() == {"Propose"}


def test_who_owns_them_is_told_when_it_is_set_and_the_day_before(client, stage):
    post(client, stage, soon())
    (notice,) = Notice.objects.filter(user__email="mara@seller.example")
    assert "3 imported deals of yours in Propose will land in the stage they prove" in notice.text
    for _tick in range(2):
        tick.run(at(9))
    assert Notice.objects.filter(user__email="mara@seller.example", key__startswith="landing").count() == 2


def test_a_deal_that_has_proven_its_stage_by_then_stays(client, stage, boss):
    post(client, stage, soon())
    Deal.objects.filter(name="Deal 0").update(open_before=0)
    assert landing_days.meant(LandingDay.objects.get()).count() == 2


def test_another_day_takes_the_place_of_the_first_and_none_takes_both(client, stage):
    post(client, stage, soon())
    post(client, stage, soon(20))
    assert [row.day.isoformat() for row in landing_days.waiting()] == [soon(20)]
    post(client, stage, act="withdraw")
    tick.run(at(30))
    assert not landing_days.waiting() and stages() == {"Propose"}


@pytest.mark.parametrize(
    "day, words",
    [("", "Name a day to come"), ("2020-01-01", "Name a day to come"), ("soon", ""), (soon(900), "At most")],
)
def test_a_day_that_is_none_is_refused_beside_its_field(client, stage, day, words):
    before = fingerprint()
    response = post(client, stage, day)
    page = response.content.decode()
    assert response.status_code == 422 and 'id="day-e"' in page and words in page
    assert fingerprint() == before and not LandingDay.objects.exists()


def test_a_stage_that_asks_nothing_gets_no_day(client, boss):
    first = f.stage_of(Pipeline.objects.get(), "Qualify").pk
    assert post(client, first, soon()).status_code == 422
    assert post(client, 999999, soon()).status_code == 400
    assert post(client, "x", soon(), "else").status_code == 400


def test_a_rep_sets_no_day(client, stage):
    client.force_login(f.make_user("Noor Ashgrave"))
    before = fingerprint()
    assert post(client, stage, soon()).status_code == 403 and fingerprint() == before
    assert not LandingDay.objects.exists() and not Audit.objects.exists()
