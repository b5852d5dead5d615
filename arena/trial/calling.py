"""One call of a trial: what was sent, what came back, and what the gate made of it."""

import time
from dataclasses import dataclass, replace
from typing import Any

from arena.backends import (
    BackendError,
    Conversation,
    RefusedOption,
    Reply,
    Spent,
    get_backend,
    prompt,
    try_machine,
)
from arena.errors import ArenaError
from arena.event_kinds import MachineCall
from arena.studies.design import ProfileSpec
from arena.trial.outcome import OK, TriedCall, TriedJudgement
from arena.witnesses import gate
from arena.witnesses.calls import Asked, Objected, ask, is_script
from arena.witnesses.scene import Scene
from arena.witnesses.wording import seed_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedDraft:
    """A call, and the text that a room would show after it."""

    call: TriedCall
    text: str | None  # None if there is none, or none yet
    evaded: bool = False  # whether the text is an evasion
    again: bool = False  # whether a room would ask for another draft


async def draft(scene: Scene, *, n_objected: int) -> TriedDraft:
    """Have the model write once, as a room does after so many drafts that may not be shown."""
    asked = await Asked.of(scene)
    seed = seed_of(scene, n_failed=n_objected)
    began = time.monotonic()
    try:
        made = await ask(asked, seed=seed)
    except Exception as error:
        failed = error
        call = _failed(asked, error, latency_s=time.monotonic() - began)
    else:
        why = _CUT if made.cut else ""
        call = _of_draft(asked, made.reply, spent=made.reply, outcome=OK, why=why, began=began)
        return TriedDraft(call=_with(call, made.judged), text=made.text)
    if isinstance(failed, Objected):
        call = _with(call, failed.judged)
    # Outside of the handler: what fails there would carry this failure as its context.
    if isinstance(failed, BackendError) and failed.refused is not None:
        call = replace(call, refused=await _refused(asked, failed.refused, seed=seed))
    if not isinstance(failed, Objected) or is_script(scene):
        return TriedDraft(call=call, text=None)
    if n_objected < gate.MAX_REGENERATIONS and not failed.final:
        return TriedDraft(call=call, text=None, again=True)
    evasion = gate.evasion(asked.context.conversation, seed=seed)
    return TriedDraft(call=call, text=evasion, evaded=True)


def _with(call: TriedCall, judged: MachineCall | None) -> TriedCall:
    """The call, and what its judge took."""
    if judged is None:
        return call
    word = TriedJudgement(
        model=judged.model,
        outcome=judged.outcome,
        why=judged.error,
        latency_ms=judged.latency_ms,
        tokens_in=judged.tokens_in,
        tokens_out=judged.tokens_out,
        tokens_cached=judged.tokens_cached,
        cost_usd=judged.cost_usd,
    )
    return replace(call, judged=word)


async def _refused(asked: Asked, first: RefusedOption, *, seed: int) -> tuple[RefusedOption, ...]:
    """Every option that the provider refuses, found by leaving out one after the other."""
    profile = asked.scene.profile
    found = await try_machine(
        get_backend(profile.backend), asked.context.conversation, profile=profile, seed=seed
    )
    return found.refused or (first,)


_CUT = "It was too long, or stopped in the middle: its first sentences may be shown."


def _failed(asked: Asked, error: Exception, *, latency_s: float) -> TriedCall:
    began = time.monotonic() - latency_s
    match error:
        case Objected():
            return _of_draft(
                asked,
                error.reply,
                spent=error.spent,
                outcome=error.outcome,
                why=str(error) if error.reply is None else f"It may not be shown: {error}.",
                advice=error.advice,
                began=began,
            )
        case BackendError():
            kind, spent = str(error.kind), error.spent
            return _of_draft(asked, None, spent=spent, outcome=kind, why=str(error), began=began)
    said = broken(error, asked.scene.profile)
    return _of_draft(asked, None, spent=Spent(), outcome="error", why=said, began=began)


def broken(error: Exception, profile: ProfileSpec) -> str:
    """What a host is told of an exception that no backend should let out."""
    if isinstance(error, ArenaError):
        return str(error)
    return (
        f"The backend {profile.backend!r} raised {type(error).__name__}: {error}. "
        "Expected a reply or a BackendError; whoever wrote the backend should look."
    )


def _of_draft(asked: Asked, reply: Reply | None, **went: Any) -> TriedCall:
    return tried_call(asked.context.conversation, asked.scene.profile, reply=reply, **went)


def tried_call(
    conversation: Conversation,
    profile: ProfileSpec,
    *,
    reply: Reply | None,
    spent: Reply | Spent,
    outcome: str,
    why: str,
    began: float,
    advice: str = "",
) -> TriedCall:
    """A call that began at a moment of the monotonic clock and has just ended."""
    return TriedCall(
        messages=prompt(conversation, profile),
        outcome=outcome,
        why=why,
        advice=advice,
        raw=None if reply is None else reply.raw or reply.text,
        model=profile.model if reply is None else reply.model,
        finish=None if reply is None else reply.finish,
        latency_ms=round((time.monotonic() - began) * 1000),
        tokens_in=spent.tokens_in,
        tokens_out=spent.tokens_out,
        tokens_cached=spent.tokens_cached,
        cost_usd=spent.cost_usd,
        refused=() if reply is None else reply.adapted,
    )
