"""A form that puts a conversation on record, as it came in."""

from django.utils.translation import gettext as _

from team.digits import number_in

from ..forms import Malformed, Submission


def read(request, names, *, with_file=False):
    """(Submission, ids of the people ticked, the file). Malformed for a field the form does not have."""
    data = request.POST if request.method == "POST" else request.GET
    people = data.getlist("people")
    if any(number_in(pk) is None for pk in people):
        raise Malformed(_("This is no form of ours."))
    single, files = data.copy(), request.FILES.copy()
    single.pop("people", None)
    uploads = files.pop("file", []) if with_file else []
    if with_file and single.get("file") == "":
        single.pop("file")  # a browser's way to say that none was chosen
    if len(uploads) > 1:
        raise Malformed(_("The field %s came more than once.") % "file")
    return Submission.read(single, files, names), people, uploads[0] if uploads else None


def problems(form):
    """{field: message} of what could not be read, beside what belongs to a criterion."""
    found = {name: text for name, text in form.errors.items() if isinstance(name, str)}
    return found or ({"said": _("This cannot be stored.")} if form.errors else {})
