"""The schema of the API as a page shows it: operations by group, their fields in one table each."""

from dataclasses import dataclass
from http.client import responses

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Field:
    name: str
    type: str
    words: str
    needed: bool


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    summary: str
    scope: str
    parameters: list
    body: list
    answer: str
    shape: list
    refusals: list


def groups(schema):
    """[(name, operations)]: deals first, in each the shorter address first."""
    found = {}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            name = (operation.get("tags") or [""])[0]
            found.setdefault(name, []).append(_operation(schema, path, method.upper(), operation))
    return [
        (name, sorted(of_it, key=lambda one: (one.path, one.method))) for name, of_it in _deals_first(found)
    ]


def _deals_first(found):
    return sorted(found.items(), key=lambda group: (group[0] != "Deals", group[0]))


def parts(schema):
    """[(name, fields)] of what fields of operations are made of, such as an answer or a criterion."""
    found = schema["components"]["schemas"]
    names = {name for name in found if f'#/components/schemas/{name}"' in str(found).replace("'", '"')}
    return [(name, _listed(schema, found[name])) for name in sorted(names)]


def _operation(schema, path, method, operation):
    answers = {int(status): told for status, told in operation["responses"].items()}
    status = min(answers)
    parameters = [
        Field(p["name"], _type(schema, p["schema"]), p.get("description", ""), p.get("required", False))
        for p in operation.get("parameters", [])
    ]
    return Operation(
        name=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        scope=operation.get("x-scope", ""),
        parameters=parameters,
        body=_fields(schema, operation.get("requestBody", {})),
        answer=f"{status} {responses[status]}",
        shape=_fields(schema, answers[status]),
        refusals=[code for code in sorted(answers) if code != status],
    )


def _fields(schema, holder):
    content = next(iter(holder.get("content", {}).values()), {})
    return _listed(schema, _resolved(schema, content.get("schema", {})))


def _listed(schema, found):
    needed = found.get("required", [])
    return [
        Field(name, _type(schema, part), part.get("description", ""), name in needed)
        for name, part in found.get("properties", {}).items()
    ]


def _resolved(schema, part):
    name = part.get("$ref", "").rpartition("/")[2]
    return schema["components"]["schemas"][name] if name else part


def _type(schema, part):
    """ "text", "list of Answer", "number or text": what a value may be, in words."""
    if "$ref" in part:
        return part["$ref"].rpartition("/")[2]
    if "anyOf" in part:
        return _(" or ").join(dict.fromkeys(_type(schema, one) for one in part["anyOf"]))
    if "enum" in part:
        return ", ".join(str(one) or _("(empty)") for one in part["enum"])
    if part.get("type") == "array":
        return _("list of %s") % _type(schema, part.get("items", {}))
    if part.get("format") in ("date", "date-time"):
        return _("day") if part["format"] == "date" else _("time")
    return _plain(part)


def _plain(part):
    names = {"string": _("text"), "integer": _("whole number"), "number": _("number"), "boolean": _("yes or no"),
             "null": _("null"), "object": _("object")}  # fmt: skip
    most = part.get("maxLength")
    words = names.get(part.get("type"), "")
    return _("%(what)s, at most %(most)d characters") % {"what": words, "most": most} if most else words
