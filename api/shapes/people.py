"""The address book."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from .parts import Ref


class Company(BaseModel):
    id: int
    rev: str
    name: str
    domain: str
    industry: str
    country: str
    employees: int | None
    note: str
    merged_into: int | None = Field(description="The company it was merged into.")
    created_at: datetime


class Contact(BaseModel):
    id: int
    rev: str
    company: Ref
    name: str
    job_title: str
    email: str
    phone: str
    left_at: date | None = Field(description="Who left confirms nothing any more.")
    merged_into: int | None
    created_at: datetime
