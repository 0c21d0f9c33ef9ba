"""What a pipeline says of itself: the reasons a rep may choose, and, on record alone, its name and owner."""

from django.utils.translation import gettext as _

from team.models import User

from .shapes import Change, Mark


def reason_changes(before, after):
    lost = _("Reasons for lost."), before.snapshot.get("lost", []), after.snapshot.get("lost", [])
    disqualified = (
        _("Reasons for disqualified."),
        before.snapshot.get("disqualified", []),
        after.snapshot.get("disqualified", []),
    )
    return [_list_change(*each) for each in (lost, disqualified) if each[1] != each[2]]


def _list_change(title, old, new):
    come = [_("New: “%s”.") % line for line in new if line not in old]
    gone = [_("Gone: “%s”.") % line for line in old if line not in new]
    details = come + gone or [_("The same reasons in another order.")]
    mark = Mark.ADDED if not old else Mark.REMOVED if not new else Mark.CHANGED
    return Change(mark, title, details=tuple(details))


def heading_changes(before, after):
    old, new = before.snapshot, after.snapshot
    changes = []
    if old.get("name") != new.get("name"):
        words = _("The process is called “%(new)s” instead of “%(old)s”.")
        changes.append(Change(Mark.REWORDED, words % {"new": new.get("name"), "old": old.get("name")}))
    if old.get("owner") != new.get("owner"):
        names = dict(
            User.objects.filter(pk__in=[old.get("owner"), new.get("owner")]).values_list("pk", "name")
        )
        words = _("Process owner: %(new)s, before %(old)s.")
        said = {"new": names.get(new.get("owner"), "?"), "old": names.get(old.get("owner"), "?")}
        changes.append(Change(Mark.CHANGED, words % said))
    return changes
