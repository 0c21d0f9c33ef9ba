"""What lists take and give: a limit, a cursor, and the filters of each."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from deals.models import Status

from .bodies import LARGEST_ID
from .paging import MOST, USUAL


class DealList(BaseModel):
    """The parameters every list has."""

    limit: Annotated[int, Field(ge=1, le=MOST)] = USUAL
    cursor: Annotated[str, Field(max_length=60)] = Field("", description="next_cursor of the page before.")


class Named(DealList):
    q: Annotated[str, Field(max_length=100)] = Field("", description="A part of the name.")


class DealFilters(Named):
    pipeline: Annotated[str, Field(max_length=60)] = Field("", description="A slug.")
    stage: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None
    status: Literal[("", *Status.values)] = ""
    owner: Annotated[str, Field(pattern=r"^(me|[1-9][0-9]{0,17})?$")] = Field(
        "", description="me, or a person's id."
    )


class ContactFilters(Named):
    company: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None


class TaskFilters(DealList):
    deal: Annotated[int, Field(ge=1, le=LARGEST_ID)] | None = None
    assignee: Annotated[str, Field(pattern=r"^(me|[1-9][0-9]{0,17})?$")] = Field(
        "", description="me, or an id."
    )
    open: bool = Field(False, description="Only what is still to do.")


def listed(shape):
    """The base of a page of these."""

    class Page(BaseModel):
        items: list[shape]
        next_cursor: str | None = Field(description="Goes into `cursor` for the next page; null on the last.")

    return Page
