"""What programs may send. A field that is not here is refused, not ignored."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from deals.answers import HOWS
from deals.models import AMOUNT_LIMIT, ActivityKind, AnswerState, Direction, Outcome

LARGEST_ID = 2**63 - 1
_DAY = re.compile(r"(?:19|20|21)\d\d-\d\d-\d\d")
_AMOUNT = re.compile(r"\d{1,12}(?:\.\d{1,2})?")


def _day(value):
    if not (value is None or (isinstance(value, str) and value.isascii() and _DAY.fullmatch(value))):
        raise ValueError(_("Write a day like 2026-12-03."))
    return value


def _decimal(value):
    """A number as it is; text only where it is one, without separators."""
    if isinstance(value, bool) or (
        isinstance(value, str) and not (value.isascii() and _AMOUNT.fullmatch(value))
    ):
        raise ValueError(_("Write an amount like 86000.00."))
    return value


def _plain(value):
    """What is typed into a field: text, or a number or yes/no where that is what is meant."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        if -value.as_tuple().exponent > 2:
            raise ValueError(_("A number has at most two decimals."))
        return f"{value:.2f}"
    return str(value) if isinstance(value, int) else value


Id = Annotated[int, Field(strict=True, ge=1, le=LARGEST_ID)]
Day = Annotated[
    date, BeforeValidator(_day, json_schema_input_type=Annotated[str, Field(pattern=_DAY.pattern)])
]
Amount = Annotated[
    Decimal,
    BeforeValidator(_decimal, json_schema_input_type=str | float),
    Field(ge=0, le=AMOUNT_LIMIT, decimal_places=2, description="A number or text: 86000.00"),
]
Percent = Annotated[
    Decimal,
    BeforeValidator(_decimal, json_schema_input_type=str | float),
    Field(ge=0, le=100, decimal_places=2),
]
Text = Annotated[str, Field(max_length=4000)]
Line = Annotated[str, Field(max_length=200)]
Value = Annotated[
    str, BeforeValidator(_plain, json_schema_input_type=str | int | float | bool), Field(max_length=4000)
]
Name = Annotated[str, BeforeValidator(_plain, json_schema_input_type=str | int), Field(max_length=400)]
Target = Annotated[
    str, BeforeValidator(_plain, json_schema_input_type=str | int), Field(min_length=1, max_length=20)
]
Rev = Annotated[
    str,
    BeforeValidator(_plain, json_schema_input_type=str | int),
    Field(min_length=1, max_length=40, description="The state you saw, where it is not in If-Match."),
]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewDeal(Body):
    """A deal begins in its pipeline's first stage, whatever else is known of it."""

    company: Annotated[str, Field(max_length=160)] | None = Field(
        None, description="Its name; one of that name is matched, else made. Or name company_id."
    )
    company_id: Id | None = None
    name: Annotated[str, Field(max_length=160)] = ""
    pipeline: Annotated[str, Field(max_length=60)] = Field(
        "", description="A slug; empty: by amount and type."
    )
    amount: Amount | None = None
    currency: Annotated[str, Field(max_length=3)] = ""
    deal_type: Annotated[str, Field(max_length=60)] = ""
    lead_source: Annotated[str, Field(max_length=80)] = ""
    contact: Annotated[str, Field(max_length=120)] = ""
    job_title: Annotated[str, Field(max_length=120)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    next_step: Line = ""
    next_step_on: Day | None = None
    owner_id: Id | None = None
    team_id: Id | None = None

    @model_validator(mode="after")
    def one_company(self):
        if (self.company is None) == (self.company_id is None):
            raise ValueError(_("Name the company or give its company_id."))
        return self


class DealChange(Body):
    """What is left out stays. Null empties."""

    rev: Rev | None = None
    name: Annotated[str, Field(max_length=160)] = ""
    next_step: Line | None = None
    next_step_on: Day | None = None
    amount: Amount | None = None
    currency: Annotated[str, Field(max_length=3)] = ""
    expected_close: Day | None = None
    discount_percent: Percent | None = None
    probability: Annotated[int, Field(strict=True, ge=0, le=100)] | None = Field(
        None, description="The deal's own, instead of its stage's; null for the stage's again."
    )
    deal_type: Annotated[str, Field(max_length=60)] | None = None
    lead_source: Annotated[str, Field(max_length=80)] | None = None
    goals: Text | None = None
    commitments: Text | None = None
    owner_id: Id | None = None
    next_owner_id: Id | None = None


class Answer(Body):
    """One criterion answered. Most want no more than who said it; `field` of a finding names what is missing."""

    criterion: Id
    value: Value = Field(
        "", description="Text, number, amount or range (60-90k), day, choice, yes, or names by comma."
    )
    by: Name = Field("", description="Who on the buyer's side said so: a name, an address or a contact's id.")
    on: Day | None = Field(None, description="When; today if left out. Of a next step: the day to come.")
    how: Literal[("", *(str(kind.value) for kind in HOWS))] = Field(
        "", description="How; a call if left out."
    )
    words: Annotated[str, Field(max_length=2000)] = Field(
        "", description="What shows it, in the buyer's words."
    )
    link: Annotated[str, Field(max_length=500)] = ""
    file_id: Id | None = Field(None, description="A file of this deal, from POST /deals/{deal_id}/files.")
    state: Literal[tuple(AnswerState.values)] = AnswerState.CONFIRMED.value
    date: Day | None = Field(None, description="The document's date.")
    to: Name = Field("", description="The upper end of a range, or the second person asked for.")
    currency: Annotated[str, Field(max_length=3)] = ""
    priority: Line = Field("", description="What matters to them.")
    also: Annotated[str, Field(max_length=1000)] = Field("", description="More people, by comma.")
    goals: Text = ""
    commitments: Text = ""
    amount: Value = ""
    expected_close: Day | None = None
    discount_percent: Value = ""


class WithAnswers(Body):
    answers: Annotated[list[Answer], Field(max_length=100)] = []
    conversation: Id | None = Field(
        None, description="The activity all answers come from, where they do not say who and when themselves."
    )

    @model_validator(mode="after")
    def each_once(self):
        asked = [answer.criterion for answer in self.answers]
        if len(asked) != len(set(asked)):
            raise ValueError(_("Answer each criterion once."))
        return self


class Move(WithAnswers):
    """Where to, and from which state."""

    to: Target = Field(
        description="A stage's id, or won, lost, archived, paused, resume, return, reopen, undo."
    )
    seen_seq: Annotated[int, Field(strict=True, ge=0, le=999_999_999)] = Field(
        description="The deal's seq as you saw it."
    )
    key: Annotated[str, Field(max_length=64)] = Field(
        "", description="Your mark, kept in the history; once per deal."
    )
    reason: Annotated[str, Field(max_length=2000)] = ""
    loss_reason: Annotated[str, Field(max_length=80)] = Field(
        "", description="By name; the process lists them."
    )
    amount: Amount | None = Field(None, description="What a won deal is worth, where it does not say.")
    until: Day | None = Field(None, description="Day a pause ends; as long as pauses last if left out.")
    nurture: bool = Field(False, description="A pause of up to a year, until a day that is named.")


class Answers(WithAnswers):
    answers: Annotated[list[Answer], Field(min_length=1, max_length=100)]


class NewActivity(WithAnswers):
    """Something that happened, perhaps with what it confirmed and the next step agreed in it."""

    conversation: None = Field(None, description="Always this one.")
    kind: Literal[tuple(ActivityKind.values)]
    happened_on: Day | None = Field(None, description="Today if left out.")
    attendees: Annotated[list[Name], Field(max_length=20)] = Field(
        [], description="Names, or ids of contacts."
    )
    direction: Literal[("", *Direction.values)] = ""
    subject: Line = ""
    body: Annotated[str, Field(max_length=10_000)] = ""
    expects_answer: bool = False
    is_auto: bool = Field(
        False, description="It came by itself, such as an out-of-office reply: no clock moves."
    )
    next_step: Line = ""
    next_step_on: Day | None = None
    outcome: Literal[("", *Outcome.values)] = Field("", description="How an answer of the buyer stands.")
    later_on: Day | None = Field(
        None,
        description="With later: the day the buyer named, at most 45 days ahead. Silence counts from it.",
    )


class NewCompany(Body):
    name: Annotated[str, Field(max_length=160)]
    domain: Annotated[str, Field(max_length=160)] = ""
    industry: Annotated[str, Field(max_length=80)] = ""
    country: Annotated[str, Field(max_length=80)] = ""
    employees: Annotated[int, Field(strict=True, ge=0, le=10_000_000)] | None = None
    note: Text = ""


class CompanyChange(NewCompany):
    """What is left out stays."""

    rev: Rev | None = None
    name: Annotated[str, Field(max_length=160)] = ""


class NewContact(Body):
    company_id: Id
    name: Annotated[str, Field(max_length=120)]
    job_title: Annotated[str, Field(max_length=120)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    phone: Annotated[str, Field(max_length=60)] = ""


class ContactChange(Body):
    """What is left out stays. Whoever left the company confirms nothing any more."""

    rev: Rev | None = None
    name: Annotated[str, Field(max_length=120)] = ""
    job_title: Annotated[str, Field(max_length=120)] = ""
    email: Annotated[str, Field(max_length=254)] = ""
    phone: Annotated[str, Field(max_length=60)] = ""
    left_at: Day | None = None


class NewTask(Body):
    deal_id: Id
    title: Line
    due_on: Day | None = Field(None, description="Today if left out.")


class Done(Body):
    outcome: Annotated[str, Field(max_length=300, description="What came of it; a task is not done without.")]
