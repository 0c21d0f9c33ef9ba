from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deals.input import parsing
from deals.input.parsing import ParseError, amount, amount_range, currency, day, number, whole, yes

TODAY = date(2026, 8, 5)  # a Wednesday

AMOUNTS = {
    "86000": "86000",
    "86,000": "86000",
    "86.000": "86000",
    "1.234,50": "1234.50",
    "1,234.50": "1234.50",
    "1.234.567,8": "1234567.80",
    "1,234,567": "1234567",
    "1 000": "1000",
    "1\u00a0000,5": "1000.50",
    "1\u202f000": "1000",
    "1'000": "1000",
    "1’000’000.25": "1000000.25",
    "€86k": "86000",
    "86k": "86000",
    "86 K": "86000",
    "86k€": "86000",
    "86 T€": "86000",
    "86 TEUR": "86000",
    "1.2m": "1200000",
    "1,2 Mio. €": "1200000",
    "$1.25bn": "1250000000",
    "EUR 86 000": "86000",
    "86 000 EUR": "86000",
    "eur86000": "86000",
    "Fr. 500": "500",
    "CHF 1'250.05": "1250.05",
    "500 kr": "500",
    "86.000,-": "86000",
    "86.000,– €": "86000",
    "١٢": "12",
    "１２": "12",
    "١٬٢٣٤٫٥": "1234.50",
    "1,5": "1.50",
    "1.5": "1.50",
    "0.500": "0.50",
    ".5": "0.50",
    "86000.": "86000",
    "+5": "5",
    "0": "0",
    "-0": "0",
    "\u200b 86000 \ufeff": "86000",
    "999999999999.99": "999999999999.99",
    "1.2345k": "1234.50",
}
NOT_AMOUNT_WORDS = """
NaN nan Infinity -Infinity inf 1e400 1e5 1E5 -1 -86k (86) −5 €-5 -€5 1000000000000 1e12 1,23,4 1.2.3 1,2,3
1234.567 0.001 1.2555 12,34,56 10_000 0x10 86x 86t abc € EUR k . , - -- 1-2 1..2 5+5 =1+1 1.250k 1,250m 86kk
1234,567,890 1.234,567,8 1,234.567.8 ½½ 5% 2026-12-03 9999999999999999999999999999999999999999999999
"""
NOT_AMOUNTS = NOT_AMOUNT_WORDS.split() + [
    "",
    "   ",
    None,
    "1 2",
    "1.234 567",
    "10 00",
    "5 of 6",
    "about 5",
    "EUR",
    "86 apples",
    "1" * 500,
    "1\n2",
    "9" * 60,
]


@pytest.mark.parametrize("typed, meant", AMOUNTS.items())
def test_an_amount_is_read_the_way_it_was_meant(typed, meant):
    assert str(amount(typed)) == meant


@pytest.mark.parametrize("typed", NOT_AMOUNTS)
def test_what_is_not_one_clear_amount_is_refused_in_words(typed):
    with pytest.raises(ParseError, match="."):
        amount(typed)


@pytest.mark.parametrize(
    "typed, words",
    [
        ("-5", "negative"),
        ("1234.567", "two decimals"),
        ("1e400", "Write it like 86000"),
        ("1000000000000", "999,999,999,999.99"),
    ],
)
def test_the_refusal_names_what_is_wrong(typed, words):
    with pytest.raises(ParseError, match=words):
        amount(typed)


def test_an_amount_has_the_maximum_it_is_given():
    assert amount("100", maximum=Decimal(100)) == 100
    with pytest.raises(ParseError, match="more than 100"):
        amount("100.01", maximum=Decimal(100))


@given(st.decimals(min_value=0, max_value=10**11, places=2, allow_nan=False))
def test_every_amount_survives_being_shown_in_english_and_german(value):
    english = f"{value:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert amount(english) == amount(german) == amount(f"€ {value}") == value


READERS = [amount, amount_range, number, whole, yes, currency, lambda text: day(text, today=TODAY)]


@given(st.text(st.sampled_from("0123456789.,'-+ kmtT€$%()/:eE \u0661½²to")), st.sampled_from(READERS))
@example("9" * 60, number)
@example("0." + "0" * 50 + "1", amount)
@example("0." + "0" * 50 + "1", number)
@example("-" + "9" * 59, whole)
@example("30.2", READERS[-1])
@example("99999999", READERS[-1])
@example("0000-00-00", READERS[-1])
def test_nothing_typed_breaks_a_reader(text, reader):
    try:
        reader(text)
    except ParseError as refusal:
        assert str(refusal)


