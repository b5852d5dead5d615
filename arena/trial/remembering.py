"""The model that keeps a machine's memory, asked once for what the trial's answers say of it."""

import asyncio
import time

from arena.backends import BackendError, Conversation, Reply, Speaker, Spent, get_backend
from arena.studies.design import ProfileSpec
from arena.trial.calling import broken, tried_call
from arena.trial.outcome import OK, TriedCall
from arena.witnesses.memory.claims import NO_MEMORY
from arena.witnesses.memory.context import Talk
from arena.witnesses.memory.keeping import CALL_LIMIT_S, extractor_of
from arena.witnesses.memory.schema import read_claims
from arena.witnesses.memory.tasks import claims_task


async def try_extractor(profile: ProfileSpec, talk: Talk) -> TriedCall | None:
    """Have the machine's own messages read for its memory; None if it keeps none."""
    own = [each for each in talk.lines if each.turn.speaker == Speaker.ME]
    if profile.memory is None or not own:
        return None
    extractor = extractor_of(profile, profile.memory.extractor)
    conversation = Conversation(
        turns=(),
        now=talk.now,
        started_at=talk.started_at,
        message_chars=0,
        room_seed=talk.room_seed,
        task=claims_task(own, record=(), now=talk.now),
    )
    reply: Reply | None = None
    spent: Reply | Spent = Spent()
    outcome, why, began = OK, "", time.monotonic()
    try:
        async with asyncio.timeout(CALL_LIMIT_S):
            spent = reply = await get_backend(extractor.backend).reply(
                conversation, profile=extractor, seed=0
            )
        read_claims(reply.text, own, memory=NO_MEMORY, spent=Spent())
    except BackendError as error:
        outcome, why, spent = str(error.kind), str(error), reply or error.spent
    except Exception as error:
        outcome, why = "error", broken(error, extractor)
    return tried_call(
        conversation, extractor, reply=reply, spent=spent, outcome=outcome, why=why, began=began
    )
