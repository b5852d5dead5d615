"""The socket of a seat: frames in are commands, rings make it read the log and send what is new.

A plain ASGI application under Channels' router: the generic consumers hop through a shared thread
for every frame, which lets one slow query hold up every room.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.http.request import split_domain_port, validate_host

from arena import broadcast, clock, database, queries, services
from arena.errors import ArenaError, EventUnknown, LogBusy, SeatClaimed, SeatUnknown
from arena.live.group_reads import reader
from arena.models import Event, Room, Seat
from arena.protocol import commands, frames
from arena.protocol.commands import Command
from arena.protocol.frames import Frame
from arena.rules import EventKind, Format, Phase, SeatName
from arena.services import playing

log = logging.getLogger(__name__)

#: Frames that may wait to be worked on; more is a flood. Beyond the burst they are worked on at
#: the rate below, so an eager client is slowed down and not cut off.
INBOX_LIMIT = 400
BURST = 300
PER_SECOND = 100
RETRY_S = 0.5
_PHASE_EVENTS = frozenset(
    {
        EventKind.STARTED,
        EventKind.PAUSED,
        EventKind.RESUMED,
        EventKind.TIME_UP,
        EventKind.ENDED,
        EventKind.ROUND,
    }
)

Send = Callable[[dict[str, Any]], Awaitable[None]]


class SocketClosed(Exception):
    """The other side is gone."""


class RoomConsumer:
    """One socket of one seat, from handshake to close."""

    def __init__(self, *, code: str) -> None:
        self.code = code

    @classmethod
    def as_asgi(cls) -> Callable[..., Awaitable[None]]:
        async def application(scope: dict[str, Any], receive: Any, send: Send) -> None:
            await cls(code=scope["url_route"]["kwargs"]["code"])(scope, receive, send)

        return application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        await receive()  # websocket.connect
        seat = await self._seat(scope)
        if seat is None:
            await send({"type": "websocket.close", "code": 4403})  # before accept: HTTP 403
            return
        await send({"type": "websocket.accept"})
        await _Session(seat, send).run(receive)

    async def _seat(self, scope: dict[str, Any]) -> Seat | None:
        """The seat this handshake may take, by header or, from our own pages, by cookie."""
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        if origin is not None and not _is_ours(origin.decode("latin-1"), headers):
            return None
        scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        try:
            if scheme.lower() == "seat":
                return await database.run(services.seat_by_token, self.code, token.strip())
            if origin is None:
                return None  # A cookie counts only from a page of ours.
            secret = scope["cookies"].get(f"seat-{self.code}")
            return await database.run(services.seat_for, self.code, secret)
        except (SeatUnknown, SeatClaimed):
            return None
        except (LogBusy, DatabaseError) as error:
            log.warning("A handshake for room %s could not be served: %s", self.code, error)
            return None


def _is_ours(origin: str, headers: dict[bytes, bytes]) -> bool:
    """Whether a browser's Origin is this site: the host it asked for, or the public URL."""
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    host = headers.get(b"host", b"").decode("latin-1")
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    known = validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
    return known and parts.scheme in {"http", "https"} and parts.netloc == host


