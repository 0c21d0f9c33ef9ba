"""Criteria that come, go or change: each column in words, and whether the gate asks more or less for it."""

from django.utils.translation import gettext as _

from ..conditions import parse
from ..models import Criterion
from ..vocabulary import ActivityToken, DealFact, Kind, StakeholderRoleName
from .parts import moved, neighbour_words
from .shapes import Change, Mark
from .weights import WEIGHTS, Weight

REWORDED = ("label", "why", "good", "verification", "holds_clock")
CODED = ("side", "kind", "evidence")


def criteria_changes(before, after):
    changes = []
    for pk, new in after.criteria.items():
        if pk in before.criteria:
            changes += _edited(before, after, before.criteria[pk], new)
        elif new["stage_id"] in before.stages:
            changes.append(_added(after, new))
    for pk, old in before.criteria.items():
        if pk not in after.criteria and old["stage_id"] in after.stages:
            changes.append(_removed(after, old))
    for stage_id in after.order:
        if stage_id in before.stages:
            changes += _reordered(before, after, stage_id)
    return changes


def _change(after, criterion, mark, text, *details, tightens=False, weakens=False):
    pk, stage_id = criterion["id"], criterion["stage_id"]
    return Change(
        mark,
        text,
        after.name(stage_id),
        stage_id,
        tuple(details),
        (pk,) if tightens else (),
        (pk,) if weakens else (),
        pk,
    )


def _added(after, new):
    asked = _("asks a new criterion to enter: “%s”.") if _enters(new) else _("asks a new criterion: “%s”.")
    return _change(after, new, Mark.ADDED, asked % new["label"], _described(new), tightens=True)


def _removed(after, old):
    return _change(after, old, Mark.REMOVED, _("no longer asks “%s”.") % old["label"], weakens=True)


def _edited(before, after, old, new):
    if old["stage_id"] != new["stage_id"]:
        yield _elsewhere(before, after, old, new)
    words = [_reworded(name, old, new) for name in REWORDED if _differs(name, old, new)]
    if words:
        yield _change(after, new, Mark.REWORDED, _("“%s” in other words.") % old["label"], *words)
    asked = [name for name in WEIGHTS if _differs(name, old, new)]
    if asked:
        weights = {WEIGHTS[name](old.get(name), new.get(name), new) for name in asked}
        text = "; ".join(_from_to(name, old, new) for name in asked)
        yield _change(
            after,
            new,
            Mark.CHANGED,
            _("“%(label)s”: %(changes)s.") % {"label": new["label"], "changes": text},
            tightens=bool(weights & {Weight.TIGHTER, Weight.BOTH}),
            weakens=bool(weights & {Weight.WEAKER, Weight.BOTH}),
        )


def _elsewhere(before, after, old, new):
    """Another stage asks it: sooner is more, later is less."""
    common = set(before.order) & set(after.order)
    was, now = before.asked_before(old) & common, after.asked_before(new) & common
    text = _("“%(label)s” is asked here instead of in “%(stage)s”.")
    return _change(
        after,
        new,
        Mark.MOVED,
        text % {"label": new["label"], "stage": before.name(old["stage_id"])},
        tightens=bool(now - was),
        weakens=bool(was - now),
    )


def _reordered(before, after, stage_id):
    old, new = before.criteria_of(stage_id), after.criteria_of(stage_id)
    for pk in moved(old, new):
        where, neighbour = neighbour_words(new, pk, lambda other: after.criteria[other]["label"])
        label = after.criteria[pk]["label"]
        if where == "before":
            text = _("“%(label)s” moves before “%(next)s”.") % {"label": label, "next": neighbour}
        else:
            text = _("“%s” moves to the end of the list.") % label
        yield _change(after, after.criteria[pk], Mark.MOVED, text)


def _differs(name, old, new):
    """A column that one side does not know yet says nothing."""
    return name in old and name in new and _plain(name, old) != _plain(name, new)


def _plain(name, row):
    """Lists by their items, so that spaces and empty lines are no difference; numbers by their value."""
    return shown(name, row[name])


def shown(name, value):
    """A column's value in words."""
    if value in ("", None) or value is False:
        return ""
    if value is True:
        return _("yes")
    if name == "applies_when":
        return parse(value).in_words()
    if name in ("choices", "roles", "activity_kinds", "deal_fields"):
        items = value.splitlines() if name == "choices" else value.split(",")
        return ", ".join(_item(name, item.strip()) for item in items if item.strip())
    if name in CODED:
        return str(dict(Criterion._meta.get_field(name).flatchoices).get(value, value))
    return f"{float(value):g}" if name in ("minimum", "maximum") else str(value)


def _item(name, item):
    """A role, a kind of activity or a fact of a deal by its name; what has none here, as it is written."""
    names = {"roles": StakeholderRoleName, "activity_kinds": ActivityToken, "deal_fields": DealFact}.get(name)
    return str(names(item).label) if names and item in names.values else item


def _title(name):
    return str(TITLES[name]()) if name in TITLES else str(Criterion._meta.get_field(name).verbose_name)


TITLES = {
    "needs_buyer": lambda: _("the buyer must confirm it"),
    "expires_after_days": lambda: _("holds, days"),
    "applies_when": lambda: _("asked when"),
    "core": lambda: _("asked of imported deals too"),
    "label": lambda: _("label"),
}
ALWAYS = {
    "expires_after_days": lambda: _("for ever"),
    "applies_when": lambda: _("always"),
}


def _from_to(name, old, new):
    was, now = shown(name, old[name]), shown(name, new[name])
    if isinstance(new[name], bool):
        words = _("%(what)s: yes") if new[name] else _("%(what)s: no longer")
        return words % {"what": _title(name)}
    empty = str(ALWAYS[name]()) if name in ALWAYS else _("nothing")
    words = {"what": _title(name), "old": was or empty, "new": now or empty}
    return _("%(what)s from “%(old)s” to “%(new)s”") % words


def _reworded(name, old, new):
    return _from_to(name, old, new) + "."


def _described(row):
    """Kind, evidence, for how long and of whom: one line about a new criterion."""
    parts = [shown("kind", row["kind"]), shown("evidence", row["evidence"])]
    if row.get("needs_buyer"):
        parts.append(_("confirmed by the buyer"))
    days = row.get("expires_after_days")
    parts.append(_("holds %d days") % days if days else _("never expires"))
    if row.get("applies_when"):
        parts.append(_("asked when %s") % shown("applies_when", row["applies_when"]))
    if row.get("kind") in LIMITED:
        parts += [_from_limits(row, name) for name in LIMITED[row["kind"]] if shown(name, row.get(name))]
    return ", ".join(parts) + "."


LIMITED = {
    Kind.NUMBER: ("minimum", "maximum"),
    Kind.MONEY: ("minimum", "maximum"),
    Kind.STAKEHOLDER: ("roles", "min_people"),
    Kind.ACTIVITY: ("activity_kinds", "roles", "min_people"),
    Kind.DEAL_FIELD: ("deal_fields",),
    Kind.APPROVAL: ("roles",),
    Kind.CHOICE: ("choices",),
    Kind.TEXT: ("min_length", "min_items"),
}


def _from_limits(row, name):
    return f"{_title(name)} {shown(name, row[name])}"


def _enters(row):
    return row.get("side") == "entry"
