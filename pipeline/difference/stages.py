"""Stages that come, go, change their words or their place, and what that does to what is asked when."""

from django.utils.translation import gettext as _

from ..models import Stage
from ..models.fields import lines
from .parts import moved, neighbour_words
from .shapes import Change, Mark

PLAYBOOK = ("we_do", "buyer_needs", "questions", "tools")
PLAIN = ("probability", "target_days")
WORDS = ("objective", "buyer_action", "journey_step")


def stage_changes(before, after):
    changes = [_added(before, after, pk) for pk in after.order if pk not in before.stages]
    changes += [_removed(before, after, pk) for pk in before.order if pk not in after.stages]
    changes += [_moved(before, after, pk) for pk in moved(before.order, after.order)]
    for pk in after.order:
        if pk in before.stages:
            changes += _edited(before, after, pk)
    return changes


def _added(before, after, pk):
    """What another stage asked until now is said where that criterion is spoken of."""
    stage = after.stages[pk]
    asked = stage.get("criteria", [])
    new = [c for c in asked if c["id"] not in before.criteria]
    role = after.roles.get(stage["owner_role_id"], "?")
    words = _("a new stage%(place)s, owned by %(role)s, at %(probability)s%%.") % {
        "place": _place(after.order, pk, after.name),
        "role": role,
        "probability": stage["probability"],
    }
    asks = _asks(new) if new or not asked else []
    tightens = tuple(c["id"] for c in new)
    return Change(Mark.ADDED, words, after.name(pk), pk, (stage["buyer_action"], *asks), tightens=tightens)


def _removed(before, after, pk):
    """What another stage asks from now on is said where that criterion is spoken of."""
    asked = before.stages[pk].get("criteria", [])
    gone = [c for c in asked if c["id"] not in after.criteria]
    if not asked:
        text = _("the stage leaves the process; it asked nothing.")
    elif gone == asked:
        text = _("the stage leaves the process, with everything it asked.")
    elif gone:
        text = _(
            "the stage leaves the process; part of what it asked moves to another stage, the rest is asked no more."
        )
    else:
        text = _("the stage leaves the process; what it asked is asked in another stage.")
    details = [_("Asked no more: %s.") % _labels(gone)] if gone else []
    weakens = tuple(c["id"] for c in gone)
    return Change(Mark.REMOVED, text, before.name(pk), pk, tuple(details), weakens=weakens)


def _asks(criteria):
    return [_("Asks: %s.") % _labels(criteria)] if criteria else [_("Asks nothing: its gate is open.")]


def _labels(criteria):
    return "; ".join(f"“{c['label']}”" for c in criteria)


def _moved(before, after, pk):
    """Criteria are asked of a deal once it has passed their stage: another order asks them sooner or later."""
    text = _("the stage moves%(place)s.") % {"place": _place(after.order, pk, after.name)}
    common = set(before.order) & set(after.order)
    sooner, later = [], []
    for criterion_id, old in before.criteria.items():
        new = after.criteria.get(criterion_id)
        if new is None or new["stage_id"] != old["stage_id"]:
            continue  # said where the criterion itself is spoken of
        crossed = common if old["stage_id"] == pk else {pk}
        was, now = before.asked_before(old), after.asked_before(new)
        later += [criterion_id] if (was - now) & crossed else []
        sooner += [criterion_id] if (now - was) & crossed else []
    return Change(Mark.MOVED, text, after.name(pk), pk, tightens=tuple(sooner), weakens=tuple(later))


def _place(order, pk, name):
    where, neighbour = neighbour_words(order, pk, name)
    return _(" before “%s”") % neighbour if where == "before" else _(" to the end")


def _edited(before, after, pk):
    old, new, where = before.stages[pk], after.stages[pk], after.name(pk)
    if old["name"] != new["name"]:
        text = _("the stage is called “%(new)s” instead of “%(old)s”.")
        yield Change(Mark.REWORDED, text % {"new": new["name"], "old": old["name"]}, where, pk)
    yield from _columns(before, after, pk, old, new, where)
    for name in PLAYBOOK:
        if name in old and lines(old[name]) != lines(new.get(name, "")):
            yield _playbook(name, lines(old[name]), lines(new[name]), where, pk)


def _columns(before, after, pk, old, new, where):
    for name in (*WORDS, *PLAIN):
        if name in old and old[name] != new.get(name):
            mark = Mark.REWORDED if name in WORDS else Mark.CHANGED
            yield Change(mark, _from_to(_title(name), old[name], new[name]), where, pk)
    if old["owner_role_id"] != new["owner_role_id"]:
        roles = [after.roles.get(row["owner_role_id"], "?") for row in (old, new)]
        yield Change(Mark.CHANGED, _from_to(_title("owner_role"), *roles), where, pk)
    for name, words in FLAGS.items():
        if name in old and old[name] != new.get(name):
            yield Change(Mark.CHANGED, str(words()[0 if new[name] else 1]), where, pk)


FLAGS = {
    "qualifies": lambda: (
        _("a deal that comes here counts as qualified from now on."),
        _("a deal that comes here no longer counts as qualified."),
    ),
    "counts_as_pipeline": lambda: (
        _("deals here count as pipeline from now on."),
        _("deals here no longer count as pipeline."),
    ),
}


def _title(name):
    return str(Stage._meta.get_field(name).verbose_name)


def _from_to(what, old, new):
    words = {"what": what, "old": old, "new": new}
    if old in ("", None):
        return _("%(what)s: “%(new)s” is new.") % words
    if new in ("", None):
        return _("%(what)s: “%(old)s” is gone.") % words
    return _("%(what)s from “%(old)s” to “%(new)s”.") % words


def _playbook(name, old, new, where, pk):
    come = [_("New: “%s”.") % line for line in new if line not in old]
    gone = [_("Gone: “%s”.") % line for line in old if line not in new]
    details = come + gone or [_("The same lines in another order.")]
    text = _("playbook, %s.") % _title(name)
    return Change(Mark.REWORDED, text, where, pk, tuple(details))
