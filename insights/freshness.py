"""Whether what a page shows has changed since it was made."""

from django.db.models import Count, F, Max, Sum

from deals.models import Firing, GateException, Transition

from .models import Target


def version(lens):
    """A word that differs once a deal the user sees moved, was edited, answered, recounted or came, or something waits
    for a word or does no longer, or a target is another one. Five statements."""
    seen = lens.visible().live().order_by()
    last = Transition.objects.aggregate(last=Max("pk"))["last"]
    asked = GateException.objects.aggregate(Max("pk"), Max("decided_at"))
    held = Firing.objects.asked().count()
    aims = Target.objects.aggregate(Count("pk"), Sum("amount"), weighed=Sum(F("amount") * F("pk")))
    return ".".join(
        str(number) for number in (lens.today, last, held, *asked.values(), *aims.values(), *seen.pulse())
    )
