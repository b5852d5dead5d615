"""What goes out to a client: at every ring what is new in the log, on request what came before."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from django.db import DatabaseError

from arena import clock, database, queries
from arena.errors import EventUnknown, SeatUnknown
from arena.event_kinds import MOVES_ROOM, Body
from arena.live.group_reads import reader
from arena.models import Event, Room, Seat
from arena.protocol import commands, frames
from arena.protocol.frames import Frame
from arena.rules import EventKind, Format, Phase, SeatName

log = logging.getLogger(__name__)

RETRY_S = 0.5

Send = Callable[[dict[str, Any]], Awaitable[None]]


class SocketClosed(Exception):
    """The other side is gone."""


class Outgoing:
    """What a seat's client has been sent, and what it is to be sent next."""

    def __init__(self, seat: Seat, send: Send) -> None:
        self.seat = seat
        self.bell = asyncio.Event()  # rung when there may be news
        self._sight = queries.Sight(kinds=frozenset())  # until it has synced
        self._send_raw = send
        self._seen: int | None = None  # seq up to which this client has everything it may see

    async def close(self, code: int) -> None:
        """Close the socket, whatever state it is in."""
        with contextlib.suppress(Exception):  # the socket may be gone already
            await self._send_raw({"type": "websocket.close", "code": code})

    async def send(self, frame: Frame) -> None:
        """Send a frame, or raise SocketClosed."""
        try:
            await self._send_raw({"type": "websocket.send", "text": frames.encode(frame)})
        except (RuntimeError, OSError) as error:
            raise SocketClosed from error

    async def sync(self, after: str | None) -> None:
        """Bring the client up to date; from here on rings do."""
        self._seen = None
        if after is None:
            page = await database.run(queries.newest, self.seat, limit=commands.N_NEWEST)
        else:
            found = await database.run(queries.since, self.seat, after=after)
            if found is None:
                raise EventUnknown(after)
            page = found
        self._sight = await database.run(queries.sight, self.seat)
        status = await database.run(queries.seat_status, self.seat)
        if not status.is_claim_current:
            raise SeatUnknown
        await self.send(self._room_frame(status))
        await self._send_events(page.events)
        await self.send(frames.synced(page.earlier))
        if status.over:
            await self._send_end(status)
        self._seen = page.upto
        self.bell.set()

    async def history(self, command: commands.History) -> None:
        """Send what came before an event that the client has."""
        page = await database.run(
            queries.before, self.seat, event=command.before, limit=command.limit
        )
        if page is None:
            raise EventUnknown(command.before)
        await self._send_events(page.events)
        await self.send(frames.synced(page.earlier))

    async def pump(self) -> None:
        """At every ring, send what is new. A slow client is simply read for less often."""
        while True:
            await self.bell.wait()
            self.bell.clear()
            seen = self._seen
            if seen is None:
                continue
            try:
                events = await reader.after(self.seat.room_id, seen)
            except DatabaseError as error:
                log.warning("The log of room %s cannot be read (%s)", self.seat.room_id, error)
                await asyncio.sleep(RETRY_S)
                self.bell.set()
                continue
            if not events or self._seen != seen:
                continue
            self._seen = events[-1].seq
            await self._send_news(events)

    async def _send_news(self, events: list[Event]) -> None:
        revoked = any(self._may_be_revoked_by(event) for event in events)
        if revoked and not await self._claim_is_current():
            await self.close(1008)
            raise SocketClosed
        await self._send_events([event for event in events if self._sight.sees(event)])
        kinds = {event.kind for event in events}
        if not kinds & MOVES_ROOM:
            return
        status = await database.run(queries.seat_status, self.seat)
        if status.stood_down and EventKind.STARTED not in kinds:
            return  # This seat's part ended when the room went live.
        await self.send(self._room_frame(status))
        if status.over:
            await self._send_end(status)

    def _may_be_revoked_by(self, event: Event) -> bool:
        """Whether an event gave this seat to another browser, which may be the one at this end."""
        return event.kind == EventKind.CLAIMED and event.seat == self.seat.actor

    async def _claim_is_current(self) -> bool:
        return (await database.run(queries.seat_status, self.seat)).is_claim_current

    async def _send_events(self, events: list[Event]) -> None:
        for event in events:
            if (body := queries.shown_body(event)) is not None:
                await self.send(self._event_frame(event, body))

    def _event_frame(self, event: Event, body: Body) -> Frame:
        return frames.event(
            id=event.public_id,
            at=event.at,
            mine=event.seat == self.seat.actor,
            body=body,
            pane=event.pane or None if self.seat.is_interrogator else None,
        )

    def _room_frame(self, status: queries.SeatStatus) -> Frame:
        room, design, lobby = status.room, status.design, None
        if room.phase == Phase.LOBBY:
            lobby = frames.Lobby(
                consent=design.consent, consent_sha256=room.consent_sha256, ready=status.ready
            )
        return frames.room(
            seat=SeatName(self.seat.name),
            format=Format(design.format),
            phase=Phase.ENDED if status.stood_down else Phase(room.phase),
            started_at=room.started_at,
            ends_at=room.ends_at,
            now=clock.now(),
            message_chars=design.message_chars,
            lobby=lobby,
            rounds=_rounds(room) if design.rounds_s else None,
        )

    async def _send_end(self, status: queries.SeatStatus) -> None:
        room = status.room
        if status.stood_down:
            await self.send(frames.ended("stood_down"))
            return
        await self.send(frames.ended(room.end_reason))
        if await database.run(queries.may_know, self.seat, room):
            human = await database.run(queries.human, room)
            await self.send(frames.reveal(human, queries.opened_seal(room)))


def _rounds(room: Room) -> frames.Rounds:
    return frames.Rounds(began_at=room.round_began_at, ends_at=room.round_ends_at)
