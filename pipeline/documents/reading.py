"""TOML to ProcessDocument. Every problem is found in one go; nothing is guessed."""

import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _

from ..slugs import RESERVED
from . import rules as rule_tables
from .criteria import criterion
from .problems import Problems, ProcessError, place_of
from .shapes import LostDocument, ProcessDocument, StageDocument, TimersDocument
from .tables import LONGEST_NAME, Table
from .timers import DEFAULT_TIMERS, over, overriding, settled

LARGEST_FILE = 1_000_000
LONGEST_STEP = 120  # of the buying journey


def read(source: Path | str, *, name="process") -> ProcessDocument:
    """A Path is a file, a str is TOML text, called `name` in messages. Raises ProcessError."""
    text, called = (_text_of(source), source.name) if isinstance(source, Path) else (source, name)
    try:
        values = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        raise _failure(_("%(file)s: is not TOML: %(reason)s"), called, error) from error
    problems = Problems(called)
    document = _process(Table(values, (), problems))
    problems.raise_if_any()
    return document


def _text_of(path):
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise _failure(_("%(file)s: is larger than 1 MB"), path.name)
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _failure(_("%(file)s: cannot be read: %(reason)s"), path, error.strerror or error) from error
    except UnicodeDecodeError as error:
        raise _failure(_("%(file)s: is not UTF-8 text"), path.name) from error


def _failure(message, file, reason=""):
    return ProcessError([message % {"file": file, "reason": reason}])


def _process(table):
    timers = settled(over(DEFAULT_TIMERS, _timers(table.table("timers"))))
    document = ProcessDocument(
        slug=table.slug(),
        name=table.text("name", required=True, longest=LONGEST_NAME),
        use_when=table.text("use_when", longest=300),
        review_every_days=table.whole("review_every_days", 91, most=1000),
        amount_min=table.number("amount_min"),
        amount_max=table.number("amount_max"),
        deal_types=table.texts("deal_types", longest=LONGEST_NAME),
        buyer_profile=table.texts("buyer_profile"),
        buying_journey=table.texts("buying_journey", longest=LONGEST_STEP),
        timers=timers,
        rules=rule_tables.rules(table),
        stages=_with_standing(_stages(table, timers), table),
        lost=_lost(table.table("lost")),
    )
    table.close()
    _check_amounts(table, document)
    _check_stages(table, document.stages)
    _check_journey(table, document)
    _check_timers(table, document)
    return document


def _stages(table, timers):
    return tuple(
        _stage(Table(values, (place_of("stage", values, number),), table.problems), timers)
        for number, values in enumerate(table.tables("stages"), 1)
    )


def _stage(table, timers):
    playbook = table.table("playbook")
    stage = StageDocument(
        slug=table.slug(),
        name=table.text("name", required=True, longest=60),
        objective=table.text("objective", required=True),
        buyer_action=table.text("buyer_action", required=True, shortest=8),
        owner_role=table.text("owner_role", required=True, longest=LONGEST_NAME),
        probability=table.whole("probability", 0, least=0, most=100, required=True),
        target_days=table.whole("target_days", 1, most=999, required=True),
        qualifies=table.flag("qualifies"),
        counts_as_pipeline=table.flag("counts_as_pipeline", True),
        journey_step=table.text("journey_step", longest=LONGEST_STEP),
        timers=overriding(settled(over(timers, _timers(table.table("timers")))), timers),
        rules=rule_tables.rules(table),
        criteria=tuple(
            criterion(Table(values, (*table.place, place_of("criterion", values, number)), table.problems))
            for number, values in enumerate(table.tables("criteria"), 1)
        ),
        **{key: playbook.texts(key) for key in ("we_do", "buyer_needs", "questions", "tools")},
    )
    playbook.close()
    table.close()
    return stage


