"""One call of a trial: what was sent, what came back, and what the gate made of it."""

import asyncio
import time
from dataclasses import dataclass

from arena.backends import BackendError, Reply, Spent, get_backend, prompt
from arena.errors import ArenaError
from arena.trial.outcome import OK, TriedCall
from arena.witnesses.calls import CALL_LIMIT_S, Asked, Objected, checked, described
from arena.witnesses.scene import Scene
from arena.witnesses.wording import seed_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedDraft:
    """A call, and the text that may be shown if there is one."""

    call: TriedCall
    text: str | None


async def call(scene: Scene, *, n_failed: int) -> TriedDraft:
    """Have the model write once, as a room would."""
    asked = await Asked.of(scene)
    seed = seed_of(scene, n_failed=n_failed)
    reply: Reply | None = None
    text: str | None = None
    failed: Exception | None = None
    began = time.monotonic()
    try:
        async with asyncio.timeout(CALL_LIMIT_S):
            reply = await get_backend(scene.profile.backend).reply(
                asked.context.conversation, profile=scene.profile, seed=seed
            )
    except Exception as error:
        failed = error
    latency_s = time.monotonic() - began
    if reply is not None:
        try:
            text = await checked(reply, asked)
        except (BackendError, Objected) as error:
            failed = error
    made = _tried(asked, reply=reply, failed=failed, latency_s=latency_s)
    return TriedDraft(call=made, text=text)


def _tried(
    asked: Asked, *, reply: Reply | None, failed: Exception | None, latency_s: float
) -> TriedCall:
    outcome, advice = OK, ""
    spent: Reply | Spent | None = reply
    if failed is not None:
        outcome, _, spent, advice = described(failed)
    spent = spent or Spent()
    profile = asked.scene.profile
    return TriedCall(
        messages=prompt(asked.context.conversation, profile),
        outcome=outcome,
        why="" if failed is None else _words(failed, backend=profile.backend),
        advice=advice,
        raw=None if reply is None else reply.text,
        model=profile.model if reply is None else reply.model,
        finish=None if reply is None else reply.finish,
        latency_ms=round(latency_s * 1000),
        tokens_in=spent.tokens_in,
        tokens_out=spent.tokens_out,
        tokens_cached=None,
        cost_usd=spent.cost_usd,
        refused=(),
    )


def _words(error: Exception, *, backend: str) -> str:
    """What failed and what to do; a backend that breaks its contract is named."""
    match error:
        case Objected():
            return f"The gate stopped the reply ({error})."
        case ArenaError():
            return str(error)
        case TimeoutError():
            return f"The backend {backend!r} gave no answer within {CALL_LIMIT_S} s."
    return (
        f"The backend {backend!r} raised {type(error).__name__}: {error}. Expected a reply or a "
        "BackendError; whoever wrote the backend should look."
    )
