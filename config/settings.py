"""Every setting comes from the environment; docs/settings.md lists what can be set."""

from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import env

BASE_DIR = Path(__file__).resolve().parent.parent

# production is the default, so that a forgotten variable is strict; `make run` says demo, the tests say test.
MODE = env.choice("MODE", ["production", "demo", "test"], "production")
PRODUCTION = MODE == "production"
DEBUG = env.flag("DEBUG", False)

DATA_DIR = env.folder("DATA_DIR", BASE_DIR / "var")
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)

SECRET_KEY = env.secret_key(DATA_DIR)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", [] if PRODUCTION else LOOPBACK)
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")

# How many proxies stand in front: so many entries of X-Forwarded-For, from the right, are theirs.
PROXIES = env.integer("PROXIES", 0, 0, 10)
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES

INSTALLED_APPS = [
    "outbox",
    "team",
    "pipeline",
    "deals",
    "automations",
    "insights",
    "api",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    "lucide",
    "csp",
    "allauth",
    "allauth.account",
    "config.apps.ConfigConfig",
]

MIDDLEWARE = [
    "config.middleware.extra_headers",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads each answer, so that its length tells nothing of secrets
    "config.middleware.no_store",
    "config.middleware.refuse_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.session_limits",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.SignInRequired",
    "team.middleware.organisation_time",
    "deals.stored_files.without_strays",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "config.middleware.focus_the_flaw",
    "config.refused_forms.RefusedForms",
    "config.middleware.BadInput",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    }
]

# Seconds one SQL statement may take on PostgreSQL; wsgi.py says 5, commands have 60; 0 is no limit.
STATEMENT_TIMEOUT = env.integer("STATEMENT_TIMEOUT", 60, 0, 86400)
DATABASES = {"default": env.database("DATABASE_URL", DATA_DIR / "headgate.sqlite3", STATEMENT_TIMEOUT)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.redis("REDIS_URL")
# Requests a token may send per minute; 0 is no limit.
API_PER_MINUTE = env.integer("API_PER_MINUTE", 600, 0, 1_000_000)
# How many stages a process has before the linter warns.
STAGES_AT_LEAST = env.integer("STAGES_AT_LEAST", 4, 1, 50)
STAGES_AT_MOST = env.integer("STAGES_AT_MOST", 7, 1, 50)

CACHES = {
    "default": {
        # Shared by the web processes of one machine; holds the counters of failed logins.
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "files"  # private: no URL serves it; a view with a permission check does
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20

globals().update(env.email("EMAIL_URL", DATA_DIR / "mail", "file"))
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Headgate <headgate@localhost>")

# What links in mails to our own people begin with; without it those mails have none.
SITE_URL = env.origin("SITE_URL")

# Receivers of our own, inside a private network, that webhooks may go to: see docs/webhooks.md
WEBHOOK_ALLOW_PRIVATE = env.receivers("WEBHOOK_ALLOW_PRIVATE")

# Where the day's anchor of the ledger goes beside the log: see docs/security-model.md
ANCHOR_FILE = env.file("ANCHOR_FILE")
ANCHOR_MAIL = env.mailbox("ANCHOR_MAIL")

# Who may come in
AUTH_USER_MODEL = "team.User"
AUTHENTICATION_BACKENDS = ["team.backends.PersonBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_validators = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_validators}MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_validators}CommonPasswordValidator"},
    {"NAME": f"{_validators}UserAttributeSimilarityValidator"},
    {"NAME": f"{_validators}NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "config.accounts.ClosedAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
# Only failed attempts count: an office behind one address must be able to start its day.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "10/h/ip,20/d/key"}

# Sessions end after 12 hours without a request (middleware.session_limits) and after 7 days in any case.
SESSION_COOKIE_AGE = 12 * 3600
SESSION_ABSOLUTE_AGE = 7 * 24 * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "csrf"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# What browsers are told
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
SILENCED_SYSTEM_CHECKS = [
    "security.W021",  # preloading HSTS is the domain owner's decision
    "models.W040",  # SQLite leaves out what an index carries beside its key, and is asked for few enough rows
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"links": {"()": "config.redaction.HideLinks"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["links"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "headgate.anchor": {"level": "INFO"},
        "headgate.automations": {"level": "INFO"},
    },
}
