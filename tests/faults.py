"""What is due in the tests of engines that fail, and what must hold afterwards."""

import signal
from collections import Counter
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from deals.models import Deal, Firing, Kind, Status, Task, Transition

from . import clockwork as c
from . import factories as f
from .engines import wait_until
from .tampering import verified

BATCH = 10
# What three weeks of silence after a proposal come to, in this order.
expected = ["follow_up", "re_engage"]


def overdue(number=BATCH):
    """Deals whose proposal has been unanswered for twenty days, and nobody looked."""
    pipeline, owner = c.seven_stages(), f.make_user()
    at = timezone.now() - timedelta(days=20)
    deals = [c.quiet_deal(pipeline, at=at, owner=owner) for _ in range(number)]
    for deal in deals:
        c.proposal(deal, at=at)
    return deals


def all_done(deals):
    """Whether everything that is due was done for each deal. What was done must never be more, or half."""
    done = [fired(deal) for deal in deals]
    assert all(keys == expected[: len(keys)] for keys in done)
    return all(keys == expected for keys in done)


def fired(deal):
    return list(Firing.objects.filter(deal=deal).order_by("pk").values_list("key", flat=True))


def sound():
    """One firing for each occurrence, with its task and its line of history; no deal twice; and the history holds."""
    firings = Firing.objects.all()
    assert not firings.values("deal", "key", "occurrence").annotate(n=Count("pk")).filter(n__gt=1)
    unfinished = Task.objects.unfinished().exclude(rule_key="").values("deal", "rule_key")
    assert not unfinished.annotate(n=Count("pk")).filter(n__gt=1)
    assert Counter(Task.objects.exclude(rule_key="").values_list("deal", "rule_key")) == Counter(
        firings.values_list("deal", "key")
    )
    moved = Transition.objects.filter(kind=Kind.RE_ENGAGE).values_list("deal", flat=True)
    assert sorted(moved) == sorted(firings.filter(key="re_engage").values_list("deal", flat=True))
    assert sorted(moved) == sorted(
        Deal.objects.filter(status=Status.RE_ENGAGING).values_list("pk", flat=True)
    )
    status, found, _last = verified(strict=True)
    assert (status, found) == (0, [])


def kill_at(engines, point):
    """Have a worker killed at that point of its next tick."""
    worker = engines.worker()
    engines.fate(point)
    engines.call()
    wait_until(lambda: worker.poll() is not None, engines.log)
    assert worker.returncode == -signal.SIGKILL, engines.log()
