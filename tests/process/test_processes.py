"""Processes as files: shipped, read, checked, written."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from deals.evidence import facts
from pipeline.documents import (
    CriterionDocument,
    LostDocument,
    ProcessDocument,
    ProcessError,
    RuleDocument,
    StageDocument,
    TimersDocument,
    read,
    write,
)
from pipeline.loading import TEMPLATES, document_of, load
from pipeline.rules import rules_of, timers_of
from team.models import Level, User

from ..data.processes import SHIPPED, SMALL, problems_of, small_with


@pytest.fixture
def admin(db):
    return User.objects.create_user("sofia@demo.example", name="Sofia Brandvik", level=Level.ADMIN)


# What is shipped


def test_the_seven_stage_sale_and_six_variants_are_shipped():
    assert [path.stem for path in SHIPPED] == [
        "b2b-seven-stages",
        "marketing-and-sales",
        "partner-revenue-share",
        "saas",
        "smb-four-stages",
        "solution-sale",
        "technology-product",
    ]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_process_says_why_and_shows_how_at_every_step(path):
    process = read(path)
    assert process.slug == path.stem and process.use_when
    assert 4 <= len(process.stages) <= 7
    assert sum(stage.qualifies for stage in process.stages) == 1
    assert process.lost.reasons_lost and process.lost.reasons_disqualified
    for stage in process.stages:
        assert all(criterion.why and criterion.good for criterion in stage.criteria)
        assert len(stage.we_do) == len(stage.buyer_needs) == len(stage.questions) == 4 and stage.tools


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_gate_asks_at_most_one_thing_in_the_buyers_own_hand(path):
    for stage in read(path).stages:
        assert sum(criterion.evidence in ("own", "file") for criterion in stage.criteria) <= 1, stage.slug


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_process_asks_for_a_next_step_at_every_gate_but_the_first_and_the_last(path):
    stages = read(path).stages
    asked = [any(criterion.kind == "next_step" for criterion in stage.criteria) for stage in stages]
    assert asked == [False] + [True] * (len(stages) - 2) + [False]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_process_asks_three_to_five_things_even_of_imported_deals(path):
    core = [each for stage in read(path).stages for each in stage.criteria if each.core]
    assert 3 <= len(core) <= 5 and all(criterion.needs_buyer for criterion in core)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_probabilities_rise_from_stage_to_stage(path):
    chances = [stage.probability for stage in read(path).stages]
    assert chances == sorted(set(chances))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_hand_over_pack_asks_for_nothing_that_no_gate_of_the_process_ever_answers(path):
    criteria = [criterion for stage in read(path).stages for criterion in stage.criteria]
    slugs = {criterion.slug for criterion in criteria}
    by_hand = {"goals", "commitments", "stakeholder_map"}
    for fact in {fact for criterion in criteria for fact in criterion.deal_fields} - by_hand:
        assert slugs.intersection(facts.ANSWERED_BY[fact]), fact


def test_a_deal_from_25000_on_belongs_to_the_seven_stages_and_below_to_the_four():
    large, small = read(TEMPLATES / "b2b-seven-stages.toml"), read(TEMPLATES / "smb-four-stages.toml")
    assert (large.amount_min, large.amount_max) == (Decimal(25000), None)
    assert (small.amount_min, small.amount_max) == (None, Decimal("24999.99"))


# Reading and writing


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_is_written_reads_as_the_same_process(path):
    process = read(path)
    assert read(write(process)) == process


def test_a_standing_criterion_is_asked_at_each_gate_it_names():
    talk, offer = read(SMALL).stages
    assert [criterion.slug for criterion in talk.criteria] == ["problem_stated", "next_step"]
    assert [criterion.slug for criterion in offer.criteria] == ["next_step"]
    assert write(read(SMALL)).count('slug = "next_step"') == 1


def test_quotes_backslashes_and_umlauts_survive_writing():
    process = replace(
        read(SMALL), use_when='Say "yes" to C:\\Köln, 李 and #1.', buyer_profile=("a ] b", "[c]")
    )
    assert read(write(process)) == process


@pytest.mark.parametrize(
    "timers",
    [
        "follow_up_business_days = []\narchive_days = 0\nre_engage_attempts = 0",
        "follow_up_business_days = [3, 6]\nfollow_up_role = 'Sales manager'\narchive_role = 'Sales manager'",
        "re_engage_days = 10\nattempt_window_days = 6\nre_engage_attempts = 1\narchive_asks_above = 5000.50",
    ],
)
@pytest.mark.parametrize(
    "own",
    [
        "",
        "follow_up_business_days = [4]\narchive_days = 60\narchive_role = ''\noptional_steps_business_days = [2, 9]",
        "re_engage_attempts = 3\nre_engage_days = 20\nattempt_window_days = 5\narchive_days = 45",
        "re_engage_attempts = 0\narchive_days = 0\nfollow_up_business_days = []",
    ],
)
def test_timers_of_a_stage_go_over_those_of_the_process_in_file_and_rows_alike(timers, own, admin):
    text = small_with("[[standing]]", f"[timers]\n{timers}\n[[standing]]") + f"[stages.timers]\n{own}\n"
    process = read(text)
    assert read(write(process)) == process
    assert document_of(load(process, by=admin, owner=admin)) == process


def test_a_stage_that_repeats_a_timer_of_the_process_says_nothing_new():
    assert read(SMALL + "[stages.timers]\nre_engage_days = 14\n") == read(SMALL)


def test_two_attempts_stand_at_day_14_and_22_and_the_archive_at_30():
    timers = read(SMALL).timers
    rules = rules_of(timers)
    assert {key: rule.days for key, rule in rules.items()} == {
        "follow_up": 5,
        "re_engage": 14,
        "re_engage_2": 22,
        "archive": 30,
    }
    assert rules["follow_up"].business_days and not rules["archive"].business_days
    assert timers_of(rules) == timers


# What is wrong is named, all of it


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('kind = "text"', 'kind = "essay"', 'stage "talk", criterion "problem_stated": kind: "essay" is not allowed; '
         "allowed: text, number, money,"),
        ('evidence = "words"', 'evidence = "none"', 'evidence: "none" is not allowed; allowed: who, words, own, file'),
        ('evidence = "words"', 'evidence = "words"\nmaximum = 3', "maximum: means nothing for kind text; kinds that "
         "take it: money, number"),
        ('evidence = "words"', 'evidence = "words"\napplies_when = "amount > x"', "applies_when: Expected a plain "
         "number such as 25000, not “x” at character 10"),
        ('evidence = "words"', 'evidence = "words"\nexpires_after_days = 0', "a whole number from 1 to 3650"),
        ('evidence = "words"', 'evidence = "words"\ncore = "yes"', 'core: "yes" is not allowed; allowed: true, false'),
        ('evidence = "words"', 'evidence = "words"\nlable = "x"', "lable: is not known here; did you mean label?"),
        ('label = "The buyer stated the problem"', 'label = " "', "label: \" \" is not allowed"),
        ('label = "The buyer stated the problem"', f'label = "{"x" * 201}"', "at most 200 characters"),
        ('label = "The buyer stated the problem"', 'label = "a\\nb"', "one line of readable characters"),
        ('kind = "text"', 'kind = "choice"', "kind: choice needs choices"),
        ('kind = "text"', 'kind = "stakeholder"\nroles = ["boss"]', 'roles: "boss" is not allowed; allowed: economic_'),
        ('kind = "text"', 'kind = "activity"\nactivity_kinds = "call"', "a list in square brackets"),
        ('kind = "text"', 'kind = "number"\nminimum = 6\nmaximum = 4', "minimum: 6 is above maximum 4"),
        ('kind = "text"', 'kind = "number"\nminimum = 1.234', "at most two decimals"),
        ('kind = "text"', 'kind = "number"\nminimum = nan', "minimum: NaN is not allowed"),
        ('slug = "talk"', 'slug = "Talk!"', 'slug: "Talk!" is not allowed; allowed: small letters'),
        ('slug = "talk"', 'slug = "offer"', "two stages have the slug “offer”"),
        ('name = "Offer"', 'name = "Talk"', "two stages have the name “talk”"),
        ('buyer_action = "Asked us for help."', "", 'stage "talk": buyer_action: is missing'),
        ("probability = 20", "probability = 101", "a whole number from 0 to 100"),
        ("probability = 20", "probability = true", "probability: true is not allowed"),
        ('at_gates_of = ["talk", "offer"]', 'at_gates_of = ["talk"]', 'stage "offer": needs at least one criterion'),
        ('at_gates_of = ["talk", "offer"]', 'at_gates_of = ["talk", "offer", "win"]', 'at_gates_of: "win" is not '
         "allowed; allowed: talk, offer"),
        ("[[standing]]", "[timers]\narchive_days = 10\n[[standing]]", "archive_days must be greater than re_engage"),
        ("[[standing]]", "amount_min = 5\namount_max = 4\n[[standing]]", "amount_min: 5 is above amount_max 4"),
        ("[[standing]]", "stages = 3\n#", "stages: 3 is not allowed; allowed: a list"),
        ("[[standing]]", "timers = 3\n[[standing]]", "timers: must be a table of keys, not 3"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_file_place_key_and_what_is_allowed(old, new, problem):
    if "stages = 3" in new:
        text = 'slug = "small"\nname = "Small"\nstages = 3'
    else:
        text = small_with(old, new)
    found = problems_of(text)
    assert any(problem in each for each in found), found
    assert all(each.startswith("small.toml") for each in found)


def test_every_problem_is_told_at_once():
    text = SMALL.replace('kind = "text"', 'kind = "essay"').replace("target_days = 10", "target_days = -1")
    assert len(problems_of(text.replace('name = "Small"', ""))) == 3


@pytest.mark.parametrize("content", [b"\xff\xfe", b"slug = ", b"", b"x" * 1_000_001, b"a = " + b"[" * 5000])
def test_a_file_that_is_no_process_is_refused_by_its_name(content, tmp_path):
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(ProcessError, match=r"^broken\.toml"):
        read(path)


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path):
    with pytest.raises(ProcessError, match="No such file"):
        read(tmp_path / "none.toml")


def test_every_key_of_a_process_file_is_documented():
    described = (Path(settings.BASE_DIR) / "docs" / "processes.md").read_text()
    shapes = (ProcessDocument, TimersDocument, RuleDocument, StageDocument, CriterionDocument, LostDocument)
    keys = {key for shape in shapes for key in shape.__dataclass_fields__} - {
        "timers",
        "stages",
        "criteria",
        "lost",
        "rules",
    }
    assert [key for key in sorted(keys) if f"`{key}`" not in described] == []
    assert [path.stem for path in SHIPPED if f"`{path.stem}`" not in described] == []
