"""The words a process is written in. Kinds, evidence levels, roles and facts, each with its name on screen."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Side(models.TextChoices):
    EXIT = "exit", _("Exit")
    ENTRY = "entry", _("Entry")


class Kind(models.TextChoices):
    TEXT = "text", _("Text")
    NUMBER = "number", _("Number")
    MONEY = "money", _("Money")
    DATE = "date", _("Date")
    CHOICE = "choice", _("Choice")
    YES_NO = "yes_no", _("Yes / no")
    CONTACT = "contact", _("Contact")
    FILE_OR_LINK = "file_or_link", _("File or link")
    DEAL_FIELD = "deal_field", _("Deal field")
    NEXT_STEP = "next_step", _("Next step with a date")
    STAKEHOLDER = "stakeholder", _("Person on the map")
    ACTIVITY = "activity", _("Activity on record")
    APPROVAL = "approval", _("Approval")
    NO_OPEN_OBJECTION = "no_open_objection", _("No open objection")


# Kinds whose truth is a fact the deal holds, not a value typed into the criterion.
FACT_KINDS = frozenset(
    {
        Kind.DEAL_FIELD,
        Kind.NEXT_STEP,
        Kind.STAKEHOLDER,
        Kind.ACTIVITY,
        Kind.APPROVAL,
        Kind.NO_OPEN_OBJECTION,
    }
)
# Facts that carry their own evidence: nobody has to confirm them once more.
SELF_EVIDENT = frozenset({Kind.ACTIVITY, Kind.APPROVAL})
# Kinds answered by saying yes or no.
YES_KINDS = frozenset({Kind.YES_NO, Kind.APPROVAL, Kind.NO_OPEN_OBJECTION})


class Evidence(models.TextChoices):
    NONE = "none", _("Nothing")
    WHO = "who", _("One tap")
    WORDS = "words", _("One sentence")
    OWN = "own", _("The buyer's own hand")
    FILE = "file", _("A document")


EVIDENCE_ORDER = [Evidence.NONE, Evidence.WHO, Evidence.WORDS, Evidence.OWN, Evidence.FILE]


def evidence_rank(level):
    """0 (nothing) to 4 (a document); more always satisfies less."""
    return EVIDENCE_ORDER.index(level)


class StakeholderRoleName(models.TextChoices):
    ECONOMIC_BUYER = "economic_buyer", _("Economic buyer")
    CHAMPION = "champion", _("Champion")
    APPROVER = "approver", _("Approver")
    INFLUENCER = "influencer", _("Influencer")
    USER = "user", _("User")
    TECHNICAL = "technical", _("Technical")
    PROCUREMENT = "procurement", _("Legal or procurement")
    BLOCKER = "blocker", _("Blocker")


class ActivityToken(models.TextChoices):
    """What a criterion may ask to have happened. E-mail is told apart by who wrote it."""

    CALL = "call", _("Call")
    MEETING = "meeting", _("Meeting")
    DEMO = "demo", _("Demo")
    EVALUATION = "evaluation", _("Evaluation")
    EMAIL_IN = "email_in", _("E-mail from the buyer")
    EMAIL_OUT = "email_out", _("E-mail to the buyer")
    FORM = "form", _("Form the buyer filled in")
    INVITATION = "invitation", _("Accepted invitation")
    INTRODUCTION = "introduction", _("Introduction of the next team")
    KICKOFF = "kickoff", _("Kickoff invitation")
    PROPOSAL = "proposal", _("Proposal sent")
    NOTE = "note", _("Note")


class DealFact(models.TextChoices):
    """Facts about a deal that a criterion of kind deal field may ask for."""

    AMOUNT = "amount", _("Amount")
    EXPECTED_CLOSE = "expected_close", _("Expected close")
    GOALS = "goals", _("Customer's goals")
    SUCCESS_METRIC = "success_metric", _("Measure of success")
    PAINS = "pains", _("Pains")
    STAKEHOLDER_MAP = "stakeholder_map", _("People")
    COMMITMENTS = "commitments", _("Promises")
    DISCOUNT_PERCENT = "discount_percent", _("Discount")


class RuleTrigger(models.TextChoices):
    NO_RESPONSE = "no_response", _("No buyer response after a message that expects one")
    NO_ACTIVITY = "no_activity", _("No buyer activity")
    STAGE_ENTERED = "stage_entered", _("The deal entered the stage")
    OVER_TARGET = "over_target", _("In its stage longer than the stage's target")
    NEXT_STEP_PASSED = "next_step_passed", _("The next step's date passed")
    CLOSE_PASSED = "close_passed", _("The expected close passed")


# What a reply of the buyer ends.
SILENT_TRIGGERS = frozenset({RuleTrigger.NO_RESPONSE, RuleTrigger.NO_ACTIVITY})


class RuleAction(models.TextChoices):
    TASK = "task", _("Follow-up task")
    RE_ENGAGE = "re_engage", _("Re-engage")
    ARCHIVE = "archive", _("Archive")
    NOTIFY = "notify", _("Notify")
    MAIL = "mail", _("Draft a mail")
    WEBHOOK = "webhook", _("Call a webhook")
