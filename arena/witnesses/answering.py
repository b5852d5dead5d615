"""From a question to an answer in its pane: notice, generate, release."""

import datetime as dt
import random
from dataclasses import replace

from arena import clock, database
from arena.errors import ArenaError, LogBusy
from arena.events import Decision, append
from arena.models import Seat, Timer
from arena.persona import noticing
from arena.queries.personas import profile_of
from arena.services.playing import say
from arena.timers.payloads import PendingReply, ScheduledReply, reply_plan
from arena.timers.rows import seat_of, settle
from arena.witnesses.calls import Asked, ask, record, record_failure, withhold
from arena.witnesses.memory.keeping import memory_timer
from arena.witnesses.scene import Scene, read_scene
from arena.witnesses.turns import acquire, wait
from arena.witnesses.wording import follow_up, listening_s, paced, seed_of


async def attend(timer: Timer) -> None:
    """Carry a reply timer one step further: notice, generate, or release what was generated."""
    seat = await database.run(seat_of, timer)
    match reply_plan(timer):
        case ScheduledReply() as reply:
            await release(timer, seat, reply)
        case PendingReply() as pending:
            await _answer(timer, seat, pending)


async def release(timer: Timer, seat: Seat, reply: ScheduledReply) -> None:
    """Send a scheduled reply; the next message of the same burst becomes a new timer."""
    then = follow_up(timer, seat, reply)
    try:
        await say(seat, command_id=f"timer:{timer.id}", text=reply.text, timer=timer, then=then)
    except LogBusy:
        raise
    except ArenaError as error:  # The room was paused or ended meanwhile, or the round is over.
        await database.run(settle, timer, outcome=error.code)
        return
    profile = await database.run(profile_of, seat)
    if profile is not None and profile.memory is not None:
        await append(
            timer.room_id,
            lambda room, now: Decision(timers=(memory_timer(room, seat, now),)),
        )


async def _answer(timer: Timer, seat: Seat, pending: PendingReply) -> None:
    question = await database.run(acquire, timer)
    if question is None:
        return
    scene = await database.run(read_scene, seat, advice=pending.advice)
    if scene is None:
        await database.run(settle, timer, outcome="nothing_to_answer")
        return
    noticed_at = pending.noticed_at
    if noticed_at is None:
        drawn = _noticed_at(scene)
        noticed_at = min(drawn, question.noticed_at or drawn)
        listens_until = noticed_at + dt.timedelta(seconds=listening_s(scene))
        if listens_until > clock.now():
            noticed = replace(pending, noticed_at=noticed_at)
            await database.run(wait, timer, listens_until, payload=noticed.to_json())
            return
    await generate(timer, scene, pending, seen_at=noticed_at)


def _noticed_at(scene: Scene) -> dt.datetime:
    """When the persona looks at what was said; the same draw on every call."""
    return noticing.notice_at(
        scene.persona.calendar,
        heard_at=scene.heard_at,
        last_said_at=scene.last_said_at,
        rng=random.Random(seed_of(scene)),
    )


async def generate(
    timer: Timer, scene: Scene, pending: PendingReply, *, seen_at: dt.datetime
) -> None:
    """Have the model write, and store on the timer what is to be said and when."""
    if (spent := scene.spent) is not None:
        await withhold(timer, scene.seat, why=f"budget of {spent} is used up")
        return
    asked = await Asked.of(scene)
    try:
        reply, text = await ask(asked, seed=seed_of(scene, n_failed=pending.n_failed))
    except Exception as error:
        await record_failure(timer, asked, pending=pending, error=error)
        return
    scheduled, due_at = paced(scene, text, pending=pending, seen_at=seen_at)
    body = replace(asked.body(reply, outcome="ok"), due_at=due_at)
    held = {
        "payload": scheduled.to_json(),
        "prepared": True,
        "due_at": due_at,
        "wake_at": due_at,
    }
    await record(timer, scene.seat, body, settle=held)
