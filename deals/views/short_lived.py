"""Which moves were judged by rules that lived less than a day, for those who answer for a team."""

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ..publishing import short_lived


@require_safe
def short_lived_moves(request):
    if not request.user.is_manager:
        raise PermissionDenied(_("Managers and admins see how rules were changed around moves."))
    page = Paginator(short_lived.moves(request.user), 50).get_page(request.GET.get("page"))
    return render(request, "deals/short_lived.html", {"page": page})
