"""The thread that commits: what arrives while a commit runs goes into the next one, together."""

import asyncio
import logging
import queue
import threading
import time
from concurrent.futures import Future
from typing import Any

from django.db import InterfaceError, OperationalError, connection, transaction

from arena.errors import LogBusy
from arena.events import live_room, statements
from arena.events.decisions import Appended, Decide, Decision, Draft
from arena.events.live_room import LiveRoom
from arena.events.read_guard import ReadGuard
from arena.events.unit import Pending, Unit, Waiting, answer_all
from arena.models import Room, Timer

log = logging.getLogger(__name__)

#: Appends that may wait at once, and how many of them one commit takes.
QUEUE_LIMIT = 5_000
BATCH_LIMIT = 400
#: Rooms that are kept in memory, a few kilobytes each.
ROOMS_KEPT = 10_000
#: Waits between attempts while the database is away; then the caller hears `log.busy`.
RETRY_WAITS_S = (0.05, 0.2, 0.5, 1.0, 2.0)


async def append(
    room_id: int,
    decide: Decide,
    *,
    seat: str = "",
    command_id: str | None = None,
    timers: tuple[Timer, ...] = (),
) -> Appended:
    """Append what `decide` says to a room's log; return once it is committed.

    The same `(seat, command_id)` again is answered with the first answer and stores nothing.
    `timers` are those whose state the decision asks its room for.
    """
    future: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
    _put(room_id, decide, future, seat=seat, command_id=command_id, timers=timers)
    return await future


def append_now(
    room_id: int,
    decide: Decide,
    *,
    seat: str = "",
    command_id: str | None = None,
    timers: tuple[Timer, ...] = (),
) -> Appended:
    """`append` for code that runs in a thread of its own (views, commands)."""
    future: Future[Appended] = Future()
    _put(room_id, decide, future, seat=seat, command_id=command_id, timers=timers)
    return future.result()


def _put(room_id: int, decide: Decide, future: Waiting, **named: Any) -> None:
    """Have the writer take an append, for whoever waits."""
    _writer.put(Pending(room_id=room_id, decide=decide, future=future, **named))


def open_room(room: Room, first: Draft) -> None:
    """Write the first event of a room that the caller's transaction has just created.

    The room was made when its log begins.
    """
    opened = live_room.new(room)
    unit = Unit(rooms={room.id: opened}, repeats={}, now=room.created_at)
    unit.store(opened, Decision(events=(first,)), at=unit.now)
    unit.save()


def stop() -> None:
    """Commit what is queued, then end this process's writer and close its connection."""
    _writer.stop()


class Writer:
    """The thread that commits. It starts with the first append."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Pending | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._rooms: dict[int, LiveRoom] = {}  # those last written to; the oldest first

    def put(self, pending: Pending) -> None:
        if self._queue.qsize() >= QUEUE_LIMIT:
            raise LogBusy
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log", daemon=True)
                self._thread.start()
            self._queue.put(pending)

    def stop(self) -> None:
        # Whoever appends meanwhile waits, and gets a thread that is not told to end.
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._queue.put(None)
                thread.join()

    def _run(self) -> None:
        try:
            while True:
                batch, stopping = self._take()
                self._settle(batch)
                if stopping:
                    return
        finally:
            connection.close()

    def _take(self) -> tuple[list[Pending], bool]:
        """Wait for an append and take all that came with it; None in the queue asks to end."""
        found = [self._queue.get()]
        while found[-1] is not None and len(found) < BATCH_LIMIT and not self._queue.empty():
            found.append(self._queue.get())
        # A caller that left before its turn is dropped here.
        batch = [each for each in found if each is not None and not each.future.cancelled()]
        return batch, found[-1] is None

    def _settle(self, batch: list[Pending]) -> None:
        """Commit a batch; if it fails, each alone, so that a bad append does not fail the rest."""
        try:
            if batch:
                self._commit_patiently(batch)
        except (OperationalError, InterfaceError):
            answer_all([(pending, LogBusy()) for pending in batch])
        except Exception as error:
            if len(batch) > 1:
                for pending in batch:
                    self._settle([pending])
                return
            log.exception("An append to room %s failed", batch[0].room_id)
            answer_all([(batch[0], error)])

    def _commit_patiently(self, batch: list[Pending]) -> None:
        """Commit, waiting out a database that is away. Commands are idempotent."""
        for wait_s in (*RETRY_WAITS_S, None):
            try:
                unit = self.commit(batch)
            except (OperationalError, InterfaceError) as error:
                connection.close()
                if wait_s is None:
                    raise
                log.warning("The database did not take a commit (%s); trying again", error)
                time.sleep(wait_s)
            else:
                unit.answer()
                return

    def commit(self, batch: list[Pending]) -> Unit:
        """Decide and store a batch in one transaction."""
        ids = sorted({pending.room_id for pending in batch})
        try:
            with transaction.atomic():
                versions = statements.lock_rooms(ids)
                unit = Unit(rooms={}, repeats=_repeats(batch))
                unit.rooms = self._rooms_at(versions, reads=unit.guard)
                _name_timers(batch, unit.rooms)
                unit.apply(batch)
                unit.save()
        except BaseException:
            # What they have taken in is not in the database.
            for id in ids:
                self._rooms.pop(id, None)
            raise
        return unit

    def _rooms_at(self, versions: dict[int, int], *, reads: ReadGuard) -> dict[int, LiveRoom]:
        """Rooms as their logs have them; kept ones are renewed where others wrote since."""
        kept = {id: room for id in versions if (room := self._rooms.pop(id, None)) is not None}
        live_room.renew([room for id, room in kept.items() if room.version != versions[id]])
        rooms = {id: kept.get(id) or live_room.read(id) for id in versions}
        for room in rooms.values():
            room.begin(reads)
        self._rooms |= rooms  # the newest last
        while len(self._rooms) > ROOMS_KEPT:
            del self._rooms[next(iter(self._rooms))]
        return rooms


_writer = Writer()


def _repeats(batch: list[Pending]) -> dict[tuple[int, str, str], str]:
    """The stored answers to those commands of a batch that were stored before."""
    return statements.answered(
        [
            (pending.room_id, pending.seat, pending.command_id)
            for pending in batch
            if pending.command_id is not None
        ]
    )


def _name_timers(batch: list[Pending], rooms: dict[int, LiveRoom]) -> None:
    """Tell each room the state of the timers that its decisions ask about."""
    ids = sorted({timer.id for pending in batch for timer in pending.timers})
    if not ids:
        return
    found = live_room.named_timers(ids, lock=True)
    for pending in batch:
        for timer in pending.timers:
            rooms[pending.room_id].timers[timer.id] = found[timer.id]