@pytest.mark.parametrize("text", ["\ud800", "a\0", "\u3164", "NaN", "x" * 100_000])
@pytest.mark.parametrize("reader", READERS)
def test_what_nobody_can_mean_is_refused_by_every_reader(reader, text):
    with pytest.raises(ParseError):
        reader(text)


@pytest.mark.parametrize(
    "typed, low, high",
    [
        ("60-90k", 60_000, 90_000),
        ("60–90k", 60_000, 90_000),
        ("60k to 90k", 60_000, 90_000),
        ("60k - 90k", 60_000, 90_000),
        ("€60k–€90k", 60_000, 90_000),
        ("60 bis 90 T€", 60_000, 90_000),
        ("60.000,- bis 90.000,- €", 60_000, 90_000),
        ("60000-90k", 60_000, 90_000),
        ("500k-1m", 500_000, 1_000_000),
        ("1.5..2m", 1_500_000, 2_000_000),
        ("60-90", 60, 90),
        ("90k-90k", 90_000, 90_000),
        ("60k", 60_000, None),
        ("86.000", 86_000, None),
    ],
)
def test_a_range_is_read_with_both_ends_in_one_unit(typed, low, high):
    assert amount_range(typed) == (low, high)


@pytest.mark.parametrize(
    "typed", ["90-60k", "90k to 60k", "500-1m", "1-2-3", "60-", "-60", "60 to", "to 90", "5--6", ""]
)
def test_a_range_that_runs_backwards_or_has_one_end_is_refused(typed):
    with pytest.raises(ParseError):
        amount_range(typed)


@pytest.mark.parametrize(
    "typed, meant",
    [("12", 12), ("-3,5", Decimal("-3.5")), ("1.200", 1200), ("40%", 40), ("1 000.25", Decimal("1000.25"))],
)
def test_a_number_is_read(typed, meant):
    assert number(typed) == meant


@pytest.mark.parametrize("typed", ["", "NaN", "1e400", "Infinity", "12 apples", "1.23456", "1000000000000"])
def test_what_is_not_a_number_is_refused(typed):
    with pytest.raises(ParseError):
        number(typed)


def test_a_number_keeps_to_its_limits_and_the_refusal_names_them():
    assert whole("5", 1, 10) == 5 and whole("12.0") == 12 and isinstance(whole("1,200"), int)
    with pytest.raises(ParseError, match="at least 1"):
        whole("0", 1, 10)
    with pytest.raises(ParseError, match="at most 10"):
        whole("11", 1, 10)
    with pytest.raises(ParseError, match="not a whole number"):
        whole("1.5", 1, 10)


@pytest.mark.parametrize(
    "typed, meant",
    [
        ("2026-12-03", date(2026, 12, 3)),
        ("3 Dec '26", date(2026, 12, 3)),
        ("2026/12/03", date(2026, 12, 3)),
        ("2026-12-3", date(2026, 12, 3)),
        ("20261203", date(2026, 12, 3)),
        ("3.12.2026", date(2026, 12, 3)),
        ("03.12.26", date(2026, 12, 3)),
        ("3. 12. 2026", date(2026, 12, 3)),
        ("03.12.98", date(1998, 12, 3)),
        ("3.12.", date(2026, 12, 3)),
        ("3 Dec", date(2026, 12, 3)),
        ("3 Feb", date(2027, 2, 3)),
        ("5 Aug", TODAY),
        ("29 Feb", date(2028, 2, 29)),
        ("3 Dec 2026", date(2026, 12, 3)),
        ("3-Dec-26", date(2026, 12, 3)),
        ("3rd of December 2026", date(2026, 12, 3)),
        ("3. Dezember 2026", date(2026, 12, 3)),
        ("1. März", date(2027, 3, 1)),
        ("Dec 3, 2026", date(2026, 12, 3)),
        ("December 3rd 2026", date(2026, 12, 3)),
        ("Dec 3", date(2026, 12, 3)),
        ("Thu, 3 Dec 2026", date(2026, 12, 3)),
        ("Thursday 2026-12-03", date(2026, 12, 3)),
        ("2026-12-03T23:30:00Z", date(2026, 12, 3)),
        ("2026-12-03T10:00:00.123+02:00", date(2026, 12, 3)),
        ("2026-12-03 10:00", date(2026, 12, 3)),
        ("03.12.2026 14:00 Uhr", date(2026, 12, 3)),
        ("12/13/2026 2:30 PM", date(2026, 12, 13)),
        ("13/12/2026", date(2026, 12, 13)),
        ("12/03/2026", date(2026, 3, 12)),
        ("3/12", date(2026, 12, 3)),
        ("today", TODAY),
        ("Tomorrow", date(2026, 8, 6)),
        ("gestern", date(2026, 8, 4)),
        ("Thu", date(2026, 8, 6)),
        ("monday", date(2026, 8, 10)),
        ("Mi.", date(2026, 8, 12)),
        ("Wednesday", date(2026, 8, 12)),
        ("٣.١٢.٢٠٢٦", date(2026, 12, 3)),
        ("1990-01-01", date(1990, 1, 1)),
        ("2100-12-31", date(2100, 12, 31)),
    ],
)
def test_a_day_is_read_the_way_it_was_meant(typed, meant):
    assert day(typed, today=TODAY) == meant


