"""What the text of a mail may name in braces. Rules are checked against it when they are saved."""

import re

from django.utils.translation import gettext_lazy

KNOWN = {
    "contact": gettext_lazy("the name of who gets it"),
    "first_name": gettext_lazy("their first name"),
    "company": gettext_lazy("the company's name"),
    "deal": gettext_lazy("the deal's name"),
    "owner": gettext_lazy("the name of the deal's owner"),
    "stage": gettext_lazy("the stage the deal is in"),
    "days": gettext_lazy("how many days it has been quiet"),
}
# One word in braces is meant as a field, whatever it says; other braces are text.
FIELD = re.compile(r"\{([^{}\n]{0,60})\}")
LISTED = ", ".join(f"{{{name}}}" for name in KNOWN)


def unknown(text):
    """The fields of a text that nothing stands for, each once."""
    return list(dict.fromkeys(name for name in FIELD.findall(text or "") if name not in KNOWN))
