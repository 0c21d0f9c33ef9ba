"""Approvals: those of a deal for who acts on it, and each for the one colleague who decides it."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from team.calendar import local_date
from team.models import Organisation
from team.toasts import toast

from .. import answers
from ..answers import AnswerErrors, Given
from ..approving import approvals
from ..approving.approvalpage import ApprovalsPage
from ..edits import Unfit
from ..models import Approval, Deal, Decision
from .access import editable_deal, visible_deal
from .posted import attempted, typed
from .replies import in_kind

ASKED = {"criterion", "approver", "contact", "subject", "due_on"}
RECORDED = {"decision", "conversation", "on", "how", "words"}
# What an answer calls its parts, and the field of this page.
PARTS = {"": "decision", "by": "conversation", "state": "decision"}


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def of_deal(request, pk):
    """All approvals of a deal; POST asks for one."""
    if request.method != "POST":
        return show(request, visible_deal(request, pk))
    deal, given = editable_deal(request, pk), typed(request, ASKED)
    form = f"ask-{given['criterion']}"
    return attempted(
        request,
        lambda: told(request, approvals.ask(deal.pk, given, by=request.user), _("%s has been asked.")),
        lambda errors, status: show(request, deal, form, given, errors, status),
        reverse("approvals", args=[deal.pk]),
    )


def told(request, approval, words):
    toast(request, words % approval.who)
    return approval


def show(request, deal, form="", given=None, errors=None, status=200):
    page = ApprovalsPage(deal, request.user, Organisation.current(), timezone.now(), form, given, errors)
    return render(request, "deals/agreement/approvals.html", {"deal": deal, "page": page}, status=status)


@require_POST
@in_kind
def record(request, pk, approval_id):
    """What somebody of the buyer's side said, from a conversation on record."""
    deal, given = editable_deal(request, pk), typed(request, RECORDED)
    rows = deal.approvals.exclude(decision=Decision.WITHDRAWN)
    approval = get_object_or_404(rows, pk=approval_id, contact__isnull=False)
    return attempted(
        request,
        lambda: said(request, approval, given),
        lambda errors, status: show(request, deal, f"record-{approval.pk}", given, errors, status),
        reverse("approvals", args=[deal.pk]),
    )


def said(request, approval, given):
    if given["decision"] not in (Decision.APPROVED, Decision.REJECTED):
        raise Unfit({"decision": _("Choose yes or no.")})
    if not (given["conversation"] or given["on"]):
        raise Unfit({"conversation": _("Name the conversation in which they said so.")})
    item = Given(approval.criterion_id, by=str(approval.contact_id), file=request.FILES.get("file"))
    item.value = "yes" if given["decision"] == Decision.APPROVED else "no"
    item.words, item.conversation = given["words"], given["conversation"]
    item.on, item.how = given["on"], given["how"]
    try:
        answers.save(approval.deal_id, [item], by=request.user)
    except AnswerErrors as errors:
        raise Unfit({PARTS.get(part, part): text for (_pk, part), text in errors.fields.items()}) from errors
    return told(request, approval, _("Recorded: %s."))


@require_POST
@in_kind
def withdraw(request, pk, approval_id):
    deal, given = editable_deal(request, pk), typed(request, {"because"})
    return attempted(
        request,
        lambda: told(
            request,
            approvals.withdraw(deal.pk, approval_id, given["because"], by=request.user),
            _("Withdrawn: %s."),
        ),
        lambda errors, status: show(request, deal, f"withdraw-{approval_id}", given, errors, status),
        reverse("approvals", args=[deal.pk]),
        missing=Approval.DoesNotExist,
    )


@require_safe
def waiting(request):
    """What waits for my decision, and what I decided lately."""
    mine = Approval.objects.filter(approver=request.user, deal__in=Deal.objects.made())
    decided = mine.exclude(decision=Decision.PENDING).select_related("deal__company", "deal__stage")
    rows, today = approvals.waiting_for(request.user), local_date(timezone.now())
    context = {
        "waiting": [(row, row.is_late(today)) for row in rows],
        "decided": decided.order_by("-decided_at", "-pk")[:20],
    }
    return render(request, "deals/agreement/waiting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_kind
def approval(request, pk):
    """What its approver needs to decide, and nothing more of the deal; 404 for everybody else."""
    related = ("deal__stage", "deal__company", "deal__owner", "asked_by")
    found = get_object_or_404(Approval.objects.select_related(*related), pk=pk, approver=request.user)
    if request.method != "POST":
        return show_one(request, found)
    given = typed(request, {"decision", "comment"})
    return attempted(
        request,
        lambda: decided(request, approvals.decide(pk, given, by=request.user)),
        lambda errors, status: show_one(request, found, given, errors, status),
        reverse("my_approvals"),
        missing=Approval.DoesNotExist,
    )


def decided(request, found):
    toast(request, _("Approved.") if found.decision == Decision.APPROVED else _("Saved: not approved."))
    return found


def show_one(request, found, given=None, errors=None, status=200):
    """Read anew after a refusal: somebody may have withdrawn it meanwhile."""
    if status != 200:
        found.refresh_from_db(fields=["decision"])
    seen = Deal.objects.visible_to(request.user).filter(pk=found.deal_id).exists()
    context = {
        "approval": found, "deal": found.deal, "sees_deal": seen, "given": given or {}, "errors": errors or {},
        "is_late": found.is_late(local_date(timezone.now())),
    }  # fmt: skip
    return render(request, "deals/agreement/approval.html", context, status=status)
