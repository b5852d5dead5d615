"""Group reads: one query at a time reads the log for all sockets of this process.

The counterpart of the group commit. Requests that arrive while a query runs wait for the next one;
sockets of the same room share its rows.
"""

import asyncio

from arena import database, events
from arena.events import LogEntry

_Waiting = dict[int, list[tuple[int, asyncio.Future[list[LogEntry]]]]]


class Reader:
    """Reads events after a seq, for many sockets together."""

    def __init__(self) -> None:
        self._requests: _Waiting = {}
        self._task: asyncio.Task[None] | None = None

    async def after(self, room_id: int, seq: int) -> list[LogEntry]:
        """The events of a room with a larger seq, oldest first."""
        future: asyncio.Future[list[LogEntry]] = asyncio.get_running_loop().create_future()
        self._requests.setdefault(room_id, []).append((seq, future))
        if self._task is None:
            self._task = asyncio.create_task(self._read())
        return await future

    async def _read(self) -> None:
        try:
            await self._read_all()
        finally:
            self._task = None

    async def _read_all(self) -> None:
        while self._requests:
            requests, self._requests = self._requests, {}
            wanted = {room: min(seq for seq, _ in waiting) for room, waiting in requests.items()}
            try:
                found = await database.run(events.after, wanted)
            except Exception as error:
                _fail(requests, error)
            else:
                _serve(requests, found)


def _serve(requests: _Waiting, found: dict[int, list[LogEntry]]) -> None:
    for room_id, waiting in requests.items():
        for seq, future in waiting:
            if not future.done():
                future.set_result([event for event in found[room_id] if event.seq > seq])


def _fail(requests: _Waiting, error: Exception) -> None:
    for waiting in requests.values():
        for _, future in waiting:
            if not future.done():
                future.set_exception(error)


reader = Reader()
