"""Group reads: what all sockets of this process want of the log, in one query at a time.

The counterpart of the group commit. While one query runs, the wishes that arrive wait for the
next; sockets of the same room share its rows.
"""

import asyncio

from arena import database, queries
from arena.models import Event


class Reader:
    """Reads events past a place, for many sockets together."""

    def __init__(self) -> None:
        self._wishes: dict[int, list[tuple[int, asyncio.Future[list[Event]]]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def after(self, room_id: int, seq: int) -> list[Event]:
        """The events of a room with a larger seq, oldest first."""
        future: asyncio.Future[list[Event]] = asyncio.get_running_loop().create_future()
        self._wishes.setdefault(room_id, []).append((seq, future))
        if self._task is None:
            self._task = asyncio.create_task(self._read())
        return await future

    async def _read(self) -> None:
        try:
            await self._read_all()
        finally:
            self._task = None

    async def _read_all(self) -> None:
        while self._wishes:
            wishes, self._wishes = self._wishes, {}
            wanted = {room: min(seq for seq, _ in waiting) for room, waiting in wishes.items()}
            try:
                found = await database.run(queries.events_after, wanted)
            except Exception as error:
                _fail(wishes, error)
            else:
                _serve(wishes, found)


def _serve(
    wishes: dict[int, list[tuple[int, "asyncio.Future[list[Event]]"]]],
    found: dict[int, list[Event]],
) -> None:
    for room_id, waiting in wishes.items():
        for seq, future in waiting:
            if not future.done():
                future.set_result([event for event in found[room_id] if event.seq > seq])


def _fail(
    wishes: dict[int, list[tuple[int, "asyncio.Future[list[Event]]"]]], error: Exception
) -> None:
    for waiting in wishes.values():
        for _, future in waiting:
            if not future.done():
                future.set_exception(error)


reader = Reader()
