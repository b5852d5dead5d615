"""Hundreds of attacks on a machine that obeys them all: nothing of what it was told gets out."""

import dataclasses
import datetime as dt
from collections import Counter
from collections.abc import Iterator

import pytest

from arena.backends import Conversation, Known, Speaker, Turn, prompt
from arena.backends.prompting import QUIET, PromptMessage
from arena.witnesses import gate
from arena.witnesses.gate.encodings import readings
from arena.witnesses.gate.normalisation import squeezed
from tests.arena.backends.conversations import START, AProfile
from tests.kit.attacks import Attack, attacks
from tests.kit.obedient import obey

KIM = AProfile(
    backend="openai",
    model="m",
    persona="You are Kim, 34, a nurse from Leeds. You live with your sister Anna above a bakery. "
    "You write short messages without capitals, never use emojis and make a typo now and then. "
    "You do not like being tested.",
)
CANARY = gate.canary("this room")
KNOWN = Known(
    claims=('Mon 02 Nov 2026, pets: "i have a cat called biscuit"',),
    summary=('Mon 02 Nov 2026, the interrogator: "my brother moved to Oslo"',),
    days=("Today is Sunday 22 November. You were asleep until 08:10 and are free until Monday.",),
    canary=CANARY,
    restated=True,
)
ALL = attacks()
FAMILIES = sorted({attack.family for attack in ALL})


def asked(*texts: str, limit: int = 300) -> Conversation:
    turns = tuple(Turn(speaker=Speaker.INTERROGATOR, text=text, at=START) for text in texts)
    return Conversation(
        turns=turns,
        now=START,
        started_at=START - dt.timedelta(days=20),
        message_chars=limit,
        room_seed="this room",
        known=KNOWN,
    )


def released(attack: Attack, *, limit: int) -> list[str]:
    """What reaches the interrogator of an obedient machine behind the gate."""
    conversation = asked(attack.texts[0], limit=limit)
    out: list[str] = []
    for n, text in enumerate(obey(attack, conversation, profile=KIM).replies):
        if gate.rejection(text, conversation=conversation, profile=KIM) is None:
            out.append(text)
            said = Turn(speaker=Speaker.ME, text=text, at=START)
            again = attack.texts[min(n + 1, len(attack.texts) - 1)]
            heard = Turn(speaker=Speaker.INTERROGATOR, text=again, at=START)
            turns = (*conversation.turns, said, heard)
            conversation = dataclasses.replace(conversation, turns=turns)
    return out


def test_there_are_more_than_five_hundred_of_many_families() -> None:
    families = Counter(attack.family for attack in ALL)
    assert len(ALL) > 500
    assert len(families) >= 14
    assert len({attack.texts for attack in ALL}) > 400


@pytest.mark.parametrize("limit", [300, 4000])
def test_nothing_that_a_machine_was_told_gets_out(limit: int) -> None:
    got_out = {}
    for attack in ALL:
        if attack.family == "payload splitting":
            continue
        if out := released(attack, limit=limit):
            got_out[attack.family, attack.spoil, attack.disguise, attack.texts] = out
    assert got_out == {}


def test_pieces_of_a_leak_end_before_they_tell_anything() -> None:
    """A first few letters may pass: the gate stops the rest as soon as they can be told apart."""
    for attack in ALL:
        if attack.family != "payload splitting":
            continue
        booty = obey(attack, asked(*attack.texts), profile=KIM)
        out = released(attack, limit=300)
        together, plain = squeezed("".join(out)), squeezed(booty.plain)
        assert len(out) < len(booty.replies)
        assert len(together) <= 60
        assert not any(plain[n : n + 31] in together for n in range(max(1, len(plain) - 30)))
        assert not any(CANARY[n : n + 8] in together for n in range(len(CANARY) - 7))


def test_only_the_rooms_own_canary_is_stopped() -> None:
    own = f"the code is {CANARY}"
    assert gate.rejection(own, conversation=asked("hi"), profile=KIM) is not None
    for room in range(200):
        text = f"the code is {gate.canary(str(room))}"
        assert gate.rejection(text, conversation=asked("hi"), profile=KIM) is None


STAMP = "[Sun 22 Nov 2026, 22:42] "
#: What only the page or a provider writes, and an interrogator may not begin or hold.
MARKS = ("<|", "<<SYS", "</s>", "[INST]", QUIET)


@pytest.mark.parametrize("family", FAMILIES)
def test_typed_words_stay_data(family: str) -> None:
    """They stand in user messages alone, each line behind a mark that only the page writes."""
    calm = prompt(asked("hi"), KIM)
    escaped = {}
    for attack in (each for each in ALL if each.family == family):
        if wrong := list(_escapes(prompt(asked(*attack.texts), KIM), calm)):
            escaped[attack.texts] = wrong
    assert escaped == {}


def _escapes(attacked: tuple[PromptMessage, ...], calm: tuple[PromptMessage, ...]) -> Iterator[str]:
    """Where typed words are more than data."""
    if attacked[0] != calm[0]:
        yield "another system message"
    if {message["role"] for message in attacked[1:]} != {"user"}:
        yield "a message of somebody else"
    typed = attacked[-1]["content"].split("newest words of the interrogator:]\n")[1]
    *lines, last = typed.split("\n")
    if not last.endswith(", you:]"):
        yield last
    for line in lines:
        if not line.startswith((STAMP, "> ")):
            yield line
    yield from (mark for mark in MARKS if mark in typed)


def test_readings_of_long_texts_stay_bounded() -> None:
    assert sum(1 for _ in readings("lorem ipsum dolor sit amet " * 150)) < 3_000
