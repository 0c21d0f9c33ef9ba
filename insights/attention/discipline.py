"""Follow-up discipline and adherence, by person: tasks of rules, evidence, gates, exceptions, late records."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q
from django.db.models.functions import TruncDate

from deals.models import (
    Answer,
    AnswerState,
    CancelledWhy,
    Kind,
    Task,
)
from pipeline.vocabulary import Evidence
from team.models import User

from ..flow import sql
from ..metrics import waiting

# Columns of a person, in the order of the sheet.
FIGURES = (
    "due", "on_time", "late", "missed", "cancelled", "open", "own_hand", "confirmed", "moves", "by_exception",
    "exceptions", "no_step", "late_tasks", "recorded_late", "acts", "two_gates",
)  # fmt: skip
OPEN = Q(done_at__isnull=True, cancelled_at__isnull=True)
ON_TIME, LATE = Q(done_on__lte=F("due_on")), Q(done_on__gt=F("due_on"))
PROVEN_BY = [Evidence.WHO, Evidence.WORDS, Evidence.OWN, Evidence.FILE]


@dataclass
class Person:
    """What one person's row says. `due` follow-ups came to an end or passed their day: on time, late or missed."""

    user: User
    figures: Counter = field(default_factory=Counter)

    def __getattr__(self, name):
        if name in FIGURES:
            return self.figures[name]
        raise AttributeError(name)

    @property
    def on_time_share(self):
        return share(self.on_time, self.due)

    @property
    def own_share(self):
        return share(self.own_hand, self.confirmed)

    @property
    def clean_share(self):
        """Of moves through a gate, those that needed no exception."""
        return share(self.moves - self.by_exception, self.moves)


def share(part, whole):
    """Per cent, rounded half up; None of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else None


def people(lens):
    """[Person] of everybody who has any of it within the lens, by name. Seven statements,
    one of them shared with what happened by stage."""
    found = defaultdict(Counter)
    for count in (_follow_ups, _late_tasks, _evidence, _moves, _deals, _acts):
        for user_id, figures in count(lens):
            found[user_id].update(figures)
    users = User.objects.filter(pk__in=[pk for pk in found if lens.owner in (None, pk)])
    return [Person(user, found[user.pk]) for user in users.order_by("name", "pk")]


def _of_deals(lens, rows):
    return rows if lens.is_whole else rows.filter(deal__in=lens.deals().order_by().values("pk"))


def _by_doer(lens, rows, column):
    """Rows of whoever did or has to do them, on the deals of the lens whoever owns those."""
    if not lens.owner:
        return _of_deals(lens, rows)
    return _of_deals(lens.of(owner=None), rows).filter(**{column: lens.owner})


def _ledger(lens, *kinds):
    """Ledger rows of the period, by who owned the deal then."""
    if not lens.owner:
        return lens.rows(*kinds)
    return lens.of(owner=None).rows(*kinds).filter(owner=lens.owner)


def _follow_ups(lens):
    """What rules gave somebody to do that was due in the period."""
    counted = _given(lens).order_by().values("assignee").annotate(
        on_time=Count("pk", filter=ON_TIME),
        late=Count("pk", filter=LATE),
        missed=Count("pk", filter=_missed(lens)),
        open=Count("pk", filter=OPEN & Q(due_on__gte=lens.today)),
        cancelled=Count("pk", filter=Q(cancelled_why=CancelledWhy.REPLY)),
    )  # fmt: skip
    for row in counted:
        row["due"] = row["on_time"] + row["late"] + row["missed"]
        yield row.pop("assignee"), row


def _given(lens):
    rows = Task.objects.filter(due_on__gte=lens.start, due_on__lte=lens.end).exclude(rule_key="")
    zone = ZoneInfo(lens.organisation.time_zone)
    return _by_doer(lens, rows, "assignee").annotate(done_on=TruncDate("done_at", tzinfo=zone))


def _missed(lens):
    return OPEN & Q(due_on__lt=lens.today)


def followed_up(lens, person, on_time=False):
    """Deals on which a person had such a follow-up that came to an end or passed its day; on time alone."""
    rows = _given(lens).filter(ON_TIME if on_time else ON_TIME | LATE | _missed(lens))
    rows = rows if person is None else rows.filter(assignee=person)
    return lens.of(owner=None).deals().filter(pk__in=rows.order_by().values("deal"))


def _late_tasks(lens):
    """Of any kind, open now and past their day."""
    rows = _by_doer(lens, Task.objects.unfinished().filter(due_on__lt=lens.today), "assignee")
    for row in rows.order_by().values("assignee").annotate(late_tasks=Count("pk")):
        yield row.pop("assignee"), row


def _evidence(lens):
    """Confirmations of the period that opened their criterion: how many in the buyer's own hand."""
    rows = Answer.objects.filter(
        recorded_at__gte=lens.since, recorded_at__lt=lens.until, state=AnswerState.CONFIRMED, opens=True,
        evidence__in=PROVEN_BY,
    )  # fmt: skip
    own = Q(evidence__in=[Evidence.OWN, Evidence.FILE])
    yield from _by_owner(_of_deals(lens, rows), confirmed=Count("pk"), own_hand=Count("pk", filter=own))


