"""Told time: it never goes back and never jumps, whatever is done to the system clock."""

import datetime as dt
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena import clock, database, events
from arena.clock import SLEW, Rate
from arena.event_kinds import Unsealed
from arena.events import Decision, Draft
from arena.models import Event, Room
from tests.kit.factories import make_room
from tests.kit.hands import Hands

MS = dt.timedelta(milliseconds=1)
START = 1_800_000_000.0


def _s(seconds: float) -> dt.timedelta:
    return dt.timedelta(seconds=seconds)


def test_told_time_is_the_system_clocks_while_nobody_touches_that() -> None:
    hands = Hands(START)
    told = hands.clock()
    for _ in range(1000):
        hands.turn(0.1)
        assert abs(told.now() - hands.at) <= MS
    assert told.now().tzinfo is dt.UTC and told.now().microsecond % 1000 == 0


@pytest.mark.parametrize("step_s", [600.0, -600.0])
def test_step_is_taken_up_slowly_and_wholly(step_s: float) -> None:
    hands = Hands(START)
    told = hands.clock()
    before = told.now()
    hands.set_by(step_s)
    assert told.now() == before
    for n in range(1, 11):
        hands.turn(60)
        passed = told.now() - before
        assert abs(passed - _s(60 * n)) <= _s(60 * n * SLEW) + MS
    hands.turn(600 / SLEW)
    assert abs(told.now() - hands.at) <= MS


@given(
    moves=st.lists(
        st.tuples(st.floats(0, 3600), st.sampled_from([0.0, 0.002, -0.5, 600.0, -600.0, 86_400.0])),
        max_size=40,
    ),
    speed=st.sampled_from([1.0, 100_000.0]),
)
def test_told_time_never_goes_back_nor_faster_than_it_may(
    moves: list[tuple[float, float]], speed: float
) -> None:
    logging.getLogger("arena.clock").setLevel(logging.ERROR)
    try:
        hands = Hands(START)
        told = hands.clock(Rate(speed=speed, real_start=START, simulated_start=START))
        last = told.now()
        for passed_s, step_s in moves:
            hands.set_by(step_s)
            hands.turn(passed_s)
            now = told.now()
            room = MS + _s(1e-5 * speed)  # doubles near 2e9 s are 2.4e-7 s apart
            assert last <= now
            assert now - last >= _s(passed_s * (1 - SLEW) * speed) - room
            assert now - last <= _s(passed_s * (1 + SLEW) * speed) + room
            last = now
    finally:
        logging.getLogger("arena.clock").setLevel(logging.NOTSET)


def test_step_is_warned_of_once_and_drift_never(caplog: pytest.LogCaptureFixture) -> None:
    hands = Hands(START)
    told = hands.clock()
    for _ in range(3600):
        hands.turn(10)
        hands.set_by(0.001)
        told.now()
    assert caplog.messages == []
    hands.set_by(-600)
    for _ in range(10):
        hands.turn(1)
        told.now()
    [message] = caplog.messages
    assert "set by -600.0 s" in message and "200 min" in message


def test_system_clock_read_late_is_not_believed(caplog: pytest.LogCaptureFixture) -> None:
    """A process may be stopped between its two readings; that is no step."""
    steady = iter([0.0, 10.0, 70.0, 71.0, 71.0])
    shown = iter([START, START + 70, START + 71])
    told = clock.ProcessClock(wall=lambda: next(shown), monotonic=lambda: next(steady))
    assert told.now().timestamp() == START + 10
    assert told.now().timestamp() == START + 71
    assert caplog.messages == []


def test_rehearsal_runs_faster_from_its_start() -> None:
    hands = Hands(START)
    told = hands.clock(Rate.read(f"1000.0:{START}:{START + 86_400}"))
    hands.turn(3.6)
    assert abs(told.now() - dt.datetime.fromtimestamp(START + 90_000, dt.UTC)) <= _s(0.01)
    rate = told.rate
    assert Rate.read(str(rate)) == rate and rate.real(rate.simulated(START + 7)) == START + 7


def test_spans_of_both_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "system", Hands().clock(Rate(speed=1000.0)))
    assert (clock.real_s(60.0), clock.simulated_s(0.06)) == (0.06, 60.0)
    assert clock.simulated(_s(10)) == _s(10_000)


def test_process_goes_on_from_where_the_rooms_are(caplog: pytest.LogCaptureFixture) -> None:
    """The system clock was set back and the process started anew: rooms wait for nothing."""
    hands = Hands(START)
    told = hands.clock()
    hands.turn(100)
    told.not_before(hands.at - _s(5))
    assert told.now() == hands.at
    hands.turn(100)
    told.not_before(hands.at + _s(600))
    assert told.now() == hands.at + _s(600)
    hands.turn(60)
    assert abs(told.now() - (hands.at + _s(600 - 60 * SLEW))) <= MS
    told.not_before(hands.at + _s(86_400))
    assert told.now() < hands.at + _s(601)
    assert len(caplog.messages) == 2


def test_told_time_is_good_enough_for_this_machine() -> None:
    """The real clocks agree with each other."""
    first = clock.now()
    assert abs(first - dt.datetime.now(dt.UTC)) < _s(3600)
    assert first <= clock.now()


async def test_moments_of_a_room_never_go_back_across_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = await database.run(make_room)
    hands = Hands()
    note = Draft(body=Unsealed(host="h", why="a test"))

    async def append() -> dt.datetime:
        moments: list[dt.datetime] = []

        def decide(room: Room, now: dt.datetime) -> Decision:
            moments.append(now)
            return Decision(events=(note,))

        await events.append(made.room.id, decide)
        return moments[-1]

    hands.turn(1200)
    monkeypatch.setattr(clock, "system", hands.clock())
    ahead = await append()
    for behind_s in (600.0, 1200.0):
        monkeypatch.setattr(clock, "system", Hands(hands.shown - behind_s).clock())
        assert await append() == ahead
    hands.turn(1)
    monkeypatch.setattr(clock, "system", hands.clock())
    assert await append() - ahead == _s(1)

    def stored() -> list[dt.datetime]:
        # Nobody goes on from this room's moments.
        Room.objects.filter(id=made.room.id).update(phase="ended")
        return list(Event.objects.filter(room=made.room).values_list("at", flat=True))

    moments = await database.run(stored)
    assert moments == sorted(moments)
    assert (await database.run(Room.objects.get, id=made.room.id)).last_at == moments[-1]
