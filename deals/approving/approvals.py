"""Approvals of a deal: asked for by name, decided by that person, never by whoever asked. Under the deal's lock."""

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline.vocabulary import Kind
from team.digits import number_in
from team.models import User
from team.notices import tell

from ..answers import Given, Recorder
from ..answers.approving import put_aside
from ..answers.contested import settle_notes
from ..edits import Unfit
from ..evidence.judging import House, runs_out
from ..gate import applies
from ..input import normalise, parsing
from ..locking import locked_deal
from ..models import Approval, ApprovalSide, Contradiction, Deal, Decision
from ..moves import IllegalMove, NotAllowed, may_edit
from ..settle import settle
from .contradictions import text_flaw

LIMITS = {"subject": 200, "comment": 2000, "because": 300}


def asked_of(deal, process):
    """The approvals a process asks of this deal, in stage order."""
    return [d for d in process.criteria_of_all() if d.kind == Kind.APPROVAL and applies(d, deal)]


def colleagues(definition, by):
    """Who of us may give it: whoever has one of the roles asked for, and never the one who asks."""
    people = User.objects.active().exclude(pk=by.pk if by else None)
    if definition.role_list:
        people = people.filter(roles__name__in=definition.role_list)
    return people.distinct().order_by("name")


@transaction.atomic
def ask(deal_id, typed, *, by, now=None):
    """Ask somebody. `typed` maps criterion, subject, approver or contact, and due_on to text.

    An approver is a user's id, or id:role where they have several of the roles asked for. Raises Unfit, NotAllowed.
    Returns the Approval.
    """
    now = now or timezone.now()
    deal, process = locked_deal(deal_id)
    _check_may(by, deal)
    definition = _criterion(deal, process, typed.get("criterion", ""))
    approval = Approval(
        deal=deal, criterion_id=definition.criterion_id, asked_by=by, asked_at=now, decision=Decision.PENDING
    )
    problems = _describe(approval, definition, typed, Recorder(deal, process, by, now))
    if not problems and is_asked_already(approval):
        problems[_who_field(definition)] = _("%s has been asked already.") % approval.who
    if problems:
        raise Unfit(problems)
    approval.save()
    tell_approver(approval, now)
    settle(deal, process, now)
    return approval


def _check_may(by, deal):
    if by is not None and not may_edit(by, deal):
        raise NotAllowed(_("Only those who act on this deal, or a manager of its team, may do this."))


def _criterion(deal, process, text):
    known = {str(definition.criterion_id): definition for definition in asked_of(deal, process)}
    if text not in known:
        raise Unfit({"criterion": _("Choose what is to be approved.")})
    return known[text]


def _who_field(definition):
    return "contact" if definition.needs_buyer else "approver"


def _describe(approval, definition, typed, recorder):
    """Fill in what was typed; returns what is wrong with it, by field."""
    problems = {}
    approval.subject = normalise.clean(typed.get("subject", "")) or definition.label[: LIMITS["subject"]]
    if flaw := text_flaw(approval.subject, LIMITS["subject"], recorder.house):
        problems["subject"] = flaw
    if definition.needs_buyer:
        _name_contact(approval, typed, recorder, problems)
    else:
        _name_colleague(approval, definition, typed, recorder.by, problems)
    try:
        day = typed.get("due_on", "").strip()
        approval.due_on = parsing.day(day, today=recorder.today) if day else None
    except parsing.ParseError as error:
        problems["due_on"] = str(error)
    if approval.due_on and approval.due_on < recorder.today:
        problems["due_on"] = _("This day has passed.")
    return problems


def _name_contact(approval, typed, recorder, problems):
    approval.side, name = ApprovalSide.BUYER, typed.get("contact", "").strip()
    if not name:
        problems["contact"] = _("Say who on the buyer's side is to approve it.")
        return
    approval.contact = recorder.contact(Given(0), "contact", name)
    if approval.contact and recorder.house.is_ours(approval.contact):
        problems["contact"] = _("%s is one of us, not the buyer.") % approval.contact.name
    problems |= {part: text for (_pk, part), text in recorder.errors.items()}


def choices(definition, by):
    """(value, label) of who may be asked, once for each of the roles asked for."""
    found = []
    for user in colleagues(definition, by).prefetch_related("roles"):
        names = [role.name for role in user.roles.all() if role.name in definition.role_list]
        found += [(f"{user.pk}:{name}", f"{user.name}, {name}") for name in names]
        if not definition.role_list:
            found.append((str(user.pk), user.name))
    return found


def _name_colleague(approval, definition, typed, by, problems):
    text, _colon, role = typed.get("approver", "").partition(":")
    found = colleagues(definition, by).filter(pk=number_in(text)).first()
    if found is None:
        problems["approver"] = _(
            "Choose who of us approves it. Nobody approves what they ask for themselves."
        )
        approval.side = ApprovalSide.OTHER
        return
    approval.approver, approval.role = found, _role(definition, found, role)
    approval.side = side_of(approval.role)


def _role(definition, user, wanted):
    """The role of theirs that is asked; the one wanted, where they have it."""
    theirs = [name for name in definition.role_list if user.roles.filter(name=name).exists()]
    return wanted if wanted in theirs else next(iter(theirs), "")


