"""A witness that writes without being asked, now and then, in rooms that last."""

import datetime as dt

from arena import clock, database
from arena.events import Decision, LiveRoom, append
from arena.models import Seat, Timer
from arena.persona.calendar import State
from arena.services.initiative import next_initiative
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
        case ScheduledReply() as reply if fitting.is_outdated(machine, reply):
            await database.run(settle, timer, outcome="outdated")
        case ScheduledReply() as reply:
            await release(timer, machine, reply)
        case PendingReply() as pending:
            await _write(timer, machine.seat, pending)


async def _write(timer: Timer, seat: Seat, pending: PendingReply) -> None:
    await append(timer.room_id, lambda room, now: _again(timer, seat, room=room, now=now))
    scene = await database.run(read_scene, seat, unasked=True)
    if scene is None or not _is_free(scene):
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
