"""The names of fields in refusals: the same that a body has, with the criterion an answer is for."""

import re

from django.utils.translation import gettext as _

from deals.views.refusals import mending_field

from .shapes import Finding

# answers.12.by: the part `by` of the answer to criterion 12. The forms of our pages call it c12_by.
_FORM_FIELD = re.compile(r"c(\d+)(?:_([a-z_]+))?")
_PARTS = {"": "value", "keep": "file_id", "file": "file_id"}
# What a reader may see and nobody may send: each is changed by something else.
READ_ONLY = {
    "id", "seq", "stage", "stage_id", "status", "rev", "created_at", "closed_at", "won_at", "stage_entered_at",
    "probability", "pipeline", "proven", "team", "company", "token", "exception_until", "loss_reason", "open_before",
}  # fmt: skip


def named(key):
    """A field of ours as the API calls it: (12, "by") and "c12_by" are answers.12.by."""
    if isinstance(key, tuple):
        return _answer(*key)
    match = _FORM_FIELD.fullmatch(key)
    return _answer(match[1], match[2] or "") if match else key


def _answer(criterion_id, part):
    return f"answers.{criterion_id}.{_PARTS.get(part, part)}"


def texts(found):
    return {named(key): str(message) for key, message in found.items()}


def findings(found, process, house):
    """Every criterion of a judgement with its state, why, and the part of an answer that mends it."""
    return [finding(item, process, house) for item in found]


def finding(item, process, house):
    return Finding.of_finding(item, process.stage(item.definition.stage_id), mends(item, house))


def mends(item, house):
    """The part of the answer to this criterion that would mend it; None where it holds."""
    if item.holds:
        return None
    match = _FORM_FIELD.fullmatch(mending_field(item, house))
    part = (match[2] or "") if match else "by"  # an activity: who took part in it
    return _PARTS.get(part, part)


def place(error):
    """Where in the body or the address a schema's complaint is: answers.0.value."""
    source, *path = error["loc"]
    if source == "body":
        path = path[1:]  # the name of our own argument
    return ".".join(str(step) for step in path if not str(step).endswith("]"))


def words(error):
    """Why a schema refuses a field, in words that say what to send."""
    kind, context = error["type"], error.get("ctx") or {}
    if kind == "extra_forbidden":
        known = str(error["loc"][-1]) in READ_ONLY
        return _("This field cannot be set here.") if known else _("There is no such field.")
    if kind == "string_too_long":
        given = {"given": len(error.get("input") or ""), "limit": context.get("max_length", 0)}
        return _("This has %(given)d characters; at most %(limit)d are possible.") % given
    if kind in ("model_type", "model_attributes_type", "dict_type") or (
        kind == "missing" and not place(error)
    ):
        return _("Send an object here.")
    if kind == "missing":
        return _("This field is needed.")
    return error["msg"].removeprefix("Value error, ")
