"""Timers of a pipeline and of one stage, in the administration."""

import pytest

from pipeline.models import Rule

from .. import factories as f
from ..admin_process import draft, page_of, save
from ..forms_of import form_of

pytestmark = pytest.mark.django_db


def test_a_timer_of_the_pipeline_is_changed(client, pipeline):
    data = form_of(client.get(page_of(pipeline)), "_form")
    name = next(key for key, value in data.items() if key.endswith("-days") and value == "5")
    save(client, page_of(pipeline), **{name: "3"})
    assert draft(pipeline).rule("follow_up").days == 3


def test_the_line_of_timers_says_in_plain_words_what_happens_when(client, pipeline):
    stage = f.stage_of(pipeline, "Propose")
    assert "what happens by itself when the buyer does not answer" in line_of_timers(
        client, page_of(pipeline)
    )
    all_of_them = "Follow-up task after 5 business days; Re-engage after 14 days; Archive after 30 days"
    assert f"the same as in the whole pipeline: {all_of_them}" in line_of_timers(client, page_of(stage))
    typed = {"action": "task", "trigger": "no_response", "days": "1"}
    save(client, page_of(stage), **{f"rules-0-{name}": value for name, value in typed.items()})
    assert "this stage has its own, beside those of the whole" in line_of_timers(client, page_of(stage))
    pipeline.rules.filter(stage=None).update(is_on=False)
    assert "this stage alone has some" in line_of_timers(client, page_of(stage))
    assert "none: the pipeline has none" in line_of_timers(client, page_of(f.stage_of(pipeline, "Close")))


def line_of_timers(client, page):
    html = client.get(page).content.decode()
    return html.partition("<h2>Timers</h2>")[2].partition("</summary>")[0]


def test_a_stage_has_its_own_timer_instead_of_the_pipelines(client, pipeline):
    stage = f.stage_of(pipeline, "Propose")
    typed = {"replaces": "archive", "action": "archive", "trigger": "no_activity", "days": "45"}
    save(client, page_of(stage), **{f"rules-0-{name}": value for name, value in typed.items()})
    assert draft(pipeline).rule("archive", stage.pk).days == 45
    assert draft(pipeline).rule("archive", f.stage_of(pipeline, "Close").pk).days == 30


def test_a_timer_switched_off_in_one_stage_runs_in_the_others(client, pipeline):
    stage = f.stage_of(pipeline, "Propose")
    typed = {
        "replaces": "archive",
        "action": "archive",
        "trigger": "no_activity",
        "days": "45",
        "is_on": None,
    }
    save(client, page_of(stage), **{f"rules-0-{name}": value for name, value in typed.items()})
    assert draft(pipeline).rule("archive", stage.pk) is None
    assert draft(pipeline).rule("archive", f.stage_of(pipeline, "Close").pk).days == 30


def test_a_timer_is_replaced_once_in_a_stage(client, pipeline):
    stage = f.stage_of(pipeline, "Propose")
    typed = {"replaces": "archive", "action": "archive", "trigger": "no_activity", "days": "45"}
    save(client, page_of(stage), **{f"rules-0-{name}": value for name, value in typed.items()})
    response = save(client, page_of(stage), **{f"rules-1-{name}": value for name, value in typed.items()})
    assert "replaces that timer already" in response.content.decode()
    assert stage.rules.count() == 1


@pytest.mark.parametrize(
    ("days", "words"), [("14", "comes before the last attempt"), ("31", "One archive timer")]
)
def test_timers_that_contradict_each_other_are_refused(client, pipeline, days, words):
    data = form_of(client.get(page_of(pipeline)), "_form")
    name = next(key for key, value in data.items() if key.endswith("-days") and value == "30")
    typed = {name: days}
    if days == "31":
        new = f"rules-{int(data['rules-TOTAL_FORMS']) - 1}-"
        typed |= {f"{new}action": "archive", f"{new}trigger": "no_activity", f"{new}days": "60"}
    response = save(client, page_of(pipeline), **typed)
    assert words in response.content.decode()
    assert Rule.objects.get(pipeline=pipeline, key="archive").days == 30
