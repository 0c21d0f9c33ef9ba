"""What follows a chunk of firings, written with them: notices, drafts, webhooks, and what an archive ends."""

from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _

from deals.models import CancelledWhy, FiringState, Kind, MailDraft, Task
from deals.rows.among import Among
from pipeline.vocabulary import RuleAction
from team import formats
from team.calendar import calendar_of, local_date
from team.models import Level, User
from team.notices import Notice

from . import drafting

# More of a kind at once are told in one sentence.
_EACH = 5


def follow(acts, made, people, now):
    """`made`: {deal id: firing id} of what was written."""
    for act in acts:
        act.firing.pk = made[act.deal.pk]
    found = [notice for act in acts if act.notifies for notice in _by_rule(act, now)]
    for kind, concerned in _KINDS.items():
        found += _to_managers(kind, [act for act in acts if concerned(act)], people, now)
    if found:
        Notice.objects.bulk_create(found, ignore_conflicts=True)
    drafting.draft(acts, people, now)
    drafting.call(acts, now)
    _end_tasks([act.deal.pk for act in acts if act.moves == Kind.ARCHIVE], now)


def _by_rule(act, now):
    text = f"{act.deal}: {act.definition.title or act.why}"
    return [_notice(pk, text, _key(act, "told"), _page(act), now) for pk in act.notifies]


def _is_last_attempt(act):
    """The attempt after which the archive comes next."""
    if act.firing.action != RuleAction.RE_ENGAGE or act.firing.state != FiringState.DONE:
        return False
    coming = act.deal.next_due_rule
    return coming is not None and coming.action == RuleAction.ARCHIVE and not coming.is_shadow


_KINDS = {
    "asked": lambda act: act.firing.state == FiringState.ASKED,
    "archived": lambda act: act.moves == Kind.ARCHIVE,
    "last": _is_last_attempt,
}


def _to_managers(kind, acts, people, now):
    """Who decides about archives hears of them: one by one, or of many in one sentence."""
    found = []
    for team_id, group in groupby(
        sorted(acts, key=lambda act: act.deal.team_id), lambda act: act.deal.team_id
    ):
        group = list(group)
        told = _managers(team_id, group[0], people)
        if len(group) <= _EACH:
            found += [
                _notice(pk, _sentence(kind, act), _key(act, kind), _link(kind, act), now)
                for act in group
                for pk in told
            ]
        else:
            key = f"{_key(group[0], kind)}-{len(group)}"[:120]
            text = _MANY[kind]() % {"count": len(group)}
            found += [_notice(pk, text, key, reverse("operations"), now) for pk in told]
    return found


def _managers(team_id, act, people):
    """The archive's role in the team; else its managers, else the admins."""
    rule = act.definition if act.firing.action == RuleAction.ARCHIVE else act.deal.next_due_rule
    named = people.of_role(team_id, rule.role) if rule.role else ()
    managers = User.objects.active().filter(level=Level.MANAGER, teams=team_id)
    return sorted(
        named
        or managers.values_list("pk", flat=True)
        or User.objects.active().filter(level=Level.ADMIN).values_list("pk", flat=True)
    )


def _sentence(kind, act):
    details = {"deal": act.deal, "why": act.why}
    if kind == "asked":
        return _("Archive %(deal)s? It waits for your word: %(why)s") % details
    if kind == "archived":
        return _("%(deal)s was archived: %(why)s") % details
    day = local_date(act.deal.next_due_at, calendar_of(act.deal.team_id))
    return _("%(deal)s is archived on %(day)s unless the buyer answers") % {
        **details, "day": formats.day_short(day),
    }  # fmt: skip


_MANY = {
    "asked": lambda: _("%(count)d archives wait for your word"),
    "archived": lambda: _("%(count)d deals were archived by the rules"),
    "last": lambda: _("%(count)d deals are archived in a few days unless their buyers answer"),
}


def _link(kind, act):
    return reverse("archive_decision", args=[act.deal.pk, act.firing.pk]) if kind == "asked" else _page(act)


def _page(act):
    return reverse("deal", args=[act.deal.pk])


def _key(act, kind):
    return f"firing-{act.firing.key}-{act.deal.pk}-{act.firing.occurrence}-{kind}"[:120]


def _notice(user_id, text, key, url, now):
    return Notice(user_id=user_id, at=now, text=str(text)[:300], url=url, key=key)


def _end_tasks(deal_ids, now):
    """What rules left to do for deals that are closed now."""
    if deal_ids:
        left = Task.objects.unfinished().filter(Among("deal_id", deal_ids)).exclude(rule_key="")
        left.update(cancelled_at=now, cancelled_why=CancelledWhy.CLOSED)
        drafts = MailDraft.objects.filter(sent_at__isnull=True, discarded_at__isnull=True)
        drafts.filter(Among("deal_id", deal_ids)).update(discarded_at=now)
