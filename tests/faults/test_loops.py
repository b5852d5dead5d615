"""Timer loops with nothing beside them: lanes, giving up, retries, and clocks that are changed.

Each scenario runs in a process of its own, in a database of this module: a serving process of the
test run would take part in its work, and a changed clock would be that of every other test.
"""

import asyncio
import contextlib
import datetime as dt
import io
import itertools
import os
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest
from django.core.management import call_command

from arena import clock, database, queries
from arena.clock import SLEW, Rate
from arena.models import Event, Room, Seat, Timer
from arena.rules import TimerKind
from arena.services import deadlines
from arena.timers import loop as timers
from arena.timers.loop import Loop
from arena.timers.rows import Handler, settle
from tests.faults.nursery import Nursery, nursery
from tests.kit import record
from tests.kit.factories import make_room, make_rooms
from tests.kit.hands import Hands
from tests.kit.people import Live, go_live, loops, wait_for

Scenario = Callable[[], Awaitable[None]]
MS = dt.timedelta(milliseconds=1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with nursery(tmp_path_factory.mktemp("loops")) as (made, _):
        yield made


def play(house: Nursery, scenario: Scenario) -> None:
    """Run a scenario of this module by itself."""
    name = scenario.__name__  # type: ignore[attr-defined]
    code = f"import asyncio\nfrom {__name__} import {name}\nasyncio.run({name}())"
    status, printed = house.run("shell", "--verbosity=0", "-c", code)
    assert status == 0, printed


class Running:
    """A loop with handlers of a test's own beside those of the rooms."""

    def __init__(
        self, handlers: dict[TimerKind, Handler], *, slow: int = timers.SLOW_LIMIT
    ) -> None:
        loop = Loop(deadlines.HANDLERS | handlers, slow=slow)
        self._task = asyncio.create_task(loop.run())

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def _brisk() -> None:
    timers.POLL_S = 0.05


async def _row(live: Live, **values: object) -> Timer:
    """The open reply timer of a room, due now."""
    now = clock.now()
    rows = Timer.objects.filter(room=live.made.room, kind="reply", done_at=None)
    await database.run(rows.update, due_at=now, wake_at=now, **values)
    return await database.run(rows.get)


async def _done(row: Timer) -> bool:
    return (await database.run(Timer.objects.get, id=row.id)).done_at is not None


# Lanes


async def slow_models() -> None:
    """While every place for models is taken, deadlines and thought-out replies go on."""
    _brisk()
    release, thinking, released = asyncio.Event(), set[int](), list[int]()

    async def think(timer: Timer) -> None:
        if timer.prepared:
            released.append(timer.id)
        else:
            thinking.add(timer.id)
            await release.wait()
            thinking.discard(timer.id)
        await database.run(settle, timer, outcome="said")

    made = await database.run(make_rooms, 8, grace="0 s")
    *asked, ready, late = [await go_live(each) for each in made]
    await asyncio.gather(*(live.ask("hello?") for live in (*asked, ready)))
    rows = [await _row(live) for live in asked]
    prepared = await _row(ready, prepared=True)
    loop = Running({TimerKind.REPLY: think}, slow=3)
    await wait_for(lambda: _true(len(thinking) == 3))
    await database.run(_bring_time_up_forward, late)
    await wait_for(lambda: late.log("ended"))
    await wait_for(lambda: _done(prepared))
    waiting = Timer.objects.filter(id__in=[row.id for row in rows], attempts=0)
    assert await database.run(waiting.count) == 3
    assert len(thinking) == 3 and released == [prepared.id]
    # What has no place here is left for another loop.
    other = Running({TimerKind.REPLY: think}, slow=3)
    await wait_for(lambda: _true(len(thinking) == 6))
    release.set()
    for row in rows:
        await wait_for(lambda row=row: _done(row))
    await asyncio.gather(loop.stop(), other.stop())


async def _true(fact: bool) -> bool:
    return fact


def _bring_time_up_forward(live: Live) -> None:
    now = clock.now()
    Room.objects.filter(id=live.made.room.id).update(ends_at=now)
    Timer.objects.filter(room=live.made.room, kind="time_up").update(due_at=now, wake_at=now)


async def claims_of_a_lane() -> None:
    """A claim takes no row of a lane without places, and nothing without a handler."""
    live = await go_live(await database.run(make_room))
    await live.ask("hello?")
    row = await _row(live)
    for values in ({"slow": 0}, {"kinds": frozenset(deadlines.HANDLERS)}, {"quick": 0, "slow": 0}):
        assert await database.run(timers.lease_due, **values) == ([], timers.POLL_S)
    [claimed], _ = await database.run(timers.lease_due, quick=0)
    assert (claimed.id, claimed.attempts) == (row.id, 1)


# Failing


async def giving_up() -> None:
    """A timer whose handler always fails is settled, with an event that only operators see."""
    _brisk()
    timers.MAX_ATTEMPTS, timers.MAX_BACKOFF_S = 3, 0.01
    n_calls = 0

    async def fail(timer: Timer) -> None:
        nonlocal n_calls
        n_calls += 1
        raise ValueError("words of a message")

    live = await go_live(await database.run(make_room))
    await live.ask("hello?")
    row = await _row(live)
    loop = Running({TimerKind.REPLY: fail})
    await wait_for(lambda: _done(row))
    await loop.stop()
    [event] = await live.log("gave_up")
    assert n_calls == 3
    wanted = {"kind": "reply", "timer": row.key, "attempts": 3, "error": "ValueError"}
    assert event.data == wanted and (event.seat, event.pane) == ("", "")
    log = await database.run(record.check_log, live.made.code)
    seats = await database.run(list, Seat.objects.filter(room=live.made.room))
    for seat in seats:
        seen = await database.run(lambda s=seat: [e for e in log if queries.sight(s).sees(e)])
        assert event not in seen
    assert row.key in await database.run(_doctor)


async def poison() -> None:
    """A timer that ends its process whenever it is handled is not handled for ever."""
    _brisk()

    async def unexpected(timer: Timer) -> None:
        raise AssertionError("it was handled again")

    live = await go_live(await database.run(make_room))
    await live.ask("hello?")
    row = await _row(live, attempts=timers.MAX_LEASES)
    loop = Running({TimerKind.REPLY: unexpected})
    await wait_for(lambda: _done(row))
    await loop.stop()
    [event] = await live.log("gave_up")
    assert event.data["error"] == "its process ended each time"


def _doctor() -> str:
    printed = io.StringIO()
    with contextlib.suppress(SystemExit):  # a machine whose reply was given up fails
        call_command("doctor", stdout=printed)
    return printed.getvalue()


async def doctor_names_what_is_overdue() -> None:
    await database.run(Room.objects.update, phase="ended")
    assert "timers: 0 overdue, 0 given up" in await database.run(_doctor)
    live = await go_live(await database.run(make_room))
    await live.ask("hello?")
    row = await _row(live)
    clock.system = Hands(time.time() + 3000).clock()
    said = await database.run(_doctor)
    assert "timers: 2 overdue, 0 given up" in said  # the room's end is overdue as well
    assert f"{row.due_at:%Y-%m-%d %H:%M:%SZ}: {row.key}" in said


async def retries() -> None:
    """A failed timer waits 2, 4, 8 … 300 real seconds, less up to half."""
    _brisk()

    async def fail(timer: Timer) -> None:
        raise ValueError

    live = await go_live(await database.run(make_room))
    await live.ask("hello?")
    for speed, (attempt, most_s) in itertools.product(
        (1.0, 1000.0), ((1, 2), (2, 4), (5, 32), (9, 300), (11, 300))
    ):
        start = time.time()
        clock.system = Hands(start).clock(
            Rate(speed=speed, real_start=start, simulated_start=start)
        )
        row = await _row(live, attempts=attempt - 1)
        loop = Running({TimerKind.REPLY: fail})
        await wait_for(lambda row=row: _waits(row))
        await loop.stop()
        row = await database.run(Timer.objects.get, id=row.id)
        wait_s = (row.wake_at - clock.now()).total_seconds() / speed
        assert row.attempts == attempt
        assert most_s / 2 - 0.001 <= wait_s <= most_s


async def _waits(row: Timer) -> bool:
    """Whether a row has been put back: a lease has its own exact time."""
    now = await database.run(Timer.objects.get, id=row.id)
    return now.attempts > row.attempts and now.wake_at != clock.now() + clock.simulated(
        timers.LEASE
    )


# Clocks


def _rooms_due(moments: list[dt.datetime]) -> list[Room]:
    """Rooms whose lobby ends at these moments."""
    rooms = [made.room for made in make_rooms(len(moments))]
    for room, due_at in zip(rooms, moments, strict=True):
        Timer.objects.create(
            room=room, kind="lobby", key=f"lobby:{room.code}", due_at=due_at, wake_at=due_at
        )
    return rooms


def _ended(rooms: list[Room]) -> list[dt.datetime]:
    return list(
        Event.objects.filter(room__in=rooms, kind="ended")
        .order_by("at")
        .values_list("at", flat=True)
    )


async def _pass(hands: Hands, moments: list[dt.datetime], rooms: list[Room]) -> None:
    """Let time pass to each moment to come; by then its room has ended, and no later one."""
    n_before = len(await database.run(_ended, rooms))
    for n, due_at in enumerate(moments[n_before:], start=n_before + 1):
        while (left_s := (due_at - clock.now()).total_seconds()) > 0:
            hands.turn(max(0.001, left_s / (1 + SLEW)))
        await wait_for(lambda n=n: _has_ended(rooms, n))
        assert len(await database.run(_ended, rooms)) == n


async def _has_ended(rooms: list[Room], n: int) -> bool:
    return len(await database.run(_ended, rooms)) >= n


async def stepped_clock() -> None:
    """The system clock is set ten minutes forward, then back, while timers wait."""
    _brisk()
    hands = Hands()
    clock.system = hands.clock()
    start = clock.now()
    moments = [start + dt.timedelta(seconds=60 * n) for n in range(1, 31)]
    rooms = await database.run(_rooms_due, moments)
    async with loops(2):
        await _pass(hands, moments[:10], rooms)
        hands.set_by(600)
        await _pass(hands, moments[:20], rooms)
        hands.set_by(-1200)
        await _pass(hands, moments[:25], rooms)
    # The process starts anew while its clock is behind, and goes on from where the rooms are.
    last_at = max(await database.run(_ended, rooms))
    clock.system = hands.clock()
    assert clock.now() < last_at
    clock.system.not_before(last_at)
    async with loops(2):
        await _pass(hands, moments, rooms)
    ended = await database.run(_ended, rooms)
    assert all(
        dt.timedelta(0) <= at - due < 10 * MS for at, due in zip(ended, moments, strict=True)
    )


async def summer_time_begins() -> None:
    await _across_a_change_of_zone(begins=True)


async def summer_time_ends() -> None:
    await _across_a_change_of_zone(begins=False)


async def _across_a_change_of_zone(*, begins: bool) -> None:
    """Local time skips an hour, or has one twice, an hour from now."""
    _brisk()
    hands = Hands(float(int(time.time())))
    clock.system = hands.clock()
    change_at = hands.shown + 3600
    os.environ["TZ"] = _zone(change_at, begins=begins)
    time.tzset()
    before, after = time.localtime(change_at - 1), time.localtime(change_at)
    assert (before.tm_isdst, after.tm_isdst) == (not begins, begins)
    offsets_s = (-3599, -1800, -1, 0, 1, 1800, 3599, 3600, 3601, 5400, 7200)
    moments = [dt.datetime.fromtimestamp(change_at + s, dt.UTC) for s in offsets_s]
    rooms = await database.run(_rooms_due, moments)
    async with loops(2):
        await _pass(hands, moments, rooms)
    ended = await database.run(_ended, rooms)
    assert all(
        dt.timedelta(0) <= at - due < 10 * MS for at, due in zip(ended, moments, strict=True)
    )


def _zone(change_at: float, *, begins: bool) -> str:
    """A zone, in the words of POSIX, whose summer time begins or ends at that moment."""
    local = time.gmtime(change_at + (3600 if begins else 7200))
    leap = dt.date(local.tm_year, 12, 31).timetuple().tm_yday == 366
    day = local.tm_yday - (leap and local.tm_yday > 59)
    change = f"J{day}/{local.tm_hour}:{local.tm_min:02}:{local.tm_sec:02}"
    other = f"J{(day + 180) % 365 + 1}/0"
    return f"AAA-1BBB-2,{change},{other}" if begins else f"AAA-1BBB-2,{other},{change}"


@pytest.mark.parametrize(
    "scenario",
    [
        slow_models,
        claims_of_a_lane,
        giving_up,
        poison,
        retries,
        stepped_clock,
        summer_time_begins,
        summer_time_ends,
        doctor_names_what_is_overdue,
    ],
    ids=lambda scenario: scenario.__name__,
)
def test_loop(house: Nursery, scenario: Scenario) -> None:
    play(house, scenario)
