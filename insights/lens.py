"""What a page of figures looks at: whose deals, which of them, over which days. It lives in the address."""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from deals.models import Deal, Transition
from pipeline.models import Pipeline
from team.calendar import grace_date, local_date, start_of
from team.digits import number_in
from team.leading import leads_all
from team.models import Organisation

from . import periods

# (key, label, least, below) in the organisation's currency.
BANDS = [
    ("s", _("below 10k"), 0, 10_000), ("m", _("10k to 50k"), 10_000, 50_000),
    ("l", _("50k to 150k"), 50_000, 150_000), ("xl", _("150k and more"), 150_000, None),
]  # fmt: skip
SIZES = {key: label for key, label, *_rest in BANDS}
NAMED = ["period", "from", "to", "pipeline", "team", "owner", "source", "type", "segment", "band", "version"]


@dataclass(frozen=True)
class Lens:
    """`start` to `end`, both included, local days of the organisation. Empty filters ask for everything."""

    user: object
    now: object
    period: str = periods.DEFAULT
    start: date | None = None
    end: date | None = None
    pipeline: int | None = None
    team: int | None = None
    owner: int | None = None
    source: str = ""
    type: str = ""
    # Of the company: its industry.
    segment: str = ""
    band: str = ""
    version: int | None = None

    @classmethod
    def from_query(cls, user, query, now):
        """What the address asks for. Whatever it names that does not exist or cannot be read is left out."""
        today = local_date(now)
        period, start, end = periods.asked(query, today)
        numbers = {name: number_in(query.get(name)) for name in ("pipeline", "team", "owner", "version")}
        words = {name: query.get(name, "")[:80].replace("\0", "") for name in ("source", "type", "segment")}
        band = query.get("band", "")
        known = band if band in SIZES else ""
        return cls(user, now, period, start, end, band=known, **numbers, **words)

    @cached_property
    def organisation(self):
        return Organisation.current()

    @cached_property
    def today(self):
        return local_date(self.now, self.organisation)

    @cached_property
    def grace(self):
        return grace_date(self.today, self.organisation)

    @property
    def currency(self):
        return self.organisation.currency

    @cached_property
    def since(self):
        """The instant the period begins."""
        return start_of(self.start, self.organisation)

    @cached_property
    def until(self):
        """The first instant after the period."""
        return start_of(self.end + timedelta(days=1), self.organisation)

    def deals(self):
        """The deals the lens is on, whatever their status and age."""
        return self.visible().filter(self._dimensions())

    def visible(self):
        """Every deal the person may see, whatever the filters."""
        return Deal.objects.made() if self.sees_all else Deal.objects.visible_to(self.user)

    def open(self):
        """Open deals in stages that count as pipeline, with `is_proven`."""
        return self.deals().open().filter(counts_as_pipeline=True).with_proven(self.today, self.grace)

    def rows(self, *kinds):
        """Ledger rows of the lens' deals that happened in the period."""
        return self.rows_between(self.since, self.until, *kinds)

    def rows_between(self, since, until, *kinds):
        rows = Transition.objects.filter(happened_at__gte=since, happened_at__lt=until).order_by()
        rows = rows.filter(kind__in=kinds) if kinds else rows
        return rows if self.is_whole else rows.filter(deal__in=self.deals().order_by().values("pk"))

    @property
    def is_whole(self):
        """Whether it is on every deal there is: no filter, and an eye that sees all."""
        return self.sees_all and not self._dimensions()

    @property
    def sees_all(self):
        """Admins, and managers of every team: a deal has one. Each row is then read without asking whose it is."""
        return self.user.is_active and (self.user.is_admin or (self.user.is_manager and leads_all(self.user)))

    def _dimensions(self):
        asked = Q()
        if self.pipeline:
            asked &= Q(pipeline_id=self.pipeline)
        if self.team:
            asked &= Q(team_id=self.team)
        if self.owner:
            asked &= Q(owner_id=self.owner)
        if self.source:
            asked &= Q(lead_source=self.source)
        if self.type:
            asked &= Q(deal_type=self.type)
        if self.segment:
            asked &= Q(company__industry=self.segment)
        if self.band:
            _key, _label, least, below = next(band for band in BANDS if band[0] == self.band)
            asked &= Q(amount_base__gte=least) & (Q(amount_base__lt=below) if below else Q())
        if self.version:
            began = Transition.objects.filter(seq=1, version_id=self.version)
            asked &= Q(pk__in=began.order_by().values("deal_id"))
        return asked

    @cached_property
    def pipelines(self):
        """The published pipelines it is on, in their order."""
        found = Pipeline.objects.filter(is_active=True, version__isnull=False).select_related("version")
        found = found.filter(pk=self.pipeline) if self.pipeline else found
        return list(found.order_by("position", "pk"))

    def before(self):
        """The same look at as many days before."""
        return self.over(*periods.before(self.period, self.start, self.end))

    def over(self, start, end):
        """The same look at other days. What was counted by month serves both."""
        found = replace(self, period="own", start=start, end=end)
        found.__dict__["months"] = self.months
        return found

    @cached_property
    def months(self):
        """{first day of a month: what was counted of it}"""
        return {}

    def of(self, **changed):
        """The same look at fewer or other deals: owner=3, pipeline=None."""
        return replace(self, **changed)

    @property
    def query(self):
        """The lens as an address says it, without the '?'."""
        return self.query_with()

    def query_with(self, **more):
        days = {"from": self.start, "to": self.end} if self.period == "own" else {}
        period = "" if self.period == periods.DEFAULT else self.period
        said = {"period": period, **days}
        said |= {field.name: getattr(self, field.name) for field in fields(self)[5:]}
        return urlencode({name: value for name, value in {**said, **more}.items() if value not in (None, "")})
