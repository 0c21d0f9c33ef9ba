"""Who sells and to whom: teams, people, the shipped seven-stage process, companies and their contacts."""

from dataclasses import dataclass, field

from django.utils import timezone

from deals.models import Company, Contact, LossReason
from pipeline.documents import read
from pipeline.loading import TEMPLATES, load
from pipeline.models import Pipeline
from pipeline.process import process_of
from team.models import Level, Organisation, Team, User

from . import bulk

PROCESS = "b2b-seven-stages"
DEALS_PER_COMPANY = 3
REPS_PER_TEAM = 8
JOBS = ["Operations manager", "Finance director", "Head of purchasing"]  # champion, signer, approver
_FIRST = ["Tarn", "Ostr", "Vell", "Kern", "Hald", "Brim", "Sund", "Mire", "Quill", "Roen", "Fael", "Droste"]
_LAST = ["mark", "grove", "field", "haven", "works", "bridge", "holm", "wick", "berg", "dale", "stone"]
_TRADES = ["Foods", "Pumps", "Glass", "Logistics", "Paper", "Energy", "Tools", "Textiles"]
_GIVEN = ["Lena", "Otto", "Ines", "Marek", "Signe", "Piet", "Alva", "Bruno", "Tove", "Karel"]


@dataclass
class House:
    """The seller's side, ready to own deals."""

    pipeline: Pipeline
    teams: list
    reps: dict = field(default_factory=dict)  # team -> its reps
    reasons: list = field(default_factory=list)

    @property
    def process(self):
        return process_of(self.pipeline)


def people(deals):
    """Teams of eight, an admin, and a head of sales who sees every team; those that exist are kept."""
    Organisation.current()
    admin = _person("admin", "Sofia Brandvik", Level.ADMIN)
    head = _person("head", "Ruth Adelmar", Level.MANAGER)
    found = {}
    for number in range(1, min(10, max(2, deals // 500)) + 1):
        team, _made = Team.objects.get_or_create(name=f"Team {number:02}")
        head.teams.add(team)
        found[team] = [_rep(team, number, place) for place in range(1, REPS_PER_TEAM + 1)]
    pipeline = _pipeline(admin)
    reasons = list(LossReason.objects.filter(is_active=True, by_rule=False))
    return House(pipeline, list(found), found, reasons)


def _rep(team, number, place):
    name = f"{_GIVEN[(number + place) % len(_GIVEN)]} {_FIRST[place]}{_LAST[number % len(_LAST)]}"
    rep = _person(f"rep{number:02}{place}", name, Level.REP)
    rep.teams.add(team)
    return rep


def _person(word, name, level):
    email = f"{word}@seller.example"
    return User.objects.filter(email=email).first() or User.objects.create_user(email, name=name, level=level)


def _pipeline(admin):
    known = Pipeline.objects.select_related("version").filter(slug=PROCESS).first()
    if known is None:
        load(read(TEMPLATES / f"{PROCESS}.toml"), by=admin, owner=admin, note="bench")
        known = Pipeline.objects.select_related("version").get(slug=PROCESS)
    return known


def companies(number):
    """Make so many companies with three contacts each. Returns their ids."""
    now, company_ids, contact_ids = timezone.now(), bulk.ids(Company), bulk.ids(Contact)
    made = [_company(next(company_ids), now) for _ in range(number)]
    bulk.insert(Company, made)
    bulk.insert(Contact, [_contact(next(contact_ids), each, job, now) for each in made for job in JOBS])
    return [each.pk for each in made]


def _company(pk, now):
    name = f"{_FIRST[pk % 12]}{_LAST[pk % 11]} {_TRADES[pk % 8]} {pk}"
    return Company(pk=pk, name=name, domain=f"c{pk}.example", industry=_TRADES[pk % 8], created_at=now)


def _contact(pk, company, job, now):
    name = f"{_GIVEN[pk % 10]} {_FIRST[pk % 12]}{_LAST[pk % 7]}"
    email = f"p{pk}@{company.domain}"
    return Contact(pk=pk, company_id=company.pk, name=name, job_title=job, email=email, created_at=now)
