"""From a question to an answer in its pane: notice, generate, release.

Over a question to a person the same is done up to the call, and nothing is asked and said: what
an interrogator could notice of a server's work is then alike in both panes.
"""

import asyncio
import datetime as dt
import random
from dataclasses import replace

from arena import clock, database
from arena.errors import ArenaError, LogBusy
from arena.events import Decision, append
from arena.models import Timer
from arena.persona import noticing
from arena.rules import Kind
from arena.services.playing import say
from arena.timers.payloads import PendingReply, ScheduledReply, reply_plan
from arena.timers.rows import postpone, settle
from arena.witnesses import fitting
from arena.witnesses.calls import CALL_LIMIT_S, Asked, ask, least_call_s, usual_call_s
from arena.witnesses.failing import Attempt, give_up, record_failure, schedule, settle_imitated
from arena.witnesses.memory.keeping import memory_timer
from arena.witnesses.putting_aside import PutAside, put_aside, put_aside_until
from arena.witnesses.scene import Scene, read_scene
from arena.witnesses.seats import Player, player, player_now
from arena.witnesses.turns import acquire, heard_out_at, wait
from arena.witnesses.wording import follow_up, listening_s, planned_at, seed_of


async def attend(timer: Timer) -> None:
    """Carry a reply timer one step further: notice, generate, or release what was generated."""
    match reply_plan(timer):
        case ScheduledReply() as reply:
            machine = await player(timer)
            if await fitting.is_outdated(machine, reply):
                await database.run(_look_anew, timer, reply)
            else:
                await release(timer, machine, reply)
        case PendingReply() as pending:
            match await database.run(_notice, timer, pending):
                case Attempt() as attempt:
                    await generate(attempt)
                case PutAside() as aside:
                    await put_aside(aside)


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
    if profile.memory is not None:
        await append(
            timer.room_id,
            lambda room, now: Decision(timers=(memory_timer(room, seat, now),)),
        )


def _look_anew(timer: Timer, reply: ScheduledReply) -> None:
    """Have a question looked at again whose answer has waited for too long.

    The rest of an answer is left out: nobody takes up a sentence again that was broken off then.
    """
    if reply.noticed_at is None:
        settle(timer, outcome="outdated")
        return
    now = clock.now()
    pending = fitting.anew(reply.pending, now)
    postpone(timer, now, payload=pending.to_json(), prepared=False)


def _notice(timer: Timer, held: PendingReply) -> Attempt | PutAside | None:
    """Look at the pane; None if there is nothing to answer, or not yet."""
    question = acquire(timer, held)
    if question is None:
        return None
    pending = question.pending
    scene = read_scene(player_now(timer).seat, advice=pending.advice)
    if scene is None:
        settle(timer, outcome="nothing_to_answer")
        return None
    at = pending.noticed_at
    if at is None:
        drawn = _noticed_at(scene)
        at = min(drawn, question.noticed_at or drawn)
        if at == drawn and (aside := put_aside_until(scene, at)) is not None:
            return PutAside(timer=timer, scene=scene, pending=replace(pending, noticed_at=aside))
        until = at + dt.timedelta(seconds=listening_s(scene))
        if at <= scene.heard_at:  # It is in the chat, and has heard the first line as well.
            until = min(until, heard_out_at(timer))
        if until > clock.now():
            wait(timer, until, pending=replace(pending, noticed_at=at))
            return None
    return Attempt(timer=timer, scene=scene, pending=pending, seen_at=at)


def _noticed_at(scene: Scene) -> dt.datetime:
    """When the persona looks at what was said; the same draw on every call."""
    return noticing.notice_at(
        scene.persona.calendar,
        heard_at=scene.heard_at,
        last_said_at=scene.last_said_at,
        rng=random.Random(seed_of(scene)),
    )


async def generate(attempt: Attempt) -> None:
    """Have the model write, and store on the timer what is to be said and when."""
    scene, pending, down_at = attempt.scene, attempt.pending, attempt.window.down_at
    if (spent := scene.spent) is not None:
        await give_up(attempt, why=f"budget of {spent} is used up")
        return
    if pending.withheld:
        await _keep_withheld(attempt)
        return
    at = _to_be_sent_at(scene, seen_at=attempt.seen_at)
    up_at = fitting.up_at(scene, at)
    if up_at > at and pending.failing_since is None:
        # It falls asleep over the question: it is answered when the persona is up again.
        await _put_off(attempt, up_at)
        return
    attempt = replace(attempt, scene=(scene := scene.at(at)))
    asked = await Asked.of(scene)
    if scene.seat.kind == Kind.HUMAN:
        await imitate(attempt)
        return
    left_s = clock.real_s((down_at - clock.now()).total_seconds())
    try:
        # A late look at a question still asks once before its room is given up.
        made = await ask(asked, seed=attempt.seed, limit_s=left_s if left_s > 0 else CALL_LIMIT_S)
    except Exception as error:
        await record_failure(attempt, asked, error)
        return
    call = replace(asked.body(made.reply, outcome="ok"), cut=made.cut)
    await schedule(attempt, asked, call=call, text=made.text, judged=made.judged)


def _to_be_sent_at(scene: Scene, *, seen_at: dt.datetime) -> dt.datetime:
    """The moment for which the model writes: never later than that at which it is sent."""
    call_s = clock.simulated_s(least_call_s(scene.profile))
    return planned_at(scene, seen_at=seen_at, call_s=call_s)


async def _put_off(attempt: Attempt, until: dt.datetime) -> None:
    """Have a question answered at a later moment, and nothing written first."""
    if attempt.was_asked:
        pending = replace(attempt.pending, noticed_at=until)
        await database.run(wait, attempt.timer, until, pending=pending)
    else:
        await database.run(settle, attempt.timer, outcome="not_now")


async def imitate(attempt: Attempt) -> None:
    """Over a person's question, take the time of a call and commit what a machine's would."""
    await asyncio.sleep(usual_call_s(attempt.scene.profile, rng=random.Random(attempt.seed)))
    await settle_imitated(attempt)


async def _keep_withheld(attempt: Attempt) -> None:
    """Let the study's rule apply once its time has come."""
    down_at = attempt.window.down_at
    if clock.now() < down_at:
        await database.run(wait, attempt.timer, down_at, pending=attempt.pending)
    else:
        await give_up(attempt, why=attempt.pending.withheld)
