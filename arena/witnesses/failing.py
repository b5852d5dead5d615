"""What becomes of a reply that was not made: tried again, replaced by an evasion, or withheld.

A provider's failure is tried again until nobody would expect an answer to that question alone; a
draft that may not be shown is asked for anew, with advice, and in the end an evasion is said. A
question that stays unanswered for longer than the study allows pauses or ends the room by its rule.
"""

import datetime as dt
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, replace

from arena import clock, database
from arena.backends import BackendError, ErrorKind, ProviderRests, Spent
from arena.errors import ArenaError
from arena.event_kinds import NOT_ASKED, Body, MachineCall, Withheld
from arena.events import Decision, Draft, LiveRoom, append
from arena.models import Timer
from arena.queries import study_file
from arena.services.outages import machine_down
from arena.timers.payloads import PendingReply
from arena.timers.rows import settle
from arena.witnesses import fitting, gate
from arena.witnesses.calls import Asked, Objected, is_script
from arena.witnesses.mistyping import mistype
from arena.witnesses.retry_window import RetryWindow
from arena.witnesses.scene import Scene
from arena.witnesses.turns import wait
from arena.witnesses.wording import paced, seed_of

log = logging.getLogger(__name__)

#: How soon another draft is asked for after one that may not be shown.
REDRAFT = dt.timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt of a timer at a reply."""

    timer: Timer
    scene: Scene
    pending: PendingReply
    seen_at: dt.datetime

    @property
    def window(self) -> RetryWindow:
        return RetryWindow.of(
            study_file(self.scene.seat.room),
            seen_at=self.seen_at,
            failing_since=self.pending.failing_since,
            round_ends_at=self.scene.round_ends_at,
        )

    @property
    def was_asked(self) -> bool:
        """Whether there is a question: nobody waits for what a witness writes first."""
        return bool(self.scene.talk.waiting)

    @property
    def seed(self) -> int:
        return seed_of(self.scene, n_failed=self.pending.n_failed + self.pending.n_objected)

    def failing(self, *, n_failed: int) -> PendingReply:
        """What the timer holds once so many calls have failed."""
        return replace(
            self.pending,
            noticed_at=self.seen_at,
            n_failed=n_failed,
            failing_since=self.pending.failing_since or self.seen_at,
        )


async def give_up(attempt: Attempt, *, why: str) -> None:
    """Leave a question unanswered, and do with the room what its study says."""
    if attempt.was_asked:
        withheld = _withheld(attempt, attempt.pending, why)
        await _store(attempt, *withheld, moved=_DONE, down=why)
    else:
        await _store(attempt, moved=_NOT_NOW)


async def record_failure(attempt: Attempt, asked: Asked, error: Exception) -> None:
    """Log what went wrong with a call, and go on from it."""
    if isinstance(error, ProviderRests):
        await _hold(attempt, asked, error)
        return
    scene = attempt.scene
    if isinstance(error, Objected) and not is_script(scene):
        await _draft_again(attempt, asked, error)
        return
    if is_script(scene) and isinstance(error, BackendError) and error.kind == ErrorKind.EMPTY:
        # The script is over, and its host wants silence: nothing was called, nothing failed.
        await database.run(settle, attempt.timer, outcome="silence")
        return
    if not isinstance(error, ArenaError | Objected):
        log.error("Backend %s failed unexpectedly", scene.profile.backend, exc_info=error)
    outcome, spent = _outcome(error)
    call = asked.body(spent, outcome=outcome, error=str(error))
    known = error if isinstance(error, BackendError) else None
    failed = attempt.failing(n_failed=attempt.pending.n_failed + 1)
    at = attempt.window.next_try(
        clock.now(),
        n_failed=failed.n_failed,
        hopeless=known is None or not known.retryable,
        rest_s=clock.simulated_s(known.retry_after_s or 0.0) if known else 0.0,
        rng=random.Random(f"again:{attempt.seed}"),
    )
    await _go_on(attempt, call, pending=failed, at=at, why=outcome)


def _outcome(error: Exception) -> tuple[str, Spent]:
    """What the log calls a failure, and what it cost."""
    match error:
        case BackendError():
            return str(error.kind), error.spent
        case Objected():
            return error.outcome, error.spent
    return "error", Spent()


async def _hold(attempt: Attempt, asked: Asked, error: ProviderRests) -> None:
    """Wait with everybody until the provider is asked again: no call is made."""
    at = attempt.window.next_look(
        clock.now(),
        rest_s=clock.simulated_s(error.wait_s),
        rng=random.Random(f"hold:{attempt.seed}:{clock.now()}"),
    )
    held = attempt.failing(n_failed=attempt.pending.n_failed)
    if at is not None and attempt.was_asked and attempt.pending.failing_since is None:
        # Once, so that a room that ends before anybody is asked shows what its silence was.
        await _store(
            attempt,
            asked.body(Spent(), outcome=NOT_ASKED, error=str(error)),
            moved=_again(at, held),
        )
    elif at is not None and attempt.was_asked:
        await database.run(wait, attempt.timer, at, pending=held)
    else:
        await _go_on(attempt, pending=held, at=None, why=str(error.kind))


async def _go_on(
    attempt: Attempt,
    *calls: MachineCall,
    pending: PendingReply,
    at: dt.datetime | None,
    why: str,
) -> None:
    """Try again at a moment, if there is one; else wait for the next question or the rule."""
    down_at = attempt.window.down_at
    if not attempt.was_asked:
        await _store(attempt, *calls, moved=_NOT_NOW)
    elif clock.now() >= down_at:
        events = (*calls, *_withheld(attempt, pending, why))
        await _store(attempt, *events, moved=_DONE, down=why)
    elif at is not None:
        await _store(attempt, *calls, moved=_again(at, pending))
    else:
        events = (*calls, *_withheld(attempt, pending, why))
        await _store(attempt, *events, moved=_again(down_at, replace(pending, withheld=why)))


async def _draft_again(attempt: Attempt, asked: Asked, error: Objected) -> None:
    """Ask for another draft with advice; after some, say an evasion."""
    call = asked.body(error.spent, outcome=error.outcome, error=str(error))
    n_objected = attempt.pending.n_objected + 1
    calls = _calls(call, error.judged)
    if n_objected <= gate.MAX_REGENERATIONS and not error.final:
        pending = replace(
            attempt.pending,
            noticed_at=attempt.seen_at,
            n_objected=n_objected,
            advice=error.advice,
        )
        at = clock.now() + clock.simulated(REDRAFT)
        await _store(attempt, *calls, moved=_again(at, pending))
    elif attempt.was_asked:
        text = gate.evasion(asked.context.conversation, seed=attempt.seed)
        evaded = replace(call, evaded=True)
        await schedule(attempt, asked, call=evaded, text=text, judged=error.judged)
    else:
        await _store(attempt, *calls, moved=_NOT_NOW)


def _calls(call: MachineCall, judged: MachineCall | None) -> tuple[MachineCall, ...]:
    return (call,) if judged is None else (call, judged)


async def schedule(
    attempt: Attempt,
    asked: Asked,
    *,
    call: MachineCall,
    text: str,
    judged: MachineCall | None = None,
) -> None:
    """Log a call and store on its timer what is said in consequence, to be said when it is due.

    Words that will not fit that moment are not kept: they are written when it has come.
    """
    meant, at = paced(attempt.scene, text, pending=attempt.pending, seen_at=attempt.seen_at)
    if not call.evaded and not fitting.is_timely(attempt.scene, meant, at.due_at):
        again = _again(at.due_at, fitting.anew(attempt.pending, at.due_at))
        moved = again if attempt.was_asked else _NOT_NOW
        await _store(attempt, *_calls(call, judged), moved=moved)
        return
    reply, slips = mistype(asked, meant)
    held = {
        "payload": replace(reply, meant_at=at.due_at).to_json(),
        "prepared": True,
        "due_at": at.due_at,
        "wake_at": at.due_at,
    }
    calls = _calls(replace(call, drawn_at=at.drawn_at, due_at=at.due_at, slips=slips), judged)
    await _store(attempt, *calls, moved=held)


async def settle_imitated(attempt: Attempt) -> None:
    """Settle the row of a question to a person as a machine's call would be stored, with a ring."""
    await _store(attempt, moved=_TO_A_PERSON)


