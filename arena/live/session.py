"""The socket of a seat: frames in are commands, rings make it read the log and send what is new.

A plain ASGI application under Channels' router: the generic consumers hop through a shared thread
for every frame, which lets one slow query hold up every room.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.http.request import split_domain_port, validate_host

from arena import broadcast, database, services
from arena.errors import LogBusy, SeatClaimed, SeatUnknown
from arena.live.incoming import Incoming
from arena.live.outgoing import Outgoing, Send, SocketClosed
from arena.models import Seat
from arena.protocol import frames

log = logging.getLogger(__name__)

#: The close code that tells a page that its browser does not hold the seat: it need not try again.
NO_SEAT = 4403


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
        try:
            seat = await self._seat(scope)
        except SeatUnknown as error:
            await _turn_away(send, error)
            return
        if seat is None:
            await send({"type": "websocket.close", "code": NO_SEAT})  # before accept: HTTP 403
            return
        await send({"type": "websocket.accept"})
        await _converse(seat, receive, send)

    async def _seat(self, scope: dict[str, Any]) -> Seat | None:
        """The seat this handshake may take, by header or, from our own pages, by cookie.

        None refuses it; SeatUnknown, the page of a browser that does not hold the seat (any more).
        """
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        if origin is not None and not _is_ours(origin.decode("latin-1"), headers):
            return None
        scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        try:
            if scheme.lower() == "seat":
                return await self._seat_by_token(token.strip())
            if origin is None:
                return None  # A cookie counts only from a page of ours.
            secret = scope["cookies"].get(f"seat-{self.code}")
            return await database.run(services.seat_for, self.code, secret)
        except (LogBusy, DatabaseError) as error:
            log.warning("A handshake for room %s could not be served: %s", self.code, error)
            return None

    async def _seat_by_token(self, token: str) -> Seat | None:
        try:
            return await database.run(services.seat_by_token, self.code, token)
        except (SeatUnknown, SeatClaimed):
            return None


async def _turn_away(send: Send, error: SeatUnknown) -> None:
    """Say that the seat is not here: scripts of pages are told nothing of a refused handshake."""
    await send({"type": "websocket.accept"})
    text = frames.encode(frames.error(None, error.code, str(error)))
    await send({"type": "websocket.send", "text": text})
    await send({"type": "websocket.close", "code": NO_SEAT})


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


async def _converse(seat: Seat, receive: Any, send: Send) -> None:
    """Take frames in, work on them and send news, until one of the three comes to its end."""
    outgoing = Outgoing(seat, send)
    incoming = Incoming(seat, outgoing)
    with broadcast.hub.listening(seat.room_id, outgoing.bell):
        workers = [asyncio.create_task(incoming.work()), asyncio.create_task(outgoing.pump())]
        reading = asyncio.create_task(incoming.read(receive))
        try:
            await asyncio.wait([reading, *workers], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reading, *workers):
                task.cancel()
            ends = await asyncio.gather(reading, *workers, return_exceptions=True)
    for end in ends:
        if isinstance(end, Exception) and not isinstance(end, SocketClosed):
            log.error("A socket of room %s failed", seat.room_id, exc_info=end)
            await outgoing.close(1011)
