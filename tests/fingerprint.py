"""A fingerprint of everything a refusal must leave as it was."""

import hashlib
import json

from django.core.serializers.json import DjangoJSONEncoder

from deals.models import Activity, Answer, Deal, Recap, RecapLine, Task, Transition
from outbox.models import Mail

TABLES = [Deal, Transition, Answer, Activity, Task, Recap, RecapLine, Mail]


def fingerprint():
    """One hash over all rows of the deal, transition, answer, activity, task, recap and mail tables."""
    digest = hashlib.sha256()
    for model in TABLES:
        rows = list(model.objects.order_by("pk").values())
        digest.update(json.dumps(rows, cls=DjangoJSONEncoder, sort_keys=True).encode())
    return digest.hexdigest()
