"""Will we make it: the target of the month or quarter, what is won, what is proven, and what is missing."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from team import formats
from team.digits import number_in
from team.leading import leads_all
from team.models import Team, User

from .. import stretches
from ..charts.stacked import Part, stacked
from ..forecast import expected, wins
from ..targets import Targets, may_read
from . import WEIGHTED, Behind, Panel, Table, named

NOTHING = Decimal(0)


@dataclass(frozen=True)
class Line:
    """Target, won, proven and the gap between, of one part or of the whole. No target: no gap."""

    key: str
    name: str
    target: Decimal | None
    won: Decimal
    weighted: Decimal
    proven: Decimal

    @property
    def gap(self):
        return None if self.target is None else max(NOTHING, self.target - self.won - self.weighted)

    @property
    def over(self):
        return None if self.target is None else max(NOTHING, self.won + self.weighted - self.target)


@dataclass(frozen=True)
class Outlook:
    unit: str
    start: object
    end: object
    days_left: int
    whole: Line
    teams: list
    people: list
    mine: bool
    # Whether targets are set for what the lens is on at all.
    aimed: bool
    currency: str
    chart: str

    @property
    def lines(self):
        return [self.whole, *self.teams, *self.people]

    @property
    def words(self):
        """The answer, and nothing else."""
        if not self.aimed:
            return _("Targets are set for all, teams and people, not for this part.")
        if self.whole.target is None:
            return _("No target is set.")
        target = formats.money_short(self.whole.target, self.currency)
        if self.whole.gap:
            short = formats.money_short(self.whole.gap, self.currency)
            return _("Not yet: %(short)s short of %(target)s.") % {"short": short, "target": target}
        if self.whole.over:
            over = formats.money_short(self.whole.over, self.currency)
            return _("Yes: %(over)s over %(target)s.") % {"over": over, "target": target}
        return _("Yes: exactly %s.") % target

    @property
    def until(self):
        name = _("Quarter") if self.unit == "quarter" else _("Month")
        words = _("%(unit)s to %(day)s") % {"unit": name, "day": formats.day_short(self.end)}
        if self.days_left <= 0:
            return words
        left = ngettext("%(n)s day left", "%(n)s days left", self.days_left) % {"n": self.days_left}
        return f"{words}, {left}"


def seen_by(lens):
    """A rep's own; a manager's as asked."""
    return lens if lens.user.is_manager or lens.owner else lens.of(owner=lens.user.pk)


def of(lens):
    """Six statements: won, proven, targets, who is in which team, names of teams and of people."""
    seen = seen_by(lens)
    unit, start, end = stretches.whole(seen)
    won = wins.by_seller(seen, stretches.months_of(start, end))
    proven = _proven(seen, start, end)
    targets = Targets(stretches.months_of(start, end))
    aimed = is_aimed(seen)
    count = _Counted(won, proven, targets, aimed)
    whole = count.line("", _("All"), lambda team, owner: True, target_of(seen, targets))
    teams = [] if seen.owner else count.teams(seen)
    return Outlook(
        unit=unit, start=start, end=end, days_left=(end - seen.today).days, whole=whole,
        teams=teams if len(teams) > 1 else [], people=[] if seen.owner else count.people(seen),
        mine=seen is not lens, aimed=aimed, currency=seen.currency, chart=_chart(whole, seen.currency),
    )  # fmt: skip


def open_deals(seen, start, end):
    """Proven deals expected to close in the stretch; none where it is over."""
    found = seen.open().filter(is_proven=True, expected_close__gte=start, expected_close__lte=end)
    return found if end >= seen.today else found.none()


def _proven(seen, start, end):
    """{(team, owner): (weighted, in full)}"""
    found = expected.grouped(open_deals(seen, start, end), [], "team_id", "owner_id")
    return {key: (figures["proven_weighted"], figures["proven"]) for key, figures in found.items()}


def is_aimed(seen):
    """Whether targets are set for such a part: all, a team, a person."""
    return not any((seen.pipeline, seen.source, seen.type, seen.segment, seen.band, seen.version))


def target_of(seen, targets, months=None):
    """Of the person, the team, or all that this eye leads; of some of the months alone where they are named.

    None of whom this eye does not lead: what the address names is no right to see it.
    """
    if seen.owner:
        known = may_read(seen.user, person=seen.owner)
        return targets.of_person(seen.owner, months) if known else None
    if seen.team:
        return targets.of_team(seen.team, months) if may_read(seen.user, team=seen.team) else None
    if seen.user.is_admin or leads_all(seen.user):
        return targets.of_all(months)
    return targets.of_teams(seen.user.team_ids, months)


@dataclass(frozen=True)
class _Counted:
    won: dict
    proven: dict
    targets: Targets
    aimed: bool

    def line(self, key, name, of, target):
        weighted = [both for (team, owner), both in self.proven.items() if of(team, owner)]
        return Line(
            key=key, name=name, target=target if self.aimed else None,
            won=sum((money for (team, owner), money in self.won.items() if of(team, owner)), NOTHING),
            weighted=sum((one for one, _full in weighted), NOTHING),
            proven=sum((full for _one, full in weighted), NOTHING),
        )  # fmt: skip

    def teams(self, seen):
        ids = {team for team, _owner in [*self.won, *self.proven]}
        ids |= {team for _month, team in self.targets.teams} | set(self.targets.team_of.values())
        ids = {seen.team} if seen.team else ids if seen.user.is_admin else ids & set(seen.user.team_ids)
        return [
            self.line(f"team-{team.pk}", team.name, lambda t, o, pk=team.pk: t == pk, self.targets.of_team(team.pk))
            for team in Team.objects.filter(pk__in=ids)
        ]  # fmt: skip

    def people(self, seen):
        ids = {owner for _team, owner in [*self.won, *self.proven]}
        aimed_at = {user for _month, user in self.targets.people}
        if not seen.user.is_admin or seen.team:
            near = {seen.team} if seen.team else set(seen.user.team_ids)
            near = near if seen.user.is_admin else near & set(seen.user.team_ids)
            aimed_at = {user for user in aimed_at if self.targets.team_of.get(user) in near}
        return [
            self.line(f"rep-{user.pk}", user.name, lambda t, o, pk=user.pk: o == pk, self.targets.of_person(user.pk))
            for user in User.objects.filter(pk__in=ids | aimed_at)
        ]  # fmt: skip


def _chart(line, currency):
    parts = [Part("won", line.won, _("won")), Part("on", line.weighted, _("proven, weighted"))]
    parts += [Part("gap", line.gap or NOTHING, _("gap"))]
    return stacked(parts, currency, height=26, css="tall")


def table(data):
    kinds = [_("All"), *[_("Team")] * len(data.teams), *[_("Person")] * len(data.people)]
    rows = [
        (kind, line.name, line.target, line.won, line.weighted, line.proven, line.gap)
        for kind, line in zip(kinds, data.lines, strict=True)
    ]
    head = (_("Of"), _("Name"), _("Target"), _("Won"), _("Proven, weighted"), _("Proven, in full"), _("Gap"))
    return Table(_("Target, won, proven and gap"), head, rows)


def _part(deals, arg):
    """'team-3' or 'rep-4' narrows; anything else is the whole."""
    kind, _dash, number = arg.partition("-")
    column = {"team": "team_id", "rep": "owner_id"}.get(kind)
    pk = number_in(number)
    return deals.filter(**{column: pk}) if column and pk is not None else deals


def _won_behind(lens, arg):
    seen = seen_by(lens)
    _unit, start, end = stretches.whole(seen)
    return _part(wins.deals(seen.over(start, end)), arg)


def _proven_behind(lens, arg):
    seen = seen_by(lens)
    deals = open_deals(seen, *stretches.whole(seen)[1:])
    return _part(deals.annotate(likelihood=expected.SHOWN, weighted=expected.COUNTED), arg)


def _days(lens):
    return stretches.whole(lens)[1:]


PANEL = Panel(
    key="make_it",
    title=gettext_lazy("Will we make it?"),
    of=of,
    template="insights/panels/make_it.html",
    width=5,
    table=table,
    behind={
        "won": Behind(
            gettext_lazy("Won in the month or quarter"), _won_behind, named=named.seller, days=_days
        ),
        "proven": Behind(
            gettext_lazy("Proven, expected to close in the month or quarter, weighted"),
            _proven_behind,
            WEIGHTED,
            named.seller,
            _days,
        ),
    },
    defines=("target", "won", "proven_weighted", "gap"),
)
