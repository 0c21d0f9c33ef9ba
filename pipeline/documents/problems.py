from django.utils.translation import gettext as _


class ProcessError(ValueError):
    """The document cannot be used. `problems` is the whole list, one sentence each, with its place."""

    def __init__(self, problems):
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class Problems(list):
    """Sentences of the form “file, stage "x", criterion "y": key: what is wrong and what is allowed”."""

    def __init__(self, source):
        super().__init__()
        self.source = source

    def add(self, place, message):
        self.append(": ".join((", ".join((self.source, *place)), message)))

    def raise_if_any(self):
        if self:
            raise ProcessError(self)


def place_of(what, values, position):
    """How a stage or criterion is called in a message: by its slug, or by its number while it has none."""
    slug = values.get("slug")
    return (
        f'{what} "{slug}"'
        if isinstance(slug, str) and slug
        else _("%(what)s %(number)d") % {"what": what, "number": position}
    )
