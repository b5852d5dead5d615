"""Markdown comes out of a reply, and what people write stays."""

import pytest

from arena.witnesses.gate.markdown import plain


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("**Sure!** I *do* like `tea` and ~~not~~ __you__.", "Sure! I do like tea and not you."),
        ("# Tea\n- green\n- black\n* white\n1. first", "Tea\ngreen\nblack\nwhite\n1. first"),
        ("```python\nx = 1\n```\n> so\n---\nend", "x = 1\nso\nend"),
        ("see [the page](https://example.org/a) ![cat](c.png)", "see the page cat"),
        ("<https://example.org>", "https://example.org"),
        ("***both***", "both"),
    ],
)  # fmt: skip
def test_plain_leaves_the_words_of_markdown(reply: str, words: str) -> None:
    assert plain(reply) == words
    assert plain(words) == words


@pytest.mark.parametrize(
    "text",
    [
        "2 * 3 * 4 = 24",
        "snake_case_name and a**b**c",
        "^_^ o_O *_* >_< ¯\\_(ツ)_/¯",
        "#1 fan, -5 degrees, f(*args, **kwargs)",
        "well - I think so",
        "[sic] (really)",
        "it's 5 > 3, 3 < 5",
    ],
)
def test_plain_leaves_what_people_write_alone(text: str) -> None:
    assert plain(text) == text


def test_plain_of_a_hostile_reply_stays_fast() -> None:
    for piece in ("**a ", " *a", "[", "`", "> ", "_a", "[a]("):
        assert plain(piece * 2000) is not None
