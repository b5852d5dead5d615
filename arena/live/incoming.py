"""What comes in from a client: frames, carried out in turn and at a bounded rate."""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError

from arena import clock
from arena.errors import ArenaError, LogBusy, SeatUnknown
from arena.live.grain import OnGrain, left_s
from arena.live.outgoing import Outgoing
from arena.models import Seat
from arena.protocol import commands, frames
from arena.protocol.commands import Command
from arena.protocol.fields import ProtocolError
from arena.services import playing

log = logging.getLogger(__name__)

#: Frames that may wait to be worked on; more is a flood. Beyond the burst they are worked on at
#: the rate below, so an eager client is slowed down and not cut off.
INBOX_LIMIT = 400
BURST = 300
PER_SECOND = 100


class Incoming:
    """The frames of a seat's client: those that wait, and the one that is carried out."""

    def __init__(self, seat: Seat, outgoing: Outgoing) -> None:
        self.seat = seat
        self._outgoing = outgoing
        self._inbox: asyncio.Queue[str | bytes] = asyncio.Queue(INBOX_LIMIT)
        self._tokens, self._refilled_at = float(BURST), time.monotonic()
        self._pongs: OnGrain[dt.datetime] = OnGrain(self._pong)

    async def read(self, receive: Any) -> None:
        """Take frames in until the client is gone, or floods."""
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            try:
                self._inbox.put_nowait(text if text is not None else message.get("bytes") or b"")
            except asyncio.QueueFull:
                log.warning("A client flooded room %s", self.seat.room_id)
                await self._outgoing.line.close(1008)
                return

    async def work(self) -> None:
        """Carry out what came in, and answer it; not before the client has read what came first."""
        while True:
            frame = await self._inbox.get()
            await self._throttle()
            await self._outgoing.line.room()
            client_id = None
            try:
                command = commands.parse(frame)
                client_id = getattr(command, "id", None)
                await self._do(command)
            except ProtocolError as error:
                self._outgoing.send(frames.error(error.re, error.code, str(error)))
            except SeatUnknown:
                raise
            except ArenaError as error:
                self._outgoing.send(frames.error(client_id, error.code, str(error)))
            except Exception as error:
                away = isinstance(error, DatabaseError)
                log.warning(
                    "A command in room %s failed: %r", self.seat.room_id, error, exc_info=not away
                )
                busy = LogBusy()
                self._outgoing.send(frames.error(client_id, busy.code, str(busy)))

    def _pong(self, moments: Sequence[dt.datetime]) -> None:
        """Answer pings; the time told is that of the grain, and not when this was got to."""
        for _ in moments:
            self._outgoing.send(frames.pong(moments[0]))

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
                wait_s = left_s(asyncio.get_running_loop().time())
                self._pongs.put(clock.now() + clock.simulated(dt.timedelta(seconds=wait_s)))
            case commands.Sync():
                await self._outgoing.sync(command.after)
            case commands.History():
                await self._outgoing.history(command)
            case _:
                self._outgoing.await_ack(command.id)
                try:
                    done = await playing.carry_out(self.seat, command)
                except BaseException:
                    self._outgoing.await_ack("")
                    raise
                self._outgoing.acknowledge(done.event)
