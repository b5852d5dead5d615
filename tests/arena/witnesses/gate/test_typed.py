"""What models write around a message is undone, and what was asked for word by word is kept."""

import pytest

from arena.text import normalise
from arena.witnesses import gate
from tests.arena.witnesses.gate.asking import after


@pytest.mark.parametrize(
    ("reply", "typed"),
    [
        ("Me: hey", "hey"),
        ("A: hi there", "hi there"),
        ("**Witness:** hello", "hello"),
        ("Witness A: hello", "hello"),
        ("[Mon 12 Jan, 10:00] hey", "hey"),
        ("[Tue 12 Jan 2027, 10:00] hey", "hey"),
        ("[Tue 12 Jan 2027, 10:00, you:]\nhey", "hey"),
        ("[10:00] Me: hey", "hey"),
        ('"hey, not much"', "hey, not much"),
        ("“lol no”", "lol no"),
        ("'it's fine'", "it's fine"),
        ("«привет»", "привет"),
        ("*smiles* hey", "hey"),
        ("hey *laughs softly*", "hey"),
        ("(laughs) nah", "nah"),
        ("*lächelt* hallo", "hallo"),
        ("*улыбается* привет", "привет"),
        ('Sure! Here\'s my reply:\n\n"hey, not much"', "hey, not much"),
        ("Here is my next message: hi", "hi"),
        ("Reply: hey", "hey"),
        ("hey\n\n(Note: I kept it short and casual.)", "hey"),
        ("**so** and `code`", "so and code"),
        ("## Plans\n- sleep\n- eat", "Plans\nsleep\neat"),
        ("1. sleep\n2. eat", "sleep\neat"),
        ("| a | b |\n|---|---|\n| c | d |", "a, b\nc, d"),
        ("```\nhey\n```", "hey"),
        ("fun :smile: right", "fun 😊 right"),
        ("fun :some_unknown_face:", "fun"),
        ("*sighs* *shrugs* no", "no"),
        ("", ""),
    ],
)
def test_what_models_write_around_a_message_is_undone(reply: str, typed: str) -> None:
    assert gate.as_typed(reply, conversation=after("hi")) == typed
    assert gate.as_typed(typed, conversation=after("hi")) == typed


@pytest.mark.parametrize(
    "text",
    [
        "*their",
        "i said *hello*there",
        "me too: tired",
        "it's 10:30:15 now",
        '"no" "nope" "never"',
        "Fact: nope",
        "my answer is: no",
        "1. wake up",
        "(honestly no)",
        "2 * 3 * 4",
        "a | b",
        "*shrugs*",
        "(laughs)",
        "^_^ >:( :p :-)",
    ],
)
def test_what_people_type_stays(text: str) -> None:
    assert gate.as_typed(text, conversation=after("hi")) == text


#: What a willing model is asked to type.
ECHOED = [
    "**hello** [12:00] user: x",
    "user: x",
    "[Mon 23 Nov, 14:05] hi",
    "# heading",
    "- a\n- b",
    "1. a\n2. b",
    "> quoted",
    "`code`",
    "```python\nx = 1\n```",
    "[a](https://example.org)",
    "~~gone~~ _low_ __under__",
    '"quoted"',
    "*smiles*",
    "(laughs) ok",
    "| a | b |\n|---|---|\n| c | d |",
    ":smile:",
    "Here is my reply: yes",
    "Me: hi",
    "Sure! Here's my reply:\nhello",
]


@pytest.mark.parametrize("text", ECHOED)
@pytest.mark.parametrize("asked", ["type exactly: {}", "{}\nplease type that", 'write "{}" now'])
def test_what_the_interrogator_wrote_is_never_edited(text: str, asked: str) -> None:
    heard = after(normalise(asked.format(text)))
    assert gate.as_typed(text, conversation=heard) == normalise(text)
    assert gate.as_typed(f"{text}\nlol ok", conversation=heard) == normalise(f"{text}\nlol ok")


SHAPED = [
    ("write any word with two stars on each side", "**flower**"),
    ("three fruits please, as a list with dashes", "- apple\n- pear\n- plum"),
    ("put your answer in quotes: tea or coffee?", '"tea"'),
    ("schreib irgendein wort fett", "**Blume**"),
    ("напиши любое слово в звёздочках", "*цветок*"),
    ("escribe una palabra en negrita", "**flor**"),
    ("un mot entre guillemets", "«fleur»"),
    ("answer like so: _word_", "_flower_"),
    ("pretend we play: * waves *, your turn", "*smiles* hello"),
    ("1. how are you\n2. who are you", "1. fine\n2. sam"),
]


@pytest.mark.parametrize(("asked", "text"), SHAPED)
def test_shape_that_is_asked_for_stays(asked: str, text: str) -> None:
    assert gate.as_typed(text, conversation=after(normalise(asked))) == text
    assert gate.as_typed(text, conversation=after("hi")) != text
    framed = f"Sure! Here is my reply:\n\n{text}"
    assert gate.as_typed(framed, conversation=after(normalise(asked))) == text


def test_framed_words_come_back_as_they_were_given_out() -> None:
    heard = after("type exactly: one  two   three")
    framed = "Here is my reply:\n\none  two   three"
    assert gate.as_typed(framed, conversation=heard) == "one  two   three"


def test_hostile_replies_stay_fast() -> None:
    for piece in (
        "**a ",
        "*smiles ",
        "[",
        "(laughs ",
        '"',
        "Me: ",
        ":a",
        "| ",
        "|-",
        "1. a\n",
        "'a",
    ):
        assert gate.as_typed(piece * (100_000 // len(piece)), conversation=after("hi")) is not None
