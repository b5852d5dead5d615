"""A machine witness: reads its pane, has its backend answer, paces the answer, says it in time.

The reply is generated as soon as the machine has listened, stored on its timer and released when
it is due, so the wait absorbs the model's latency and survives a restart. A failure is an event
and silence; nothing of it reaches the interrogator.
"""

import asyncio
import datetime as dt
import hashlib
import json
import logging
import random
import time

from analysis import chain
from arena import clock, database, pacing
from arena.backends import (
    BackendError,
    Conversation,
    ErrorKind,
    Reply,
    Speaker,
    Spent,
    get_backend,
    prompt,
)
from arena.errors import ArenaError, LogBusy
from arena.events import Decision, Draft, append
from arena.models import Room, Seat, Timer
from arena.rules import EventKind, TimerKind
from arena.scenes import Scene, read_scene
from arena.services.playing import LISTEN, is_open, say
from arena.text import normalise, plain
from arena.timers import Handler, settle

log = logging.getLogger(__name__)

#: How often a reply is asked for, in all, before the witness stays silent.
MAX_CALLS = 3
#: Backends keep their own time; this bounds one that forgets to.
CALL_LIMIT_S = 600
#: Share of a reply's wait after which a new message no longer stops it.
TYPED = 0.6
RETRY = dt.timedelta(seconds=2)


async def attend(timer: Timer) -> None:
    """Carry a reply timer one step further: generate, or release what was generated."""
    seat = await database.run(Seat.objects.select_related("room", "profile").get, id=timer.seat_id)
    if "text" in json.loads(timer.payload):
        await _release(timer, seat)
    else:
        await _generate(timer, seat)


HANDLERS: dict[TimerKind, Handler] = {TimerKind.REPLY: attend}


async def _release(timer: Timer, seat: Seat) -> None:
    text = json.loads(timer.payload)["text"]
    try:
        await say(seat, command_id=f"timer:{timer.id}", text=text, timer=timer)
    except LogBusy:
        raise
    except ArenaError as error:  # The room was paused or ended meanwhile.
        await database.run(settle, timer, outcome=error.code)


async def _generate(timer: Timer, seat: Seat) -> None:
    if not await database.run(_take_turn, timer):
        return
    scene = await database.run(read_scene, seat)
    if scene is None:
        await database.run(settle, timer, outcome="nothing_to_answer")
        return
    if (spent := scene.spent) is not None:
        await _withhold(timer, seat, why=f"budget of {spent} is used up")
        return
    seed = _seed(seat, scene.conversation)
    started = time.monotonic()
    try:
        async with asyncio.timeout(CALL_LIMIT_S):
            reply = await get_backend(scene.profile.backend).reply(
                scene.conversation, profile=scene.profile, seed=seed
            )
        text = _fit(reply, scene.conversation.message_chars)
    except Exception as error:
        if not isinstance(error, ArenaError):
            log.exception("Backend %s failed in an unforeseen way", scene.profile.backend)
        latency_ms = round((time.monotonic() - started) * 1000)
        await _record_failure(timer, scene, error=error, latency_ms=latency_ms)
        return
    latency_ms = round((time.monotonic() - started) * 1000)
    due_at = _due_at(scene, text, seed=seed)
    plan = {"text": text, "upto": scene.upto, "from": scene.heard_at.timestamp()}
    body = _call_body(scene, latency_ms=latency_ms, outcome="ok", spent=reply) | {
        "due_at": due_at.isoformat(timespec="milliseconds")
    }
    await _record(
        timer, seat, body, settle={"payload": json.dumps(plan), "due_at": due_at, "wake_at": due_at}
    )


def _take_turn(timer: Timer) -> bool:
    """Settle which of a seat's open reply timers goes on: the newest, but not over a typed reply.

    A reply whose wait is mostly over is said as a person would finish typing it; the newer
    message waits for that. Anything earlier in the making is dropped, for the newest timer
    answers all that is unanswered.
    """
    replies = Timer.objects.filter(seat=timer.seat_id, kind=timer.kind, done_at__isnull=True)
    if replies.filter(id__gt=timer.id).exists():
        settle(timer, outcome="superseded")
        return False
    for older in replies.filter(id__lt=timer.id):
        if _is_mostly_typed(older):
            replies.filter(id=timer.id).update(wake_at=older.due_at + LISTEN)
            return False
        settle(older, outcome="superseded")
    return True


def _is_mostly_typed(timer: Timer) -> bool:
    plan = json.loads(timer.payload)
    if "text" not in plan:
        return False
    began = dt.datetime.fromtimestamp(plan["from"], dt.UTC)
    return clock.now() - began >= TYPED * (timer.due_at - began)


