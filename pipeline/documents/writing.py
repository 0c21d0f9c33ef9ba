"""ProcessDocument to TOML text, so that reading it gives the same document. Defaults are left out."""

import json
from collections import Counter
from dataclasses import MISSING, fields

from .shapes import StageDocument

LINE = 110
PLAYBOOK = ("we_do", "buyer_needs", "questions", "tools")


def write(document) -> str:
    standing = _standing(document)
    blocks = [
        _keys(document, leave_out=("timers", "rules", "stages", "lost")),
        _block("timers", document.timers),
    ]
    blocks += [_block("[rules]", rule) for rule in document.rules]
    blocks += [_standing_block(common, slugs) for common, slugs in standing.items()]
    for stage in document.stages:
        stands = stage.criteria and stage.criteria[-1] in standing
        own = stage.criteria[:-1] if stands else stage.criteria
        blocks += [_block("[stages]", stage), *(_block("[stages.criteria]", criterion) for criterion in own)]
        blocks += [_block("stages.timers", stage.timers)]
        blocks += [*(_block("[stages.rules]", rule) for rule in stage.rules), _playbook(stage)]
    blocks.append(_block("lost", document.lost))
    return "\n".join(block for block in blocks if block)


def _standing(document):
    """Criteria that close several stages word for word, with the slugs of these stages."""
    last = [stage.criteria[-1] for stage in document.stages if stage.criteria]
    return {
        common: [stage.slug for stage in document.stages if stage.criteria[-1:] == (common,)]
        for common, times in Counter(last).items()
        if times > 1
    }


def _standing_block(common, slugs):
    return f"[[standing]]\nat_gates_of = {_value(slugs)}\n{_keys(common)}"


def _block(header, shape):
    leave_out = ("timers", "rules", "criteria", *PLAYBOOK) if isinstance(shape, StageDocument) else ()
    keys = _keys(shape, leave_out=leave_out)
    return f"[{header}]\n{keys}" if keys else ""


def _playbook(stage):
    keys = "".join(f"{key} = {_value(getattr(stage, key))}\n" for key in PLAYBOOK if getattr(stage, key))
    return f"[stages.playbook]\n{keys}" if keys else ""


def _keys(shape, leave_out=()):
    said = ((field, getattr(shape, field.name)) for field in fields(shape) if field.name not in leave_out)
    return "".join(f"{field.name} = {_value(value)}\n" for field, value in said if _is_said(field, value))


def _is_said(field, value):
    return value is not None and (field.default is MISSING or value != field.default)


def _value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, (list, tuple)):
        return _list(value)
    return str(value) if isinstance(value, int) else f"{value.normalize():f}"


def _list(values):
    line = f"[{', '.join(_value(value) for value in values)}]"
    if len(line) <= LINE:
        return line
    return "[\n" + "".join(f"  {_value(value)},\n" for value in values) + "]"


def _quoted(text):
    # A JSON string is a TOML basic string, except that TOML wants U+007F escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
