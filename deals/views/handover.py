"""An admin hands over what a leaving person acts on."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from team.models import User
from team.toasts import toast

from .. import handover


class HandoverForm(forms.Form):
    to = forms.ModelChoiceField(User.objects.none(), label=_("Hand everything to"))

    def __init__(self, leaving, *args):
        super().__init__(*args)
        self.fields["to"].queryset = User.objects.active().exclude(pk=leaving.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request, pk):
    if not request.user.is_admin:
        raise PermissionDenied(_("Only an admin hands over somebody's deals."))
    leaving = get_object_or_404(User, pk=pk)
    form = HandoverForm(leaving, request.POST or None)
    if request.method == "POST" and form.is_valid():
        count = handover.hand_over(leaving, form.cleaned_data["to"], by=request.user)
        said = ngettext("%d deal changed hands.", "%d deals changed hands.", count) % count
        toast(request, said)
        return redirect("admin:team_user_change", pk)
    deals = handover.held_deals(leaving).select_related("stage", "owner").order_by("-amount_base")
    context = {
        "leaving": leaving,
        "form": form,
        "count": deals.count(),
        "deals": deals[:50],
        "tasks": handover.open_tasks(leaving).count(),
    }
    return render(request, "deals/handover.html", context, status=422 if form.errors else 200)
