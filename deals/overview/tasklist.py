"""The list of tasks: a team's for who answers for one, one's own for everybody else; late first."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Q

from team.digits import number_in
from team.models import User

from ..models import Deal, Task

PAGE_SIZE = 50
SHOWN = ("open", "late", "later", "done")


@dataclass(frozen=True)
class Filters:
    """What the address asks for; what makes no sense is left out."""

    show: str = "open"
    person: int | None = None
    by_rule: bool = False

    @classmethod
    def read(cls, query):
        show, person = query.get("show", ""), number_in(query.get("person"))
        return cls(show if show in SHOWN else "open", person, query.get("by") == "rule")

    @property
    def is_narrow(self):
        return self != Filters()

    def address(self, **changed):
        asked = {"show": self.show, "person": self.person or "", "by": "rule" if self.by_rule else ""}
        return "?" + urlencode({name: value for name, value in (asked | changed).items() if value})


def seen_by(user):
    """Tasks on the deals of one's teams for who leads, else one's own."""
    mine = Q(assignee=user)
    if user.is_manager:
        mine |= Q(deal__in=Deal.objects.visible_to(user))
    return Task.objects.filter(mine, deal__seq__gt=0)


def found(user, filters, today):
    """The rows asked for, in their order."""
    rows = seen_by(user)
    if filters.person:
        rows = rows.filter(assignee=filters.person)
    if filters.by_rule:
        rows = rows.exclude(rule_key="")
    rows = _shown(rows, filters.show, today)
    order = ["-done_at", "-pk"] if filters.show == "done" else ["due_on", "-deal__amount_base", "pk"]
    related = rows.select_related("deal", "assignee", "created_by", "firing__definition")
    return related.order_by(*order)


def _shown(rows, show, today):
    if show == "done":
        return rows.filter(done_at__isnull=False)
    rows = rows.unfinished()
    if show == "late":
        return rows.filter(due_on__lt=today)
    return rows.filter(due_on__gt=today) if show == "later" else rows


@dataclass(frozen=True)
class Share:
    """How much one person has to do, and how much of it is late."""

    pk: int
    name: str
    open: int
    late: int
    by_rule: int


def by_person(user, today):
    """A Share for everybody with something to do, most late first. One statement."""
    rows = seen_by(user).unfinished().order_by().values("assignee", "assignee__name")
    rows = rows.annotate(
        open=Count("pk"),
        late=Count("pk", filter=Q(due_on__lt=today)),
        ruled=Count("pk", filter=~Q(rule_key="")),
    )
    shares = [Share(r["assignee"], r["assignee__name"], r["open"], r["late"], r["ruled"]) for r in rows]
    return sorted(shares, key=lambda share: (-share.late, -share.open, share.name))


def name_of(pk):
    return User.objects.filter(pk=pk).values_list("name", flat=True).first() or ""
