"""Answers of a program as the forms of our pages send them, so that both are read by the same code."""

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from deals.answers import AnswerErrors
from deals.forms import Submission
from deals.forms.moving import MOVE_FIELDS
from deals.forms.submission import FACTS
from deals.models import Attachment

_TEXTS = ["by", "on", "how", "words", "link", "date", "to", "currency", "priority", "also", *FACTS]


def typed(body, **fields):
    """A body with answers as the fields of a form."""
    if body.conversation:
        fields["conversation"] = body.conversation
    for answer in body.answers:
        fields |= _fields_of(answer)
    return MultiValueDict({name: [_text(value)] for name, value in fields.items()})


def _fields_of(answer):
    name = f"c{answer.criterion}"
    found = {name: answer.value, f"{name}_keep": answer.file_id, f"{name}_state": answer.state}
    found |= {f"{name}_{part}": getattr(answer, part) for part in _TEXTS}
    return {field: value for field, value in found.items() if value not in (None, "")}


def _text(value):
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def submission(body, **fields):
    """The form of a body. AnswerErrors for what cannot be read."""
    form = Submission.read(typed(body, **fields), {}, MOVE_FIELDS)
    if form.errors:
        raise AnswerErrors(form.errors)
    return form


def check_files(deal, body):
    """A file that is not on the deal is nobody's evidence."""
    named = {answer.criterion: answer.file_id for answer in body.answers if answer.file_id}
    known = set(Attachment.objects.filter(deal=deal, pk__in=named.values()).values_list("pk", flat=True))
    missing = {
        (key, "keep"): _("Choose a file of this deal.") for key, pk in named.items() if pk not in known
    }
    if missing:
        raise AnswerErrors(missing)
