"""The same write asked twice happens once: an Idempotency-Key gets the first answer again, whatever it was."""

import hashlib
import json
from datetime import timedelta

from django.core.cache import cache
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from deals.forms import Malformed

from .models import Request

LONGEST_KEY = 200
KEPT_DAYS = 30
# Answers that say what became of the write. Whatever was not tried may be tried again with the same key.
KEPT = {200, 201, 409, 422}


class KeyReused(Exception):
    """The key came before with another request; nothing was done."""


def once(request, write):
    """The response of `write()`, or the one an earlier request with the same key got."""
    key = key_of(request)
    if not key:
        return write()
    _forget_old(request.auth)
    with transaction.atomic():
        asked = {"method": request.method, "path": request.path[:200], "digest": digest(request)}
        row, is_new = Request.objects.get_or_create(
            token=request.auth, key=key, defaults={**asked, "at": timezone.now()}
        )
        if not is_new:
            return first_answer(row, asked)
        response = write()
        if response.status_code not in KEPT:
            transaction.set_rollback(True)
            return response
        row.status, row.answer = response.status_code, response.content.decode()
        row.save(update_fields=["status", "answer"])
    return response


def key_of(request):
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        words = _("An Idempotency-Key has at most %d plain characters.")
        raise Malformed(words % LONGEST_KEY)
    return key


def digest(request):
    """Of what was asked, whatever order and spaces it was written in; of an upload, its name and content."""
    hasher = hashlib.sha256()
    if request.content_type == "application/json":
        value = json.loads(request.body) if request.body else None
        hasher.update(json.dumps(value, sort_keys=True).encode())
    for name, upload in sorted(request.FILES.items()):
        hasher.update(f"{name}={upload.name}:".encode())
        for chunk in upload.chunks():
            hasher.update(chunk)
        upload.seek(0)
    return hasher.hexdigest()


def first_answer(row, asked):
    if any(getattr(row, name) != value for name, value in asked.items()):
        raise KeyReused(_("This Idempotency-Key was used for another request. Take a new one for each."))
    response = HttpResponse(row.answer, status=row.status, content_type="application/json")
    response["Idempotent-Replayed"] = "true"
    return response


def _forget_old(token):
    """Once a day and token."""
    if cache.add(f"api-forgot-{token.pk}", 1, 24 * 3600):
        token.requests.filter(at__lt=timezone.now() - timedelta(days=KEPT_DAYS)).delete()
