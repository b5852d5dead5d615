"""The socket of a seat: frames in are commands, rings make it read the log and send what is new.

A plain ASGI application under Channels' router: the generic consumers hop through a shared thread
for every frame, which lets one slow query hold up every room.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.http.request import split_domain_port, validate_host

from arena import broadcast, database, services
from arena.errors import AgentRefused, ArenaError, LogBusy, SeatClaimed, SeatCrowded, SeatUnknown
from arena.live.incoming import Incoming
from arena.live.line import Line, Send
from arena.live.outgoing import Outgoing
from arena.models import Seat
from arena.protocol import frames

log = logging.getLogger(__name__)


#: Sockets of one seat that a process serves at once: windows and reconnects, not a crowd.
MOST_OF_A_SEAT = 8
#: Close codes: the seat is not this browser's any more; it has newer sockets enough; come later.
NOT_YOURS, CROWDED, LATER = 4403, 4409, 1013


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
        line = Line(send)
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        is_script = scheme.lower() == "seat"
        agent = headers.get(b"agent")
        # A cookie counts only from a page of ours.
        secret = None if origin is None else scope["cookies"].get(f"seat-{self.code}")
        is_foreign = origin is not None and not _is_ours(origin.decode("latin-1"), headers)
        if is_foreign or (origin is None and not is_script):
            await send(_REFUSAL)
            return
        try:
            if is_script:
                named = None if agent is None else agent.decode("latin-1").strip()
                seat = await database.run(
                    services.seat_by_token, self.code, token.strip(), agent=named
                )
            else:
                seat = await database.run(services.seat_for, self.code, secret)
        except AgentRefused as error:  # in words: its program is being written
            await send(_ACCEPTANCE)
            await _turn_away(line, error, NOT_YOURS)
        except (SeatUnknown, SeatClaimed) as error:
            if is_script:
                await send(_REFUSAL)
                return
            await send(_ACCEPTANCE)
            await _turn_away(line, error, NOT_YOURS)
        except (LogBusy, DatabaseError) as error:
            log.warning("A handshake for room %s could not be served: %s", self.code, error)
            await send(_ACCEPTANCE)
            await _turn_away(line, LogBusy(), LATER)
        else:
            await send(_ACCEPTANCE)
            await _converse(seat, receive, line)


_ACCEPTANCE = {"type": "websocket.accept"}
#: Before the acceptance, which a client sees as HTTP 403. A script reads that; a browser's page
#: cannot, so a page that had a seat is let in and told.
_REFUSAL = {"type": "websocket.close", "code": NOT_YOURS}


async def _turn_away(line: Line, error: ArenaError, code: int) -> None:
    line.push(frames.encode(frames.error(None, error.code, str(error))))
    await line.close(code)


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


#: The lines of each seat that has sockets here, the oldest first.
_lines: dict[int, list[Line]] = {}
#: Those that are being closed, which takes a while where nobody reads.
_closing: set[asyncio.Task[None]] = set()


@contextlib.asynccontextmanager
async def _among_those_of(seat: Seat, line: Line) -> AsyncIterator[None]:
    """Count a line among those of its seat, of which the newest stay."""
    lines = _lines.setdefault(seat.id, [])
    lines.append(line)
    try:
        if len(lines) > MOST_OF_A_SEAT:
            away = _turn_away(lines.pop(0), SeatCrowded(MOST_OF_A_SEAT), CROWDED)
            _closing.add(task := asyncio.create_task(away))
            task.add_done_callback(_closing.discard)
        yield
    finally:
        if line in lines:
            lines.remove(line)
        if not lines:
            _lines.pop(seat.id, None)
        line.end()


async def _converse(seat: Seat, receive: Any, line: Line) -> None:
    """Take frames in, work on them and send news, until one of the three comes to its end."""
    outgoing = Outgoing(seat, line)
    incoming = Incoming(seat, outgoing)
    hears = broadcast.hub.listening(seat.room_id, outgoing.bell, hear=outgoing.hear)
    async with _among_those_of(seat, line):
        with hears:
            workers = [asyncio.create_task(incoming.work()), asyncio.create_task(outgoing.pump())]
            reading = asyncio.create_task(incoming.read(receive))
            try:
                await asyncio.wait([reading, *workers], return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (reading, *workers):
                    task.cancel()
                ends = await asyncio.gather(reading, *workers, return_exceptions=True)
        for end in ends:
            if isinstance(end, SeatUnknown):
                await _turn_away(line, end, NOT_YOURS)
            elif isinstance(end, Exception):
                log.error("A socket of room %s failed", seat.room_id, exc_info=end)
                await line.close(1011)
