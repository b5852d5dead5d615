"""A question that a witness leaves for a while, as people do now and then.

Over a question to a person the same is done, but that nothing is logged.
"""

import datetime as dt
import random
from dataclasses import dataclass

from arena import pacing
from arena.event_kinds import AS_PEOPLE, Withheld
from arena.events import Decision, Draft, LiveRoom, append
from arena.models import Timer
from arena.rules import Kind
from arena.studies.design import Initiative
from arena.timers.payloads import PendingReply
from arena.witnesses.scene import Scene
from arena.witnesses.wording import seed_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAside:
    """A question that its timer takes up again at `pending.noticed_at`."""

    timer: Timer
    scene: Scene
    pending: PendingReply


def put_aside_until(scene: Scene, at: dt.datetime) -> dt.datetime | None:
    """Until when what is noticed at a moment is left; None if it is not, as most are not.

    In rounds all wait for an answer; over long rooms that is in when messages are noticed.
    """
    if scene.profile.initiative != Initiative.PEOPLE or scene.persona.calendar is not None:
        return None
    aside_s = pacing.puts_aside_s(rng=random.Random(f"aside:{seed_of(scene)}"))
    return at + dt.timedelta(seconds=aside_s) if aside_s else None


async def put_aside(left: PutAside) -> None:
    """Log that a question is left, so that its silence is nobody's failure, and come back to it."""
    timer, seat = left.timer, left.scene.seat
    is_machine = seat.kind == Kind.MACHINE
    said = Draft(seat=seat.actor, body=Withheld(why=AS_PEOPLE, upto=left.scene.last_seq))

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if not room.is_open(timer):
            return Decision()
        moved = {
            "wake_at": left.pending.noticed_at,
            "payload": left.pending.to_json(),
            "attempts": 0,
        }
        return Decision(events=(said,) * is_machine, settle={timer.id: moved}, rings=True)

    actor = seat.actor if is_machine else ""  # A command's answer is its seat's own.
    command_id = f"aside:{timer.id}"
    await append(timer.room_id, decide, seat=actor, command_id=command_id, timers=(timer,))
