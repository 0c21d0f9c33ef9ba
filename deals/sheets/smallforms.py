"""Fields of the small forms of a page, as templates/deals/agreement/input.html shows them."""

from dataclasses import dataclass

from .inputs import Input


@dataclass
class Field(Input):
    """An input of one of several small forms on a page; `form` keeps their ids apart."""

    form: str = ""

    @property
    def id(self):
        return f"id_{self.form}_{self.name}"


def fields(form, *wanted, given=None, errors=None):
    """Each of `wanted` is a Field; what was typed into this form and what is wrong with it joins it."""
    for field in wanted:
        field.form, field.name = form, field.part
        field.value, field.error = (
            (given or {}).get(field.part, field.default),
            (errors or {}).get(field.part, ""),
        )
    return list(wanted)
