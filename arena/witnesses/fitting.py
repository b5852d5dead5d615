"""Whether words still fit the moment at which they are sent.

A model is told the moment for which it writes. Until then the persona may fall asleep, the model
may be slow, the server may be down: what was true at one hour would be said at another. Such words
are not said; the question is looked at anew when its answer is due.
"""

import datetime as dt
import random

from arena import clock, database, pacing
from arena.persona import noticing
from arena.queries import study_file
from arena.queries.personas import persona_of
from arena.timers.payloads import PendingReply, ScheduledReply
from arena.witnesses.scene import Scene
from arena.witnesses.seats import Player
from arena.witnesses.wording import earliest, seed_of

#: Words may be sent so much later than they were meant for, within the same day, beside the time
#: that they take to type: whoever is asked the hour looks at the clock and then writes.
FITS = dt.timedelta(minutes=5)
#: What a rehearsal's faster clock cannot tell apart, in real time.
LEAST = dt.timedelta(seconds=5)
#: So often an answer is written anew at most; then it is sent as it is, however slow its model.
MOST_TIMES = 3


def fits(
    at: dt.datetime, *, meant_for: dt.datetime, zone: dt.tzinfo | None, typed_s: float = 0.0
) -> bool:
    """Whether words that were meant for a moment may be sent at another, typed in `typed_s` (s)."""
    late, least = at - meant_for.astimezone(dt.UTC), clock.simulated(LEAST)
    if late <= least:
        return True
    same_day = at.astimezone(zone).date() == meant_for.astimezone(zone).date()
    return same_day and late <= max(least, FITS + dt.timedelta(seconds=typed_s))


def is_timely(scene: Scene, reply: ScheduledReply, due_at: dt.datetime) -> bool:
    """Whether an answer may be sent when it is due, in the light of what its model was told."""
    if scene.profile.is_script or _is_last_try(reply.pending):
        return True
    typed_s = pacing.typed_s(
        scene.profile.pacing.rule,
        n_out=len(reply.text),
        persona_seed=int(scene.talk.room_seed[:8], 16),
        rng=random.Random(f"typed:{seed_of(scene)}"),
    )
    now = scene.talk.now
    return fits(due_at, meant_for=now, zone=now.tzinfo, typed_s=typed_s)


async def is_outdated(machine: Player, reply: ScheduledReply) -> bool:
    """Whether a scheduled reply has waited for longer than it was meant to."""
    if machine.profile.is_script or _is_last_try(reply.pending):
        return False
    if clock.now() - (reply.meant_at or reply.began_at) <= clock.simulated(LEAST):
        return False  # as nearly all are: the persona's zone is not looked up for them
    return await database.run(_is_outdated, machine, reply)


def _is_outdated(machine: Player, reply: ScheduledReply) -> bool:
    zone = persona_of(machine.seat, machine.profile).local(clock.now()).tzinfo
    # What is said within the study's delay still counts as written when it was meant to be.
    at = earliest(study_file(machine.seat.room).delay_s)
    return not fits(at, meant_for=reply.meant_at or reply.began_at, zone=zone)


def anew(pending: PendingReply, at: dt.datetime) -> PendingReply:
    """The same question, to be looked at again at a moment as if for the first time."""
    return PendingReply(noticed_at=at, n_rewritten=pending.n_rewritten + 1)


def up_at(scene: Scene, at: dt.datetime) -> dt.datetime:
    """`at`, or for a persona that sleeps or is away then, when it next would write."""
    calendar, rng = scene.persona.calendar, random.Random(f"woken:{seed_of(scene)}")
    return at if calendar is None else noticing.when_awake(calendar, at, rng=rng)


def _is_last_try(pending: PendingReply) -> bool:
    return pending.n_rewritten >= MOST_TIMES
