"""/dashboard/learning/: what gates, objections, losses, wins and new versions teach."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from .. import choices
from ..learning.registry import PANELS
from ..lens import Lens
from ..registry import counted


@require_safe
def page(request):
    lens = Lens.from_query(request.user, request.GET, timezone.now())
    context = {
        "lens": lens,
        "filters": choices.of(lens),
        "shown": [counted(panel, lens) for panel in PANELS],
    }
    return render(request, "insights/learning.html", context)
