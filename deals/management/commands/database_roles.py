import secrets
from urllib.parse import quote

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError, connection, transaction
from django.utils.translation import gettext as _

from deals.guard import roles


class Command(BaseCommand):
    help = _(
        "PostgreSQL: make one role that owns the tables and migrates, and one for the app, which cannot lift the"
        " guard nor change the ledger. Run it as a superuser once, and as the owner after each upgrade."
    )

    def add_arguments(self, parser):
        parser.add_argument("--owner", default="headgate_owner", help=_("the role that owns and migrates"))
        parser.add_argument("--app", default="headgate_app", help=_("the role the app runs as"))
        parser.add_argument(
            "--check",
            action="store_true",
            help=_("only say whether the role of DATABASE_URL could lift the guard"),
        )

    def handle(self, *args, owner, app, check=False, **options):
        if connection.vendor != "postgresql":
            raise CommandError(_("SQLite knows no roles: whoever can read the file can change it."))
        if check:
            return self._check()
        if owner == app:
            raise CommandError(_("The owner and the app are two roles."))
        try:
            with transaction.atomic():
                addresses = self._set_up(owner, app)
        except ProgrammingError as error:
            raise CommandError(_("Not done, nothing was changed: %s") % str(error).strip()) from error
        self._tell(addresses)

    def _check(self):
        """Status 1 where the app could get past the guard."""
        if reasons := [reason for (reason,) in self._rows(roles.CAN_LIFT)]:
            raise CommandError(_("This role %s.") % ", ".join(reasons))
        self.stdout.write(_("This role cannot lift the guard."))

    def _set_up(self, owner, app):
        made = {role: self._make(role) for role in (owner, app)}
        tables, functions = dict(self._rows(roles.TABLES)), dict(self._rows(roles.FUNCTIONS))
        if roles.MIGRATIONS not in tables:
            raise CommandError(_("There are no tables yet: run manage.py migrate first."))
        database, schema = self._rows("SELECT current_database(), current_schema()")[0]
        self._run(
            *roles.shut(database, schema, owner),
            *roles.hand_over(_others(tables, owner), _others(functions, owner), owner),
            *roles.grant(database, schema, tables, owner, app),
        )
        return made

    def _make(self, role):
        """The role's address with a password nobody else knows; '' where there is such a role already."""
        if self._rows("SELECT 1 FROM pg_roles WHERE rolname = %s", role):
            return ""
        password = secrets.token_urlsafe(24)
        self._run(roles.create(role, password))
        return _address(role, password)

    def _tell(self, addresses):
        for role, address in addresses.items():
            self.stdout.write(f"{role}: {address or _('was there already and keeps its password')}")
        app, owner = list(addresses)[1], list(addresses)[0]
        self.stdout.write(_("DATABASE_URL is the address of %s; migrate with that of %s.") % (app, owner))

    def _rows(self, query, *values):
        with connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchall()

    def _run(self, *statements):
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)


def _others(owners, owner):
    return [name for name, whose in owners.items() if whose != owner]


def _address(role, password):
    """As DATABASE_URL takes it, for the database this command is connected to."""
    given = connection.settings_dict
    host, port = given["HOST"] or "localhost", given["PORT"] or 5432
    if host.startswith("/"):
        return f"postgres://{quote(role)}:{password}@/{given['NAME']}?host={quote(host, safe='/')}"
    return f"postgres://{quote(role)}:{password}@{host}:{port}/{given['NAME']}"
