"""A machine that says fixed lines in order, for demonstrations, rehearsals and tests.

It needs no network and no key, and answers the same conversation the same way every time.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from arena.backends.base import (
    BackendError,
    Conversation,
    ErrorKind,
    Profile,
    Reply,
    Speaker,
)
from arena.backends.option import Answers, Choice, Lines, Option

_AT_END = ("repeat", "silence")


class Scripted:
    """Says the next of its lines, or the answer to a word that the interrogator used."""

    OPTIONS: ClassVar[Mapping[str, Option[Any]]] = {
        "lines": Lines(meaning="What it says, one line per reply, in order.", required=True),
        "at_end": Choice(
            meaning="After the last line: begin again, or say nothing more.",
            among=_AT_END,
            default="repeat",
        ),
        "answers": Answers(
            meaning="A word or phrase of the interrogator's last message, and what is said to it."
        ),
    }
    MODELS: ClassVar[tuple[str, ...] | None] = None

    async def reply(self, conversation: Conversation, *, profile: Profile, seed: int) -> Reply:
        """Return the answer to a known word, or the line whose turn it is."""
        lines = Scripted.OPTIONS["lines"].need(profile.options, "lines")
        at_end = Scripted.OPTIONS["at_end"].need(profile.options, "at_end")
        answers = Scripted.OPTIONS["answers"].read(profile.options, "answers") or {}
        text = _answer(conversation, answers) or _line(conversation, lines, at_end)
        return Reply(text=text, model=profile.model, cost_usd=0.0, finish="stop")


def _answer(conversation: Conversation, answers: Mapping[str, str]) -> str | None:
    """Return the answer to the first known phrase in the interrogator's last message."""
    heard = next((t for t in reversed(conversation.turns) if t.speaker != Speaker.ME), None)
    if heard is None:
        return None
    said = (
        answer
        for phrase, answer in answers.items()
        if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", heard.text, re.IGNORECASE)
    )
    return next(said, None)


def _line(conversation: Conversation, lines: tuple[str, ...], at_end: str) -> str:
    n_said = sum(turn.speaker == Speaker.ME for turn in conversation.turns)
    if n_said >= len(lines) and at_end == "silence":
        raise BackendError(
            ErrorKind.EMPTY,
            f"The script has {len(lines)} lines and all were said. Expected silence from here; "
            "set the option 'at_end' to 'repeat' to begin again.",
            retryable=False,
        )
    return lines[n_said % len(lines)]
