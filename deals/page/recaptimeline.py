"""What recaps add to the timeline: that one was sent, and that somebody of us tried to answer it."""

from django.utils.translation import gettext as _

from ..recaps.shown import refused_words
from .timeline import Event


def events(recaps):
    """Events of `recaps`, which are Shown. The buyer's answer is an activity of its own."""
    for shown in recaps:
        yield _sent(shown)
        yield from (_refused(refusal) for refusal in shown.recap.refusals.all())


def _sent(shown):
    recap = shown.recap
    names = {"who": recap.sent_by, "contact": recap.contact.name}
    text = " ".join(line.statement for line in recap.lines.all())
    title = _("%(who)s sent a recap to %(contact)s") % names
    event = Event("recap", recap.pk, recap.sent_at, "mail", title, text[:600])
    if shown.fresh_words:
        event.tone = "w"
        event.notes.append(shown.fresh_words)
    return event


def _refused(refusal):
    title = _("%s tried to answer a recap in the buyer's place") % refusal.user
    return Event("recap_refusal", refusal.pk, refusal.at, "lock", title, refused_words(refusal), "w")
