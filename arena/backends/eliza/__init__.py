"""ELIZA: a machine without a model, the check that a study can detect a machine at all.

It keeps nothing between calls. Each reply is worked out from the conversation from its start, so
that a restart changes nothing and the same conversation always gets the same reply.
"""

import asyncio
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, ClassVar

from arena.backends.base import Conversation, Profile, Reply, Speaker
from arena.backends.eliza.engine import Dialogue
from arena.backends.eliza.script import NAMES, load
from arena.backends.failure import BackendError, ErrorKind
from arena.backends.option import Option

_HEARD_PER_BREATH = 4


class Eliza:
    """Answers from a script; the profile's model names the script."""

    OPTIONS: ClassVar[Mapping[str, Option[Any]]] = {}
    MODELS: ClassVar[tuple[str, ...] | None] = NAMES

    async def reply(self, conversation: Conversation, *, profile: Profile, seed: int) -> Reply:
        """Return what the script says next; the seed of the room, not of the call, varies it."""
        if profile.model not in NAMES:
            raise _script_unknown(profile.model)
        text = await _answer(conversation, profile.model)
        if text is None:
            raise _nothing_fits(conversation.message_chars)
        return Reply(text=text, model=profile.model, cost_usd=0.0, finish="stop")


async def _answer(conversation: Conversation, script: str) -> str | None:
    dialogue = Dialogue(
        load(script), room_seed=conversation.room_seed, limit=conversation.message_chars
    )
    if not conversation.turns:
        return dialogue.open()
    text = None
    for n, heard in enumerate(_heard(conversation), start=1):
        text = dialogue.hear(heard)
        if n % _HEARD_PER_BREATH == 0:
            # A long room is many turns; the other rooms of the process must not wait for them.
            await asyncio.sleep(0)
    return text


def _heard(conversation: Conversation) -> Iterator[str]:
    """Yield what was heard before each reply, and "" last when nothing has come since."""
    for speaker, run in groupby(conversation.turns, key=lambda turn: turn.speaker):
        if speaker != Speaker.ME:
            yield "\n".join(turn.text for turn in run)
    if conversation.turns[-1].speaker == Speaker.ME:
        yield ""


def _script_unknown(model: str) -> BackendError:
    return BackendError(
        ErrorKind.BAD_REQUEST,
        f"There is no script {model!r}. Expected one of {', '.join(NAMES)}. Correct the model in "
        "the machine profile.",
    )


def _nothing_fits(message_chars: int) -> BackendError:
    return BackendError(
        ErrorKind.EMPTY,
        f"Nothing in the script is as short as {message_chars} characters. Expected longer "
        "messages to be allowed; raise 'message_chars' in the study file.",
        retryable=False,
    )
