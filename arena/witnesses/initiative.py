"""A witness that writes without being asked: first, after a silence, or in rooms that last."""

import datetime as dt
import itertools

from arena import clock, database, pacing
from arena.backends import Speaker
from arena.events import Decision, LiveRoom, append
from arena.models import Seat, Timer
from arena.persona.calendar import State
from arena.services.initiative import OPENS, REOPENS, next_initiative
from arena.timers.payloads import PendingReply, ScheduledReply, reply_plan
from arena.timers.rows import settle
from arena.witnesses import fitting
from arena.witnesses.answering import generate, release
from arena.witnesses.failing import Attempt
from arena.witnesses.scene import Scene, read_scene
from arena.witnesses.seats import player


async def write_first(timer: Timer) -> None:
    """Have a witness write first if its pane is quiet; either way, schedule the next time."""
    machine = await player(timer)
    match reply_plan(timer):
        case ScheduledReply() as reply:
            if await fitting.is_outdated(machine, reply):
                await database.run(settle, timer, outcome="outdated")
            else:
                await release(timer, machine, reply)
        case PendingReply() as pending:
            await _write(timer, machine.seat, pending)


async def _write(timer: Timer, seat: Seat, pending: PendingReply) -> None:
    what, since, *_ = timer.key.rpartition(":")[2].split("-")
    is_of_a_life = what not in (OPENS, REOPENS)
    if is_of_a_life:
        await append(timer.room_id, lambda room, now: _again(timer, seat, room=room, now=now))
    scene = await database.run(read_scene, seat, unasked=True)
    is_wanted = is_of_a_life or (scene is not None and _is_still_silent(scene, since=int(since)))
    if scene is None or not is_wanted or not _is_free(scene):
        await database.run(settle, timer, outcome="not_now")
        return
    await generate(Attempt(timer=timer, scene=scene, pending=pending, seen_at=scene.heard_at))


def _again(timer: Timer, seat: Seat, *, room: LiveRoom, now: dt.datetime) -> Decision:
    """Schedule the next time; a row that exists already stays as it is."""
    draft = next_initiative(room, seat, mark=f"again-{timer.id}", since=now)
    return Decision(timers=() if draft is None else (draft,))


def _is_free(scene: Scene) -> bool:
    calendar = scene.persona.calendar
    return calendar is None or calendar.state(clock.now()) == State.FREE


def _is_still_silent(scene: Scene, *, since: int) -> bool:
    """Whether nothing came after message `since`, and the witness may go on unanswered.

    0 stands for the beginning of the room.
    """
    lines = scene.talk.lines
    if (lines[-1].seq if lines else 0) != since:
        return False
    n_reopened = 0
    for later, earlier in itertools.pairwise(line.turn for line in reversed(lines)):
        if Speaker.INTERROGATOR in (earlier.speaker, later.speaker):
            break
        n_reopened += (later.at - earlier.at).total_seconds() > pacing.REOPENS_AFTER_S
    return n_reopened < pacing.MOST_REOPENINGS
