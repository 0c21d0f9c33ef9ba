"""Processes as files: those that are shipped, and a small one of our own."""

import pytest

from pipeline.documents import ProcessError, read
from pipeline.loading import TEMPLATES

SHIPPED = sorted(TEMPLATES.glob("*.toml"))
SMALL = """
slug = "small"
name = "Small"

[[standing]]
slug = "next_step"
at_gates_of = ["talk", "offer"]
kind = "next_step"
label = "The buyer agreed to a next step"
needs_buyer = true
evidence = "who"

[[stages]]
slug = "talk"
name = "Talk"
objective = "Learn whether there is a problem."
buyer_action = "Asked us for help."
owner_role = "Account executive"
probability = 20
target_days = 5
[[stages.criteria]]
slug = "problem_stated"
kind = "text"
label = "The buyer stated the problem"
needs_buyer = true
evidence = "words"

[[stages]]
slug = "offer"
name = "Offer"
objective = "Agree on a price."
buyer_action = "Stated the problem."
owner_role = "Account executive"
probability = 60
target_days = 10
"""


def problems_of(text):
    with pytest.raises(ProcessError) as refusal:
        read(text, name="small.toml")
    return refusal.value.problems


def small_with(old, new):
    assert old in SMALL
    return SMALL.replace(old, new, 1)
