"""What a machine witness knows when it is asked to answer, read in one go."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass

from django.utils import timezone

from arena import clock
from arena.backends import Conversation, Speaker, Turn
from arena.models import Event, MachineProfile, Room, Seat, Timer
from arena.queries import sight, study_file
from arena.rules import EventKind, Phase, SeatName
from arena.study_file import MachineProfile as Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A pane with something to answer, and what the room has spent on it so far."""

    seat: Seat
    profile: Profile
    conversation: Conversation
    upto: int  # seq of the last message that a reply would answer
    heard_at: dt.datetime  # when it could begin to think
    n_calls: int
    tokens: float
    cost_usd: float

    @property
    def last(self) -> Turn:
        return self.conversation.turns[-1]

    @property
    def spent(self) -> str | None:
        """Which part of the room's budget is used up, if one is."""
        budget = self.profile.budget
        if self.n_calls >= budget.calls:
            return "calls"
        if self.tokens >= budget.tokens:
            return "tokens"
        if self.cost_usd >= budget.cost_usd and self.cost_usd > 0:
            return "cost"
        return None


def read_scene(seat: Seat) -> Scene | None:
    """What the machine may know: its own pane, exactly as a human witness sees it, and the time.

    None if there is nothing to answer. What nobody has answered yet stands last, even where an
    earlier answer was said after it.
    """
    room = Room.objects.get(id=seat.room_id)
    if room.phase != Phase.LIVE or seat.profile is None or room.started_at is None:
        return None
    answered = _answered_upto(seat)
    said = list(Event.objects.filter(sight(seat).where, room=room).order_by("seq"))
    waiting = [e for e in said if e.seat == SeatName.INTERROGATOR and e.seq > answered]
    if not waiting:
        return None
    turns = tuple(_turn(event) for event in [e for e in said if e not in waiting] + waiting)
    calls = [event.data for event in _calls(room, seat)]
    return Scene(
        seat=seat,
        profile=_profile(seat.profile),
        conversation=Conversation(
            turns=turns,
            now=timezone.localtime(clock.now()),
            started_at=room.started_at,
            message_chars=study_file(room).message_chars,
            room_seed=hashlib.sha256(f"{room.nonce}:{seat.name}".encode()).hexdigest(),
        ),
        upto=waiting[-1].seq,
        heard_at=max([said[-1].at, *_resumed(room)]),
        n_calls=len(calls),
        tokens=sum(_number(c, "tokens_in") + _number(c, "tokens_out") for c in calls),
        cost_usd=sum(_number(c, "cost_usd") for c in calls),
    )


def _answered_upto(seat: Seat) -> int:
    """Seq of the last message that the machine has answered; 0 before its first answer."""
    replies = Timer.objects.filter(seat=seat, outcome="said").values_list("payload", flat=True)
    return max((json.loads(payload)["upto"] for payload in replies), default=0)


def _turn(event: Event) -> Turn:
    asks = event.seat == SeatName.INTERROGATOR
    return Turn(
        speaker=Speaker.INTERROGATOR if asks else Speaker.ME,
        text=str(event.data.get("text", "")),
        at=event.at,
    )


def _calls(room: Room, seat: Seat) -> list[Event]:
    return list(Event.objects.filter(room=room, kind=EventKind.MACHINE_CALL, seat=seat.actor))


def _resumed(room: Room) -> list[dt.datetime]:
    resumed = Event.objects.filter(room=room, kind=EventKind.RESUMED)
    return list(resumed.values_list("at", flat=True))


def _profile(stored: MachineProfile) -> Profile:
    machines = study_file(stored.study).machines
    return next(machine for machine in machines if machine.name == stored.name)


def _number(call: dict[str, object], key: str) -> float:
    value = call.get(key)
    return float(value) if isinstance(value, (int, float)) else 0.0
