"""How a human witness wrote a message, kept beside it where the study records that.

It is an event that nobody sees while the room goes on, in the commit of the message. The server
knows only what the witness's browser counted: whoever wants to can send anything.
"""

import dataclasses
import datetime as dt

from arena.event_kinds import WORDS, Typed
from arena.events import Decide, Decision, Draft, LiveRoom
from arena.models import Seat
from arena.protocol.commands import HowTyped
from arena.queries import study_file
from arena.studies.witness_input import Recording


def kept(seat: Seat, decide: Decide, typed: HowTyped, *, chars: int) -> Decide:
    """The same decision, and with it how its message of so many characters was typed."""

    def decide_and_keep(room: LiveRoom, now: dt.datetime) -> Decision:
        decision = decide(room, now)
        said = [n for n, each in enumerate(decision.events, start=1) if each.body.kind in WORDS]
        if not said or not _records(room, seat):
            return decision
        body = Typed(message=room.last_seq + said[-1], chars=chars, **dataclasses.asdict(typed))
        return dataclasses.replace(
            decision,
            events=(*decision.events, Draft(seat=seat.actor, body=body)),
            ack=decision.answer,
        )

    return decide_and_keep


def _records(room: LiveRoom, seat: Seat) -> bool:
    """Whether the study records it, and a person sits there: of programs nothing is kept."""
    records = study_file(room).witness_input.typing == Recording.RECORD
    return records and room.seats[seat.id].agent is None