def _moves(lens):
    """Gates passed in the period, those of them by exception, and days on which a deal passed more than one, in several
    moves or in one; of who owned the deal then. They are read once, by deal and day, from the index by time alone."""
    zone = ZoneInfo(lens.organisation.time_zone)
    rows = _ledger(lens, Kind.ADVANCE, Kind.EXCEPTION, Kind.WIN)
    rows = rows.annotate(day=TruncDate("happened_at", tzinfo=zone)).values("owner", "deal", "day")
    through = ~Q(kind=Kind.WIN)
    days = rows.annotate(
        n=Count("seq"),
        excepted=Count("seq", filter=Q(kind=Kind.EXCEPTION)),
        gates=Count("seq", filter=through),
        jumps=Count("seq", filter=through & ~Q(passed=[])),
    )
    inner, params = days.values("owner", "n", "excepted", "gates", "jumps").query.sql_with_params()
    text = (  # the names are our own
        "SELECT owner, SUM(n), SUM(excepted), SUM(CASE WHEN gates > 1 OR jumps > 0 THEN 1 ELSE 0 END)"  # noqa: S608
        f" FROM ({inner}) of_day GROUP BY owner"
    )
    for owner, moves, by_exception, several in sql.Asked(text, list(params)).rows():
        yield owner, {"moves": int(moves), "by_exception": int(by_exception), "two_gates": int(several)}


def _deals(lens):
    """Open deals now: live exceptions, and those without a next step to come."""
    missing = Q(next_step="") | Q(next_step_on__isnull=True) | Q(next_step_on__lt=lens.grace)
    rows = lens.deals().open().order_by().values("owner")
    counted = rows.annotate(
        exceptions=Count("pk", filter=Q(exception_until__isnull=False)), no_step=Count("pk", filter=missing)
    )
    for row in counted:
        yield row.pop("owner"), row


def _acts(lens):
    """What the buyer did in the period, and what of it was recorded more than two business days later."""
    for each in waiting.acts(lens):
        if each.of_buyer:
            yield each.owner, {"acts": each.of_buyer, "recorded_late": each.late}


def _by_owner(rows, **counts):
    """Counts of rows by whose deal they are on: by deal first, so that its owner is looked up once for all of them; and
    before anything is joined, else each of PostgreSQL's processes that share the join would count all of them."""
    inner, params = rows.order_by().values(about=F("deal_id")).annotate(**counts).query.sql_with_params()
    sums = ", ".join(f"SUM(of_deal.{name})" for name in counts)
    text = (
        f"WITH of_deal AS MATERIALIZED ({inner}) SELECT d.owner_id, {sums}"  # noqa: S608  the names are our own
        " FROM of_deal JOIN deals_deal d ON d.id = of_deal.about GROUP BY d.owner_id"
    )
    for owner, *found in sql.Asked(text, list(params)).rows():
        yield owner, dict(zip(counts, map(int, found), strict=True))
