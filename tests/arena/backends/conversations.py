"""Conversations and profiles to try backends with."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from arena.backends import Conversation, Speaker, Turn
from tests.kit.fake_provider import FakeProvider

START = dt.datetime(2026, 11, 22, 22, 42, 10, tzinfo=dt.UTC)

#: Every Unicode plane, and what breaks careless code.
ODD_TEXTS = (
    "",
    " ",
    "\n\n",
    "...",
    "?!?!",
    "'",
    "(1) (9) (0) = next",
    "\0\x07\x1b[31m",
    "half a pair: \ud83d",
    "\udc00\ud800",
    "नमस्ते, आप कैसे हैं?",
    "مرحبا كيف حالك؟",
    "你好。你是机器人吗？",
    "👩\u200d👩\u200d👧 I love 🍕",
    "e\u0301\u0301\u0301 Z\u0351\u036b\u0343",
    *(f"I think {chr(plane * 0x10000 + 0x1234)} my {chr(plane * 0x10000 + 0xFFFF)}"
      for plane in range(17)),
    "you " * 1000,
    "my i am you are if because like " * 120,
    "a" * 4000,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AProfile:
    backend: str
    model: str
    persona: str = "You are Kim, 34, a nurse from Leeds."
    name: str = "a-profile"
    options: Mapping[str, object] = field(default_factory=dict)


def talk(*texts: str, message_chars: int = 300, room_seed: str = "room") -> Conversation:
    """A conversation of alternating turns, a minute apart; the interrogator begins."""
    speakers = (Speaker.INTERROGATOR, Speaker.ME)
    turns = tuple(
        Turn(speaker=speakers[n % 2], text=text, at=START + dt.timedelta(minutes=n))
        for n, text in enumerate(texts)
    )
    return Conversation(
        turns=turns,
        now=START + dt.timedelta(minutes=len(texts)),
        started_at=START,
        message_chars=message_chars,
        room_seed=room_seed,
    )


def burst(*texts: str) -> Conversation:
    """A conversation in which only the interrogator has written, several times."""
    turns = tuple(Turn(speaker=Speaker.INTERROGATOR, text=text, at=START) for text in texts)
    return Conversation(
        turns=turns, now=START, started_at=START, message_chars=300, room_seed="room"
    )


def model(backend: str, mode: str, provider: FakeProvider, **options: object) -> AProfile:
    """A profile of a language model whose provider behaves in the given mode."""
    address = {"openai": "base_url", "litellm": "api_base"}[backend]
    given = {
        "temperature": 1.0,
        "max_tokens": 200,
        "timeout": "10 min",
        "max_retries": 0,
        address: provider.base_url,
    }
    prefix = "openai/" if backend == "litellm" else ""
    return AProfile(backend=backend, model=prefix + mode, options=given | options)
