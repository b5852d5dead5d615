"""Which beginning of a reply that is too long is a message."""

import pytest

from arena.witnesses.length import LEAST_CHARS, whole_sentences


@pytest.mark.parametrize(
    ("text", "limit", "kept"),
    [
        ("I was at work. Then I went ho", 300, "I was at work."),
        ("I was at work. Then home. And so on and", 25, "I was at work. Then home."),
        ("I was at work. Then home. And", 24, "I was at work."),
        ("I was at work all day.", 300, "I was at work all day."),
        ('She said "not today." And then she', 300, 'She said "not today."'),
        ("what? really?! no way... and the", 300, "what? really?! no way..."),
        ("yeah i was at work\nthen went ho", 300, "yeah i was at work"),
        ("Ich war arbeiten, z.B. im Garten. Dann ging", 300, "Ich war arbeiten, z.B. im Garten."),
        ("Я был на работе. Потом по", 300, "Я был на работе."),
        ("昨天我在家看书，然后睡觉。今天我", 300, "昨天我在家看书，然后睡觉。"),
        ("It costs 3.50 at the corner shop. The", 300, "It costs 3.50 at the corner shop."),
    ],
)
def test_whole_sentences_are_kept(text: str, limit: int, kept: str) -> None:
    assert whole_sentences(text, limit) == kept


@pytest.mark.parametrize(
    "text",
    [
        "I went on and on and on and",
        "Yes. And then I went to the",  # too little is left
        "First of all I met Dr. Miller who",
        "So what I like is: 1. swimming",
        "You know, J. Smith and others",
        "it was 3.14 or so and",
        "",
        "." * (LEAST_CHARS - 1),
    ],
)
def test_what_is_no_message_is_not(text: str) -> None:
    assert whole_sentences(text, 300) is None


def test_sentence_longer_than_the_limit_is_none() -> None:
    assert whole_sentences("This goes on for a long while without a stop.", 20) is None
