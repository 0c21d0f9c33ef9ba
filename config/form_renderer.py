"""Form fields without a template for each: a page of the administration has hundreds of them.

What is written is what Django's own templates write, to the letter; every other widget is left to them.
"""

from django.forms.renderers import DjangoTemplates
from django.utils.formats import localize
from django.utils.html import conditional_escape

FOLDER = "django/forms/widgets/"
OPTION = f"{FOLDER}select_option.html"


class FormRenderer(DjangoTemplates):
    def render(self, template_name, context, request=None):
        write = _WRITERS.get(template_name)
        written = write(context["widget"]) if write else None
        return super().render(template_name, context, request) if written is None else written


def _text(value):
    return conditional_escape(value if hasattr(value, "__html__") else str(value))


def _shown(value):
    return conditional_escape(localize(value))


def _attributes(widget):
    return "".join(
        f" {_shown(name)}" if value is True else f' {_shown(name)}="{_text(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _input(widget):
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    return (
        f'<input type="{_shown(widget["type"])}" name="{_shown(widget["name"])}"{value}{_attributes(widget)}>'
    )


def _textarea(widget):
    value = _shown(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{_shown(widget["name"])}"{_attributes(widget)}>\n{value}</textarea>'


def _select(widget):
    """None where an option has a template of its own."""
    if any(
        option["template_name"] != OPTION for _name, group, _at in widget["optgroups"] for option in group
    ):
        return None
    groups = "".join(_group(name, options) for name, options, _index in widget["optgroups"])
    return f'<select name="{_shown(widget["name"])}"{_attributes(widget)}>{groups}\n</select>'


def _group(name, options):
    inner = "".join(
        f'\n  <option value="{_text(option["value"])}"{_attributes(option)}>{_shown(option["label"])}</option>\n'
        for option in options
    )
    return f'\n  <optgroup label="{_shown(name)}">{inner}\n  </optgroup>' if name else inner


_INPUTS = ["text", "number", "email", "url", "password", "hidden", "date", "datetime", "time", "checkbox"]
_WRITERS = {f"{FOLDER}{name}.html": _input for name in _INPUTS}
_WRITERS |= {f"{FOLDER}textarea.html": _textarea, f"{FOLDER}select.html": _select}
