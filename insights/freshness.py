"""Whether what a page shows has changed since it was made."""

from django.db.models import Count, F, Max, Sum

from deals.models import Activity, Answer, Approval, Decision, Firing, GateException, Task, Transition
from team.digits import number_in

from .models import Target

# What only grows: rows of these that were put on record lately are counted.
GROWING = (Transition, Activity, Answer, Approval, Task)
# Transactions end in any order, so as many numbers before the last are counted as may still come to light.
NEAR = 500
# So many new ones are another word, whoever asks from where.
MOST = 100_000


def version(lens):
    """A word that differs once a deal of the lens moved, was edited, answered, recounted or came, something was put on
    record of one or done, something waits for this person's word or does no longer, or a target is another one. What
    happens to deals that the filters leave out changes nothing."""
    last = [model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in GROWING]
    return _word(lens, [max(number - NEAR, 0) for number in last])


def is_same(lens, since):
    """Whether a page that was made with this word would be made so again. What is counted from grows no further than
    through a day: the word of another day is another one."""
    head, _point, _rest = since.partition(".")
    numbers = head.split("-")
    if len(numbers) != len(GROWING) or None in map(number_in, numbers):
        return False
    return since == _word(lens, list(map(int, numbers)))


def _word(lens, starts):
    """What is counted from where is said first, so that it is counted from there again."""
    new = [_new(model, start, lens) for model, start in zip(GROWING, starts, strict=True)]
    told = _of(lens, GateException).aggregate(Max("pk"), Max("decided_at")).values()
    open_now = [
        _of(lens, Firing).asked().count(),
        _of(lens, Task).unfinished().count(),
        _of(lens, Approval).filter(decision=Decision.PENDING).count(),
        lens.user.waiting_for_word,
    ]
    aims = Target.objects.aggregate(Count("pk"), Sum("amount"), weighed=Sum(F("amount") * F("pk"))).values()
    seen = lens.deals().live().order_by().pulse()
    head = "-".join(map(str, starts))
    return ".".join(str(number) for number in (head, lens.today, *new, *open_now, *told, *aims, *seen))


def _new(model, start, lens):
    found = model.objects.order_by().filter(pk__gt=start)
    return (found if lens.is_whole else found.filter(deal__in=_deals(lens)))[:MOST].count()


def _of(lens, model):
    rows = model.objects.order_by()
    return rows if lens.is_whole else rows.filter(deal__in=_deals(lens))


def _deals(lens):
    return lens.deals().order_by().values("pk")
