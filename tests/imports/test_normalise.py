import pytest
from hypothesis import given
from hypothesis import strategies as st

from deals.input.normalise import clean, flaw, has_unstorable, is_placeholder, items

INVISIBLE = [
    " ",
    "   ",
    "\t\n",
    "\u00a0",
    "\u200b",
    "\u200b\u200c\u200d",
    "\u2060",
    "\u3164",
    "\u115f",
    "\u1160",
    "\uffa0",
    "\u2800",
    "\u2800\u2800 \u2800",
    "\u00ad",
    "\ufe0f",
    "\u202e",
    "\u2066\u2069",
    "\u3000",
    "\ufeff",
    "\u0301",
    " \u0301\u0308 ",
    "\u034f",
    "\u180e",
    "\U000e0041\U000e0042",
    "\x07",
    "\u2028",
]
FILLER_WORDS = """
. - -- — … ... ??? ? ! / * _ • 👍 ❤️ ✓ n/a N/A n.a. N / A n\\a ｎ／ａ na NA tbd TBD T.B.D. t-b-d tba tbc none None. NONE!
nil null NaN unknown (unknown) xxx X xx XXXX x.x.x aaa zzzzzz test TESTTEST asdf asdfasdf qwerty qwertz
abc foo foobar lalala xyxyxy 0 00 0.00 0,0 1970-01-01 01.01.1970 1/1/1970 1970-01-01T00:00:00Z 0000-00-00 9999-12-31
1900-01-01 111 0000 12345 dito ditto k.A. K.A unbekannt keine keine. folgt entfällt entfaellt offen néant 不明
なし нет t̷b̷d̷ tb\u200bd T\u00adBD n\u2060/a a@a.a
"""
PHRASES = [
    "lorem ipsum",
    "Lorem ipsum dolor sit amet, consectetur",
    "see above",
    "to be determined",
    "don't know",
    "don’t know",
    "not yet known",
    "tbd / none",
    "test test",
    "blah blah blah",
    "keine Angabe",
    "wird nachgereicht",
    "weiß nicht",
    "n/a, n/a, n/a",
    "- - -",
    "coming soon...",
    "Max Mustermann",
]
REAL_ANSWERS = (
    "IT,HP,3M,李,€5,$0.99,€123,SAP,EU,R&D,B2B,C++,C#,5,12%,0%,24/7,Q3,ÖBB,No,Ja,nein,2026-12-03,11.11.2026,Ng,Bo,Wu,Su,"
    "日本,Ёж,É1,Anna,Tata,Nana,AA,4WD,5 of 6,New test rig,None of the pumps holds pressure,Open Systems AG,Test & Co"
)
FILLERS = FILLER_WORDS.split()
REAL = REAL_ANSWERS.split(",")


@pytest.mark.parametrize("text", INVISIBLE + FILLERS + PHRASES)
def test_a_filler_is_refused_as_a_placeholder(text):
    assert is_placeholder(text)
    assert "looks like a placeholder" in flaw(text)


def test_the_table_of_fillers_is_long_enough():
    assert len({*INVISIBLE, *FILLERS, *PHRASES}) >= 60 and len({*REAL}) >= 20


@pytest.mark.parametrize("text", REAL)
def test_a_short_real_answer_is_accepted(text):
    assert not is_placeholder(text)
    assert flaw(text) is None


def test_an_empty_answer_is_called_empty():
    assert flaw("") == flaw(None) == "This is empty."


def test_the_admins_own_words_are_refused_however_they_are_spelled():
    assert not is_placeholder("Rumpelstilzchen")
    assert is_placeholder("rumpel-STILZCHEN!", extra=["Rumpelstilzchen"])
    assert flaw("kp", extra=["k. P."]) and flaw("kp", extra=["", "…"]) is None


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("  a \u00a0\u2003 b\t\r\nc ", "a b c"),
        ("Ｈｅａｄ\u200bgate", "Headgate"),
        ("Zoe\u0308 Mu\u0308ller", "Zoë Müller"),
        ("n\u034f\u0303", "ñ"),
        ("किताब", "किताब"),
        ("ngữ pháp", "ngữ pháp"),
        ("geht´s", "geht's"),
        ("2½ weeks", "2 1⁄2 weeks"),
        ("10² m", "10^2 m"),
        ("a\ud800b\0c", "abc"),
        ("<b>{{7*7}}</b>", "<b>{{7*7}}</b>"),
        (None, ""),
    ],
)
def test_cleaning_keeps_what_can_be_read(typed, kept):
    assert clean(typed) == kept


def test_line_breaks_stay_where_they_are_asked_for():
    assert clean(" one \r\n\u200b\n two\u2028three", lines=True) == "one\ntwo\nthree"


WILD = st.text(
    st.one_of(st.characters(), st.sampled_from("a\u0301´¨½²\u034f\u200b\u3164\n\r \u1100\u1161\u11a8ﷺİ"))
)


@given(WILD, st.booleans())
def test_cleaning_twice_changes_nothing(text, lines):
    once = clean(text, lines=lines)
    assert clean(once, lines=lines) == once
    assert not has_unstorable(once)


@given(WILD)
def test_cleaning_first_does_not_change_the_verdict(text):
    assert is_placeholder(text) == is_placeholder(clean(text))


def test_too_short_names_the_limit_and_what_was_given():
    message = flaw("pumps fail", min_length=20)
    assert "too short" in message and "10" in message and "20" in message
    assert flaw("pumps fail every night", min_length=20) is None


@pytest.mark.parametrize(
    "text", ["ab" + "." * 40, "perfect " * 9, "a" * 50 + "b", "it is    " + "\u200b" * 40 + "so"]
)
def test_padding_does_not_make_an_answer_longer(text):
    assert "too short" in flaw(text, min_length=20)


@pytest.mark.parametrize(
    "text",
    [
        "1 shutdowns at night, 2 water bill disputes, 3 two days of reporting a month.",
        "leaks, bills, reports",
        "leaks; bills; reports",
        "leaks\nbills\r\nreports",
        "1. leaks 2. bills 3. reports",
        "1) leaks\n2) bills\n3) reports",
        "- leaks\n- bills\n- reports",
        "5 days, 6 days, 7 days",
        "(1) costs 86,000, (2) bills, (3) reports",
    ],
)
def test_three_items_are_three_however_they_are_listed(text):
    assert len(items(text)) == 3
    assert flaw(text, min_items=3) is None


@pytest.mark.parametrize(
    "text",
    [
        "leaks, bills",
        "leaks, leaks, Leaks!",
        "leaks, tbd, n/a",
        "leaks,,,bills,",
        "1 leaks, 2 -, 3 xxx",
        "d, e, f",
        "costs 86,000, bills",
        "leaks and bills and reports",
    ],
)
def test_fewer_than_three_different_items_are_refused_with_the_count(text):
    assert "of at least 3 different items" in flaw(text, min_items=3)


@pytest.mark.parametrize("text", ["a, b, c", "1, 2, 3", "1) - 2) - 3) -"])
def test_a_list_of_fillers_is_refused(text):
    assert flaw(text, min_items=3)


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "\udfff x"])
def test_what_no_database_can_store_is_refused(text):
    assert has_unstorable(text)
    assert "cannot be stored" in flaw(text)


@pytest.mark.parametrize("text", ["😀 ok", "", None])
def test_what_can_be_stored_is_not_called_unstorable(text):
    assert not has_unstorable(text)
