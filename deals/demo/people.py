"""Ostermere Metering: the organisation, its teams and the people who log in."""

from datetime import datetime

from django.contrib.auth.hashers import make_password

from team.models import Level, Organisation, Role, Team, User

PASSWORD = "headgate-demo"
ZONE = "Europe/Berlin"
# login, name, level, role, teams
PEOPLE = [
    ("rep", "Mara Kessel", Level.REP, "Account executive", ["North"]),
    ("jonas", "Jonas Lindvarr", Level.REP, "Account executive", ["North"]),
    ("ines", "Ines Duarvo", Level.REP, "Account executive", ["South"]),
    ("tom", "Tom Averell", Level.REP, "Account executive", ["South"]),
    ("manager", "Ruth Adelmar", Level.MANAGER, "Sales manager", ["North", "South"]),
    ("admin", "Sofia Brandvik", Level.ADMIN, "Revenue operations", []),
    ("legal", "Hugo Lenzmar", Level.REP, "Legal", ["North", "South"]),
    ("finance", "Amara Oseye", Level.REP, "Finance", ["North", "South"]),
    ("success", "Yuki Tanebara", Level.REP, "Customer success", ["North", "South"]),
]


def make_organisation():
    """The one row; a second call finds it as it is."""
    organisation = Organisation.current()
    organisation.name = "Ostermere Metering"
    organisation.currency, organisation.time_zone = "EUR", ZONE
    organisation.working_days, organisation.holiday_country = "12345", "DE"
    organisation.exceptions_per_rep = 3  # Tom has as many open
    organisation.own_domains = "ostermere.example\ndemo.example"
    organisation.save()
    return organisation


def make_people(joined: datetime):
    """{first name in lower case: User}. One hash serves all: the password is public anyway, and Argon2 is slow."""
    teams = {name: Team.objects.get_or_create(name=name)[0] for name in ("North", "South")}
    password = make_password(PASSWORD)
    people = {}
    for login, name, level, role, member_of in PEOPLE:
        user = User.objects.create(email=f"{login}@demo.example", name=name, level=level, password=password)
        user.roles.add(_role(role))
        user.teams.add(*(teams[each] for each in member_of))
        people[name.split()[0].lower()] = user
    User.objects.filter(pk__in=[user.pk for user in people.values()]).update(joined_at=joined)
    return people


def _role(name):
    return Role.objects.get_or_create(slug=name.lower().replace(" ", "-"), defaults={"name": name})[0]
