"""How long a study's people took to answer: their panes only, within a spell, read seldom."""

import datetime as dt

import pytest

from arena import clock, database, queries
from arena.models import Room
from arena.pacing import Wait
from arena.queries import waits as reading
from arena.services import hosting
from tests.kit.factories import make_rooms
from tests.kit.people import Live, go_live

BEGIN = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)


class Wall:
    """The clock of a room that is played by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = BEGIN
        monkeypatch.setattr(clock, "now", lambda: self.now)

    def at(self, s: float) -> None:
        self.now = BEGIN + dt.timedelta(seconds=s)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


async def _live(n: int = 1, **options: object) -> list[Live]:
    made = await database.run(make_rooms, n, **{"duration": "10 days", **options})
    return [await go_live(each) for each in made]


async def _read(live: Live) -> tuple[Wait, ...]:
    reading._kept.clear()
    return await database.run(queries.human_waits, live.made.study.id)


async def _talk(live: Live, wall: Wall, *said: tuple[float, str, str]) -> None:
    """Have `ask` and `answer` be said, so many seconds after the room began."""
    for at_s, who, text in said:
        wall.at(at_s)
        if who == "ask":
            await live.ask(text, pane=live.made.human_pane)
        elif who == "other":
            await live.ask(text, pane=live.made.machine_pane)
        else:
            await live.answer(text)


async def test_waits_run_from_the_last_message_to_the_first_of_the_answer(wall: Wall) -> None:
    [live] = await _live()
    await _talk(
        live, wall,
        (5, "ask", "hello"), (9, "ask", "are you there?"), (10, "other", "and you, machine?"),
        (12.5, "answer", "yes i am"), (15, "answer", "why"), (20, "ask", "oh"),
        (20.75, "answer", "hm?"),
    )  # fmt: skip
    assert await _read(live) == (
        Wait(n_in=14, n_out=8, wait_s=3.5, bursts=True),
        Wait(n_in=2, n_out=3, wait_s=0.75),
    )


async def test_waits_of_whoever_was_not_sitting_there_do_not_count(wall: Wall) -> None:
    [live] = await _live()
    night = 8 * 3600
    await _talk(
        live, wall,
        (5, "ask", "good night"), (night, "answer", "good morning"),
        (night + 60, "ask", "slept well?"), (night + 66, "answer", "very"),
        (2 * night, "ask", "here again"), (2 * night + 7, "answer", "by chance at once"),
        (2 * night + 30, "ask", "still there?"), (2 * night + 331, "answer", "had to go"),
    )  # fmt: skip
    assert await _read(live) == (Wait(n_in=11, n_out=4, wait_s=6.0),)


async def test_pause_of_a_room_is_nobody_s_wait(wall: Wall) -> None:
    [live] = await _live()
    await _talk(live, wall, (5, "ask", "hello"))
    room = await database.run(Room.objects.get, id=live.made.room.id)
    wall.at(6)
    await database.run(lambda: hosting.pause(room, host=None, reason=""))
    wall.at(60)
    await database.run(lambda: hosting.resume(room, host=None, reason=""))
    await _talk(
        live, wall, (64, "answer", "back"), (70, "ask", "good"), (72, "answer", "yes")
    )  # fmt: skip
    assert await _read(live) == (Wait(n_in=4, n_out=3, wait_s=2.0),)


async def test_a_machine_alone_has_no_waits_and_other_studies_have_none_of_these(
    wall: Wall,
) -> None:
    [alone] = await _live(format="two_party", human_share=0.0)
    wall.at(5)
    await alone.ask("hello", pane="A")
    assert await _read(alone) == ()
    live, other = [(await _live())[0] for _ in range(2)]
    await _talk(live, wall, (15, "ask", "hello"), (17, "answer", "hi"))
    assert len(await _read(live)) == 1
    assert await _read(other) == ()


async def test_all_rooms_of_a_study_count_and_are_read_again_after_some_minutes(
    wall: Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = await _live(2)
    for live in (one, other):
        await _talk(live, wall, (15, "ask", "hello"), (17, "answer", "hi"))
    assert len(await _read(one)) == 2
    await _talk(one, wall, (20, "ask", "more"), (25, "answer", "no"))
    study = one.made.study.id
    assert len(await database.run(queries.human_waits, study)) == 2
    monkeypatch.setattr(reading, "KEPT_S", 0.0)
    assert len(await database.run(queries.human_waits, study)) == 3
