"""Plays rooms through the services, without sockets, for the tests of the export."""

import asyncio
import secrets
from collections.abc import Iterable
from typing import cast

from arena import services
from arena.models import Participant, Seat
from arena.services import playing
from tests.kit.factories import MadeRoom

#: One character of each plane, as much as the normaliser lets each plane show.
PLANES = (
    "é\U0001f600\U00020000\U00030000"
    + "".join(chr((plane << 16) + 0x1234) for plane in range(4, 14))
    + "葛\U000e0100\U000f0000\U00100000"
)


def asker(room: MadeRoom) -> Seat:
    return _seat(room, name="interrogator")


def witness(room: MadeRoom, kind: str) -> Seat:
    return _seat(room, name__in="AB", kind=kind, stand_in=False)


def _seat(room: MadeRoom, **where: object) -> Seat:
    seats = Seat.objects.select_related("room", "profile", "participant")
    return cast(Seat, seats.get(room=room.room, **where))


def code(place: Seat) -> str:
    return str(cast(Participant, place.participant).code)


def start(room: MadeRoom) -> None:
    """Everybody comes, agrees, and the room goes live."""
    for token in (room.interrogator, room.witness):
        services.claim_seat(token, None)
    people = list(Seat.objects.filter(room=room.room, token_hash__isnull=False))
    asyncio.run(_ready(people, room.room.consent_sha256))


async def _ready(seats: Iterable[Seat], consent: str) -> None:
    for place in seats:
        await playing.ready(place, command_id="ready", consent=consent)


def say(place: Seat, text: str, pane: str | None = None) -> str:
    said = playing.say(place, command_id=secrets.token_hex(4), text=text, pane=pane)
    return asyncio.run(said).event


def believe(place: Seat, p: float) -> str:
    return asyncio.run(playing.belief(place, command_id=secrets.token_hex(4), p=p)).event


def tag(place: Seat, message: str, *strategies: str) -> str:
    command_id = secrets.token_hex(4)
    done = playing.tag(place, command_id=command_id, event=message, strategies=strategies)
    return asyncio.run(done).event


def decide(place: Seat, human: str | bool, reason: str = "It sounded right.") -> str:
    done = playing.verdict(place, command_id="verdict", human=human, confidence=0.75, reason=reason)
    return asyncio.run(done).event
