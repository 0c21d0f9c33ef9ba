"""What the preview shows of a checked file, ready for a template."""

from django.utils.translation import gettext_lazy as _

from deals.models import Status

from .columns import FIELDS, IGNORE
from .landing import check
from .mapping import ENDS
from .report import Report

MOST_OWNERS = 100
FIELD_CHOICES = [(IGNORE, _("Leave out")), *FIELDS.items()]
SAMPLES = 2


def context(plan):
    """Everything the preview page says about the file. Goes through all of it once."""
    sink = Report()
    summary = check(plan, sink)
    return {
        "plan": plan,
        "summary": summary,
        "parts": summary.in_order(plan.process),
        "columns": columns_of(plan.sheet, plan.fields),
        "fields": FIELD_CHOICES,
        "stages": _stages(plan),
        "ends": [(slug, Status(status).label) for slug, status in ENDS.items()],
        "owners": _owners(plan),
        "people": plan.owners.assignable(),
        "often": sink.often()[:30],
        "first": sink.first[:50],
        "errors": sink.levels["error"],
        "currency": plan.organisation.currency,
    }


def columns_of(sheet, fields):
    """One row per column: its name, the first values it holds, the field it becomes."""
    samples = {}
    for count, (_line, cells) in enumerate(sheet.rows()):
        if count == 50:
            break
        for place, cell in enumerate(cells):
            values = samples.setdefault(place, [])
            if cell.strip() and cell not in values and len(values) < SAMPLES:
                values.append(cell[:60])
    return [
        {"name": name, "samples": samples.get(place, []), "field": fields.get(place, IGNORE)}
        for place, name in enumerate(sheet.header)
        if name
    ]


def _stages(plan):
    """The file's stages, those we do not understand first."""
    rows = [{"name": word, "to": _slug(plan, target)} for word, target in plan.stages_seen.items()]
    return sorted(rows, key=lambda row: (bool(row["to"]), row["name"].casefold()))


def _slug(plan, target):
    if target is None:
        return ""
    if target.closes:
        return next(slug for slug, status in ENDS.items() if status == target.status)
    return plan.process.stage(target.stage_id).slug


def _owners(plan):
    """The file's names with the person each is here; strangers first, the most frequent first."""
    rows = []
    for word, deals in plan.owners_seen.items():
        user, level, reason = plan.owners.of(word)
        if word:
            rows.append(
                {
                    "name": word,
                    "deals": deals,
                    "to": "" if level else user.email,
                    "reason": reason,
                    "level": level,
                }
            )
    rows.sort(key=lambda row: (bool(row["to"]), -row["deals"], row["name"].casefold()))
    return rows[:MOST_OWNERS]