def test_a_slash_date_is_month_first_where_the_file_says_so():
    assert day("12/03/2026", today=TODAY, month_first=True) == date(2026, 12, 3)
    assert day("13/12/2026", today=TODAY, month_first=True) == date(2026, 12, 13)


def test_a_day_in_the_past_is_the_last_such_day():
    assert day("3 Dec", today=TODAY, past=True) == date(2025, 12, 3)
    assert day("Monday", today=TODAY, past=True) == date(2026, 8, 3)
    assert day("Wed", today=TODAY, past=True) == date(2026, 7, 29)
    assert day("29 Feb", today=TODAY, past=True) == date(2024, 2, 29)


@pytest.mark.parametrize(
    "typed",
    """2026-13-01 2026-02-30 30.2. 31/02/2026 13/13/2026 12.13.2026 0.0.2026 1989-12-31 2101-01-01 9999-12-31
    0000-00-00 1970-01-01 99999-01-01 2026-12 12.2026 3 46359 Decembruary 3Foo soon someday 2026-12-03T25:00
    2026-12-03T10:99 2026-12/03 -1.2.2026 Dec""".split()  # noqa: SIM905
    + [
        "",
        " ",
        None,
        "3 Foo 2026",
        "Dec 2026",
        "Fri 3 Dec 2026",
        "next week",
        "2026-12-03 and more",
        "3 Dec 20266",
    ],
)
def test_what_is_not_a_day_in_reach_is_refused(typed):
    with pytest.raises(ParseError):
        day(typed, today=TODAY)


def test_the_refusal_of_a_day_says_why():
    with pytest.raises(ParseError, match="between 1990 and 2100"):
        day("9999-12-31", today=TODAY)
    with pytest.raises(ParseError, match="is a Thursday"):
        day("Fri 3 Dec 2026", today=TODAY)
    with pytest.raises(ParseError, match="Write it like 2026-12-03"):
        day("soon", today=TODAY)


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_every_day_survives_being_shown_in_every_form(value):
    shown = [
        "%Y-%m-%d",
        "%d.%m.%Y",
        "%d %b %Y",
        "%B %d, %Y",
        "%Y/%m/%d",
        "%d/%m/%Y",
        "%a, %d %b %Y",
        "%Y-%m-%dT%H:%M:%S",
    ]
    assert {day(value.strftime(form), today=TODAY) for form in shown} == {value}


@pytest.mark.parametrize("typed", ["yes", "Y", "TRUE", "1", "on", "ja", "x", "✓", "oui"])
def test_yes_is_read(typed):
    assert yes(typed) is True


@pytest.mark.parametrize("typed", ["no", "N", "False", "0", "off", "nein"])
def test_no_is_read(typed):
    assert yes(typed) is False


@pytest.mark.parametrize("typed", ["", "maybe", "2", "yes and no", None])
def test_what_is_neither_yes_nor_no_is_refused(typed):
    with pytest.raises(ParseError):
        yes(typed)


@pytest.mark.parametrize(
    "typed, code",
    [
        ("€", "EUR"),
        ("eur", "EUR"),
        ("$", "USD"),
        ("US$", "USD"),
        ("£", "GBP"),
        ("Fr.", "CHF"),
        ("zł", "PLN"),
        (" chf ", "CHF"),
    ],
)
def test_a_currency_is_read_from_its_sign_or_code(typed, code):
    assert currency(typed) == code


@pytest.mark.parametrize("typed", ["", "XXX", "EURO€", "bitcoin", "kr", None])
def test_what_is_not_one_currency_is_refused(typed):
    with pytest.raises(ParseError):
        currency(typed)


def test_crowns_are_refused_with_the_codes_to_choose_from():
    with pytest.raises(ParseError, match="SEK, NOK, DKK"):
        currency("kr")


def test_every_refusal_is_a_value_error_forms_can_show():
    assert issubclass(parsing.ParseError, ValueError)