def _with_standing(stages, table):
    """A standing criterion becomes the last one of each stage it names."""
    for number, values in enumerate(table.tables("standing"), 1):
        place = place_of("standing criterion", values, number)
        entry = Table(values, (place,), table.problems)
        at = entry.texts("at_gates_of")
        common = criterion(entry)
        for unknown in [slug for slug in at if slug not in {stage.slug for stage in stages}]:
            entry.refuse("at_gates_of", unknown, ", ".join(stage.slug for stage in stages))
        if not at:
            entry.problem("at_gates_of", _("names no stage"))
        stages = tuple(_with(common, stage) if stage.slug in at else stage for stage in stages)
    return stages


def _with(common, stage):
    return replace(stage, criteria=(*stage.criteria, common))


def _timers(table):
    timers = TimersDocument(
        follow_up_business_days=table.wholes("follow_up_business_days"),
        re_engage_days=table.whole("re_engage_days", most=900),
        re_engage_attempts=table.whole("re_engage_attempts", least=0, most=9),
        attempt_window_days=table.whole("attempt_window_days", most=90),
        archive_days=table.whole("archive_days", least=0, most=999),
        follow_up_role=table.text("follow_up_role", None, longest=LONGEST_NAME),
        archive_role=table.text("archive_role", None, longest=LONGEST_NAME),
        archive_asks_above=table.number("archive_asks_above"),
        optional_steps_business_days=table.wholes("optional_steps_business_days"),
    )
    table.close()
    return timers


def _lost(table):
    lost = LostDocument(
        reasons_lost=table.texts("reasons_lost", longest=LONGEST_NAME),
        reasons_disqualified=table.texts("reasons_disqualified", longest=LONGEST_NAME),
    )
    table.close()
    return lost


def _check_amounts(table, document):
    low, high = document.amount_min, document.amount_max
    if low is not None and high is not None and low > high:
        table.problem("amount_min", _("%(low)s is above amount_max %(high)s") % {"low": low, "high": high})


def _check_journey(table, document):
    known = ", ".join(f"“{step}”" for step in document.buying_journey) or _("none")
    for number, stage in enumerate(document.stages, 1):
        if stage.journey_step and stage.journey_step not in document.buying_journey:
            message = _("journey_step: “%(step)s” is not in buying_journey; its steps: %(known)s")
            place = (place_of("stage", {"slug": stage.slug}, number),)
            table.problems.add(place, message % {"step": stage.journey_step, "known": known})


def _check_timers(table, document):
    if document.timers.optional_steps_business_days:
        table.problem("timers", _("optional_steps_business_days belongs under [stages.timers]"))
    for stage in (None, *document.stages):
        timers = settled(over(document.timers, stage.timers)) if stage else document.timers
        place = (place_of("stage", {"slug": stage.slug}, 0),) if stage else ()
        if 0 < timers.archive_days <= (timers.re_engage_days or 0):
            message = _("archive_days must be greater than re_engage_days (%(days)d)")
            table.problems.add((*place, "timers"), message % {"days": timers.re_engage_days})


def _check_stages(table, stages):
    if not stages:
        table.problem("stages", _("a process needs at least one stage"))
    for slug in _repeated(stage.slug for stage in stages):
        table.problem("stages", _("two stages have the slug “%(slug)s”") % {"slug": slug})
    for slug in sorted({stage.slug for stage in stages} & RESERVED):
        table.problem(
            "stages", _("the slug “%(slug)s” is a page of ours; choose another one") % {"slug": slug}
        )
    for name in _repeated(stage.name.casefold() for stage in stages):
        table.problem("stages", _("two stages have the name “%(name)s”") % {"name": name})
    if sum(stage.qualifies for stage in stages) > 1:
        table.problem("stages", _("only one stage can have qualifies = true"))
    for number, stage in enumerate(stages, 1):
        _check_criteria(table, number, stage)


def _check_criteria(table, number, stage):
    place = (place_of("stage", {"slug": stage.slug}, number),)
    for slug in _repeated(each.slug for each in stage.criteria):
        table.problems.add(place, _("two criteria have the slug “%(slug)s”") % {"slug": slug})
    if not any(each.side == "exit" for each in stage.criteria):
        table.problems.add(place, _('needs at least one criterion with side = "exit"'))


def _repeated(values):
    seen, twice = set(), set()
    for value in values:
        (twice if value in seen else seen).add(value)
    return sorted(twice - {""})
