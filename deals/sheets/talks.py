"""The conversations of a deal to choose from, most recent first, and the one to put on record."""

from dataclasses import dataclass, field
from functools import cached_property

from django.utils.translation import gettext as _

from team.digits import number_in

from ..input.normalise import clean
from ..models import LOGGABLE, Activity, ActivityKind

SHOWN = 4
ICONS = {
    ActivityKind.CALL: "phone", ActivityKind.MEETING: "meet", ActivityKind.EMAIL: "mail", ActivityKind.DEMO: "meet",
    ActivityKind.EVALUATION: "meet", ActivityKind.FORM: "doc", ActivityKind.INVITATION: "today",
    ActivityKind.PROPOSAL: "doc", ActivityKind.INTRODUCTION: "person", ActivityKind.KICKOFF: "today",
    ActivityKind.NOTE: "note", ActivityKind.CONFIRMATION: "check",
}  # fmt: skip
USUAL = [ActivityKind.CALL, ActivityKind.MEETING, ActivityKind.EMAIL]


def title_of(activity, people):
    """What happened, in a few words: its subject, or its kind and who took part."""
    if activity.subject:
        return activity.subject
    if activity.kind == ActivityKind.EMAIL and people:
        words = _("E-mail from %s") if activity.direction == "in" else _("E-mail to %s")
        return words % people[0].name
    return activity.get_kind_display()


def quote_of(activity, limit=90):
    """The beginning of what was said."""
    text = clean(activity.body)
    return text if len(text) <= limit else f"{text[:limit].rstrip()}…"


@dataclass
class Card:
    """One conversation as a radio button."""

    activity: Activity
    chosen: bool

    @cached_property
    def people(self):
        return list(self.activity.attendees.all())

    @property
    def title(self):
        return title_of(self.activity, self.people)

    @property
    def who(self):
        names = ", ".join(contact.name for contact in self.people)
        return "" if names and names in self.title else names

    @property
    def quote(self):
        return quote_of(self.activity)

    @property
    def icon(self):
        return ICONS[self.activity.kind]


@dataclass
class Talks:
    """The question "which conversation confirmed this?" with what was chosen or typed so far."""

    deal: object
    form: object
    today: object
    people: list = field(default_factory=list)
    only_new: bool = False

    @cached_property
    def cards(self):
        found = [] if self.only_new else self._recent()
        wanted = self.form.text("conversation")
        chosen = wanted if wanted == "new" or any(str(a.pk) == wanted for a in found) else None
        if chosen is None:
            chosen = str(found[0].pk) if found else "new"
        return [Card(activity, str(activity.pk) == chosen) for activity in found]

    def _recent(self):
        heard = self.deal.activities.filter(from_buyer=True, kind__in=LOGGABLE).prefetch_related("attendees")
        found, wanted = list(heard[:SHOWN]), self.form.text("conversation")
        asked = number_in(wanted)
        if asked is not None and all(activity.pk != asked for activity in found):
            found += heard.filter(pk=asked)
        return found

    @property
    def chosen(self):
        """The card chosen, None where a new conversation is to be logged."""
        return next((card for card in self.cards if card.chosen), None)

    @property
    def is_new(self):
        return self.chosen is None

    @property
    def speaker(self):
        """Id of who is taken to have said it, in the chosen conversation."""
        wanted = self.form.speaker
        people = self.chosen.people if self.chosen else []
        return next((str(p.pk) for p in people if str(p.pk) == wanted), str(people[0].pk) if people else "")

    @property
    def by(self):
        return self.form.text("conversation_by")

    @property
    def on(self):
        return self.form.text("conversation_on") or self.today.isoformat()

    @property
    def how(self):
        return self.form.text("conversation_how") or ActivityKind.CALL

    @property
    def present(self):
        return [name.strip() for name in self.form.text("conversation_with").split(",") if name.strip()]

    def hows(self, asks=()):
        """Channels to choose from: the usual ones, and those an open criterion asks for."""
        asked = [kind for ask in asks for kind in ask.definition.activity_list]
        found = [*USUAL, *(kind for kind in LOGGABLE if kind in asked and kind not in USUAL)]
        if self.how not in found and self.how in LOGGABLE:
            found.append(ActivityKind(self.how))
        return [(kind.value, kind.label, kind.value == self.how) for kind in found]
