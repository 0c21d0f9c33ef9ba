"""The fields of a calendar as admins type them: chosen from lists, refused where nobody could count with them."""

from functools import lru_cache
from zoneinfo import available_timezones

import holidays
from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import WEEKDAYS, Organisation, Team
from .workdays import BadLine, read_closing_day

MOST_CLOSING_DAYS = 500


@lru_cache(maxsize=1)
def time_zones():
    """[(continent, [zones])] in order."""
    groups = {}
    for zone in sorted(available_timezones()):
        continent, slash, _place = zone.partition("/")
        groups.setdefault(continent if slash else "", []).append((zone, zone.replace("_", " ")))
    return sorted(groups.items(), key=lambda group: (not group[0], group[0]))


@lru_cache(maxsize=1)
def countries():
    """[(code, name)] of those whose holidays are known, by name."""
    known = {code for code in holidays.list_supported_countries() if len(code) == 2}
    names = {entry[1]: key for key, entry in holidays.registry.COUNTRIES.items() if entry[1] in known}
    found = [(code, _name(key)) for code, key in names.items()]
    return sorted(found, key=lambda country: country[1])


def _name(key):
    return key.replace("_", " ").title().replace(" And ", " and ").replace(" Of ", " of ")


def country_name(code):
    return dict(countries()).get(code, code)


@lru_cache(maxsize=1)
def regions():
    """{country: codes of its regions}"""
    return holidays.list_supported_countries()


class WorkingDaysField(forms.MultipleChoiceField):
    """Seven boxes; kept as digits, 1 is Monday."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs):
        days = [(str(number), name) for number, name in enumerate(WEEKDAYS, 1)]
        super().__init__(choices=days, label=gettext_lazy("Working days"), **kwargs)

    def prepare_value(self, value):
        return list(value) if isinstance(value, str) else value

    def clean(self, value):
        return "".join(sorted(set(super().clean(value))))

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial or ""), data)


class WithSuggestions(forms.TextInput):
    """A text field that offers a list, without asking for one of it."""

    suggestions = ()

    def render(self, name, value, attrs=None, renderer=None):
        if not self.suggestions:
            return super().render(name, value, attrs, renderer)
        offered = f"{(attrs or {}).get('id', name)}_list"
        typed = super().render(name, value, {**(attrs or {}), "list": offered}, renderer)
        options = format_html_join("", '<option value="{}">', ((each,) for each in self.suggestions))
        return format_html('{}<datalist id="{}">{}</datalist>', typed, offered, options)


class CalendarForm(forms.ModelForm):
    """`common` is the organisation a team falls back to; None for the organisation itself."""

    common = None
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        error_messages={
            "invalid_choice": gettext_lazy("No time zone of that name; an example is Europe/Berlin.")
        },
    )
    working_days = WorkingDaysField(
        error_messages={
            "required": gettext_lazy("A working week needs at least one day."),
            "invalid_choice": gettext_lazy("Choose days of the week."),
        }
    )
    holiday_country = forms.ChoiceField(
        label=gettext_lazy("Holiday country"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("We have no calendar for that country.")},
    )
    holiday_region = forms.CharField(
        label=gettext_lazy("Holiday region"), required=False, max_length=10, widget=WithSuggestions
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        fields, common = self.fields, self.common
        inherited = [("", _("as the organisation"))] if common else []
        fields["time_zone"].choices = [*inherited, *time_zones()]
        fields["holiday_country"].choices = [
            ("", _("as the organisation") if common else _("no public holidays")),
            *countries(),
        ]
        fields["closing_days"].strip = False  # lines are counted as they were typed
        fields["holiday_region"].help_text = self._about_regions()
        fields["holiday_region"].widget.suggestions = self._regions(self.instance.holiday_country)
        if common:
            fields["time_zone"].required = fields["working_days"].required = False
            fields["working_days"].help_text = _("None ticked: as the organisation.")

    def _regions(self, country):
        country = country or (self.common.holiday_country if self.common else "")
        return regions().get(country, [])

    def _about_regions(self):
        """Short enough to read: the list is offered while typing."""
        known = self._regions(self.instance.holiday_country)
        if not known:
            return _("The short name of a state or province. Empty: holidays of the whole country.")
        return _("One of %s. Empty: holidays of the whole country.") % ", ".join(known)

    def clean_holiday_region(self):
        typed = self.cleaned_data["holiday_region"]
        known = {region.casefold(): region for region in self._typed_regions()}
        return known.get(typed.casefold(), typed)

    def _typed_regions(self):
        return self._regions(self.cleaned_data.get("holiday_country", ""))

    def clean_closing_days(self):
        text = self.cleaned_data["closing_days"]
        numbered = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(numbered) > MOST_CLOSING_DAYS:
            raise forms.ValidationError(_("At most %d closing days.") % MOST_CLOSING_DAYS)
        problems, kept = [], {}
        for number, line in numbered:
            try:
                day, name = read_closing_day(line)
            except BadLine as error:
                place = {"number": number, "line": line.strip()[:60], "problem": error}
                problems.append(_("Line %(number)d, “%(line)s”: %(problem)s.") % place)
            else:
                kept[day] = f"{day} {name}".strip()
        if problems:
            raise forms.ValidationError(problems)
        return "\n".join(kept[day] for day in sorted(kept))

    def clean(self):
        cleaned = super().clean()
        region, known = cleaned.get("holiday_region"), self._typed_regions()
        if region and "holiday_country" in cleaned and region not in known:
            words = _("We have no calendar for that region of the country.")
            if known:
                words = f"{words} {_('It has %s.') % ', '.join(known)}"
            self.add_error("holiday_region", words)
        return cleaned


class OrganisationForm(CalendarForm):
    class Meta:
        model = Organisation
        fields = "__all__"  # noqa: DJ007  the admin's page shows the whole row


class TeamForm(CalendarForm):
    class Meta:
        model = Team
        fields = "__all__"  # noqa: DJ007  the admin's page shows the whole row

    def __init__(self, *args, **kwargs):
        self.common = Organisation.current()
        super().__init__(*args, **kwargs)
