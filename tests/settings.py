"""The product's settings, with what only tests want: their own folder, quick passwords, plain static files."""

import atexit
import os
import shutil
import tempfile

_own_folder = tempfile.mkdtemp(prefix="headgate-")
atexit.register(shutil.rmtree, _own_folder, ignore_errors=True)
os.environ["MODE"] = "test"
os.environ["DATA_DIR"] = _own_folder
os.environ["REDIS_URL"] = ""  # tests that want one start their own
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2)

from config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Most tests ask for refusals; writing down where each came from takes longer than refusing. A crash is still told.
LOGGING["loggers"]["django.request"] = {"level": "ERROR"}  # noqa: F405
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
