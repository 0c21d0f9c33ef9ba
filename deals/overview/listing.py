"""The deals list: what the address asks for, as one query."""

from dataclasses import dataclass, field

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from team.digits import number_in

from ..models import LIVE_STATUSES, Status

PAGE_SIZE = 50
SHOWN = {
    "live": (_("Live"), Q(status__in=LIVE_STATUSES)),
    "won": (_("Won"), Q(status=Status.WON)),
    "lost": (_("Lost"), Q(status=Status.LOST)),
    "archived": (_("Archived"), Q(status=Status.ARCHIVED)),
    "all": (_("All"), Q()),
}
PROOFS = {"": _("Proven or claimed"), "proven": _("Proven"), "claimed": _("Claimed")}
# column of the table -> what it sorts by
SORTS = {
    "name": "name",
    "company": "company__name",
    "stage": "stage__published_position",
    "amount": "amount_base",
    "next": "next_step_on",
    "close": "expected_close",
    "owner": "owner__name",
    "created": "created_at",
}
DEFAULT_SORT = "-created"


@dataclass
class Filters:
    """The filters of one address. Whatever it names that does not exist is left out, not an error."""

    q: str = ""
    show: str = "live"
    stage: str = ""
    owner: str = ""
    proof: str = ""
    sort: str = DEFAULT_SORT
    given: dict = field(default_factory=dict)

    @classmethod
    def from_query(cls, query):
        sort = query.get("sort", "")
        return cls(
            q=query.get("q", "").strip()[:100],
            show=query.get("show", "") if query.get("show") in SHOWN else "live",
            stage=_number(query.get("stage", "")),
            owner="me" if query.get("owner") == "me" else _number(query.get("owner", "")),
            proof=query.get("proof", "") if query.get("proof") in PROOFS else "",
            sort=sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT,
        )

    @property
    def fields(self):
        """As a form sends them along."""
        return [(name, getattr(self, name)) for name in ("q", "show", "stage", "owner", "proof", "sort")]

    @property
    def is_narrow(self):
        """Whether anything beside the default is asked for."""
        return bool(self.q or self.stage or self.owner or self.proof or self.show != "live")

    def apply(self, deals, user):
        deals = deals.filter(SHOWN[self.show][1])
        if self.q:
            deals = deals.filter(Q(name__icontains=self.q) | Q(company__name__icontains=self.q))
        if self.stage:
            deals = deals.filter(stage_id=self.stage)
        if self.owner:
            deals = deals.filter(owner_id=user.pk if self.owner == "me" else self.owner)
        if self.proof:
            deals = deals.filter(is_proven=self.proof == "proven")
        return deals.order_by(*self.order())

    def order(self):
        """Empty values last either way, then the id, so that pages neither overlap nor leave gaps."""
        column = F(SORTS[self.sort.removeprefix("-")])
        if self.sort.startswith("-"):
            return [column.desc(nulls_last=True), "-pk"]
        return [column.asc(nulls_last=True), "pk"]


def _number(text):
    return text if number_in(text) is not None else ""


@dataclass(frozen=True)
class Heading:
    """A column's head: where a click sorts to, and how it is sorted now ('' where it is not)."""

    label: str
    sort: str
    sorted: str
    is_number: bool


_HEADINGS = [
    ("name", _("Deal")),
    ("stage", _("Stage")),
    ("amount", _("Amount")),
    ("next", _("Next step")),
    ("close", _("Expected close")),
    ("owner", _("Owner")),
]
_LARGEST_FIRST = {"amount", "created"}


def headings(filters):
    """The table's heads for these filters."""
    return [_heading(key, label, filters.sort) for key, label in _HEADINGS]


def _heading(key, label, current):
    first = f"-{key}" if key in _LARGEST_FIRST else key
    other = first.removeprefix("-") if first.startswith("-") else f"-{key}"
    state = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    return Heading(label, other if current == first else first, state, key == "amount")
