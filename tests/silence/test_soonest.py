"""What is stored of a deal's clock is the first of what its page shows, whatever fired and whatever rules say."""

import random
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from deals.models import Deal, Firing
from deals.timers import due, due_stored
from pipeline.models import Rule
from pipeline.process import process_of
from pipeline.publishing import publish
from pipeline.vocabulary import RuleAction, RuleTrigger
from team.calendar import WorkCalendar

from .. import factories as f
from .. import publications as p

pytestmark = pytest.mark.django_db
BERLIN = WorkCalendar("Europe/Berlin", "12345", "DE", "BE", "")
STATUSES = ["open"] * 4 + ["re_engaging", "paused"]
SINGLES = ["task", "notify"]


def rules(dice):
    """Some of each action, for the pipeline or for a stage."""
    found = [rule(dice, dice.choice(SINGLES), dice.choice(list(RuleTrigger))) for _each in range(3)]
    found += [rule(dice, "re_engage", dice.choice(["no_response", "no_activity"])) for _each in range(2)]
    return [*found, rule(dice, "archive", "no_activity")]


def rule(dice, action, trigger):
    return {
        "action": action, "trigger": trigger, "days": dice.choice([1, 2, 5, 14, 30]),
        "business_days": dice.random() < 0.4, "window_days": dice.choice([0, 3, 7]) if action == "re_engage" else 0,
    }  # fmt: skip


def random_deal(dice, now):
    ago = lambda: now - timedelta(hours=dice.randint(1, 1500))  # noqa: E731
    maybe = lambda value: value if dice.random() < 0.6 else None  # noqa: E731
    day = lambda: f.today() + timedelta(days=dice.randint(-20, 20))  # noqa: E731
    return {
        "status": dice.choice(STATUSES), "held_days": dice.choice([0, 0, 4]),
        "awaiting_held_days": dice.choice([0, 0, 3]), "created_at": ago(),
        "known_since": maybe(ago()), "last_buyer_activity_at": maybe(ago()), "awaiting_since": maybe(ago()),
        "stage_entered_at": maybe(ago()), "next_step_on": maybe(day()), "expected_close": maybe(day()),
    }  # fmt: skip


def random_firings(dice, deal, process, now):
    """Of any rule, for what it counts from or for something that is over."""
    silence = due.stamp(due.quiet_since(deal))
    found = {}
    for each in process.rules:
        occurrence = dice.choice([silence, silence, f"{silence}/1", "before"])
        if dice.random() < 0.4:
            fired = due.Fired(now - timedelta(days=dice.randint(0, 40)), dice.choice(["done", "asked"]))
            found[each.key, occurrence] = fired
    return found


@pytest.fixture
def written():
    """Processes with rules at random, kept by nobody."""
    pipeline = f.make_pipeline(stages=p.STAGES)

    def make(dice):
        pipeline.rules.update(is_on=False)
        for number, columns in enumerate(rules(dice), pipeline.rules.count()):
            stage = dice.choice(list(pipeline.stages.all())) if dice.random() < 0.3 else None
            Rule.objects.create(pipeline=pipeline, stage=stage, key=f"rule{number}", is_on=True, **columns)
        publish(pipeline, by=pipeline.process_owner, note="Other rules")
        return process_of(type(pipeline).objects.select_related("version").get(pk=pipeline.pk))

    return make


def test_the_soonest_is_the_first_of_all_that_comes(written):
    dice, now, seen = random.Random(30), timezone.now(), set()
    for _process in range(8):
        process = written(dice)
        for _deal in range(40):
            stage = dice.choice(process.stages)
            deal = SimpleNamespace(stage_id=stage.stage_id, **random_deal(dice, now))
            fired = random_firings(dice, deal, process, now) if dice.random() < 0.5 else {}
            coming = due.upcoming(deal, process, BERLIN, fired)
            assert due.soonest(deal, process, BERLIN, fired) == (coming[0] if coming else None)
            seen.add(coming[0].definition.action if coming else None)
    assert seen >= {None, RuleAction.RE_ENGAGE, RuleAction.ARCHIVE, RuleAction.TASK}


def test_a_publication_stores_of_every_deal_what_its_own_rules_say(written):
    """Whatever the publication changed: rules of all stages or of one, days, targets, or stages' places."""
    dice, now = random.Random(31), timezone.now()
    process = written(dice)
    pipeline = type(process.version.pipeline).objects.get(pk=process.pipeline_id)
    deals = [f.make_deal(pipeline, stage=stage) for stage in p.STAGES for _each in range(3)]
    for deal in deals:
        Deal.objects.filter(pk=deal.pk).update(**random_deal(dice, now) | {"status": "open"})
    due_stored.follow_many(Deal.objects.all())
    fire(dice, deals[::2], now)
    due_stored.follow_many(Deal.objects.all())
    for change in CHANGES:
        change(pipeline, dice)
        publish(pipeline, by=pipeline.process_owner, note="Something else")
        stored = clocks()
        assert due_stored.follow_many(Deal.objects.all()) == 0, change
        assert clocks() == stored


def fire(dice, deals, now):
    for deal in Deal.objects.filter(pk__in=[deal.pk for deal in deals]).select_related("next_due_rule"):
        if deal.next_due_rule:
            occurrence = due.stamp(due.quiet_since(deal))
            Firing.objects.create(
                deal=deal, definition=deal.next_due_rule, key=deal.next_due_rule.key, occurrence=occurrence,
                action=deal.next_due_rule.action, fired_at=now, due_at=now, since=f.today(),
            )  # fmt: skip


def clocks():
    return list(Deal.objects.order_by("pk").values_list("pk", "next_due_at", "next_due_rule"))


def other_days(pipeline, dice):
    rule = dice.choice(list(pipeline.rules.filter(stage=None, is_on=True)))
    Rule.objects.filter(pk=rule.pk).update(days=rule.days + 3)


def one_off(pipeline, dice):
    Rule.objects.filter(pk=dice.choice(list(pipeline.rules.filter(is_on=True))).pk).update(is_on=False)


def own_rule(pipeline, dice):
    stage = pipeline.stages.get(name="Two")
    Rule.objects.create(pipeline=pipeline, stage=stage, key="own", is_on=True, action="task",
                        trigger="over_target", days=1)  # fmt: skip


def other_target(pipeline, dice):
    pipeline.stages.filter(name="Two").update(target_days=2)


def other_names(pipeline, dice):
    pipeline.stages.filter(name="Three").update(name="Third")


def other_places(pipeline, dice):
    """The last two change places."""
    third, fourth = pipeline.stages.get(name="Third"), pipeline.stages.get(name="Four")
    places = third.position, fourth.position
    for stage, place in ((third, 99), (fourth, places[0]), (third, places[1])):
        pipeline.stages.filter(pk=stage.pk).update(position=place)


CHANGES = [other_days, own_rule, other_target, other_days, other_names, other_places, one_off, other_days]
