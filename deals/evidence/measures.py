"""What reading an answer's texts comes to, kept beside it: whether they say something, and how much.

Reading costs Python time for each text; kept, a hundred thousand answers are judged in SQL alone. What has not been
read yet (answers from before, or after an admin named other placeholders) is NULL, is judged one by one, and is read by
the tick.
"""

from django.db import transaction
from django.db.models import Q

from team.models import Organisation

from ..input import normalise
from ..models import Answer
from ..rows.rewriting import rewrite
from .judging import House

COLUMNS = ("text_says", "text_length", "text_items", "words_say")
UNREAD = Q(text_says__isnull=True)


def of_texts(text, words, placeholders):
    """A value for each of COLUMNS."""
    says = not normalise.flaw(text, extra=placeholders)
    length = normalise.told_length(text) if text else 0
    items = len(normalise.items(text, placeholders)) if text else 0
    return says, length, items, not normalise.flaw(words, extra=placeholders)


def measure(answer, house):
    """Set the four on an answer that is to be stored."""
    for column, value in zip(COLUMNS, of_texts(answer.text, answer.words, house.placeholders), strict=True):
        setattr(answer, column, value)


def forget_if_others_count(instance, **_signal):
    """An admin names other placeholders: nothing is known of any text until it is read again."""
    before = Organisation.objects.filter(pk=instance.pk).values_list("placeholders", flat=True).first()
    if before is not None and before != instance.placeholders:
        Answer.objects.filter(text_says__isnull=False).exclude(text="", words="").update(
            **dict.fromkeys(COLUMNS)
        )


@transaction.atomic
def read_some(limit=5000):
    """Read current answers nobody has read yet. Returns their ids."""
    list(Organisation.objects.select_for_update())  # nobody names other placeholders meanwhile
    house = House.current()
    rows = Answer.objects.current().filter(UNREAD).order_by("pk").values_list("pk", "text", "words")[:limit]
    read = [(pk, *of_texts(text, words, house.placeholders)) for pk, text, words in rows]
    rewrite(Answer, COLUMNS, read)
    return [pk for pk, *_read in read]
