"""Keeps a machine's memory: has its extractor read new messages, checks the answer, logs it.

It has its own timer, scheduled after the machine has said something. Every step is in the log
before the next one begins, and none is taken twice: if the log has moved on, nothing is stored.
"""

import asyncio
import datetime as dt
import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from django.utils import timezone

from arena import clock, database
from arena.backends import (
    BackendError,
    Conversation,
    ProviderRests,
    Reply,
    Speaker,
    Spent,
    Task,
    get_backend,
)
from arena.backends.prompting import line
from arena.errors import ArenaError
from arena.event_kinds import Claims, MachineCall, MessageRange, Purpose, Remembered, Summary
from arena.events import Decision, Draft, LiveRoom, TimerDraft, append
from arena.models import Seat, Timer
from arena.queries.personas import profile_of, room_seed
from arena.rules import EventKind, Phase, TimerKind
from arena.studies.design import ProfileSpec
from arena.timers.payloads import MemoryStep, memory_step
from arena.timers.rows import Handler, postpone, seat_of, settle
from arena.witnesses.memory.call_log import Outcome, call_body
from arena.witnesses.memory.claims import Memory, current, point_line
from arena.witnesses.memory.context import CLAIM_CHARS, OVERHEAD, PREPARE, REST, PaneMessage
from arena.witnesses.memory.schema import read_claims, read_points
from arena.witnesses.memory.tasks import claims_task, summary_task
from arena.witnesses.memory.terse import terse_claims
from arena.witnesses.memory.tokens import counter
from arena.witnesses.seat_log import seat_log

log = logging.getLogger(__name__)

VERSION = 1
#: How long after a message that is not yet in memory the extractor reads it.
AFTER = dt.timedelta(minutes=15)
#: Waits (in real time) before the extractor is asked again; then the step is skipped.
RETRIES = (dt.timedelta(minutes=2), dt.timedelta(minutes=20))
#: How long the extractor waits at least for a provider that is left alone: there is no hurry.
AT_REST = dt.timedelta(minutes=1)
#: Backends have their own timeouts; this bounds one that has none.
CALL_LIMIT_S = 600
#: Messages read for claims in one call.
_BATCH = 60
#: An extractor writes lists, not chat messages.
_MAX_TOKENS = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """A machine's seat with all that its extractor may need."""

    seat: Seat
    seed: str
    played: ProfileSpec
    profile: ProfileSpec  # of the extractor: its model in place of the persona's
    window_tokens: int
    lines: tuple[PaneMessage, ...]
    memory: Memory
    now: dt.datetime
    started_at: dt.datetime
    broke: bool

    @property
    def unread(self) -> tuple[PaneMessage, ...]:
        """The machine's own messages that no claims cover yet, as many as one call takes."""
        own = (e for e in self.lines if e.turn.speaker == Speaker.ME)
        return tuple(e for e in own if e.seq > self.memory.claims_upto)[:_BATCH]


def memory_timer(room: LiveRoom, seat: Seat, now: dt.datetime) -> TimerDraft:
    """A timer that reads a machine's newest messages into its memory, all that are not in it."""
    upto = room.covered.get((seat.actor, EventKind.CLAIMS), 0)
    return TimerDraft(
        kind=TimerKind.MEMORY,
        key=f"memory:{room.code}:{seat.actor}:{upto}",
        due_at=now + AFTER,
        seat=seat,
    )


async def keep(timer: Timer) -> None:
    """Bring a machine's memory up to its newest message."""
    while (pane := await database.run(_pane, timer)) is not None and not pane.broke:
        step = await _next_step(pane)
        if step is None:
            break
        if not await _take(step, pane, timer):
            return
    await database.run(settle, timer, outcome="done")


