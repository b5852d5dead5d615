"""An answer cut into the messages that a person would send, each with its moment."""

import datetime as dt
import functools
import hashlib
import random
from dataclasses import dataclass, replace

from arena import clock, pacing
from arena.backends import Speaker
from arena.events import TimerDraft
from arena.models import Seat, Timer
from arena.persona import noticing
from arena.queries import study_file
from arena.rules import TimerKind
from arena.timers.payloads import PendingReply, ScheduledReply
from arena.witnesses import gate
from arena.witnesses.listening import AS_PEOPLE, LISTENS_S
from arena.witnesses.scene import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """When the pacing has a reply written, and when it counts as written: later if it was late."""

    drawn_at: dt.datetime
    due_at: dt.datetime


def seed_of(scene: Scene, *, n_failed: int = 0) -> int:
    """A seed that is the same whenever the same thing is to be answered again."""
    words = f"{scene.talk.room_seed}:{len(scene.talk.lines)}:{scene.seat.name}:{n_failed}"
    return int.from_bytes(hashlib.sha256(words.encode()).digest()[:4])


def paced(
    scene: Scene, text: str, *, pending: PendingReply, seen_at: dt.datetime
) -> tuple[ScheduledReply, Moments]:
    """Cut an answer into messages; return it with the moments that the pacing has it written.

    They are counted from when what is answered was seen.
    """
    in_bursts = scene.profile.pacing.rule in AS_PEOPLE
    persona_seed = int(scene.talk.room_seed[:8], 16)
    rng = random.Random(f"bursts:{seed_of(scene)}")
    heard = gate.recently_heard([line.turn for line in scene.talk.lines])
    cut = functools.partial(pacing.bursts, rng=rng, persona_seed=persona_seed, heard=heard)
    parts = cut(text) if in_bursts else ()
    first = parts[0].text if parts else text
    began = max(scene.heard_at, seen_at)
    # The draws with which it was decided how long to listen.
    several, drawn = len(parts) > 1, random.Random(seed_of(scene))
    delay_s = _delay_s(scene, n_out=len(first), rng=drawn, bursts=several)
    # Words that are there now are there in time for what is shown a study's delay from now on.
    in_time, drawn_at = earliest(scene.delay_s), began + dt.timedelta(seconds=delay_s)
    due_at = typed_by(drawn_at, scene, n_out=len(first), now=in_time)
    reply = ScheduledReply(
        text=first,
        last_seq=scene.last_seq,
        began_at=began,
        rest=parts[1:],
        pending=replace(pending, noticed_at=began, failing_since=None),
    )
    drawn_at, due_at = (_awake(scene, at) for at in (drawn_at, due_at))
    return reply, Moments(drawn_at=drawn_at, due_at=max(due_at, in_time))


def earliest(delay_s: int) -> dt.datetime:
    """The earliest moment at which what is said now may still count as written."""
    return clock.now() - dt.timedelta(seconds=delay_s)


def _awake(scene: Scene, at: dt.datetime) -> dt.datetime:
    """The moment, or when the persona wakes up after it; to the millisecond."""
    calendar = scene.persona.calendar
    if calendar is not None:
        at = noticing.when_awake(calendar, at, rng=random.Random(f"woken:{seed_of(scene)}"))
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def typed_by(due_at: dt.datetime, scene: Scene, *, n_out: int, now: dt.datetime) -> dt.datetime:
    """When words are typed that were to be there at `due_at`: later if they came too late for that.

    A model a little slower than the wait is as late as it is. One that was down for minutes does
    not have its words there in the moment in which it is back.
    """
    typed_s = pacing.typed_s(
        scene.profile.pacing.rule,
        n_out=n_out,
        persona_seed=int(scene.talk.room_seed[:8], 16),
        rng=random.Random(f"typed:{seed_of(scene)}"),
    )
    typed = dt.timedelta(seconds=typed_s)
    return now + typed if now - due_at > typed else due_at


def planned_at(scene: Scene, *, seen_at: dt.datetime, call_s: float) -> dt.datetime:
    """The earliest at which an answer would be sent, if its model needs at least `call_s` (s).

    By the draws with which the answer itself is paced once its length is known: a long one is sent
    when it is typed, by somebody who looked at the clock before. Whether the persona is awake then
    is not looked at.
    """
    delay_s = min(
        _delay_s(scene, n_out=n_out, rng=random.Random(seed_of(scene)))
        for n_out in (1, pacing.USUAL_CHARS, 4 * pacing.USUAL_CHARS)
    )
    drawn_at = max(scene.heard_at, seen_at) + dt.timedelta(seconds=delay_s)
    written_at = earliest(scene.delay_s) + dt.timedelta(seconds=call_s)
    return max(typed_by(drawn_at, scene, n_out=1, now=written_at), written_at)


def listening_s(scene: Scene) -> float:
    """How long a witness waits for more lines: 2 to 4 s of silence, as people read.

    Never more than half of the wait that it is about to take: people answer within a second, too,
    and a machine that never did would be known by that.
    """
    if scene.profile.pacing.rule not in AS_PEOPLE:
        return 0.0
    rng = random.Random(seed_of(scene))
    wait_s = _delay_s(scene, n_out=pacing.USUAL_CHARS, rng=rng)
    return min(rng.uniform(*LISTENS_S), wait_s / 2)


def _delay_s(scene: Scene, *, n_out: int, rng: random.Random, bursts: bool = False) -> float:
    if not scene.talk.waiting:  # It was time to write unasked: nothing is read or thought about.
        seed = int(scene.talk.room_seed[:8], 16)
        return pacing.typed_s(scene.profile.pacing.rule, n_out=n_out, persona_seed=seed, rng=rng)
    return pacing.delay_s(
        scene.profile.pacing.rule,
        n_in=scene.n_chars_in,
        n_out=n_out,
        first=all(line.turn.speaker != Speaker.ME for line in scene.talk.lines),
        persona_seed=int(scene.talk.room_seed[:8], 16),
        rng=rng,
        waits=scene.waits,
        bursts=bursts,
    )


def follow_up(timer: Timer, seat: Seat, reply: ScheduledReply) -> tuple[TimerDraft, ...]:
    """The next message of an answer, to be due its gap after the one that is said now.

    That one counts as written when it was due, if the study's delay gives time for it.
    """
    if not reply.rest:
        return ()
    part, *rest = reply.rest
    in_time = earliest(study_file(seat.room).delay_s)
    said_at = min(clock.now(), max(timer.due_at, in_time))
    then = ScheduledReply(
        text=part.text, last_seq=reply.last_seq, began_at=said_at, rest=tuple(rest)
    )
    draft = TimerDraft(
        kind=TimerKind.REPLY,
        key=f"then:{timer.id}",
        due_at=said_at + dt.timedelta(seconds=part.gap_s),
        seat=seat,
        payload=then.to_json(),
        prepared=True,
    )
    return (draft,)
