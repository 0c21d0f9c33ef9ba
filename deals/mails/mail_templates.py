"""What a mail by hand may begin with: the texts of the published rules that fit the stage, ours, or hardly a word."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from pipeline.process import process_of
from pipeline.vocabulary import RuleAction

from ..edits import Unfit
from ..locking import locked_deal
from ..models import MailDraft
from ..moves import IllegalMove, NotAllowed, may_edit
from . import mail_drafts, merge_fields

_MAILS = (RuleAction.MAIL, RuleAction.RE_ENGAGE)


@dataclass(frozen=True)
class Template:
    """Words to begin with. `of` says whose they are: the stage's, the process's or ours."""

    key: str
    name: str
    of: str
    subject: str
    body: str


def templates_of(deal, process):
    """The stage's own first, then those for every stage, then ours. A rule that is off lends its words all the same."""
    own, general = [], []
    for rule in sorted(process.rules, key=lambda rule: (rule.days or 0, rule.key)):
        if rule.action in _MAILS and (rule.subject or rule.body) and rule.stage_id in (None, deal.stage_id):
            (own if rule.stage_id else general).append(rule)
    return [*(_of_rule(rule, process) for rule in own + general), *_ours()]


def _of_rule(rule, process):
    stage = process.stage(rule.stage_id).name if rule.stage_id in process else _("Every stage")
    subject = rule.subject or mail_drafts.ask_where_we_stand()[0]
    body = rule.body or mail_drafts.ask_where_we_stand()[1]
    return Template(f"rule-{rule.pk}", rule.title or subject, stage, subject, body)


def _ours():
    where, end = mail_drafts.ask_where_we_stand(), mail_drafts.ask_to_close()
    return [
        Template("stand", _("Where do we stand?"), _("Headgate"), *where),
        Template("close", _("Shall we close it?"), _("Headgate"), *end),
        Template("empty", _("An empty mail"), "", "", _("Hello {first_name},\n\n\n\nKind regards\n{owner}")),
    ]


def offered(deal, now):
    """The templates as they read for this deal and who it would go to."""
    contact = mail_drafts.recipients_of([deal.pk]).get(deal.pk)
    values = merge_fields.values_of(deal, contact, mail_drafts.quiet_days(deal, now))
    return [_filled(template, values) for template in templates_of(deal, process_of(deal.pipeline))]


def _filled(template, values):
    subject, body = mail_drafts.filled(template.subject, template.body, values)
    name = merge_fields.rendered(template.name, values)
    return Template(template.key, name, template.of, subject, body)


@transaction.atomic
def begin(deal_id, key, *, by, now):
    """A draft with the words of that template. Raises Unfit, NotAllowed, IllegalMove. Returns the draft.

    One that waits already and says just this is taken up again, so that a second click makes no second draft.
    """
    deal, _process = locked_deal(deal_id)
    if not may_edit(by, deal):
        raise NotAllowed(_("Only those who act on this deal may send its mail."))
    if not deal.is_live:
        raise IllegalMove(_("This deal is closed. Reopen it first."))
    chosen = next((template for template in offered(deal, now) if template.key == key), None)
    if chosen is None:
        raise Unfit({"template": _("Choose what the mail begins with.")})
    words = {"subject": chosen.subject, "body": chosen.body}
    waiting = mail_drafts.open_drafts().filter(deal=deal, owner=by, firing=None, **words).first()
    contact = mail_drafts.recipients_of([deal.pk]).get(deal.pk)
    return waiting or MailDraft.objects.create(deal=deal, owner=by, contact=contact, created_at=now, **words)
