"""From a question to an answer in its pane: whose turn it is, and what is said when."""

import datetime as dt
import json
import random
from dataclasses import replace

from arena import clock, database
from arena.errors import ArenaError, LogBusy
from arena.events import Decision, append
from arena.models import Seat, Timer
from arena.persona import noticing
from arena.queries.personas import profile_of
from arena.services.playing import say
from arena.timers.rows import settle
from arena.witnesses.calls import Asked, ask, record, record_failure, withhold
from arena.witnesses.memory.keeping import memory_timer
from arena.witnesses.scene import Scene, read_scene
from arena.witnesses.turns import moment, plan, take_turn, wait
from arena.witnesses.wording import follow_up, listening_s, paced, seed_of


async def attend(timer: Timer) -> None:
    """Carry a reply timer one step further: notice, generate, or release what was generated."""
    seat = await database.run(read_seat, timer)
    if "text" in plan(timer):
        await release(timer, seat)
    else:
        await _answer(timer, seat)


def read_seat(timer: Timer) -> Seat:
    return Seat.objects.select_related("room", "profile__study").get(id=timer.seat_id)


async def release(timer: Timer, seat: Seat) -> None:
    """Say what a timer holds; what follows in the same go becomes a timer of its own."""
    text = str(plan(timer)["text"])
    then = follow_up(timer, seat)
    try:
        await say(seat, command_id=f"timer:{timer.id}", text=text, timer=timer, then=then)
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


async def _answer(timer: Timer, seat: Seat) -> None:
    turn = await database.run(take_turn, timer)
    if turn is None:
        return
    scene = await database.run(read_scene, seat, advice=str(plan(timer).get("advice", "")))
    if scene is None:
        await database.run(settle, timer, outcome="nothing_to_answer")
        return
    noticed_at = moment(plan(timer), "noticed_at")
    if noticed_at is None:
        drawn = _noticed_at(scene)
        noticed_at = min(drawn, turn.noticed_at or drawn)
        listens_until = noticed_at + dt.timedelta(seconds=listening_s(scene))
        if listens_until > clock.now():
            await database.run(wait, timer, listens_until, noticed_at=noticed_at.timestamp())
            return
    await generate(timer, scene, seen_at=noticed_at)


def _noticed_at(scene: Scene) -> dt.datetime:
    """When the persona looks at what was said; drawn alike however often it is asked for."""
    return noticing.notice_at(
        scene.persona.calendar,
        heard_at=scene.heard_at,
        last_said_at=scene.last_said_at,
        rng=random.Random(seed_of(scene)),
    )


async def generate(timer: Timer, scene: Scene, *, seen_at: dt.datetime) -> None:
    """Have the model write, and let the timer hold what is to be said and when."""
    if (spent := scene.spent) is not None:
        await withhold(timer, scene.seat, why=f"budget of {spent} is used up")
        return
    asked = await Asked.of(scene)
    try:
        reply, text = await ask(asked, seed=seed_of(scene, n_failed=_n_failed(timer)))
    except Exception as error:
        await record_failure(timer, asked, error)
        return
    wording = paced(scene, text, seen_at=seen_at)
    body = replace(asked.body(reply, outcome="ok"), due_at=wording.due_at)
    held = {
        "payload": json.dumps({**plan(timer), **wording.held()}),
        "prepared": True,
        "due_at": wording.due_at,
        "wake_at": wording.due_at,
    }
    await record(timer, scene.seat, body, settle=held)


def _n_failed(timer: Timer) -> int:
    return int(str(plan(timer).get("n_failed", 0)))