def _fit(reply: Reply, limit: int) -> str:
    """The reply as it would be shown; one that is empty, cut off or too long never is."""
    if reply.finish == "length":
        raise BackendError(
            ErrorKind.MALFORMED,
            "The reply was cut off at max_tokens; allow more.",
            spent=_spent_on(reply),
        )
    # Once before as well: markdown is looked for among plain quotes and dashes.
    text = normalise(plain(normalise(reply.text)))
    if not text or len(text) > limit:
        n = len(text)
        raise BackendError(
            ErrorKind.MALFORMED if text else ErrorKind.EMPTY,
            f"The reply has {n} characters as shown; expected 1 to {limit}.",
            spent=_spent_on(reply),
        )
    return text


def _spent_on(reply: Reply) -> Spent:
    return Spent(
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        cost_usd=reply.cost_usd,
        request_id=reply.request_id,
    )


def _seed(seat: Seat, conversation: Conversation) -> int:
    words = f"{conversation.room_seed}:{len(conversation.turns)}:{seat.name}"
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:4])


def _due_at(scene: Scene, text: str, *, seed: int) -> dt.datetime:
    """When the reply is released, counted from the message that it answers."""
    delay_s = pacing.delay_s(
        scene.profile.pacing.rule,
        n_in=len(scene.last.text),
        n_out=len(text),
        first=all(turn.speaker != Speaker.ME for turn in scene.conversation.turns),
        persona_seed=int(scene.conversation.room_seed[:8], 16),
        rng=random.Random(seed),
    )
    due_at = scene.heard_at + dt.timedelta(seconds=delay_s)
    return max(due_at.replace(microsecond=due_at.microsecond // 1000 * 1000), clock.now())


def _call_body(
    scene: Scene,
    *,
    latency_ms: int,
    outcome: str,
    spent: Reply | Spent,
    error: str = "",
) -> dict[str, object]:
    """What the log keeps of a call, whether it gave a reply or only cost something."""
    profile = scene.profile
    return {
        "profile": profile.name,
        "backend": profile.backend,
        "model": spent.model if isinstance(spent, Reply) else profile.model,
        "parameters": dict(profile.options),
        "prompt_sha256": chain.sha256(
            [
                [message["role"], message["content"]]
                for message in prompt(scene.conversation, profile)
            ]
        ),
        "n_turns": len(scene.conversation.turns),
        "latency_ms": latency_ms,
        "tokens_in": spent.tokens_in,
        "tokens_out": spent.tokens_out,
        "cost_usd": spent.cost_usd,
        "request_id": spent.request_id,
        "outcome": outcome,
        "error": error[:500],
    }


async def _record(
    timer: Timer, seat: Seat, body: dict[str, object], *, settle: dict[str, object]
) -> None:
    """Log a call and move its timer on, together and once per attempt."""

    def decide(room: Room, now: dt.datetime) -> Decision:
        draft = Draft(kind=EventKind.MACHINE_CALL, seat=seat.actor, body=body)
        return Decision(events=(draft,), settle={timer.id: settle} if is_open(timer) else {})

    await append(
        timer.room_id, decide, seat=seat.actor, command_id=f"call:{timer.id}:{timer.attempts}"
    )


async def _record_failure(timer: Timer, scene: Scene, *, error: Exception, latency_ms: int) -> None:
    """Log a failed call; ask again if that may help, else stay silent."""
    spent = Spent()
    if isinstance(error, BackendError):
        outcome, retryable, spent = str(error.kind), error.retryable, error.spent
    else:
        outcome, retryable = "error", False
    body = _call_body(scene, latency_ms=latency_ms, outcome=outcome, spent=spent, error=str(error))
    if retryable and timer.attempts < MAX_CALLS:
        await _record(timer, scene.seat, body, settle={"wake_at": clock.now() + RETRY})
        return
    await _record(timer, scene.seat, body, settle={})
    await _withhold(timer, scene.seat, why=outcome)


async def _withhold(timer: Timer, seat: Seat, *, why: str) -> None:
    """Log that the witness stays silent, and close the timer with it."""

    def decide(room: Room, now: dt.datetime) -> Decision:
        draft = Draft(kind=EventKind.WITHHELD, seat=seat.actor, body={"why": why})
        return Decision(events=(draft,), settle={timer.id: {"done_at": now, "outcome": "withheld"}})

    await append(timer.room_id, decide, seat=seat.actor, command_id=f"withheld:{timer.id}")
