import sys
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.text import MARKS_PER_BASE, normalise

ANY_CHARACTER = st.integers(0, sys.maxunicode).map(chr)
# Where normalisers go wrong: marks, joiners, selectors and what they lean on, side by side.
AWKWARD = st.sampled_from(
    "\u200c\u200d\ufe0f\ufe0e\ufe00\u180b\U000e0100\u20e31#a e\n\r\t\u0301\u0323\u0344\u0338\u2190"
    "\u0643\u0631\u0627\u0654\u0915\u094d\u093c\u0951\u0958\u09c7\u09be\u1100\u1161\u11a8\u2764"
    "\U0001f469\U0001f3fd\u845b\uf900\u1820\u2026\u2000\u2126\u212b\u00a0\u2028\u115f\ud83d"
)
TEXTS = st.lists(st.one_of(AWKWARD, AWKWARD, ANY_CHARACTER), max_size=24).map("".join)


@settings(max_examples=1500, derandomize=True)
@given(TEXTS)
def test_normalise_twice_is_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@settings(max_examples=500, derandomize=True)
@given(TEXTS)
def test_normalise_leaves_text_that_can_be_stored_and_sent(text: str) -> None:
    shown = normalise(text)
    shown.encode()
    assert unicodedata.is_normalized("NFC", shown)
    assert shown == shown.strip()
    assert not any(unicodedata.category(char) == "Cc" for char in shown if char != "\n")


@pytest.mark.parametrize("plane", range(17))
def test_normalise_keeps_the_characters_of_every_plane(plane: int) -> None:
    letters = [chr(code) for code in range(plane * 0x10000, (plane + 1) * 0x10000, 7)]
    ordinary = [char for char in letters if unicodedata.category(char) in ("Lo", "Ll", "So", "Co")]
    unlike = {"\u115f", "\u1160", "\u3164", "\uffa0", "\u2800"}
    for char in ordinary:
        composed = unicodedata.normalize("NFC", f"a{char}b")
        assert char in unlike or normalise(f"a{char}b") == composed


@pytest.mark.parametrize(
    "text",
    [
        "Việt Nam, naïve, Zoë, Łódź, Ελληνικά, русский, עִבְרִית, हिन्दी, 日本語, 한국어",
        "שִׁ֣יר",
        "می\u200cخواهم",
        "क्\u200dष and क्\u200cष",
        "র\u200c্যা",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
        "\u2764\ufe0f\u200d\U0001f525",
        "\U0001f469\U0001f3fd\u200d\u2695\ufe0f",
        "\U0001f3f3\ufe0f\u200d\U0001f308",
        "1\ufe0f\u20e3",
        "\U0001f1eb\U0001f1f7",
        "葛\U000e0100城市",
        "\u1820\u180b",
        "ཧྐྵྨླྺ",
        "𠀀𝔘𓂀",
        "\ue000 \U00100000",
        'He said: "it\'s 2 < 3 & 4", then =SUM(A1:A2)\n\n  indented line',
        "«guillemets» and „",
    ],
)
def test_normalise_leaves_ordinary_writing_alone(text: str) -> None:
    expected = unicodedata.normalize("NFC", text).replace("„", '"')
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u201cHi\u201d \u2014 it\u2019s\u2026", '"Hi" - it\'s...'),
        ("a\u00a0b\u2009c\u3000d\te", "a b c d e"),
        ("a\u200bb\ufeffc\u00add\u2060e", "abcde"),
        ("ab\u202ecd\u202c \u2066x\u2069 \u200fy", "abcd x y"),
        ("a\x00b\x07c\x7fd\x1be", "abcde"),
        ("\ud800a\udfff", "a"),
        ("a\ufffe\uffff\U0010ffff\ufdd0b", "ab"),
        ("hi\U000e0041\U000e0042", "hi"),
        ("a\u200db \u200c!", "ab !"),
        ("a\ufe0f \ufe0f", "a"),
        ("one\r\ntwo\rthree\u2028four\vfive", "one\ntwo\nthree\nfour\nfive"),
        ("a  \n\n\n\n\nb\n \n \nc   ", "a\n\nb\n\nc"),
        (" \n a \n ", "a"),
        ("e\u0301", "é"),
        ("e\u200d\u0301", "é"),
        ("a\u0301\u0323", "ạ\u0301"),
        ("\u200b\u2800\u3164 ", ""),
    ],
)
def test_normalise_takes_out_what_tells_or_hides(text: str, shown: str) -> None:
    assert normalise(text) == shown


def test_normalise_cuts_piles_of_marks() -> None:
    assert normalise("z" + "\u0336" * 500) == "z" + "\u0336" * MARKS_PER_BASE


def test_normalise_of_a_hostile_text_stays_fast() -> None:
    for text in ("\u0323\u0301" * 4000, "क\u200d\u0301" * 3000, "\ufe0f" * 8000):
        assert len(normalise(text)) <= len(text)
