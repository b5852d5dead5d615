"""The thread that commits: what arrives while a commit runs goes into the next one, together."""

import asyncio
import logging
import queue
import threading
import time

from django.db import InterfaceError, OperationalError, connection, transaction

from arena import clock
from arena.errors import LogBusy
from arena.events.decisions import Appended, Decide, Decision, Draft
from arena.events.unit import Pending, Unit
from arena.models import Room

log = logging.getLogger(__name__)

#: Appends that may wait at once, and how many of them one commit takes.
QUEUE_LIMIT = 5_000
BATCH_LIMIT = 400
#: Waits between attempts while the database is away; then the caller hears `log.busy`.
RETRY_WAITS_S = (0.05, 0.2, 0.5, 1.0, 2.0)


async def append(
    room_id: int,
    decide: Decide,
    *,
    seat: str = "",
    command_id: str | None = None,
) -> Appended:
    """Append what `decide` says to a room's log; return once it is committed.

    The same `(seat, command_id)` again is answered with the first answer and stores nothing.
    """
    pending = Pending(room_id=room_id, decide=decide, seat=seat, command_id=command_id)
    _writer.put(pending)
    return await asyncio.wrap_future(pending.future)


def append_now(
    room_id: int, decide: Decide, *, seat: str = "", command_id: str | None = None
) -> Appended:
    """`append` for code that runs in a thread of its own (views, commands)."""
    pending = Pending(room_id=room_id, decide=decide, seat=seat, command_id=command_id)
    _writer.put(pending)
    return pending.future.result()


def open_room(room: Room, first: Draft) -> None:
    """Write the first event of a room that the caller's transaction has just created."""
    unit = Unit({room.id: room}, {})
    unit.store(Pending.none(room.id), Decision(events=(first,)), clock.now())
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

    def put(self, pending: Pending) -> None:
        if self._queue.qsize() >= QUEUE_LIMIT:
            raise LogBusy
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log", daemon=True)
                self._thread.start()
            self._queue.put(pending)

    def stop(self) -> None:
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._queue.put(None)
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        try:
            while True:
                batch, stopping = self._take()
                _settle(batch)
                if stopping:
                    return
        finally:
            connection.close()

    def _take(self) -> tuple[list[Pending], bool]:
        """Wait for an append and take all that came with it; None in the queue asks to end."""
        found = [self._queue.get()]
        while found[-1] is not None and len(found) < BATCH_LIMIT and not self._queue.empty():
            found.append(self._queue.get())
        # A caller that left before its turn is dropped here; from now on none can leave.
        batch = [
            pending
            for pending in found
            if pending is not None and pending.future.set_running_or_notify_cancel()
        ]
        return batch, found[-1] is None


_writer = Writer()


def _settle(batch: list[Pending]) -> None:
    """Commit a batch; if it fails, each alone, so that one bad append does not fail the others."""
    try:
        if batch:
            _commit_patiently(batch)
    except (OperationalError, InterfaceError):
        for pending in batch:
            pending.future.set_exception(LogBusy())
    except Exception as error:
        if len(batch) > 1:
            for pending in batch:
                _settle([pending])
            return
        log.exception("An append to room %s failed", batch[0].room_id)
        batch[0].future.set_exception(error)


def _commit_patiently(batch: list[Pending]) -> None:
    """Commit, waiting out a database that is away. Repeats are safe: commands are idempotent."""
    for wait_s in (*RETRY_WAITS_S, None):
        try:
            unit = _commit(batch)
        except (OperationalError, InterfaceError) as error:
            connection.close()
            if wait_s is None:
                raise
            log.warning("The database did not take a commit (%s); trying again", error)
            time.sleep(wait_s)
        else:
            unit.answer()
            return


def _commit(batch: list[Pending]) -> Unit:
    ids = sorted({pending.room_id for pending in batch})
    with transaction.atomic():
        # Locking in id order keeps several writing processes free of deadlocks.
        rooms = Room.objects.select_for_update().filter(id__in=ids).order_by("id")
        unit = Unit({room.id: room for room in rooms}, _repeats(batch))
        for pending in batch:
            unit.apply(pending)
        unit.save()
    return unit


def _repeats(batch: list[Pending]) -> dict[tuple[int, str, str | None], str]:
    """The stored answers to those commands of a batch that were stored before."""
    named = [pending for pending in batch if pending.command_id is not None]
    if not named:
        return {}
    # A join finds each by the unique index; IN lists would read through every event of the rooms.
    wanted = ", ".join(f"({int(pending.room_id)}, %s, %s)" for pending in named)
    params = [part for pending in named for part in (pending.seat, pending.command_id)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH want(room_id, seat, command_id) AS (VALUES {wanted}) "
            "SELECT e.room_id, e.seat, e.command_id, e.public_id FROM want JOIN arena_event e "
            "ON e.room_id = want.room_id AND e.seat = want.seat AND e.command_id = want.command_id",
            params,
        )
        rows = cursor.fetchall()
    return {(room, seat, command): public for room, seat, command, public in rows}
