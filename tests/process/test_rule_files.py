"""Rules in process files: read, refused with their place, loaded, and written as they are."""

import pytest

from outbox.models import Endpoint
from pipeline.documents import ProcessError, TimersDocument, read, write
from pipeline.loading import TEMPLATES, document_of, load
from pipeline.models import Rule
from pipeline.process import process_of
from pipeline.vocabulary import RuleTrigger
from team.models import Role

from .. import factories as f
from ..data.processes import SMALL
from ..fingerprint import fingerprint

EVERY_KIND = """
[[rules]]
key = "mail"
trigger = "no_response"
days = 3
business_days = true
action = "mail"
subject = "Our offer for {company}"
body = '''
Dear {first_name},

is anything unclear?'''
is_shadow = true

[[rules]]
key = "webhook"
trigger = "close_passed"
days = 1
action = "webhook"
endpoint = "Ledger"

"""
OF_STAGE = """
[[stages.rules]]
key = "notify"
trigger = "stage_entered"
days = 0
action = "notify"
role = "Legal"
title = "It is here"

[[stages.rules]]
key = "task"
trigger = "next_step_passed"
days = 2
business_days = true
action = "task"
person = "ann@seller.example"
due_days = 1
is_on = false

[[stages.rules]]
key = "notify_boss"
trigger = "over_target"
days = 4
action = "notify"
"""


def small_with_rules(of_process=EVERY_KIND, of_stage=OF_STAGE):
    return SMALL.replace("[[standing]]", f"{of_process}[[standing]]", 1) + of_stage


@pytest.fixture
def admin(db):
    f.make_user("Ann Weber", email="ann@seller.example")
    Endpoint.objects.create(name="Ledger", url="https://ledger.example/hook", secret="whsec_eA==")
    return f.make_admin()


def test_what_timers_cannot_say_is_read_and_written_as_the_same():
    process = read(small_with_rules())
    assert [rule.key for rule in process.rules] == ["webhook", "mail"]
    assert process.rules[1].body == "Dear {first_name},\n\nis anything unclear?"
    assert [rule.key for rule in process.stages[1].rules] == ["notify", "task", "notify_boss"]
    assert read(write(process)) == process


def test_rules_of_every_kind_are_loaded_published_and_exported_as_they_were(admin):
    process = read(small_with_rules())
    pipeline = load(process, by=admin, owner=admin)
    assert document_of(pipeline) == process
    published = process_of(pipeline)
    offer = pipeline.stages.get(slug="offer").pk
    assert published.rule("notify", offer).role == "Legal"
    assert published.rule("task", offer) is None
    assert published.rule("webhook").endpoint.name == "Ledger"
    assert pipeline.rules.get(key="task").person.name == "Ann Weber"
    assert Role.objects.filter(name="Legal").exists()
    load(process, by=admin, owner=admin)
    assert pipeline.versions.count() == 1


def exported(pipeline, admin):
    """The document, after it was proved to say what the rows say."""
    said, before = document_of(pipeline), rows(pipeline)
    load(read(write(said)), by=admin, owner=admin)
    assert rows(pipeline) == before
    assert document_of(pipeline) == said
    return said


def rows(pipeline):
    left_out = ("id", "pipeline_id")
    kept = [{k: v for k, v in row.items() if k not in left_out} for row in pipeline.rules.values()]
    kept = [row for row in kept if not row["key"].startswith("former-")]
    return sorted(kept, key=lambda row: (row["stage_id"] or 0, row["key"]))


@pytest.mark.parametrize(
    ("key", "columns", "left"),
    [
        ("re_engage_2", {"days": 25}, {"re_engage_2"}),
        ("re_engage_2", {"is_on": False}, {"re_engage_2"}),
        ("follow_up", {"is_shadow": True}, {"follow_up"}),
        ("follow_up", {"is_on": False}, {"follow_up"}),
        ("follow_up", {"business_days": False}, {"follow_up"}),
        ("follow_up", {"title": "Call them"}, {"follow_up"}),
        ("archive", {"is_on": False}, {"archive"}),
        ("archive", {"trigger": "no_response"}, {"archive"}),
        ("archive", {"days": 60}, set()),
    ],
)
def test_a_timer_that_an_admin_bent_is_written_as_the_rule_it_is(admin, key, columns, left):
    pipeline = load(read(SMALL), by=admin, owner=admin)
    Rule.objects.filter(pipeline=pipeline, key=key).update(**columns)
    assert {rule.key for rule in exported(pipeline, admin).rules} == left


