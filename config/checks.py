"""What keeps production from starting. `manage.py check --deploy` shows all of it; wsgi.py insists on it."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

DEMO_LOGINS = ["rep@demo.example", "manager@demo.example", "admin@demo.example"]
DEMO_DOMAIN = "@demo.example"
DEMO_PASSWORD = "headgate-demo"


@register(Tags.security)
def safe_settings(app_configs=None, **kwargs):
    if settings.MODE != "production":
        return []
    return [*debug_off(), *strong_keys()]


def debug_off():
    if settings.DEBUG:
        yield Error("DEBUG is on in production.", hint="Unset DEBUG.", id="headgate.E001")


def strong_keys():
    for name, key in [("SECRET_KEY", settings.SECRET_KEY), *fallbacks()]:
        if len(key) < 50 or len(set(key)) < 10 or key.startswith("django-insecure-"):
            hint = "Use at least 50 random characters, or unset it and let the first start make one."
            yield Error(f"{name} is too weak.", hint=hint, id="headgate.E002")


def fallbacks():
    return [("SECRET_KEY_FALLBACKS", key) for key in settings.SECRET_KEY_FALLBACKS]


@register(Tags.security, deploy=True)
def named_hosts(app_configs=None, **kwargs):
    if settings.MODE != "production" or settings.ALLOWED_HOSTS:
        return []
    hint = "Set it to the names people use, such as ALLOWED_HOSTS=crm.example.com."
    return [Error("ALLOWED_HOSTS is empty.", hint=hint, id="headgate.E003")]


def guard_in_place():
    from deals import guard  # the app registry must be ready

    missing = guard.missing(connection)
    if not missing:
        return []
    hint = "Run manage.py migrate, which installs it."
    return [
        Error(f"The database guard is not in place: {', '.join(missing)}.", hint=hint, id="headgate.E004")
    ]


def no_demo_logins():
    """Whoever read the README could log in."""
    if settings.MODE != "production":
        return []
    people = get_user_model().objects.filter(is_active=True, email__iendswith=DEMO_DOMAIN)
    open_doors = [person.email for person in people if person.check_password(DEMO_PASSWORD)]
    if not open_doors:
        return []
    hint = "Change their passwords or deactivate them; or start with MODE=demo."
    return [Error(f"Demo logins can log in: {', '.join(open_doors)}.", hint=hint, id="headgate.E005")]


@register(deploy=True)
def sound_database(app_configs=None, **kwargs):
    try:
        return [*guard_in_place(), *no_demo_logins()]
    except DatabaseError as error:
        hint = "Is DATABASE_URL right, and has manage.py migrate run?"
        return [Error(f"The database cannot be used: {error}.", hint=hint, id="headgate.E006")]


def refuse_unsafe_start():
    """Raises with everything that is wrong, so that one restart is enough to mend it."""
    found = [*safe_settings(), *named_hosts(), *sound_database()]
    if found:
        lines = [f"{error.msg} {error.hint} ({error.id})" for error in found]
        raise ImproperlyConfigured("Headgate does not start:\n  " + "\n  ".join(lines))
