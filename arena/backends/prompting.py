"""The words that a language model is given: the persona, the facts of the situation, the talk.

What the interrogator wrote is only ever data in a message of its own; the instructions hold no
assignment, no name of a study and nothing that would be a secret.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import groupby
from typing import TypedDict

from arena.backends.base import Conversation, Profile, Speaker, Turn

_SITUATION = """\
You are in a text chat on a web page with one person, the interrogator, who is trying to find out \
whether you are a human or a machine. The chat began on {began}; times here are local time. Each \
message of the interrogator comes with the time it was sent in square brackets, added by the page; \
do not write such times yourself. Answer with the text of your next message alone: plain text \
without formatting, at most {limit} characters."""

_QUIET = "(The interrogator has written nothing new.)"


class PromptMessage(TypedDict):
    role: str
    content: str


def prompt(conversation: Conversation, profile: Profile) -> tuple[PromptMessage, ...]:
    """Return the chat messages for a model: one system message, then the talk in turns.

    Everything but the end stays the same from call to call, so that a provider can reuse what it
    has read before.
    """
    return (
        PromptMessage(role="system", content=sound(_instructions(conversation, profile))),
        *_talk(conversation),
    )


def sound(text: str) -> str:
    """Return the text with "?" for each half of a surrogate pair, which UTF-8 cannot carry."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _instructions(conversation: Conversation, profile: Profile) -> str:
    began = _told(conversation.started_at, conversation, "%A %d %B %Y, %H:%M")
    situation = _SITUATION.format(began=began, limit=conversation.message_chars)
    return f"{profile.persona.strip()}\n\n{situation}".strip()


def _talk(conversation: Conversation) -> Iterator[PromptMessage]:
    turns = conversation.turns
    if turns and turns[0].speaker == Speaker.ME:
        yield _note(conversation, turns[0].at)
    for speaker, run in groupby(turns, key=lambda turn: turn.speaker):
        yield _merged(conversation, speaker, tuple(run))
    if not turns or turns[-1].speaker == Speaker.ME:
        yield _note(conversation, conversation.now)


def _merged(conversation: Conversation, speaker: str, run: tuple[Turn, ...]) -> PromptMessage:
    if speaker == Speaker.ME:
        return PromptMessage(role="assistant", content=sound("\n".join(t.text for t in run)))
    lines = (f"{_stamp(conversation, turn.at)} {turn.text}" for turn in run)
    return PromptMessage(role="user", content=sound("\n".join(lines)))


def _note(conversation: Conversation, at: dt.datetime) -> PromptMessage:
    return PromptMessage(role="user", content=f"{_stamp(conversation, at)} {_QUIET}")


def _stamp(conversation: Conversation, at: dt.datetime) -> str:
    return f"[{_told(at, conversation, '%a %d %b, %H:%M')}]"


def _told(at: dt.datetime, conversation: Conversation, pattern: str) -> str:
    return at.astimezone(conversation.now.tzinfo).strftime(pattern)
