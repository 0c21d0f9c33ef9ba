"""Finding who and what is already here, so that nothing is doubled: companies, contacts, owners."""

import re
import unicodedata
from collections import Counter

from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from deals.models import Company, Contact
from team.models import Team, User

from .columns import fold
from .report import ERROR, NOTE

# Legal forms at the end of a name: "Vellgrove Ltd." and "vellgrove" are one company.
_FORMS = frozenset(
    """inc incorporated corp corporation co company ltd limited llc llp lp plc pllc gmbh mbh ag kg kgaa ohg gbr ug se
    eg ev sa sas sarl sasu snc srl spa sapa sl slu slp bv nv vof cv ab as asa aps oy oyj ks sp zoo sro doo kft zrt nyrt
    ooo oao pty pte bhd sdn kk pvt ltda eirl sca scs cokg""".split()  # noqa: SIM905
)
_WORDS = re.compile(r"[\W_]+")


def company_key(name):
    """What two spellings of one company share: case, spaces, signs, accents and legal form do not count."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    words = [word for word in _WORDS.split(re.sub(r"(?<=\b\w)\.", "", bare.replace("'", ""))) if word]
    kept = list(words)
    while len(kept) > 1 and (kept[-1] in _FORMS or kept[-1] == "and"):
        kept.pop()
    return " ".join(kept)


class Companies:
    """All companies by their key; new ones are made many at a time."""

    def __init__(self):
        self._ids = {}
        rows = Company.objects.order_by("-pk").values_list("pk", "name", "merged_into")
        for pk, name, merged_into in rows.iterator():
            self._ids[company_key(name)] = merged_into or pk

    def ids_of(self, rows):
        """{key: company id} for these rows, after making the companies that are missing."""
        new = {}
        for row in rows:
            key = company_key(row.company)
            if key not in self._ids and key not in new:
                new[key] = Company(
                    name=row.company, domain=row.domain, industry=row.industry, country=row.country
                )
        for key, company in zip(new, Company.objects.bulk_create(new.values()), strict=True):
            self._ids[key] = company.pk
        return self._ids


class Contacts:
    """People by e-mail, else by company and name where one side has no e-mail. Reads what a chunk asks for."""

    def of(self, rows, company_ids):
        """{line: contact id} of the rows that name a person, after making the people who are missing."""
        wanted = [(row, company_ids[company_key(row.company)]) for row in rows if row.contact_name]
        if not wanted:
            return {}
        people = self._known([row for row, _company in wanted], {company for _row, company in wanted})
        found, new = {}, []
        for row, company in wanted:
            contact = _match(people, row, company)
            if contact is None:
                contact = _contact(row, company)
                new.append(contact)
                _remember(people, contact)
            found[row.line] = contact
        Contact.objects.bulk_create(new)
        return {line: contact.merged_into_id or contact.pk for line, contact in found.items()}

    def _known(self, rows, companies):
        people = {}
        for contact in Contact.objects.filter(company__in=companies).order_by("-pk"):
            _remember(people, contact)
        for contact in _by_email({row.contact_email for row in rows if row.contact_email}):
            people[contact.email.lower()] = contact
        return people


def _remember(people, contact):
    people[contact.company_id, fold(contact.name)] = contact
    if contact.email:
        people[contact.email.lower()] = contact


def _match(people, row, company):
    if row.contact_email in people:
        return people[row.contact_email]
    namesake = people.get((company, fold(row.contact_name)))
    return None if namesake and namesake.email and row.contact_email else namesake


def _by_email(emails):
    if not emails:
        return []
    return Contact.objects.alias(mail=Lower("email")).filter(mail__in=emails).order_by("-pk")


def _contact(row, company):
    return Contact(
        company_id=company, name=row.contact_name, email=row.contact_email, phone=row.contact_phone,
        job_title=row.job_title,
    )  # fmt: skip


class Owners:
    """Who a name or an e-mail in a file is, and whether the importer may give deals to them."""

    def __init__(self, importer, said, defaults):
        self.importer, self._said = importer, said
        self._people = list(User.objects.prefetch_related("teams"))
        self._by_email = {user.email.lower(): user for user in self._people}
        names = Counter(fold(user.name) for user in self._people if user.is_active)
        self._by_name = {fold(user.name): user for user in self._people if names[fold(user.name)] == 1}
        self._fallback = self._by_email.get(defaults.get("owner", "").strip().lower(), importer)
        self._team = Team.objects.filter(name__iexact=defaults.get("team", "")).first()
        self._known, self._teams = {}, {}

    def assignable(self):
        return [user for user in self._people if self._may_have(user)]

    def of(self, text):
        """(user or None, level, reason) of a cell; the reason is empty where there is nothing to say."""
        if text not in self._known:
            self._known[text] = self._find(text)
        return self._known[text]

    def _find(self, text):
        if not text:
            return self._fallback, NOTE, self._taken(_("The row names no owner"))
        user = self._by_email.get(self._said.get(fold(text), text).strip().lower())
        user = user or self._by_name.get(fold(text))
        if user is None:
            return self._fallback, NOTE, self._taken(_("Nobody here has this name"))
        if not user.is_active:
            return self._fallback, NOTE, self._taken(_("This person no longer works here"))
        if not self._may_have(user):
            return None, ERROR, _("You may give deals only to members of your own teams.")
        return user, "", ""

    def _taken(self, why):
        return _("%(why)s; the deal goes to %(name)s.") % {"why": why, "name": self._fallback}

    def _may_have(self, user):
        if not user.is_active:
            return False
        if self.importer.is_admin or user.pk == self.importer.pk:
            return True
        mine = set(self.importer.team_ids)
        return any(team.pk in mine for team in user.teams.all())

    def team_of(self, user):
        """The team a deal of this user belongs to: one of the importer's teams where the importer is a manager."""
        if user.pk not in self._teams:
            self._teams[user.pk] = self._find_team(user)
        return self._teams[user.pk]

    def _find_team(self, user):
        teams = [
            team for team in user.teams.all() if self.importer.is_admin or team.pk in self.importer.team_ids
        ]
        if self._team and (not teams or self._team in teams):
            return self._team
        if teams:
            return teams[0]
        return self.importer.teams.first() or (Team.objects.first() if self.importer.is_admin else None)
