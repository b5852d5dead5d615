"""What is kept of a machine's log in memory: the same as the log says, however it has grown."""

import pytest

from arena import clock, database, services
from arena.event_kinds import Claim, Claims, Subject
from arena.events import Draft
from arena.timers import loop
from arena.witnesses import seat_log as kept
from arena.witnesses.memory.claims import NO_MEMORY
from arena.witnesses.seat_log import SeatLog, seat_log
from tests.kit.factories import make_room
from tests.kit.people import go_live, loops, scripted
from tests.kit.remembering import Filled


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "POLL_S", 0.05)


@pytest.fixture
async def filled() -> Filled:
    """A room in whose place for a person is a stand-in."""
    made = await database.run(make_room, format="two_party", human_share=0, machines=scripted("a"))
    return await Filled.of(await go_live(made))


async def _now(filled: Filled) -> SeatLog:
    return await database.run(seat_log, filled.seat)


def _anew(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> SeatLog:
    """The log as a process reads it that knows nothing yet."""
    with monkeypatch.context() as fresh:
        fresh.setattr(kept, "_kept", kept._Kept())
        return seat_log(filled.seat)


async def _remember(filled: Filled) -> None:
    claim = Claim(
        id=1,
        subject=Subject.PETS,
        claim="i have a cat",
        said_at=clock.now(),
        seq=1,
        refs=("ref",),
        lasting=True,
        supersedes=None,
    )
    body = Claims(v=1, first=1, upto=1, claims=(claim,), n_refused=0)
    await filled.store(Draft(seat=filled.seat.actor, body=body))


async def test_it_grows_to_what_the_log_says(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, room = filled.live, filled.made.room
    async with loops():
        for n in range(3):
            asked = await live.ask(f"question {n}")
            await live.settled()
            log = await _now(filled)
            assert log == await database.run(_anew, filled, monkeypatch)
            assert [line.turn.text for line in log.lines] == [
                text for k in range(n + 1) for text in (f"question {k}", "a")
            ]
            assert log.spending.calls == n + 1
            [event] = [e for e in await live.log("message") if e.public_id == asked.event]
            assert log.answered == event.seq
    await database.run(services.pause, room, host="host", reason="")
    await database.run(services.resume, room, host="host", reason="")
    await _remember(filled)
    log = await _now(filled)
    [resumed] = await live.log("resumed")
    assert log.resumed_at == resumed.at and len(log.memory.claims) == 1
    assert log == await database.run(_anew, filled, monkeypatch)


async def test_nothing_is_read_twice(filled: Filled) -> None:
    await filled.talk("hello?", "hi")
    before = await _now(filled)
    assert await _now(filled) is before
    await filled.talk("and now?", "still here")
    after = await _now(filled)
    assert after.lines[:2] == before.lines and after.lines[0] is before.lines[0]


async def test_what_is_erased_while_the_room_lives_is_forgotten(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled.talk("any pets?", "i have a cat")
    await _remember(filled)
    assert (await _now(filled)).memory != NO_MEMORY
    await database.run(services.withdraw, filled.live.witness, erase=True)
    log = await _now(filled)
    assert log.memory == NO_MEMORY and len(log.lines) == 2
    assert log == await database.run(_anew, filled, monkeypatch)


async def test_only_the_seats_used_last_are_kept(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_LINES", 3)
    made = await database.run(make_room, machines=scripted("a"))
    other = await Filled.of(await go_live(made))
    await filled.talk("hello?", "hi")
    await other.talk("hello?", "hi")
    first = await _now(filled)
    await _now(other)
    again = await _now(filled)
    assert again == first and again is not first
