"""The process for somebody new: one stage after the other, from what is in force."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from team.digits import number_in

from .models.fields import lines


@dataclass(frozen=True)
class Chapter:
    """One step of the reading: the introduction (`row` None) or a stage."""

    number: int
    title: str
    row: object = None


def chapters(sheet):
    """The introduction, then every stage in order."""
    first = Chapter(0, _("How it works"))
    return [first, *(Chapter(row.number, row.stage.name, row) for row in sheet.rows)]


def chapter_asked(text, found):
    """The chapter a query names; the introduction where it names none."""
    number = number_in(text) or 0
    return found[number] if number < len(found) else found[0]


@dataclass(frozen=True)
class JourneyStep:
    """A step of the buyer's with the stages that serve it."""

    name: str
    stages: list


def journey(pipeline, stages):
    """The buying journey in order; steps without a stage are there too."""
    return [
        JourneyStep(step, [stage for stage in stages if stage.journey_step == step])
        for step in lines(pipeline.buying_journey)
    ]
