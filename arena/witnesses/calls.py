"""A witness's calls to its model, and what the log keeps of each: answer, failure, cost."""

import asyncio
import datetime as dt
import functools
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from arena import clock
from arena.backends import BackendError, ErrorKind, Reply, Spent, get_backend
from arena.errors import ArenaError
from arena.event_kinds import MachineCall, Purpose, Withheld
from arena.events import Decision, Draft, LiveRoom, append
from arena.models import Seat, Timer
from arena.text import normalise, plain
from arena.timers.payloads import PendingReply
from arena.witnesses import gate
from arena.witnesses.memory.call_log import Outcome, call_body
from arena.witnesses.memory.context import Context, fit
from arena.witnesses.memory.tokens import counter, estimate
from arena.witnesses.scene import Scene

log = logging.getLogger(__name__)

#: How often a reply is asked for, in all, before the witness stays silent.
MAX_CALLS = 1 + gate.MAX_REGENERATIONS
#: Backends have their own timeouts; this bounds one that has none.
CALL_LIMIT_S = 600
RETRY = dt.timedelta(seconds=2)
#: Backends whose words are the host's own: a script has no instructions to leak.
_SCRIPTS = frozenset({"eliza", "scripted"})
#: Where replies are read, apart from threads in which a mail server may keep others waiting.
_checking = ThreadPoolExecutor(2, thread_name_prefix="gate")


class Objected(Exception):
    """A reply that the gate rejected."""

    def __init__(self, rejection: gate.Rejection, spent: Spent) -> None:
        super().__init__(f"{rejection.reason}: {rejection.detail}")
        self.advice, self.spent = rejection.advice, spent


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


async def ask(asked: Asked, *, seed: int) -> tuple[Reply, str]:
    """Have the model write; return its reply and the text that may be shown, or raise."""
    scene, conversation = asked.scene, asked.context.conversation
    async with asyncio.timeout(CALL_LIMIT_S):
        reply = await get_backend(scene.profile.backend).reply(
            conversation, profile=scene.profile, seed=seed
        )
    checked = functools.partial(_checked, reply, asked)
    return reply, await asyncio.get_running_loop().run_in_executor(_checking, checked)


def _checked(reply: Reply, asked: Asked) -> str:
    """The text of a reply that may be shown; raise if none may. Long ones take a while to read."""
    scene, conversation = asked.scene, asked.context.conversation
    text = _fitting(reply, conversation.message_chars)
    if scene.profile.backend not in _SCRIPTS:
        rejection = gate.rejection(
            text,
            conversation=conversation,
            profile=scene.profile,
            claims=scene.memory.claims,
        )
        if rejection is not None:
            raise Objected(rejection, _spent_on(reply))
    return text


def _fitting(reply: Reply, limit: int) -> str:
    """The reply as it would be shown; one that is empty, cut off or too long never is."""
    if reply.finish == "length":
        problem = "The reply was cut off at max_tokens; allow more."
        raise BackendError(ErrorKind.MALFORMED, problem, spent=_spent_on(reply))
    # Normalised before as well: markdown is recognised among plain quotes and dashes.
    text = normalise(plain(normalise(reply.text)))
    if not text or len(text) > limit:
        kind = ErrorKind.MALFORMED if text else ErrorKind.EMPTY
        problem = f"The reply has {len(text)} characters as shown; expected 1 to {limit}."
        raise BackendError(kind, problem, spent=_spent_on(reply))
    return text


def _spent_on(reply: Reply) -> Spent:
    return Spent(
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        cost_usd=reply.cost_usd,
        request_id=reply.request_id,
        tokens_cached=reply.tokens_cached,
    )


async def record(
    timer: Timer, seat: Seat, body: MachineCall, *, settle: Mapping[str, object]
) -> None:
    """Log a call and move its timer on, together and once per attempt."""

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        draft = Draft(seat=seat.actor, body=body)
        moves_on = settle and room.is_open(timer)
        return Decision(events=(draft,), settle={timer.id: settle} if moves_on else {})

    # Attempts are counted again after a wait, so the lease's end identifies the attempt.
    command_id = f"call:{timer.id}:{timer.wake_at.timestamp():.3f}"
    await append(timer.room_id, decide, seat=seat.actor, command_id=command_id, timers=(timer,))


async def record_failure(
    timer: Timer, asked: Asked, *, pending: PendingReply, error: Exception
) -> None:
    """Log a failed call; ask again if that may help, else stay silent."""
    seat, backend = asked.scene.seat, asked.scene.profile.backend
    if not isinstance(error, ArenaError | Objected):
        log.error("Backend %s failed unexpectedly", backend, exc_info=error)
    outcome, retryable, spent, advice = _described(error)
    body = asked.body(spent, outcome=outcome, error=str(error))
    failed = replace(pending, n_failed=pending.n_failed + 1, advice=advice)
    if not retryable or failed.n_failed >= MAX_CALLS:
        await record(timer, seat, body, settle={})
        await withhold(timer, seat, why=outcome)
        return
    again = {"wake_at": clock.now() + clock.simulated(RETRY), "payload": failed.to_json()}
    await record(timer, seat, body, settle=again)


def _described(error: Exception) -> tuple[str, bool, Spent, str]:
    """The outcome of a failure, whether another try may help, what it cost, and what to advise."""
    if isinstance(error, Objected):
        return "objected", True, error.spent, error.advice
    if isinstance(error, BackendError):
        return str(error.kind), error.retryable, error.spent, ""
    return "error", False, Spent(), ""


async def withhold(timer: Timer, seat: Seat, *, why: str) -> None:
    """Log that the witness stays silent, and close the timer with it."""

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        draft = Draft(seat=seat.actor, body=Withheld(why=why))
        return Decision(events=(draft,), settle={timer.id: {"done_at": now, "outcome": "withheld"}})

    await append(timer.room_id, decide, seat=seat.actor, command_id=f"withheld:{timer.id}")
