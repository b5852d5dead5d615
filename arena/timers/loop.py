"""The loop that carries out future acts: due rows of `Timer`, each held under a lease.

Any number of loops may run. A lease moves `wake_at` to its own end, so a row whose owner died is
leased again; the act itself is idempotent, because it settles the row in the commit of its effect.
Timers that may wait for a model have a concurrency limit of their own, so a room's deadlines never
queue behind them.
"""

import asyncio
import datetime as dt
import logging
import random
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection, transaction

from arena import broadcast, clock, database
from arena.errors import LogBusy
from arena.event_kinds import GaveUp
from arena.events import Decision, Draft, LiveRoom, append
from arena.models import Timer
from arena.rules import TimerKind
from arena.timers import catch_up, overdue, reconnecting
from arena.timers.rows import Handler

log = logging.getLogger(__name__)

#: How long a lease lasts unless prolonged. Leases and retries are real time in rehearsals too.
LEASE = dt.timedelta(seconds=10)
#: Rows leased at once, and handlers of each lane that a loop runs at once. How many calls a
#: provider has at once is for the machines' profiles to say.
LEASE_LIMIT = 200
QUICK_LIMIT = 200
SLOW_LIMIT = 5_000
FEW_PLACES = 32
#: A loop looks for due rows no more often than this, so that under load it finds several at once.
ROUND_S = 0.01
#: The longest sleep: timers made by processes that cannot ring are found by this poll.
POLL_S = 1.0
#: The sleep of a loop when everything due is leased by other loops.
CONTENDED_S = 0.02
MAX_ATTEMPTS = 12
#: How often a row is leased at most if its handler neither ends nor fails: it kills its process.
MAX_LEASES = 60
MAX_BACKOFF_S = 300.0

#: Timers that ask a model or a mail server, unless their text is prepared.
SLOW = frozenset({TimerKind.REPLY, TimerKind.INITIATIVE, TimerKind.MEMORY, TimerKind.REMINDER})


