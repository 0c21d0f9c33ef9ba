"""A fingerprint of everything a refusal must leave as it was."""

import hashlib
import json

from django.core.serializers.json import DjangoJSONEncoder

from deals.models import (
    Activity,
    Answer,
    Approval,
    Contradiction,
    Deal,
    Objection,
    Recap,
    RecapLine,
    Task,
    Transition,
)
from outbox.models import Mail

AGREED = [Approval, Objection, Contradiction]
TABLES = [Deal, Transition, Answer, Activity, Task, Recap, RecapLine, Mail, *AGREED]


def fingerprint():
    """One hash over all rows of the tables that a refusal must not touch."""
    digest = hashlib.sha256()
    for model in TABLES:
        rows = list(model.objects.order_by("pk").values())
        digest.update(json.dumps(rows, cls=DjangoJSONEncoder, sort_keys=True).encode())
    return digest.hexdigest()
