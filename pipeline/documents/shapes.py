"""What a process document holds. Names are those of the TOML keys; a default is never written out."""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class CriterionDocument:
    slug: str
    kind: str
    label: str
    side: str = "exit"
    why: str = ""
    good: str = ""
    verification: str = ""
    needs_buyer: bool = False
    evidence: str = "none"
    expires_after_days: int | None = None
    applies_when: str = ""
    core: bool = False
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    min_length: int | None = None
    min_items: int | None = None
    choices: tuple[str, ...] = ()
    allow_range: bool = False
    future: bool = False
    with_date: bool = False
    roles: tuple[str, ...] = ()
    min_people: int | None = None
    must_include: str = ""
    requires_priority: bool = False
    activity_kinds: tuple[str, ...] = ()
    deal_fields: tuple[str, ...] = ()
    holds_clock: bool = False


@dataclass(frozen=True, kw_only=True)
class TimersDocument:
    """None: not said here. A stage's timers override single values of the process's; 0 or [] means off.

    An empty role is the owner of the deal's next action. Optional steps exist, switched off.
    """

    follow_up_business_days: tuple[int, ...] | None = None
    re_engage_days: int | None = None
    re_engage_attempts: int | None = None
    attempt_window_days: int | None = None
    archive_days: int | None = None
    follow_up_role: str | None = None
    archive_role: str | None = None
    archive_asks_above: Decimal | None = None
    optional_steps_business_days: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class RuleDocument:
    """What timers cannot say. A stage's rule stands in for the process's of the same key, also for a timer's."""

    key: str
    trigger: str
    days: int
    action: str
    business_days: bool = False
    attempt: int = 0
    window_days: int = 0
    role: str = ""
    person: str = ""
    asks_above: Decimal | None = None
    title: str = ""
    purpose: str = ""
    due_days: int = 0
    subject: str = ""
    body: str = ""
    endpoint: str = ""
    is_on: bool = True
    is_shadow: bool = False


@dataclass(frozen=True, kw_only=True)
class StageDocument:
    slug: str
    name: str
    objective: str
    buyer_action: str
    owner_role: str
    probability: int
    target_days: int
    qualifies: bool = False
    counts_as_pipeline: bool = True
    journey_step: str = ""
    we_do: tuple[str, ...] = ()
    buyer_needs: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    timers: TimersDocument = field(default_factory=TimersDocument)
    rules: tuple[RuleDocument, ...] = ()
    criteria: tuple[CriterionDocument, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LostDocument:
    reasons_lost: tuple[str, ...] = ()
    reasons_disqualified: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ProcessDocument:
    slug: str
    name: str
    use_when: str = ""
    review_every_days: int = 91
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    deal_types: tuple[str, ...] = ()
    buyer_profile: tuple[str, ...] = ()
    buying_journey: tuple[str, ...] = ()
    timers: TimersDocument = field(default_factory=TimersDocument)
    rules: tuple[RuleDocument, ...] = ()
    stages: tuple[StageDocument, ...] = ()
    lost: LostDocument = field(default_factory=LostDocument)
