"""Other timers in a draft: the publish page says whom they would reach, and that is whom they then reach."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.models import Deal
from deals.publishing.timer_effect import changed_timers
from deals.timers import due
from pipeline.models import Pipeline, Rule
from pipeline.process import process_of
from pipeline.publishing import publish
from pipeline.vocabulary import RuleAction, RuleTrigger
from team.calendar import calendar_of, local_date

from .. import factories as f
from ..admin_process import publish_page
from ..fingerprint import fingerprint

pytestmark = pytest.mark.django_db
AGES = [0, 1, 2, 3, 4, 6, 9, 20, 40]


@pytest.fixture(scope="module")
def made(kept):
    pipeline = f.make_pipeline("New business")
    return pipeline.pk, aged(pipeline)


@pytest.fixture
def pipeline(made, db):
    return Pipeline.objects.get(pk=made[0])


@pytest.fixture
def deals(made, db):
    return made[1]


def aged(pipeline):
    """In the first stage, each so many days old in every respect; one of them was paused for three days, and two were
    asked nothing."""
    now, today = timezone.now(), local_date(timezone.now())
    made = [f.make_deal(pipeline, amount=Decimal(1000)) for _age in AGES]
    for deal, age in zip(made, AGES, strict=True):
        moment = now - timedelta(days=age)
        Deal.objects.filter(pk=deal.pk).update(
            last_buyer_activity_at=moment,
            awaiting_since=None if age in (3, 20) else moment,
            stage_entered_at=moment,
            next_step_on=today - timedelta(days=age),
            expected_close=today - timedelta(days=age),
            held_days=3 if age == 6 else 0,
            awaiting_held_days=2 if age == 6 else 0,
        )
    f.make_deal(pipeline, stage="Discover")
    return made


def timer(pipeline, trigger, days, action=RuleAction.TASK, key="mine", stage=None, **columns):
    stage = stage and f.stage_of(pipeline, stage)
    Rule.objects.update_or_create(
        pipeline=pipeline, key=key, stage=stage,
        defaults={"trigger": trigger, "days": days, "action": action, **columns},
    )  # fmt: skip


def first(pipeline):
    return pipeline.stages.first().name


def put_in_force(pipeline):
    publish(pipeline, by=pipeline.process_owner, note="Other timers")


def past(pipeline, key):
    """Ids of deals that a timer of this key is due for, as the sweep goes by."""
    process = process_of(Pipeline.objects.select_related("version").get(pk=pipeline.pk))
    now = timezone.now()
    return {
        deal.pk
        for deal in Deal.objects.live().filter(pipeline=pipeline)
        for each in due.upcoming(deal, process, calendar_of(deal.team_id), {})
        if each.key == key and each.at <= now
    }


def foretold(pipeline):
    pipeline = Pipeline.objects.select_related("version").get(pk=pipeline.pk)
    return changed_timers(pipeline, Deal.objects.made(), timezone.now())


def ids(found):
    return set(found.values_list("pk", flat=True))


@pytest.mark.parametrize(
    "before, after, business, stage",
    [(None, 1, False, None), (9, 1, True, "own"), (1, 9, False, "own"), (9, None, True, None)],
)
@pytest.mark.parametrize("trigger", [each for each in RuleTrigger if each != RuleTrigger.STAGE_ENTERED])
def test_whom_a_timer_of_each_kind_will_reach_is_foretold(
    pipeline, deals, trigger, before, after, business, stage
):
    stage = stage and first(pipeline)
    pipeline.stages.update(target_days=1)
    if before:
        timer(pipeline, trigger, before, stage=stage, business_days=business)
        put_in_force(pipeline)
    old = past(pipeline, "mine")
    timer(pipeline, trigger, after or before, stage=stage, business_days=business, is_on=bool(after))
    [line] = foretold(pipeline)
    put_in_force(pipeline)
    new = past(pipeline, "mine")
    assert (ids(line.newly()), ids(line.no_longer())) == (new - old, old - new)
    assert old != new and (line.more.count, line.fewer.count) == (len(new - old), len(old - new))
    assert line.where == (stage or "")


def test_archiving_ten_days_sooner_says_whom(pipeline, deals):
    timer(pipeline, RuleTrigger.NO_ACTIVITY, 15, RuleAction.ARCHIVE, key="archive")
    [line] = foretold(pipeline)
    assert ids(line.newly()) == {deals[AGES.index(20)].pk} and line.more.money == 1000
    assert (line.words, line.before) == ("Archive after 15 days", "Archive after 30 days")


def test_a_stages_own_timer_stands_in_for_the_pipelines_and_only_there(pipeline, deals):
    timer(pipeline, RuleTrigger.NO_ACTIVITY, 8, RuleAction.ARCHIVE, key="archive", stage=first(pipeline))
    put_in_force(pipeline)
    timer(pipeline, RuleTrigger.NO_ACTIVITY, 1, RuleAction.ARCHIVE, key="archive")
    [line] = foretold(pipeline)
    assert first(pipeline) not in line.where.split(", ")
    assert not ids(line.newly()) & {deal.pk for deal in deals}


def test_who_was_in_the_stage_for_longer_is_said_to_be_left_alone(client, pipeline, deals):
    timer(pipeline, RuleTrigger.STAGE_ENTERED, 10, stage=first(pipeline))
    put_in_force(pipeline)
    timer(pipeline, RuleTrigger.STAGE_ENTERED, 3, stage=first(pipeline))
    [line] = foretold(pipeline)
    assert line.leaves_alone and ids(line.newly()) == {deals[AGES.index(age)].pk for age in (3, 4, 6, 9)}
    put_in_force(pipeline)
    assert not past(pipeline, "mine")


def test_another_target_of_a_stage_is_another_timer(pipeline, deals):
    timer(pipeline, RuleTrigger.OVER_TARGET, 1)
    pipeline.stages.filter(name=first(pipeline)).update(target_days=10)
    put_in_force(pipeline)
    pipeline.stages.filter(name=first(pipeline)).update(target_days=2)
    [line] = foretold(pipeline)
    assert line.where == first(pipeline)
    assert ids(line.newly()) == {deals[AGES.index(age)].pk for age in (3, 4, 6, 9)}


def test_what_decides_nothing_about_the_day_is_no_line(pipeline, deals):
    Rule.objects.filter(pipeline=pipeline, key="archive").update(role="Legal")
    assert foretold(pipeline) == []


def test_the_publish_page_says_it_and_leads_to_the_deals(client, pipeline, deals):
    client.force_login(f.make_admin("Ines Halvard"))
    timer(pipeline, RuleTrigger.NO_ACTIVITY, 15, RuleAction.ARCHIVE, key="archive")
    before = fingerprint()
    html = client.get(publish_page(pipeline)).content.decode()
    assert "Archive after 15 days, instead of Archive after 30 days." in html
    assert "It would reach 1 deal more at once (€1k)." in html
    address = reverse("effect", args=[pipeline.slug])
    assert f'href="{address}?timer=1"' in html
    shown = client.get(address, {"timer": 1}).content.decode()
    assert deals[AGES.index(20)].name in shown and deals[0].name not in shown
    assert client.post(f"{address}?timer=1").status_code == 405 and fingerprint() == before


def test_a_line_that_is_not_there_is_not_found(client, pipeline, deals):
    client.force_login(f.make_admin("Ines Halvard"))
    timer(pipeline, RuleTrigger.NO_ACTIVITY, 15, RuleAction.ARCHIVE, key="archive")
    address = reverse("effect", args=[pipeline.slug])
    assert client.get(address, {"timer": "1"}).status_code == 200
    wrong = ["", "0", "2", "01", "-1", "x", "0000019999", "٣", "²", "9" * 40, "9" * 400]
    found = {number: client.get(address, {"timer": number}).status_code for number in wrong}
    assert found == dict.fromkeys(wrong, 404)


def test_a_manager_sees_the_deals_of_their_teams_behind_it(client, pipeline, deals):
    f.make_deal(pipeline, owner=f.make_user("Odd Farne", team="South"), team=f.make_team("South"))
    Deal.objects.update(last_buyer_activity_at=timezone.now() - timedelta(days=20))
    timer(pipeline, RuleTrigger.NO_ACTIVITY, 15, RuleAction.ARCHIVE, key="archive")
    client.force_login(f.make_manager())
    page = client.get(reverse("effect", args=[pipeline.slug]), {"timer": 1})
    assert (
        page.context["reached"].count == len(deals) + 1 and foretold(pipeline)[0].more.count == len(deals) + 2
    )