def side_of(role):
    named = {"legal": ApprovalSide.LEGAL, "finance": ApprovalSide.FINANCE}
    return named.get(role.lower(), ApprovalSide.OTHER)


def is_asked_already(approval):
    same = Approval.objects.filter(
        deal=approval.deal, criterion=approval.criterion_id, decision=Decision.PENDING, role=approval.role
    )
    return same.filter(approver=approval.approver, contact=approval.contact).exists()


def tell_approver(approval, now):
    if approval.approver_id:
        words = _("%(who)s asks for your approval: %(what)s, %(deal)s") % {
            "who": approval.asked_by or _("Headgate"),
            "what": approval.subject,
            "deal": approval.deal.name,
        }
        url = reverse("approval", args=[approval.pk])
        tell([approval.approver], words, key=f"approval-{approval.pk}", url=url, now=now)


@transaction.atomic
def decide(approval_id, typed, *, by, now=None):
    """Yes or no by the colleague who was asked, and by nobody else. Raises Unfit, IllegalMove, Approval.DoesNotExist.

    `typed` maps decision and comment to text. Saying no says why.
    """
    now = now or timezone.now()
    deal_id = Approval.objects.values_list("deal", flat=True).get(pk=approval_id, approver=by)
    deal, process = locked_deal(deal_id)
    approval = Approval.objects.select_related("asked_by", "approver").get(pk=approval_id, approver=by)
    if not approval.is_pending:
        raise IllegalMove(_("This is decided already: %s.") % approval.get_decision_display().lower())
    approval.deal, approval.decision = deal, typed.get("decision", "")
    _check_decision(approval, typed.get("comment", ""))
    approval.comment = normalise.clean(typed.get("comment", ""), lines=True)
    approval.decided_by, approval.decided_at = by, now
    approval.remember_terms(deal)
    definition = process.by_criterion.get(approval.criterion_id)
    if definition and approval.decision == Decision.APPROVED:
        approval.holds_until = runs_out(now, definition, House.current())
        _settle_contested(approval, now)
    approval.save()
    _tell_asker(approval, now)
    settle(deal, process, now)
    return approval


def _check_decision(approval, comment):
    problems = {}
    if approval.decision not in (Decision.APPROVED, Decision.REJECTED):
        problems["decision"] = _("Choose yes or no.")
    if (comment.strip() or approval.decision == Decision.REJECTED) and (
        flaw := text_flaw(comment, LIMITS["comment"], House.current())
    ):
        problems["comment"] = flaw if comment.strip() else _("Say why not.")
    if problems:
        raise Unfit(problems)


def _settle_contested(approval, now):
    """Given after something was held against it: that is the later word."""
    notes = Contradiction.objects.standing().filter(deal=approval.deal, criterion=approval.criterion_id)
    ids = list(notes.filter(noted_at__lte=now).values_list("pk", flat=True))
    settle_notes(ids, approval.decided_by, now, _("Approved since by %s") % approval.approver)


def _tell_asker(approval, now):
    if approval.asked_by_id is None:
        return
    yes, no = _("%(who)s approved: %(what)s, %(deal)s"), _("%(who)s said no: %(what)s, %(deal)s")
    words = (yes if approval.decision == Decision.APPROVED else no) % {
        "who": approval.approver, "what": approval.subject, "deal": approval.deal.name,
    }  # fmt: skip
    url = reverse("approvals", args=[approval.deal_id])
    tell([approval.asked_by], words, key=f"approval-{approval.pk}-decided", url=url, now=now)


@transaction.atomic
def withdraw(deal_id, approval_id, because, *, by, now=None):
    """It is not needed any more, or another takes its place. Raises Unfit, NotAllowed, Approval.DoesNotExist."""
    now = now or timezone.now()
    deal, process = locked_deal(deal_id)
    _check_may(by, deal)
    approval = Approval.objects.select_related("approver").get(deal=deal, pk=approval_id)
    if approval.decision == Decision.WITHDRAWN:
        return approval
    if flaw := text_flaw(because, LIMITS["because"], House.current()):
        raise Unfit({"because": flaw})
    put_aside(approval, by, now, normalise.clean(because))
    if approval.approver_id:
        words = _("Not needed any more: %(what)s, %(deal)s") % {"what": approval.subject, "deal": deal.name}
        url = reverse("approval", args=[approval.pk])
        tell([approval.approver], words, key=f"approval-{approval.pk}-withdrawn", url=url, now=now)
    settle(deal, process, now)
    return approval


def tell_left(approval, leaving, now):
    """Who asked, that the one who was to decide is gone and somebody else has to be asked."""
    if approval.asked_by_id is not None:
        words = _("%(who)s left without deciding, ask somebody else: %(what)s, %(deal)s") % {
            "who": leaving, "what": approval.subject, "deal": approval.deal.name,
        }  # fmt: skip
        url = reverse("approvals", args=[approval.deal_id])
        tell([approval.asked_by], words, key=f"approval-{approval.pk}-left", url=url, now=now)


def waiting_for(user):
    """What waits for this person's decision, the late ones first. They need not see the deals."""
    rows = Approval.objects.filter(approver=user, decision=Decision.PENDING, deal__in=Deal.objects.made())
    rows = rows.select_related("deal__stage", "deal__company", "asked_by")
    return rows.order_by(F("due_on").asc(nulls_last=True), "asked_at", "pk")