class _Session:
    """The conversation with one client: two tasks, one for each direction."""

    def __init__(self, seat: Seat, send: Send) -> None:
        self.seat = seat
        self._sight = queries.Sight(kinds=frozenset())  # until it has synced
        self._send_raw = send
        self._bell = asyncio.Event()
        self._inbox: asyncio.Queue[str | bytes] = asyncio.Queue(INBOX_LIMIT)
        self._seen: int | None = None  # seq up to which this client has everything it may see
        self._tokens, self._refilled_at = float(BURST), time.monotonic()

    async def run(self, receive: Any) -> None:
        with broadcast.hub.listening(self.seat.room_id, self._bell):
            workers = [asyncio.create_task(self._work()), asyncio.create_task(self._pump())]
            reading = asyncio.create_task(self._read(receive))
            try:
                await asyncio.wait([reading, *workers], return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (reading, *workers):
                    task.cancel()
                ends = await asyncio.gather(reading, *workers, return_exceptions=True)
        for end in ends:
            if isinstance(end, Exception) and not isinstance(end, SocketClosed):
                log.error("A socket of room %s failed", self.seat.room_id, exc_info=end)
                await self._close(1011)

    async def _read(self, receive: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            try:
                self._inbox.put_nowait(text if text is not None else message.get("bytes") or b"")
            except asyncio.QueueFull:
                log.warning("A client flooded room %s", self.seat.room_id)
                await self._close(1008)
                return

    async def _close(self, code: int) -> None:
        with contextlib.suppress(Exception):  # the socket may be gone already
            await self._send_raw({"type": "websocket.close", "code": code})

    async def _send(self, frame: Frame) -> None:
        try:
            await self._send_raw({"type": "websocket.send", "text": frames.encode(frame)})
        except (RuntimeError, OSError) as error:
            raise SocketClosed from error

    # Commands

    async def _work(self) -> None:
        while True:
            frame = await self._inbox.get()
            await self._throttle()
            client_id = None
            try:
                command = commands.parse(frame)
                client_id = getattr(command, "id", None)
                await self._do(command)
            except commands.ProtocolError as error:
                await self._send(frames.error(error.re, error.code, str(error)))
            except ArenaError as error:
                await self._send(frames.error(client_id, error.code, str(error)))
                if isinstance(error, SeatUnknown):
                    await self._close(1008)
                    raise SocketClosed from error
            except SocketClosed:
                raise
            except Exception as error:
                away = isinstance(error, DatabaseError)
                log.warning(
                    "A command in room %s failed: %r", self.seat.room_id, error, exc_info=not away
                )
                busy = LogBusy()
                await self._send(frames.error(client_id, busy.code, str(busy)))

    async def _throttle(self) -> None:
        now = time.monotonic()
        self._tokens = min(BURST, self._tokens + (now - self._refilled_at) * PER_SECOND)
        self._refilled_at = now
        self._tokens -= 1
        if self._tokens < 0:
            await asyncio.sleep(-self._tokens / PER_SECOND)

    async def _do(self, command: Command) -> None:
        match command:
            case commands.Ping():
                await self._send(frames.pong(clock.now()))
            case commands.Sync():
                await self._sync(command.after)
            case commands.History():
                await self._history(command)
            case _:
                stored = await _store(self.seat, command)
                await self._send(frames.ack(command.id, stored))

    async def _sync(self, after: str | None) -> None:
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
        standing = await database.run(queries.seat_status, self.seat)
        if not standing.is_claim_current:
            raise SeatUnknown
        await self._send(self._room_frame(standing))
        await self._send_events(page.events)
        await self._send(frames.synced(page.earlier))
        if standing.over:
            await self._send_end(standing)
        self._seen = page.upto
        self._bell.set()

    async def _history(self, command: commands.History) -> None:
        page = await database.run(
            queries.before, self.seat, event=command.before, limit=command.limit
        )
        if page is None:
            raise EventUnknown(command.before)
        await self._send_events(page.events)
        await self._send(frames.synced(page.earlier))

    # News

    async def _pump(self) -> None:
        """At every ring, send what is new. A slow client is simply read for less often."""
        while True:
            await self._bell.wait()
            self._bell.clear()
            seen = self._seen
            if seen is None:
                continue
            try:
                events = await reader.after(self.seat.room_id, seen)
            except DatabaseError as error:
                log.warning("The log of room %s cannot be read (%s)", self.seat.room_id, error)
                await asyncio.sleep(RETRY_S)
                self._bell.set()
                continue
            if not events or self._seen != seen:
                continue
            self._seen = events[-1].seq
            await self._send_news(events)

    async def _send_news(self, events: list[Event]) -> None:
        if any(self._may_be_revoked_by(event) for event in events) and not await self._is_held():
            await self._close(1008)
            raise SocketClosed
        await self._send_events([event for event in events if self._sight.sees(event)])
        kinds = {event.kind for event in events}
        if not kinds & _PHASE_EVENTS:
            return
        standing = await database.run(queries.seat_status, self.seat)
        if standing.stood_down and EventKind.STARTED not in kinds:
            return  # This seat's part ended when the room went live.
        await self._send(self._room_frame(standing))
        if standing.over:
            await self._send_end(standing)

    def _may_be_revoked_by(self, event: Event) -> bool:
        """Whether an event gave this seat to another browser, which may be the one at this end."""
        return event.kind == EventKind.CLAIMED and event.seat == self.seat.actor

    async def _is_held(self) -> bool:
        return (await database.run(queries.seat_status, self.seat)).is_claim_current

    async def _send_events(self, events: list[Event]) -> None:
        for event in events:
            if event.body is not None or event.kind in (EventKind.MESSAGE, EventKind.HELD):
                await self._send(self._event_frame(event))

    def _event_frame(self, event: Event) -> Frame:
        body = event.data or {"text": queries.ERASED}
        return frames.event(
            id=event.public_id,
            at=event.at,
            kind=EventKind(event.kind),
            mine=event.seat == self.seat.actor,
            body=body,
            pane=event.pane or None if self.seat.is_interrogator else None,
        )

    def _room_frame(self, standing: queries.SeatStatus) -> Frame:
        room, design, lobby = standing.room, standing.design, None
        if room.phase == Phase.LOBBY:
            lobby = frames.Lobby(
                consent=design.consent, consent_sha256=room.consent_sha256, ready=standing.ready
            )
        return frames.room(
            seat=SeatName(self.seat.name),
            format=Format(design.format),
            phase=Phase.ENDED if standing.stood_down else Phase(room.phase),
            started_at=room.started_at,
            ends_at=room.ends_at,
            now=clock.now(),
            message_chars=design.message_chars,
            lobby=lobby,
            rounds=_rounds(room) if design.rounds_s else None,
        )

    async def _send_end(self, standing: queries.SeatStatus) -> None:
        room = standing.room
        if standing.stood_down:
            await self._send(frames.ended("stood_down"))
            return
        await self._send(frames.ended(room.end_reason))
        if await database.run(queries.may_know, self.seat, room):
            human = await database.run(queries.human, room)
            await self._send(frames.reveal(human, queries.opened_seal(room)))


def _rounds(room: Room) -> frames.Rounds:
    return frames.Rounds(began_at=room.round_began_at, ends_at=room.round_ends_at)


async def _store(seat: Seat, command: Any) -> str:
    """Carry out a command that is stored; return the id of the event that answers it."""
    client_id = f"c:{command.id}"  # apart from the ids that the server itself gives
    match command:
        case commands.Say():
            done = await playing.say(
                seat, command_id=client_id, text=command.text, pane=command.pane
            )
        case commands.Belief():
            done = await playing.belief(seat, command_id=client_id, p=command.p)
        case commands.Tag():
            done = await playing.tag(
                seat, command_id=client_id, event=command.event, strategies=command.strategies
            )
        case commands.Verdict():
            done = await playing.verdict(
                seat,
                command_id=client_id,
                human=command.human,
                confidence=command.confidence,
                reason=command.reason,
            )
        case commands.Ready():
            done = await playing.ready(seat, command_id=client_id, consent=command.consent)
        case commands.Leave():
            done = await playing.leave(seat, command_id=client_id)
        case _:
            raise TypeError(f"{command!r} is not a command that is stored")
    return done.event
