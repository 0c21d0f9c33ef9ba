"""Pieces that several forms of the process share."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ..models.fields import lines, words
from ..shown import changed_since

LONGEST_LINE = 200


class Ticks(forms.MultipleChoiceField):
    """Check boxes for a column that keeps several words by comma; they stay in the order of the choices."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value):
        ticked = super().clean(value)
        return ", ".join(key for key, _label in self.choices if key in ticked)

    def prepare_value(self, value):
        return words(value) if isinstance(value, str) else value

    def has_changed(self, initial, data):
        return super().has_changed(self.prepare_value(initial), data)


class Shown:
    """The form of a page that says what it showed; from before somebody else's change it writes nothing."""

    shown = ""
    shows = ()  # the columns on the page; the admin's own form of it may have fewer

    def refuse_older(self):
        """Call it with the pipeline locked."""
        if not self.shown or not self.instance.pk:
            return
        changed = changed_since(self.shown, self.instance, self.shows)
        if changed == []:
            return
        words = _(
            "Somebody changed this since you opened it. What you typed is below and is not saved; look at the page"
            " anew, or save once more to put yours on top."
        )
        self.add_error(None, words)
        if changed:
            self.add_error(None, _("Changed meanwhile: %s.") % ", ".join(map(str, changed)))


class Tidy:
    """Texts as a process file can hold them: one line stays one line, lists have no empty or double entries."""

    one_line = ()
    line_lists = ()

    def clean(self):
        cleaned = super().clean()
        cleaned = self.cleaned_data if cleaned is None else cleaned
        for name in self.one_line:
            if cleaned.get(name):
                cleaned[name] = " ".join(cleaned[name].split())
        for name in self.line_lists:
            self._tidy_list(name, cleaned)
        return cleaned

    def _tidy_list(self, name, cleaned):
        entries = [" ".join(line.split()) for line in lines(cleaned.get(name) or "")]
        if any(len(entry) > LONGEST_LINE for entry in entries):
            self.add_error(name, _("A line may have at most %d characters.") % LONGEST_LINE)
        elif name in cleaned:
            cleaned[name] = "\n".join(dict.fromkeys(entries))


def whole_between(value, least, most):
    if value is not None and not least <= value <= most:
        raise ValidationError(
            _("A whole number from %(least)d to %(most)d.") % {"least": least, "most": most}
        )
    return value
