"""The writer: one commit for many, one answer for each, whatever happens around it."""

import asyncio
import datetime as dt
import threading
import time
from concurrent.futures import Future
from typing import Any

import pytest

from analysis.dataset import chain
from arena import clock, database
from arena.errors import MessageEmpty
from arena.event_kinds import Belief, Message
from arena.events import (
    Appended,
    Decide,
    Decision,
    Draft,
    LiveRoom,
    append,
    append_now,
    chain_lines,
)
from arena.events.writer import Pending, Writer
from arena.models import Event, Room
from arena.rules import EventKind
from tests.kit.factories import MadeRoom, make_room, make_rooms
from tests.kit.stubborn import PATIENCE_S, turns, until


def _belief(p: float) -> Decision:
    draft = Draft(seat="interrogator", body=Belief(p=p))
    return Decision(events=(draft,))


def _stored(room: Room, kind: EventKind = EventKind.BELIEF) -> list[object]:
    rows = Event.objects.filter(room=room, kind=kind).order_by("seq")
    return [event.data.get("p") for event in rows]


async def _made(n: int = 1) -> list[MadeRoom]:
    return await database.run(make_rooms, n)


async def test_append_numbers_without_gaps_and_chains() -> None:
    rooms = await _made(3)
    await asyncio.gather(
        *(append(made.room.id, lambda r, n, p=p: _belief(p)) for made in rooms for p in range(30))
    )

    for made in rooms:
        room = await database.run(Room.objects.get, id=made.room.id)
        events = await database.run(list, Event.objects.filter(room=room).order_by("seq"))
        assert [event.seq for event in events] == list(range(1, 32))
        assert chain.first_break(chain_lines(events, room.code)) is None
        assert (room.last_seq, room.last_hash) == (31, events[-1].hash)
        assert await database.run(_stored, room) == [float(p) for p in range(30)]


async def test_repeated_commands_in_one_batch_get_one_answer() -> None:
    [made] = await _made()
    answers = await asyncio.gather(
        *(
            append(made.room.id, lambda r, n: _belief(0.5), seat="interrogator", command_id="one")
            for _ in range(20)
        )
    )
    assert len({answer.event for answer in answers}) == 1
    assert await database.run(_stored, made.room) == [0.5]


async def test_bad_appends_do_not_fail_their_neighbours() -> None:
    def refuse(room: Room, now: dt.datetime) -> Decision:
        raise MessageEmpty

    def break_the_code(room: Room, now: dt.datetime) -> Decision:
        raise ZeroDivisionError

    def break_a_constraint(room: Room, now: dt.datetime) -> Decision:
        Event.objects.filter(room=room).update(body="{}")
        return Decision()

    [made] = await _made()
    bad = [refuse, break_the_code, break_a_constraint]
    decisions = [decide for n in range(5) for decide in (*bad, lambda r, t, n=n: _belief(n))]
    answers = await asyncio.gather(
        *(append(made.room.id, decide) for decide in decisions), return_exceptions=True
    )

    n_failed = sum(isinstance(answer, Exception) for answer in answers)
    assert n_failed == len(bad) * 5
    assert await database.run(_stored, made.room) == [0.0, 1.0, 2.0, 3.0, 4.0]


async def test_unknown_room_fails_alone() -> None:
    [made] = await _made()
    lost, kept = await asyncio.gather(
        append(0, lambda r, n: _belief(0.1)),
        append(made.room.id, lambda r, n: _belief(0.2)),
        return_exceptions=True,
    )
    assert isinstance(lost, KeyError)
    assert kept.event


