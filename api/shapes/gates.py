"""What gates ask, how it stands, and why something was refused."""

from typing import Literal

from pydantic import BaseModel, Field

from deals.gate import State
from pipeline.vocabulary import Evidence, Kind, Side

from .parts import Ref, money


class Criterion(BaseModel):
    """One thing a gate asks, with the limits its answer has to keep."""

    criterion: int = Field(description="Its id: what an answer names.")
    slug: str
    label: str
    stage: Ref
    side: Literal[tuple(Side.values)] = Field(description="Asked before the stage is left, or to enter it.")
    kind: Literal[tuple(Kind.values)]
    evidence: Literal[tuple(Evidence.values)] = Field(description="The least that opens it.")
    needs_buyer: bool = Field(description="Whether somebody on the buyer's side has to have said it.")
    why_asked: str
    good: str = Field(description="What a good answer looks like.")
    applies_when: str = Field(description="Empty: always.")
    core: bool = Field(description="Asked of imported deals, too.")
    expires_after_days: int | None
    choices: list[str]
    minimum: str | None
    maximum: str | None
    min_length: int | None
    min_items: int | None
    allow_range: bool
    future: bool
    with_date: bool = Field(description="Asks for the document's date.")
    roles: list[str]
    must_include: str
    min_people: int | None
    requires_priority: bool
    activity_kinds: list[str]
    deal_fields: list[str]

    @classmethod
    def of(cls, definition, stage, **more):
        same = {name: getattr(definition, name) for name in _ASKED}
        return cls(
            **same,
            criterion=definition.criterion_id, stage=Ref(id=stage.stage_id, name=stage.name), why_asked=definition.why,
            choices=definition.choice_list, minimum=money(definition.minimum), maximum=money(definition.maximum),
            roles=definition.role_list, activity_kinds=definition.activity_list,
            deal_fields=definition.deal_field_list, **more,
        )  # fmt: skip


_ASKED = [
    "slug", "label", "side", "kind", "evidence", "needs_buyer", "good", "applies_when", "core", "expires_after_days",
    "min_length", "min_items", "allow_range", "future", "with_date", "must_include", "min_people", "requires_priority",
]  # fmt: skip


class Finding(Criterion):
    """A criterion and how it stands on one deal."""

    state: Literal[tuple(State.values)]
    holds: bool
    why: str = Field(description="What is missing, in words; empty where it holds.")
    field: str | None = Field(
        description="The part of an answer that mends it: value, by, words, file_id, ..."
    )

    @classmethod
    def of_finding(cls, finding, stage, field):
        return cls.of(
            finding.definition,
            stage,
            state=finding.state,
            holds=finding.holds,
            why=str(finding.why),
            field=field,
        )


class Gate(BaseModel):
    """What a move would ask now. Nothing was written to find out."""

    deal: int
    to: str = Field(description="What `to` of a move would be.")
    kind: str = Field(description="The kind of move it would be.")
    seq: int = Field(description="Goes into the move as seen_seq.")
    holds: bool
    needs: list[str] = Field(description="Fields a move there needs beside what the gate asks.")
    criteria: list[Finding]


class Answered(BaseModel):
    """What is still asked before the deal leaves its stage."""

    deal: int
    rev: str
    seq: int
    criteria: list[Finding]


class Problem(BaseModel):
    """`code` is for programs and stays; `message` is for people and may change."""

    code: str
    message: str
    fields: dict[str, str] = Field(description="What is wrong with what was sent, by field.")
    criteria: list[Finding] = Field([], description="Every criterion the gate still asks, in stage order.")
    choices: dict[str, list[str]] = Field({}, description="What a missing field may hold.")
    state: dict[str, str | int | None] = Field(
        {}, description="How things stand now, where that is not what you saw."
    )
    last: dict[str, str] = Field({}, description="Who moved the deal last: by, at, kind.")


class Refusal(BaseModel):
    """Nothing was changed."""

    error: Problem
    request_id: str
