import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("STATEMENT_TIMEOUT", "5")  # nobody waits longer for a page; commands may take 60

application = get_wsgi_application()

from config.checks import refuse_unsafe_start  # noqa: E402  needs the apps that the line above loads

refuse_unsafe_start()