async def test_caller_who_leaves_does_not_hurt_the_writer() -> None:
    """A socket that closes cancels its append; the writer and the others must not notice."""
    [made] = await _made()
    started, release = threading.Event(), threading.Event()

    def hold(room: Room, now: dt.datetime) -> Decision:
        started.set()
        release.wait(PATIENCE_S)
        return _belief(0.0)

    holding = asyncio.create_task(append(made.room.id, hold))
    await until(started.is_set, what="the writer")
    leaving = [asyncio.create_task(append(made.room.id, lambda r, n: _belief(1))) for _ in range(5)]
    staying = [asyncio.create_task(append(made.room.id, lambda r, n: _belief(2))) for _ in range(5)]
    await asyncio.sleep(0)
    for task in (holding, *leaving):
        task.cancel()
    await asyncio.gather(holding, *leaving, return_exceptions=True)
    release.set()
    async with asyncio.timeout(PATIENCE_S):
        answers = await asyncio.gather(*staying)
        after = await append(made.room.id, lambda r, n: _belief(3))

    assert all(answer.event for answer in answers) and after.event
    stored = await database.run(_stored, made.room)
    assert stored.count(2.0) == 5 and stored.count(3.0) == 1 and stored.count(0.0) <= 1


def test_append_now_waits_for_the_commit() -> None:
    room = make_room().room
    before = clock.now()
    answer = append_now(room.id, lambda r, n: _belief(0.25))
    stored = Event.objects.get(public_id=answer.event)
    assert stored.data == {"p": 0.25}
    assert before <= stored.at <= clock.now()


@pytest.mark.parametrize("seat", ["A", "stand_in"])
async def test_same_command_id_of_another_seat_is_another_command(seat: str) -> None:
    [made] = await _made()

    def decide(room: Room, now: dt.datetime, who: str) -> Decision:
        draft = Draft(seat=who, pane="A", body=Message(text=who))
        return Decision(events=(draft,))

    one = await append(
        made.room.id, lambda r, n: decide(r, n, "interrogator"), seat="interrogator", command_id="x"
    )
    two = await append(made.room.id, lambda r, n: decide(r, n, seat), seat=seat, command_id="x")
    assert one.event != two.event


class _Closing(asyncio.SelectorEventLoop):
    """A loop that is closed just before it is called from another thread."""

    def call_soon_threadsafe(self, *args: Any, **options: Any) -> asyncio.Handle:
        self.close()
        return super().call_soon_threadsafe(*args, **options)


def test_loop_that_closes_before_its_answer_has_nothing_stored_twice() -> None:
    room, loop = make_room().room, _Closing()
    _settle(room, [loop.create_future(), Future()])
    assert _stored(room) == [0.0, 1.0]


def test_caller_in_a_closed_loop_does_not_end_the_writer() -> None:
    room, loop = make_room().room, _Closing()

    def refuse(room: LiveRoom, now: dt.datetime) -> Decision:
        raise ZeroDivisionError

    writer = Writer()
    writer.put(_pending(room, refuse, loop.create_future()))
    after: Future[Appended] = Future()
    writer.put(_pending(room, lambda r, n: _belief(1), after))
    assert after.result(PATIENCE_S).event
    writer.stop()


def _settle(room: Room, futures: list[Any]) -> None:
    """Commit and answer one belief for each caller, together."""
    batch = [
        _pending(room, lambda r, n, p=p: _belief(p), future) for p, future in enumerate(futures)
    ]
    Writer()._settle(batch)


def _pending(room: Room, decide: Decide, future: Any) -> Pending:
    return Pending(
        room_id=room.id, decide=decide, seat="", command_id=None, timers=(), future=future
    )


def test_append_while_the_writer_stops_is_answered_and_stops_nothing() -> None:
    room, writer = make_room().room, Writer()
    started, release = threading.Event(), threading.Event()

    def hold(room: LiveRoom, now: dt.datetime) -> Decision:
        started.set()
        release.wait(PATIENCE_S)
        return _belief(0)

    first: Future[Appended] = Future()
    second: Future[Appended] = Future()
    writer.put(_pending(room, hold, first))
    assert started.wait(PATIENCE_S)
    stopping = threading.Thread(target=writer.stop)
    stopping.start()
    waits = turns("the writer to be stopped")
    while writer._thread is not None:
        time.sleep(next(waits))
    late = _pending(room, lambda r, n: _belief(1), second)
    putting = threading.Thread(target=writer.put, args=(late,))
    putting.start()
    release.set()
    assert second.result(PATIENCE_S).event
    stopping.join(PATIENCE_S)
    assert not stopping.is_alive()
    writer.stop()
    assert _stored(room) == [0.0, 1.0]
