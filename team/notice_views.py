"""What somebody should know: a page of notices, read one by one or all at once."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from team.toasts import toast

PAGE_SIZE = 30


@login_required
@require_safe
def notices(request):
    """Unread ones first, the newest of each first."""
    found = request.user.notices.order_by(F("read_at").desc(nulls_first=True), "-at", "-id")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "team/notices.html", {"page": page, "unread": request.user.unread_notices})


@login_required
@require_POST
def read_notice(request, pk):
    """Mark one as read, and go to the page it is about where `open` is pressed."""
    notice = get_object_or_404(request.user.notices, pk=pk)
    request.user.notices.filter(pk=pk, read_at__isnull=True).update(read_at=timezone.now())
    if "open" in request.POST and notice.url and _is_ours(notice.url, request):
        return redirect(notice.url)
    return redirect("notices")


@login_required
@require_POST
def read_all_notices(request):
    count = request.user.notices.filter(read_at__isnull=True).update(read_at=timezone.now())
    words = ngettext("%d notice marked as read.", "%d notices marked as read.", count) % count
    toast(request, words if count else _("There was nothing unread."))
    return redirect("notices")


def _is_ours(url, request):
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, {request.get_host()})
