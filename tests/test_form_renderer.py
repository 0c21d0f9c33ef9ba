"""Form fields that are written without a template are what Django's templates write, to the letter."""

from datetime import date

import pytest
from django import forms
from django.conf import settings
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from config.form_renderer import FormRenderer

SPICE = """<b>"Kilns" & 'more'</b>"""
VALUES = [
    "",
    None,
    "plain",
    SPICE,
    mark_safe("<i>1</i>"),
    gettext_lazy("Save"),
    0,
    7,
    12345.5,
    True,
    False,
    date(2026, 3, 1),
]
ATTRIBUTES = [
    {},
    {"id": "id_a", "class": "wide"},
    {
        "required": True,
        "disabled": False,
        "data-words": SPICE,
        "maxlength": 12345,
        "title": mark_safe("a&amp;b"),
    },
]
CHOICES = [("", "---------"), (1, "One"), ("b", SPICE), (None, gettext_lazy("Save")), (12345, 12345)]
GROUPED = [("", "-"), ("First & only", [("a", "A"), (SPICE, mark_safe("<i>B</i>"))]), ("Empty", [])]
WIDGETS = [
    forms.TextInput, forms.NumberInput, forms.EmailInput, forms.URLInput, forms.PasswordInput, forms.HiddenInput,
    forms.DateInput, forms.DateTimeInput, forms.TimeInput, forms.CheckboxInput, forms.Textarea,
]  # fmt: skip


def both(widget, value):
    written = [widget.render("a-0-name", value, renderer=one) for one in (FormRenderer(), DjangoTemplates())]
    return written


@pytest.mark.parametrize("kind", WIDGETS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("attributes", range(len(ATTRIBUTES)))
def test_one_value_with_any_attributes(kind, attributes):
    for value in VALUES:
        ours, djangos = both(kind(attrs=ATTRIBUTES[attributes]), value)
        assert ours == djangos, value


@pytest.mark.parametrize(
    "kind", [forms.Select, forms.SelectMultiple, forms.NullBooleanSelect, forms.RadioSelect]
)
@pytest.mark.parametrize("choices", [CHOICES, GROUPED, []], ids=["plain", "grouped", "none"])
def test_a_choice_of_some(kind, choices):
    for value in ["", None, 1, "b", SPICE, ["a", "b"], True]:
        if isinstance(value, list) and kind is forms.NullBooleanSelect:
            continue
        for attributes in ATTRIBUTES:
            widget = kind(attributes) if kind is forms.NullBooleanSelect else kind(attributes, choices)
            ours, djangos = both(widget, value)
            assert ours == djangos, value


class Coloured(forms.Select):
    option_template_name = "django/forms/widgets/radio_option.html"


def test_an_option_with_a_template_of_its_own_keeps_it():
    ours, djangos = both(Coloured(choices=CHOICES), "b")
    assert ours == djangos and "radio" not in ours.partition(">")[0]


def test_every_form_is_written_by_it():
    assert settings.FORM_RENDERER == "config.form_renderer.FormRenderer"
    assert isinstance(get_default_renderer(), FormRenderer)
    assert isinstance(forms.Form().renderer, FormRenderer)