#: What settles a timer whose question is left unanswered, and one that would have written first;
#: `done_at` is when that is decided.
_DONE: Mapping[str, object] = {"outcome": "withheld"}
_NOT_NOW: Mapping[str, object] = {"outcome": "not_now"}
#: What settles one over which a machine's work was imitated.
_TO_A_PERSON: Mapping[str, object] = {"outcome": "human"}


def _again(at: dt.datetime, pending: PendingReply) -> Mapping[str, object]:
    # Attempts are counted from 0: only a timer that kills its process has many without an end.
    return {"wake_at": at, "payload": pending.to_json(), "attempts": 0}


def _withheld(attempt: Attempt, pending: PendingReply, why: str) -> tuple[Withheld, ...]:
    """That a question is left unanswered, unless that was said before."""
    if pending.withheld or not attempt.was_asked:
        return ()
    return (Withheld(why=why, upto=attempt.scene.last_seq),)


async def _store(
    attempt: Attempt, *bodies: Body, moved: Mapping[str, object], down: str = ""
) -> None:
    """Log what an attempt came to and move its timer on, together and once per attempt.

    `down` says why the study's rule for a machine that is down applies.
    """
    timer, seat = attempt.timer, attempt.scene.seat
    drafts = tuple(Draft(seat=seat.actor, body=body) for body in bodies)

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if not room.is_open(timer):
            # The call was made and may have cost something, whatever became of its question.
            made = tuple(each for each in drafts if isinstance(each.body, MachineCall))
            return Decision(events=made)
        decided = Decision(events=drafts, rings=True)
        if down:
            decided = machine_down(room, now, first=drafts, why=down)
        done = {"done_at": now} if "outcome" in moved else {}
        return replace(decided, settle={timer.id: {**moved, **done}})

    # Attempts are counted again after a wait, so the lease's end identifies the attempt.
    command_id = f"call:{timer.id}:{timer.wake_at.timestamp():.3f}"
    actor = seat.actor if drafts else ""  # A command's answer is its seat's own.
    await append(timer.room_id, decide, seat=actor, command_id=command_id, timers=(timer,))
