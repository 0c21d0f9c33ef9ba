"""Whether what a page shows has changed since it was made."""

from django.db.models import Count, F, Max, Sum

from deals.models import Activity, Answer, Approval, Decision, Firing, GateException, Task, Transition

from .models import Target

# What only grows: a number that is larger once something was put on record, read from the end of an index.
GROWING = (Transition, Activity, Answer, Approval, Task)


def version(lens):
    """A word that differs once a deal the user sees moved, was edited, answered, recounted or came, something was
    put on record or done, something waits for a word or does no longer, or a target is another one. Eleven statements,
    of which only the deals' own and what is open read more than a row."""
    seen = lens.visible().live().order_by()
    last = [model.objects.aggregate(last=Max("pk"))["last"] for model in GROWING]
    asked = GateException.objects.aggregate(Max("pk"), Max("decided_at"))
    open_now = [
        Firing.objects.asked().count(),
        Task.objects.unfinished().count(),
        Approval.objects.filter(decision=Decision.PENDING).count(),
    ]
    aims = Target.objects.aggregate(Count("pk"), Sum("amount"), weighed=Sum(F("amount") * F("pk")))
    return ".".join(
        str(number)
        for number in (lens.today, *last, *open_now, *asked.values(), *aims.values(), *seen.pulse())
    )
