"""From a question to an answer in its pane: notice, generate, release."""

import datetime as dt
import random
from dataclasses import dataclass, replace

from arena import clock, database
from arena.errors import ArenaError, LogBusy
from arena.events import Decision, append
from arena.models import Timer
from arena.persona import noticing
from arena.services.playing import say
from arena.timers.payloads import PendingReply, ScheduledReply, reply_plan
from arena.timers.rows import settle
from arena.witnesses.calls import Asked, ask, record, record_failure, withhold
from arena.witnesses.memory.keeping import memory_timer
from arena.witnesses.scene import Scene, read_scene
from arena.witnesses.seats import Player, player, player_now
from arena.witnesses.turns import acquire, wait
from arena.witnesses.wording import follow_up, listening_s, paced, seed_of


async def attend(timer: Timer) -> None:
    """Carry a reply timer one step further: notice, generate, or release what was generated."""
    match reply_plan(timer):
        case ScheduledReply() as reply:
            await release(timer, await player(timer), reply)
        case PendingReply() as pending:
            if (noticed := await database.run(_notice, timer, pending)) is not None:
                await generate(timer, noticed.scene, pending, seen_at=noticed.at)


async def release(timer: Timer, machine: Player, reply: ScheduledReply) -> None:
    """Send a scheduled reply; the next message of the same burst becomes a new timer."""
    seat, profile = machine.seat, machine.profile
    then = follow_up(timer, seat, reply)
    try:
        await say(seat, command_id=f"timer:{timer.id}", text=reply.text, timer=timer, then=then)
    except LogBusy:
        raise
    except ArenaError as error:  # The room was paused or ended meanwhile, or the round is over.
        await database.run(settle, timer, outcome=error.code)
        return
    if profile is not None and profile.memory is not None:
        await append(
            timer.room_id,
            lambda room, now: Decision(timers=(memory_timer(room, seat, now),)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noticed:
    """A scene that the persona has looked at, and when it did."""

    scene: Scene
    at: dt.datetime


def _notice(timer: Timer, pending: PendingReply) -> _Noticed | None:
    """Look at the pane; None if there is nothing to answer, or not yet."""
    question = acquire(timer)
    if question is None:
        return None
    scene = read_scene(player_now(timer).seat, advice=pending.advice)
    if scene is None:
        settle(timer, outcome="nothing_to_answer")
        return None
    at = pending.noticed_at
    if at is None:
        drawn = _noticed_at(scene)
        at = min(drawn, question.noticed_at or drawn)
        listens_until = at + dt.timedelta(seconds=listening_s(scene))
        if listens_until > clock.now():
            wait(timer, listens_until, payload=replace(pending, noticed_at=at).to_json())
            return None
    return _Noticed(scene=scene, at=at)


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
