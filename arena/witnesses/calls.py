"""A witness's calls to its model, what may be shown of an answer, and what the log keeps of it."""

import asyncio
import functools
import random
import time
from collections import defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from arena.backends import BackendError, ErrorKind, Reply, Spent, get_backend
from arena.event_kinds import MachineCall, Purpose
from arena.studies.design import ProfileSpec
from arena.witnesses import gate
from arena.witnesses.gate.judge import LIMIT_S, judge
from arena.witnesses.length import whole_sentences
from arena.witnesses.memory.call_log import Outcome, call_body
from arena.witnesses.memory.context import Context, fit
from arena.witnesses.memory.tokens import counter, estimate
from arena.witnesses.scene import Scene

#: Backends have their own timeouts; this bounds one that has none.
CALL_LIMIT_S = 600
#: So many times the length of a message is all of a draft that is ever read.
_DRAFT_LIMITS = 20
#: How long (s) the last calls of each profile took, reading and judging included, by its hash.
_took: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=50))
#: Where replies are read, apart from threads in which a mail server may keep others waiting.
_checking = ThreadPoolExecutor(2, thread_name_prefix="gate")


class Objected(Exception):
    """A draft that may not be shown; `advice` is for the next one."""

    def __init__(
        self,
        said: str,
        *,
        outcome: str,
        advice: str,
        spent: Spent,
        reply: Reply | None = None,
        judged: MachineCall | None = None,
        final: bool = False,
    ) -> None:
        super().__init__(said)
        self.outcome, self.advice, self.spent = outcome, advice, spent
        self.reply = reply  # None where the provider sent no text
        self.judged = judged  # the call to the judge, if its word is the objection
        self.final = final  # whether another draft would fare no better


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """What may be shown of a reply."""

    reply: Reply
    text: str
    cut: bool  # whether it is only the beginning
    judged: MachineCall | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A scene, and the context made of it for the model."""

    scene: Scene
    context: Context
    began: float

    @classmethod
    async def of(cls, scene: Scene) -> "Asked":
        profile = scene.profile
        choose = functools.partial(fit, scene.talk, profile=profile, memory=scene.memory)
        if profile.memory is None:
            context = choose(count=estimate)  # which is all of the talk: nothing is counted
        else:
            # A long talk takes a moment to count the first time: not on the loop of the rooms.
            context = await asyncio.to_thread(choose, count=await counter(profile.model))
        return cls(scene=scene, context=context, began=time.monotonic())

    def body(self, spent: Reply | Spent, *, outcome: str, error: str = "") -> MachineCall:
        """What the log keeps of the call."""
        return call_body(
            self.context.conversation,
            profile=self.scene.profile,
            purpose=Purpose.REPLY,
            n_turns=len(self.context.conversation.turns),
            outcome=Outcome(
                outcome=outcome,
                latency_ms=round((time.monotonic() - self.began) * 1000),
                spent=spent,
                error=error,
            ),
            shown=self.context.shown,
        )


async def ask(asked: Asked, *, seed: int, limit_s: float = CALL_LIMIT_S) -> Fitting:
    """Have the model write within a limit; return what may be shown of its reply, or raise."""
    scene, conversation = asked.scene, asked.context.conversation
    began = time.monotonic()
    try:
        async with asyncio.timeout(min(limit_s, CALL_LIMIT_S)) as limit:
            reply = await get_backend(scene.profile.backend).reply(
                conversation, profile=scene.profile, seed=seed
            )
    except TimeoutError:
        if not limit.expired():
            raise
        raise BackendError(ErrorKind.TIMEOUT, _LATE.format(limit_s)) from None
    except BackendError as error:
        if error.kind in _NO_TEXT and not is_script(scene):
            raise _no_text(error) from error
        raise
    checked = functools.partial(_checked, reply, asked)
    try:
        fitting = await asyncio.get_running_loop().run_in_executor(_checking, checked)
        return await _judged(fitting, asked, limit_s=limit_s)
    finally:
        _took[scene.profile.sha256].append(time.monotonic() - began)


async def _judged(fitting: Fitting, asked: Asked, *, limit_s: float) -> Fitting:
    """The same, once the profile's judge lets it pass; where the judge fails, the rules hold."""
    profile = asked.scene.profile.of_judge
    if profile is None:
        return fitting
    word = await judge(
        fitting.text,
        conversation=asked.context.conversation,
        profile=profile,
        limit_s=min(limit_s, LIMIT_S),
    )
    if word is None:
        return fitting
    call = call_body(
        word.conversation,
        profile=profile,
        purpose=Purpose.JUDGE,
        n_turns=len(word.conversation.turns),
        outcome=Outcome(
            outcome=word.outcome, latency_ms=word.latency_ms, spent=word.spent, error=word.error
        ),
    )
    if word.rejection is not None:
        raise _objected(word.rejection, fitting.text, fitting.reply, judged=call)
    return replace(fitting, judged=call)


