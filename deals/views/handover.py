"""An admin hands over what waits for a leaving person."""

from django import forms
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from team.digits import number_in
from team.models import User
from team.toasts import toast

from .. import handover, new_owner
from ..approving import approval_handover
from ..edits import Unfit
from ..forms import Malformed
from .access import editable_deal
from .replies import go_to, in_kind

WITHDRAW = "withdraw"


class HandoverForm(forms.Form):
    """One person takes the deals and tasks; for each role, who decides the approvals asked of it."""

    to = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Hand everything to"))
    reason = forms.CharField(
        label=gettext_lazy("Why, and what to know"), required=False, max_length=new_owner.REASON_LIMIT
    )

    def __init__(self, leaving, *args):
        super().__init__(*args)
        self.leaving, self.roles = leaving, {}
        self.fields["to"].queryset = User.objects.active().exclude(pk=leaving.pk)
        if not handover.held_deals(leaving).exists() and not handover.open_tasks(leaving).exists():
            del self.fields["to"], self.fields["reason"]
        for role in approval_handover.roles(leaving):
            self._ask_who_decides(role)

    def _ask_who_decides(self, role):
        name = f"approver-{slugify(role, allow_unicode=True)}"
        people = [(str(user.pk), user.name) for user in approval_handover.deciders(role, self.leaving)]
        label = _("Approvals asked of %s") % role if role else _("Approvals")
        choices = [("", _("Choose")), *people, (WITHDRAW, _("Withdraw them; who asked is told"))]
        self.roles[role], self.fields[name] = name, forms.ChoiceField(label=label, choices=choices)

    @property
    def instead(self):
        """{role: who decides instead, or None}."""
        chosen = {role: self.cleaned_data[name] for role, name in self.roles.items()}
        ids = [choice for choice in chosen.values() if choice != WITHDRAW]
        people = {str(user.pk): user for user in User.objects.active().filter(pk__in=ids)}
        return {role: people.get(choice) for role, choice in chosen.items()}


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request, pk):
    if not request.user.is_admin:
        raise PermissionDenied(_("Only an admin hands over somebody's deals."))
    leaving = get_object_or_404(User, pk=pk)
    form = HandoverForm(leaving, request.POST or None)
    if request.method == "POST" and form.is_valid() and _handed_over(request, leaving, form):
        return redirect("admin:team_user_change", pk)
    deals = handover.held_deals(leaving).select_related("stage", "owner").order_by("-amount_base")
    approvals = approval_handover.waiting(leaving)
    context = {
        "leaving": leaving,
        "form": form,
        "count": deals.count(),
        "deals": deals[:50],
        "tasks": handover.open_tasks(leaving).count(),
        "approvals": approvals[:50],
        "approval_count": approvals.count(),
    }
    return render(request, "deals/handover.html", context, status=422 if form.errors else 200)


def _handed_over(request, leaving, form):
    """Whether it was done; else the form says what cannot be."""
    try:
        deals, approvals = handover.hand_over(
            leaving,
            form.cleaned_data.get("to"),
            by=request.user,
            instead=form.instead,
            reason=form.cleaned_data.get("reason", ""),
        )
    except Unfit as error:
        for role, text in error.fields.items():
            form.add_error(form.roles.get(role), text)
        return False
    said = [
        ngettext("%d deal changed hands.", "%d deals changed hands.", deals) % deals if deals or not approvals else "",
        ngettext("%d approval passed on.", "%d approvals passed on.", approvals) % approvals if approvals else "",
    ]  # fmt: skip
    toast(request, " ".join(filter(None, said)))
    return True


@require_POST
@in_kind
def accept(request, pk):
    """The new owner takes the deal over; a second time changes nothing."""
    deal = editable_deal(request, pk)
    if new_owner.accept(deal.pk, by=request.user, now=timezone.now()):
        toast(request, _("%s is yours.") % deal.name)
    return go_to(request, reverse("deal", args=[deal.pk]))


@require_POST
@in_kind
def accept_all(request):
    """The deals that were listed; one that was handed over since is still to be looked at."""
    listed = request.POST.getlist("deal")
    if any(number_in(pk) is None for pk in listed):
        raise Malformed(_("This is no form of ours."))
    done = new_owner.accept_all(listed, by=request.user, now=timezone.now())
    if done:
        toast(request, ngettext("%d deal is yours.", "%d deals are yours.", done) % done)
    return go_to(request, reverse("waiting"))