class Loop:
    """Runs due timers of every kind it has a handler for until cancelled.

    `quick` and `slow` are how many handlers of each lane run at once; none leaves the lane to
    other processes. `down_s` is for how long (s) nobody served the sockets of this process before
    it; None where it has none.
    """

    def __init__(
        self,
        handlers: dict[TimerKind, Handler],
        *,
        rng: random.Random | None = None,
        free_at: catch_up.FreeAt = catch_up.at_any_time,
        quick: int = QUICK_LIMIT,
        slow: int = SLOW_LIMIT,
        down_s: float | None = None,
    ) -> None:
        self._handlers = handlers
        self._has_sockets, self._down_s = down_s is not None, down_s or 0.0
        self._looked_at: float | None = None  # when a round last began, on the steady clock
        self._most_quick, self._most_slow = quick, slow
        self._rng, self._free_at = rng or random.Random(), free_at
        self._wake = asyncio.Event()
        self._quick: set[asyncio.Task[None]] = set()
        self._slow: set[asyncio.Task[None]] = set()
        self._held: dict[int, Timer] = {}  # by the object: what runs here, under a lease
        self._sleep: asyncio.Timeout | None = None
        self._seen_at: dt.datetime | None = None  # when a round last reached the database

    async def run(self) -> None:
        with broadcast.hub.listening(broadcast.TIMERS, self._wake, hear=self._hear):
            leases = asyncio.create_task(self._keep_leases())
            try:
                while True:
                    self._wake.clear()
                    began = time.monotonic()
                    await self._round()
                    await asyncio.sleep(max(0.0, began + ROUND_S - time.monotonic()))
            finally:
                running = self._quick | self._slow | {leases}
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)

    def _hear(self, due_at: Sequence[float]) -> bool:
        """Sleep no longer than until the first of some new timers is due; False if not asleep."""
        if self._sleep is None or self._sleep.expired():
            return False
        wait_s = clock.real_s(min(due_at) - clock.now().timestamp())
        until, due = self._sleep.when(), asyncio.get_running_loop().time() + max(0.0, wait_s)
        if until is not None and due < until:
            self._sleep.reschedule(due)
        return True

    async def _round(self) -> None:
        wait_s, now = POLL_S, clock.now()
        try:
            await self._spread_overdue(now)
            timers, wait_s = await database.run(
                lease_due,
                now=now,
                kinds=self._handlers.keys(),
                quick=self._most_quick - len(self._quick),
                slow=self._most_slow - len(self._slow),
            )
        except DatabaseError as error:
            log.warning("The timer loop could not lease its timers (%s); it will try again", error)
        else:
            self._seen_at = now
            for timer in timers:
                self._start(timer)
        if wait_s > 0:
            # Not wait_for: before Python 3.12 it swallows a cancellation that meets the event.
            try:
                async with asyncio.timeout(wait_s) as self._sleep:
                    await self._wake.wait()
            except TimeoutError:
                pass
            finally:
                self._sleep = None

    async def _spread_overdue(self, now: dt.datetime) -> None:
        """After an interruption, put off what machines owe before any of it is leased."""
        looked_at, self._looked_at = self._looked_at, time.monotonic()
        if looked_at is not None:
            stood_s = self._looked_at - looked_at - POLL_S
            self._down_s = stood_s if stood_s > reconnecting.PATIENCE_S else 0.0
        down_s = self._down_s if self._has_sockets else 0.0
        if self._seen_at is None or now - self._seen_at > overdue.outage():
            rng = self._rng
            await database.run(overdue.spread, now, rng=rng, free_at=self._free_at, down_s=down_s)
        if down_s > 0:
            await database.run(overdue.await_pages, now, down_s=down_s, rng=self._rng)

    def _start(self, timer: Timer) -> None:
        quick, slow = (self._quick, self._most_quick), (self._slow, self._most_slow)
        lane, limit = slow if _is_slow(timer) else quick
        task = asyncio.create_task(self._fire(timer))
        lane.add(task)

        def end(task: asyncio.Task[None]) -> None:
            if len(lane) >= limit:
                self._wake.set()  # There is room again for a row that could not be leased.
            lane.discard(task)

        task.add_done_callback(end)

    async def _fire(self, timer: Timer) -> None:
        self._held[id(timer)] = timer
        try:
            await self._carry_out(timer)
        except asyncio.CancelledError:
            # A process that stops in order releases its leases at once.
            await asyncio.shield(database.run(_release, timer))
            raise
        except (DatabaseError, LogBusy) as error:
            # The lease runs out by itself; there may be no database to write to.
            log.warning("Timer %s must wait for the database (%s)", timer.key, error)
        finally:
            del self._held[id(timer)]

    async def _keep_leases(self) -> None:
        """Prolong the leases of what runs here."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            try:
                if held := tuple(self._held.values()):
                    await database.run(_prolong, held)
            except DatabaseError as error:
                log.warning("The leases of %d timers were not prolonged (%s)", len(held), error)

    async def _carry_out(self, timer: Timer) -> None:
        if timer.attempts > MAX_LEASES:
            await _give_up(timer, error="its process ended each time")
            return
        try:
            await self._handlers[TimerKind(timer.kind)](timer)
        except (DatabaseError, LogBusy):
            raise
        except Exception as error:
            log.exception("Timer %s failed (attempt %d)", timer.key, timer.attempts)
            if timer.attempts >= MAX_ATTEMPTS:
                await _give_up(timer, error=type(error).__name__)
            else:
                await database.run(_back_off, timer)


def lease_due(
    *,
    now: dt.datetime | None = None,
    kinds: Collection[TimerKind] = frozenset(TimerKind),
    quick: int = LEASE_LIMIT,
    slow: int = LEASE_LIMIT,
) -> tuple[list[Timer], float]:
    """Lease the due rows that a lane has room for; also return how long (s) the loop may sleep."""
    now = now or clock.now()
    if (wait_s := _sleep_s(_with_places(kinds, quick=quick, slow=slow), now=now)) > 0:
        return [], wait_s
    timers: list[Timer] = []
    for lane in _lanes(quick=quick, slow=slow):
        limit = min(LEASE_LIMIT, *filter(None, lane.values()))
        timers += _lease(_with_places(kinds, **lane), limit, now=now)
    if not timers:
        return [], CONTENDED_S
    n_slow = sum(map(_is_slow, timers))
    left = _with_places(kinds, quick=quick - len(timers) + n_slow, slow=slow - n_slow)
    return timers, _sleep_s(left, now=clock.now())


def _lanes(*, quick: int, slow: int) -> list[dict[str, int]]:
    """The free places to fill, one query each: both lanes together unless one is nearly full."""
    if min(quick, slow) >= FEW_PLACES:
        return [{"quick": quick, "slow": slow}]
    lanes = {"quick": quick, "slow": 0}, {"quick": 0, "slow": slow}
    return [lane for lane in lanes if any(lane.values())]


@dataclass(frozen=True, slots=True)
class _OpenTimers:
    """Open rows, as the condition that selects them."""

    where: str
    params: tuple[str, ...]


def _with_places(kinds: Collection[TimerKind], *, quick: int, slow: int) -> _OpenTimers:
    """The open rows of the lanes that have room left."""
    rows = f"done_at IS NULL AND kind IN ({_marks(kinds)})"
    are_slow = f"(kind IN ({_marks(SLOW)}) AND NOT prepared)"
    if quick > 0 and slow > 0:
        return _OpenTimers(rows, _names(kinds))
    if quick <= 0 and slow <= 0:
        return _OpenTimers("1 = 0", ())
    lane = are_slow if slow > 0 else f"NOT {are_slow}"
    return _OpenTimers(f"{rows} AND {lane}", (*_names(kinds), *_names(SLOW)))


def _marks(kinds: Collection[TimerKind]) -> str:
    return ", ".join(["%s"] * len(kinds))


def _names(kinds: Collection[TimerKind]) -> tuple[str, ...]:
    return tuple(map(str, kinds))


def _lease(rows: _OpenTimers, limit: int, *, now: dt.datetime) -> list[Timer]:
    """Lease the first of some rows that no other loop is leasing, in one statement."""
    lock = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    leased = Timer.objects.raw(
        f"WITH due AS MATERIALIZED (SELECT id FROM arena_timer WHERE {rows.where} "
        f"AND wake_at <= %s ORDER BY wake_at LIMIT %s {lock}) "
        "UPDATE arena_timer SET attempts = attempts + 1, wake_at = %s "
        f"WHERE id IN (SELECT id FROM due) RETURNING {_COLUMNS}",
        (*rows.params, _moment(now), limit, _moment(now + clock.simulated(LEASE))),
    )
    return sorted(leased, key=lambda timer: (timer.due_at, timer.id))


_COLUMNS = ", ".join(str(field.column) for field in Timer._meta.concrete_fields)


def _moment(at: dt.datetime) -> Any:
    """A moment as the database has it."""
    return connection.ops.adapt_datetimefield_value(at)


def _is_slow(timer: Timer) -> bool:
    return timer.kind in SLOW and not timer.prepared


def _sleep_s(rows: _OpenTimers, *, now: dt.datetime) -> float:
    """How long (s) until the next of these timers may be due."""
    query = f"SELECT id, wake_at FROM arena_timer WHERE {rows.where} ORDER BY wake_at LIMIT 1"
    found = next(iter(Timer.objects.raw(query, rows.params)), None)
    if found is None:
        return POLL_S
    return min(POLL_S, max(0.0, clock.real_s((found.wake_at - now).total_seconds())))


async def _give_up(timer: Timer, *, error: str) -> None:
    """Settle a timer that cannot be carried out, in the room's log and the server's."""
    log.error("Timer %s is given up after %d attempts", timer.key, timer.attempts)

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if not room.is_open(timer):
            return Decision()
        # The kind of error only: its words may quote a message, and this event is never erased.
        gave_up = GaveUp(
            timer_kind=TimerKind(timer.kind),
            timer=timer.key,
            attempts=timer.attempts,
            error=error,
        )
        return Decision(
            events=(Draft(body=gave_up),),
            settle={timer.id: {"done_at": now, "outcome": "gave_up"}},
        )

    await append(timer.room_id, decide, command_id=f"gave_up:{timer.id}", timers=(timer,))


def _back_off(timer: Timer) -> None:
    """Try again later, with growing waits."""
    wait_s = min(MAX_BACKOFF_S, 2.0**timer.attempts) * random.uniform(0.5, 1.0)
    Timer.objects.filter(id=timer.id, done_at__isnull=True).update(
        wake_at=clock.now() + dt.timedelta(seconds=clock.simulated_s(wait_s))
    )


def _release(timer: Timer) -> None:
    mine = Timer.objects.filter(id=timer.id, wake_at=timer.wake_at, done_at__isnull=True)
    mine.update(wake_at=clock.now())


def _prolong(timers: Collection[Timer]) -> None:
    """Extend leases, but those of rows that their handler has rescheduled meanwhile."""
    until = clock.now() + clock.simulated(LEASE)
    by_id = {timer.id: timer for timer in timers}
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        # Rows that somebody is writing are left out: they are being settled or rescheduled.
        rows = Timer.objects.select_for_update(skip_locked=skip).filter(id__in=by_id)
        leases = rows.filter(done_at__isnull=True).values_list("id", "wake_at")
        mine = [by_id[id] for id, wake_at in leases if by_id[id].wake_at == wake_at]
        Timer.objects.filter(id__in=[timer.id for timer in mine]).update(wake_at=until)
    for timer in mine:
        timer.wake_at = until
