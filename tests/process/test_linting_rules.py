"""The linter on rules: what reaches nobody, comes never or twice, or only takes notes."""

import pytest

from outbox.models import Endpoint
from pipeline.linting import Level, lint
from pipeline.models import Rule
from pipeline.publishing import IncompleteProcess, publish

from .. import factories as f
from .test_linting import only, sound

pytestmark = pytest.mark.django_db


def add(pipeline, stage=None, **columns):
    columns = {"key": "notify", "trigger": "no_response", "days": 9, "action": "notify"} | columns
    return Rule.objects.create(pipeline=pipeline, stage=stage, **columns)


def stages_of(pipeline):
    return list(pipeline.stages.current())


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"trigger": "stage_entered", "days": 0},
        {"trigger": "stage_entered", "days": 90, "business_days": True},
        {"key": "mail", "action": "mail", "subject": "Hello", "body": "Dear {first_name}"},
        {"key": "task", "action": "task", "trigger": "over_target", "days": 60},
    ],
)
def test_a_rule_that_makes_sense_is_left_alone(columns):
    pipeline = sound()
    add(pipeline, **columns)
    assert lint(pipeline) == []


def test_a_mail_without_a_text_is_an_error():
    pipeline = sound()
    add(pipeline, stages_of(pipeline)[0], key="mail", action="mail", subject="Hello")
    found = only(pipeline, "rule-unfit")
    assert found.level == Level.ERROR
    assert "A mail needs a text" in found.text
    assert found.where.names == (stages_of(pipeline)[0].name,)


@pytest.mark.parametrize("columns", [{"is_on": False}, {"is_shadow": True}])
def test_an_archive_without_an_attempt_before_it_is_warned_of(columns):
    pipeline = sound()
    pipeline.rules.filter(action="re_engage").update(**columns)
    found = {finding.code: finding.level for finding in lint(pipeline)}
    assert found.pop("no-attempt") == Level.WARN and set(found) <= {"rule-shadow"}
    pipeline.rules.filter(action="archive").update(is_on=False)
    assert "no-attempt" not in [finding.code for finding in lint(pipeline)]


def test_a_rule_for_who_left_and_for_a_webhook_out_of_use_is_warned_of():
    pipeline, person = sound(), f.make_user("Ann Weber", is_active=False)
    rule = add(pipeline, person=person)
    assert "Ann Weber does not work here any more" in only(pipeline, "rule-person").text
    rule.delete()
    hook = Endpoint.objects.create(name="Ledger", url="https://ledger.example/", secret="x", is_active=False)
    add(pipeline, key="webhook", action="webhook", endpoint=hook)
    assert "Ledger" in only(pipeline, "rule-webhook").text


def test_a_rule_for_a_role_nobody_has_is_hinted_at():
    pipeline = sound()
    add(pipeline, role="Legal")
    found = only(pipeline, "role-unheld")
    assert "Nobody has the role Legal" in found.text


def test_a_rule_in_shadow_is_hinted_at_and_does_not_stand_for_a_timer():
    pipeline = sound()
    Rule.objects.filter(pipeline=pipeline, key="archive").update(is_shadow=True)
    assert [finding.code for finding in lint(pipeline)] == ["no-archive", "rule-shadow"]


def test_a_task_on_entering_a_stage_is_no_follow_up():
    pipeline = sound()
    Rule.objects.filter(pipeline=pipeline, key="follow_up").update(is_on=False)
    add(pipeline, key="task", action="task", trigger="stage_entered", days=0)
    only(pipeline, "no-follow-up")


NEVER = [(30, False, True), (29, False, False), (22, True, True), (21, True, False)]


@pytest.mark.parametrize(("days", "business", "never"), NEVER)
def test_what_would_come_after_the_archive_is_warned_of(days, business, never):
    pipeline = sound()
    add(pipeline, days=days, business_days=business)
    assert [finding.code for finding in lint(pipeline)] == ["rule-never"] * never


def test_two_rules_that_do_the_same_are_warned_of_once():
    pipeline = sound()
    add(pipeline)
    add(pipeline, key="notify_2")
    assert "Two rules do the same: Notify" in only(pipeline, "rule-twice").text
    Rule.objects.filter(key="notify_2").update(role="Sales manager")
    only(pipeline, "role-unheld")


def test_a_stages_own_rule_that_repeats_the_pipelines_is_said_for_that_stage():
    pipeline = sound()
    add(pipeline)
    add(pipeline, stages_of(pipeline)[1], key="notify_2")
    assert only(pipeline, "rule-twice").where.names == (stages_of(pipeline)[1].name,)


def test_a_rule_that_cannot_do_what_it_says_is_not_published_while_it_is_on():
    pipeline = sound()
    rule = add(pipeline, key="mail", action="mail", subject="Hello")
    with pytest.raises(IncompleteProcess, match="A mail needs a text"):
        publish(pipeline, by=pipeline.process_owner)
    Rule.objects.filter(pk=rule.pk).update(is_on=False)
    assert publish(pipeline, by=pipeline.process_owner).number == 2