@pytest.mark.parametrize(
    ("key", "columns", "timers", "left"),
    [
        ("archive", {"days": 45}, TimersDocument(archive_days=45), set()),
        ("archive", {"days": 30, "is_on": False}, TimersDocument(archive_days=0), set()),
        ("archive", {"days": 30, "is_shadow": True}, TimersDocument(), {"archive"}),
        ("follow_up_7", {"trigger": "no_response", "days": 9, "business_days": True, "action": "task"},
         TimersDocument(), {"follow_up_7"}),
    ],
)  # fmt: skip
def test_what_differs_in_a_stage_is_written_there(admin, key, columns, timers, left):
    pipeline = load(read(SMALL), by=admin, owner=admin)
    stage = pipeline.stages.get(slug="offer")
    Rule.objects.create(
        pipeline=pipeline, stage=stage, key=key, **{"trigger": "no_activity", "action": "archive"} | columns
    )
    said = exported(pipeline, admin).stages[1]
    assert said.timers == timers
    assert {rule.key for rule in said.rules} == left


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('action = "mail"', 'action = "shout"', 'rule "mail": action: "shout" is not allowed; allowed: task,'),
        ('trigger = "no_response"', 'trigger = "eclipse"', 'rule "mail": trigger: "eclipse" is not allowed; allowed:'),
        ('trigger = "no_response"', "", 'rule "mail": trigger: is missing'),
        ("days = 3", "days = 0", 'rule "mail": days: At least one day'),
        ("days = 3", "days = 1000", "a whole number from 0 to 999"),
        ('action = "mail"', 'action = "archive"', "subject: means nothing for action archive; actions"),
        ('subject = "Our offer for {company}"', "", 'rule "mail": subject: A mail needs a subject'),
        ("{first_name}", "{vorname}", "body: {vorname} is no field; known are {contact}, {first_name}"),
        ('endpoint = "Ledger"', "", 'rule "webhook": endpoint: Choose the webhook'),
        ('key = "mail"', 'key = "former-3"', "key: \"former-3\" is not allowed"),
        ('key = "mail"', 'key = "archive"', "key: “archive” is a key of rules of another kind"),
        ('key = "mail"', 'key = "webhook"', "rules: two rules have the key “webhook”"),
        ('key = "mail"', "", "rule 1: key: is missing"),
        ('key = "notify_boss"', 'key = "notify"', 'stage "offer": rules: two rules have the key “notify”'),
        ('trigger = "over_target"', 'trigger = "over_target"\nwhen = 3', "when: is not known here"),
        ('"stage_entered"\ndays = 0\naction = "notify"', '"stage_entered"\ndays = 0\naction = "archive"',
         'stage "offer", rule "notify": trigger: Re-engaging and archiving only follow'),
    ],
)  # fmt: skip
def test_a_rule_that_makes_no_sense_is_named_with_its_place(old, new, problem):
    text = small_with_rules()
    assert old in text
    with pytest.raises(ProcessError) as refused:
        read(text.replace(old, new, 1))
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("ann@seller.example", "nobody@seller.example", "has the address “nobody@seller.example”"),
        ('"Ledger"', '"Elsewhere"', "There is no webhook “Elsewhere”"),
    ],
)  # fmt: skip
def test_people_and_webhooks_are_not_made_up_from_a_file(admin, old, new, words):
    before = fingerprint()
    with pytest.raises(ProcessError, match=words):
        load(read(small_with_rules().replace(old, new, 1)), by=admin, owner=admin)
    assert fingerprint() == before


def test_legal_hears_of_a_negotiation_once_an_admin_switches_that_on(admin):
    pipeline = load(read(TEMPLATES / "b2b-seven-stages.toml"), by=admin, owner=admin)
    stage = pipeline.stages.get(slug="negotiate")
    examples = stage.rules.filter(trigger=RuleTrigger.STAGE_ENTERED)
    assert set(examples.values_list("key", "role", "is_on")) == {
        ("notify", "Legal", False),
        ("task", "Legal", False),
    }
    running = {rule.key for rule in process_of(pipeline).timers(stage.pk)}
    assert running == {"follow_up", "re_engage", "re_engage_2", "archive"}


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_three_rules_of_the_card_are_on_in_every_template(admin, path):
    process = process_of(load(read(path), by=admin, owner=admin))
    for stage in process.stages:
        follow_up, attempt = (process.rule(key, stage.stage_id) for key in ("follow_up", "re_engage"))
        archive = process.rule("archive", stage.stage_id)
        assert follow_up and follow_up.business_days and follow_up.trigger == RuleTrigger.NO_RESPONSE
        assert attempt and attempt.trigger == RuleTrigger.NO_RESPONSE
        assert archive and archive.trigger == RuleTrigger.NO_ACTIVITY
        assert not (follow_up.is_shadow or attempt.is_shadow or archive.is_shadow)
        assert (process.rule("follow_up").days, process.rule("re_engage").days) == (5, 14)
        assert process.rule("archive").days == 30
