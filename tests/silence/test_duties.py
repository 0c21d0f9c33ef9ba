"""What apps above register is done by each tick; one that fails keeps none of the others from its turn."""

import pytest
from django.utils import timezone

from automations import duties, tick
from deals.demo import build, more
from insights import duties as insights_duties
from insights.demos import demo as insights_demo

pytestmark = pytest.mark.django_db


@pytest.fixture
def registered(monkeypatch):
    monkeypatch.setattr(duties, "DUTIES", [])


def test_the_tick_calls_each_duty_with_its_moment_and_says_what_they_did(registered):
    asked = []
    duties.register(lambda now: asked.append(now))
    duties.register(lambda now: "3 benchmarks looked at")
    now = timezone.now()
    done = tick.run(now)
    assert asked == [now]
    assert done.duties == ["3 benchmarks looked at"] and ", 3 benchmarks looked at" in str(done)


def test_a_duty_that_fails_is_logged_and_the_next_one_has_its_turn(registered, caplog):
    def stumble(now):
        raise ZeroDivisionError("of the test")

    duties.register(stumble)
    duties.register(lambda now: "went on")
    done = tick.run(timezone.now())
    assert done.duties == [f"{__name__}.stumble failed: ZeroDivisionError", "went on"]
    assert "of the test" in caplog.text


def test_a_duty_registered_twice_is_done_once(registered):
    def count(now):
        return "counted"

    assert duties.register(count) is duties.register(count)
    assert duties.run(timezone.now()) == ["counted"]


def test_a_tick_that_only_had_a_duty_to_do_says_that_it_did_something(registered):
    assert not tick.Done(recounted=0)
    assert tick.Done(recounted=0, duties=["counted"])


@pytest.mark.certain_days
def test_insights_have_registered_theirs():
    assert set(insights_duties.ALL) <= set(duties.DUTIES)
    assert insights_demo.build in more.ADDED


def test_what_apps_add_to_the_demo_is_made_once_its_deals_stand(monkeypatch):
    seen = []
    monkeypatch.setattr(more, "ADDED", [lambda world: seen.append(world.clock.t)])
    world = build.build(timezone.now(), tellers=[], every=400)
    assert seen == [world.clock.t]
