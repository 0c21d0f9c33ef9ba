"""The people of a deal: added with one form, changed with the same."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pipeline.vocabulary import StakeholderRoleName
from team.toasts import toast

from ..edits import StaleEdit, Unfit
from ..forms import Malformed
from ..models import Stakeholder, StakeholderStance
from ..people import stakeholders
from .access import editable_deal
from .replies import go_to, in_kind

FIELDS = {*stakeholders.TEXTS, "roles", "stance", "influence", "was", "csrfmiddlewaretoken"}
NOBODY = {"stance": StakeholderStance.UNKNOWN, "influence": "2", "roles": []}


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def stakeholder(request, pk, stakeholder_id=None):
    deal = editable_deal(request, pk)
    known = None
    if stakeholder_id:
        known = get_object_or_404(deal.stakeholders.select_related("contact"), pk=stakeholder_id)
    if request.method != "POST":
        return show(request, deal, known, stakeholders.shown(known) if known else NOBODY)
    return save(request, deal, known)


def save(request, deal, known):
    if set(request.POST) - FIELDS:
        raise Malformed(_("This is no form of ours."))
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    roles = request.POST.getlist("roles")
    try:
        stake = stakeholders.put(
            deal.pk,
            typed,
            roles,
            by=request.user,
            stakeholder_id=known.pk if known else None,
            was=typed["was"],
        )
    except StaleEdit:
        fresh = deal.stakeholders.select_related("contact").get(pk=known.pk)
        return show(request, deal, fresh, {**typed, "roles": roles}, status=409, note=_now(fresh))
    except Unfit as error:
        return show(request, deal, known, {**typed, "roles": roles}, error.fields, status=422)
    except Stakeholder.DoesNotExist as error:
        raise Http404 from error
    toast(request, _("%s is on the map.") % stake.contact.name)
    return go_to(request, f"{reverse('deal', args=[deal.pk])}#people")


def _now(stake):
    """What was saved while the form was open, as a sentence."""
    said = stakeholders.shown(stake)
    roles = [str(label) for value, label in StakeholderRoleName.choices if value in said["roles"]]
    texts = [said[name] for name in ("name", "job_title", "email", "priority") if said[name]]
    words = ", ".join([*texts, *roles, stake.get_stance_display()])
    return _("It says “%s” now. What you typed is below and is not saved.") % words


def show(request, deal, known, values, errors=None, status=200, note=""):
    context = {
        "deal": deal, "known": known, "values": values, "errors": errors or {}, "note": note,
        "was": (status == 422 and values.get("was")) or (stakeholders.state_of(known) if known else ""),
        "roles": StakeholderRoleName.choices, "stances": StakeholderStance.choices,
        "influences": [("1", _("Low")), ("2", _("Medium")), ("3", _("High"))],
        "contacts": deal.company.contacts.filter(merged_into=None, left_at=None)[:200],
    }  # fmt: skip
    return render(request, "deals/stakeholder.html", context, status=status)
