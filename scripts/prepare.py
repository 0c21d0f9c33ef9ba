"""Readies the database and the static files before the first request; run with the virtual environment."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django
from django.core.management import call_command

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402  needs the apps

call_command("migrate", interactive=False, verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
if not get_user_model().objects.exists():
    print("Making the demo company ...", flush=True)
    call_command("demo")