HANDLERS: dict[TimerKind, Handler] = {TimerKind.MEMORY: keep}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One call of the extractor, and what its answer becomes."""

    purpose: Purpose
    kind: EventKind
    task: Task
    first: int
    upto: int
    n_turns: int
    read: Callable[[Reply], Remembered]
    skipped: Remembered | None  # what stands for a step that was given up


def _pane(timer: Timer) -> Pane | None:
    seat = seat_of(timer)
    profile = profile_of(seat)
    room = seat.room
    if profile is None or profile.memory is None or room.started_at is None:
        return None
    if room.phase not in (Phase.LIVE, Phase.PAUSED):
        return None
    log = seat_log(seat)
    return Pane(
        seat=seat,
        seed=room_seed(seat),
        played=profile,
        profile=extractor_of(profile, profile.memory.extractor),
        window_tokens=profile.memory.window_tokens,
        lines=log.lines,
        memory=log.memory,
        now=timezone.localtime(clock.now()),
        started_at=room.started_at,
        broke=log.spending.exhausted(profile.budget) is not None,
    )


def extractor_of(profile: ProfileSpec, model: str) -> ProfileSpec:
    """The profile with the model that keeps its memory in place of its own."""
    options = dict(profile.options)
    if isinstance(most := options.get("max_tokens"), int):
        options["max_tokens"] = max(most, _MAX_TOKENS)
    return replace(profile, model=model, options=options)


async def _next_step(pane: Pane) -> _Step | None:
    """Claims first: they must be recorded before a summary replaces the messages."""
    if own := pane.unread:
        return _claims_step(pane, own)
    return await _summary_step(pane)


def _claims_step(pane: Pane, own: tuple[PaneMessage, ...]) -> _Step:
    memory = pane.memory
    plain = terse_claims(pane.lines, own, memory=memory)
    held = replace(memory, claims=(*memory.claims, *plain))
    first, upto = memory.claims_upto + 1, own[-1].seq
    known = Claims(v=VERSION, first=first, upto=upto, claims=plain, n_refused=0)

    def take(reply: Reply) -> Claims:
        found = read_claims(reply.text, own, memory=held, spent=_spent(reply))
        return replace(known, claims=(*plain, *found.claims), n_refused=found.n_refused)

    return _Step(
        purpose=Purpose.EXTRACT,
        kind=EventKind.CLAIMS,
        task=claims_task(own, record=current(held.claims), now=pane.now),
        first=first,
        upto=upto,
        n_turns=len(own),
        read=take,
        skipped=replace(known, skipped=True),
    )


async def _summary_step(pane: Pane) -> _Step | None:
    part = await _outgrown(pane)
    if not part:
        return None
    former = pane.memory.summaries[-1].points if pane.memory.summaries else ()
    chars = int(CLAIM_CHARS * pane.window_tokens)

    def take(reply: Reply) -> Summary:
        found = read_points(reply.text, part, former=former, chars=chars, spent=_spent(reply))
        return Summary(
            v=VERSION,
            first=part[0].seq,
            upto=part[-1].seq,
            text="\n".join(point_line(point, pane.now) for point in found.points),
            refs=tuple(point.ref for point in found.points),
            points=found.points,
            n_refused=found.n_refused,
        )

    return _Step(
        purpose=Purpose.SUMMARISE,
        kind=EventKind.SUMMARY,
        task=summary_task(part, former=former, chars=chars // 3, now=pane.now),
        first=part[0].seq,
        upto=part[-1].seq,
        n_turns=len(part),
        read=take,
        skipped=None,
    )


async def _outgrown(pane: Pane) -> tuple[PaneMessage, ...]:
    """The oldest part of the talk, once the talk takes more of the window than it should.

    What is left takes `REST` of it; no part is longer than what is left, so that the extractor
    can read it at once.
    """
    most, count = REST * pane.window_tokens, await counter(pane.played.model)
    left = [e for e in pane.lines if e.seq > pane.memory.summary_upto]
    costs = [count(line(e.turn, pane.now)) + 2 * OVERHEAD for e in left]
    rest, read = sum(costs), 0
    if rest <= PREPARE * pane.window_tokens:
        return ()
    for n, cost in enumerate(costs):
        if n and (rest <= most or read + cost > most):
            return tuple(left[:n])
        rest, read = rest - cost, read + cost
    return ()


async def _take(step: _Step, pane: Pane, timer: Timer) -> bool:
    """Carry out a step and log it; False if it is to be tried again later, or given up."""
    conversation = Conversation(
        turns=(),
        now=pane.now,
        started_at=pane.started_at,
        message_chars=0,
        room_seed=pane.seed,
        task=step.task,
    )
    try:
        call, kept = await _ask(step, pane, conversation)
    except ProviderRests as error:  # No call was made: nothing is logged, and no try is lost.
        later = clock.now() + max(AT_REST, clock.simulated(dt.timedelta(seconds=error.wait_s)))
        await database.run(postpone, timer, later)
        return False
    call = replace(call, read=MessageRange(first=step.first, upto=step.upto))
    if kept is not None:
        timer.payload = MemoryStep().to_json()
        await _log(step, pane, timer, call=call, kept=kept, settle={"payload": timer.payload})
        return True
    failed = MemoryStep(n_failed=memory_step(timer).n_failed + 1)
    if failed.n_failed <= len(RETRIES):
        later = clock.now() + clock.simulated(RETRIES[failed.n_failed - 1])
        timer.payload = failed.to_json()
        settle = {"wake_at": later, "payload": timer.payload}
        await _log(step, pane, timer, call=call, settle=settle)
        return False
    done = {"done_at": clock.now(), "outcome": "gave_up"} if step.skipped is None else None
    await _log(step, pane, timer, call=call, kept=step.skipped, settle=done)
    return step.skipped is not None


async def _ask(
    step: _Step, pane: Pane, conversation: Conversation
) -> tuple[MachineCall, Remembered | None]:
    """Ask the extractor; the call as it is logged, and what is kept of a good answer."""
    started, outcome, error = time.monotonic(), "ok", ""
    spent: Reply | Spent = Spent()
    kept: Remembered | None = None
    words = f"{conversation.room_seed}:{step.purpose}:{step.upto}"
    try:
        async with asyncio.timeout(CALL_LIMIT_S):
            spent = reply = await get_backend(pane.profile.backend).reply(
                conversation,
                profile=pane.profile,
                seed=int.from_bytes(hashlib.sha256(words.encode()).digest()[:4]),
            )
        kept = step.read(reply)
    except ProviderRests:
        raise
    except BackendError as failed:
        error, outcome, spent = str(failed), str(failed.kind), failed.spent
    except Exception as failed:
        error, outcome = str(failed), "error"
        if not isinstance(failed, ArenaError):
            log.exception("Backend %s failed unexpectedly", pane.profile.backend)
    went = Outcome(
        outcome=outcome,
        latency_ms=round((time.monotonic() - started) * 1000),
        spent=spent,
        error=error,
    )
    call = call_body(
        conversation, profile=pane.profile, purpose=step.purpose, n_turns=step.n_turns, outcome=went
    )
    return call, None if kept is None else kept.made_by(call)


async def _log(
    step: _Step,
    pane: Pane,
    timer: Timer,
    *,
    call: MachineCall,
    kept: Remembered | None = None,
    settle: Mapping[str, object] | None = None,
) -> None:
    """Log a call and what came of it together, unless memory has moved on meanwhile."""
    seat = pane.seat
    drafts = [Draft(seat=seat.actor, body=call)]
    if kept is not None:
        drafts.append(Draft(seat=seat.actor, body=kept))

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        # Words that were erased with the end of the room must not come back.
        stale = (
            room.phase == Phase.ENDED or room.covered.get((seat.actor, step.kind), 0) >= step.upto
        )
        events = tuple(drafts[:1] if stale else drafts)
        return Decision(events=events, settle={timer.id: settle} if settle else {})

    # A version is stored once, whichever process made it; a failure once per try.
    tried = f"{step.first}" if kept is not None else f"{timer.id}:{timer.payload}"
    command_id = f"memory:{step.kind}:{step.upto}:{tried}"
    await append(seat.room_id, decide, seat=seat.actor, command_id=command_id)


def _spent(reply: Reply) -> Spent:
    return Spent(
        tokens_in=reply.tokens_in,
        tokens_out=reply.tokens_out,
        cost_usd=reply.cost_usd,
        request_id=reply.request_id,
        tokens_cached=reply.tokens_cached,
    )