def least_call_s(profile: ProfileSpec) -> float:
    """How long (s) the quickest of the last calls of a profile took here; 0 before the first."""
    return min(_took.get(profile.sha256, ()), default=0.0)


def usual_call_s(profile: ProfileSpec, *, rng: random.Random) -> float:
    """How long (s) one of the last calls of a profile took in this process; 0 before the first."""
    took = _took.get(profile.sha256)
    return rng.choice(took) if took else 0.0


def is_script(scene: Scene) -> bool:
    """Whether the words are the host's own: no gate reads them, and a script may be over."""
    return scene.profile.is_script


#: An answer that is no text: the provider is well, and another draft may be one.
_NO_TEXT = {
    ErrorKind.EMPTY: gate.ADVICE[gate.Reason.EMPTY],
    ErrorKind.REFUSED: gate.ADVICE[gate.Reason.ASSISTANT],
}
_LATE = (
    "No reply within {:.1f} s, when the room's time for one was over. Expected one by then. Raise "
    "'machine_down.after' in the study file, or ask the provider why it is slow."
)


def _no_text(error: BackendError) -> Objected:
    return Objected(
        str(error),
        outcome=str(error.kind),
        advice=_NO_TEXT[error.kind],
        spent=error.spent,
        # A filter that stopped the conversation on its way in will stop it again.
        final=error.kind == ErrorKind.REFUSED and not error.retryable,
    )


def _checked(reply: Reply, asked: Asked) -> Fitting:
    """What may be shown of a reply; raise if nothing may. Long ones take a while to read."""
    scene, conversation = asked.scene, asked.context.conversation
    limit = conversation.message_chars
    draft = reply.text[: _DRAFT_LIMITS * limit]
    text = gate.as_typed(draft, conversation=conversation)
    whole = reply.finish != "length" and len(draft) == len(reply.text) and len(text) <= limit
    shown = text if whole else whole_sentences(text, limit)
    if shown is None:
        told = (
            f"{len(reply.text)} characters, finish {reply.finish}; no whole sentence fits {limit}"
        )
        raise _objected(gate.Rejection(reason=gate.Reason.TOO_LONG, detail=told), text, reply)
    rejection = None
    if not is_script(scene) or not shown:
        rejection = gate.rejection(
            shown,
            conversation=conversation,
            profile=scene.profile,
            claims=scene.memory.claims,
        )
    if rejection is not None:
        raise _objected(rejection, text, reply)
    return Fitting(reply=reply, text=shown, cut=not whole)


def _objected(
    rejection: gate.Rejection, draft: str, reply: Reply, *, judged: MachineCall | None = None
) -> Objected:
    return Objected(
        f"{rejection.reason}: {rejection.detail}",
        outcome="objected",
        advice=rejection.advice_on(draft),
        spent=_spent_on(reply),
        reply=reply,
        judged=judged,
    )


def _spent_on(reply: Reply) -> Spent:
    return Spent(
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        cost_usd=reply.cost_usd,
        request_id=reply.request_id,
        tokens_cached=reply.tokens_cached,
    )
