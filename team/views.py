from django.contrib.auth.decorators import login_required
from django.http import HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import trigger_client_event

from team.forms import ProfileForm, ThemeForm
from team.toasts import toast


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request):
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save_changes()
        toast(request, _("Profile saved."))
        return redirect("profile")
    if form.errors:
        request.user.refresh_from_db()
    return render(request, "team/profile.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_POST
def theme(request):
    """Store the look; a fragment gets the next button and tells the page to change at once."""
    form = ThemeForm(request.POST, instance=request.user)
    if not form.is_valid():
        return HttpResponseBadRequest(_("Choose system, light or dark."))
    request.user.save(update_fields=["theme"])
    if not request.htmx:
        return redirect(_back(request))
    response = render(request, "parts/theme.html", {"next": _back(request)})
    return trigger_client_event(response, "theme", {"theme": request.user.theme})


def _back(request):
    """Where the person came from, if that is one of our pages."""
    address = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure())
    return address if ours and address.startswith("/") else "/"
