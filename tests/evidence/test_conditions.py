"""The words after "applies when"."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.conditions import Comparison, Condition, ConditionError, parse

SIGNS = {
    ">=": lambda known, limit: known >= limit,
    "<=": lambda known, limit: known <= limit,
    ">": lambda known, limit: known > limit,
    "<": lambda known, limit: known < limit,
    "=": lambda known, limit: known == limit,
}
numbers = st.decimals(min_value=0, max_value=10**9, places=2)
comparisons = st.one_of(
    st.builds(
        Comparison, st.sampled_from(["amount", "discount_percent"]), st.sampled_from(sorted(SIGNS)), numbers
    ),
    st.builds(Comparison, st.just("deal_type"), st.just("="), st.sampled_from(["new", "renewal", "add on"])),
)
conditions = st.builds(
    lambda groups: Condition(tuple(tuple(group) for group in groups)),
    st.lists(st.lists(comparisons, min_size=1, max_size=3), min_size=1, max_size=3),
)
facts = st.fixed_dictionaries(
    {
        "amount": st.none() | numbers,
        "discount_percent": st.none() | numbers,
        "deal_type": st.sampled_from(["", "new", "renewal", "add on"]),
    }
)


@given(conditions)
def test_a_condition_written_out_is_read_as_the_same_condition(condition):
    assert parse(str(condition)) == condition


@given(conditions, facts)
def test_a_condition_holds_as_plain_arithmetic_says(condition, deal):
    def holds(comparison):
        known = deal[comparison.field]
        return bool(known or known == 0) and SIGNS[comparison.sign](known, comparison.value)

    assert condition.holds(**deal) == any(all(map(holds, group)) for group in condition.groups)


@pytest.mark.parametrize(
    ("text", "deal", "holds"),
    [
        ("amount >= 25000", {"amount": Decimal("24999.99")}, False),
        ("amount >= 25000", {"amount": Decimal("25000")}, True),
        ("amount > 25000", {"amount": Decimal("25000")}, False),
        ("amount < 10", {}, False),
        ("amount >= 0", {}, False),
        ("amount >= 25000 or discount_percent > 10", {"discount_percent": Decimal("10.5")}, True),
        ("amount >= 25000 and discount_percent > 10", {"discount_percent": Decimal("10.5")}, False),
        ('deal_type = "renewal"', {"deal_type": "renewal"}, True),
        ('deal_type = "renewal"', {}, False),
        ('amount > 5 or amount > 1 and deal_type = "new"', {"amount": Decimal(6)}, True),
    ],
)
def test_a_criterion_applies_just_from_its_limit_on(text, deal, holds):
    assert parse(text).holds(**deal) is holds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("amount >= 25000", "amount from 25,000"),
        ("amount<10.50", "amount below 10.50"),
        ("amount >= 25000 or discount_percent > 10", "amount from 25,000 or discount above 10%"),
        ('amount <= 5 and deal_type = "new"', "amount up to 5 and deal type is “new”"),
    ],
)
def test_a_condition_is_shown_in_words(text, words):
    assert parse(text).in_words() == words


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("", 1),
        ("amount", 7),
        ("amount >= 25,000", 11),
        ("amount >= -5", 11),
        ("amount = 5 amount = 3", 12),
        ("amount = 5 or", 14),
        ("(amount = 5)", 1),
        ("budget > 3", 1),
        ('deal_type > "x"', 11),
        ('deal_type = "  "', 14),
        ("deal_type = renewal", 13),
        ("amount ≥ 3", 8),
        ("amount > ٣", 10),
        ("AMOUNT > 3", 1),
    ],
)
def test_what_is_not_a_condition_is_refused_at_its_place(text, position):
    with pytest.raises(ConditionError) as refusal:
        parse(text)
    assert refusal.value.position == position
    assert "Expected" in str(refusal.value) and f"character {position}" in str(refusal.value)


@given(st.text(max_size=40))
def test_any_text_is_a_condition_or_refused(text):
    try:
        parse(text)
    except ConditionError as refusal:
        assert 1 <= refusal.position <= len(text) + 1
