"""After a restart machines come back when people's pages do, and no sooner."""

import datetime as dt
import random
import re

import pytest

from arena import clock, database
from arena.models import Timer
from arena.timers import loop, overdue
from arena.timers.loop import Loop
from arena.timers.reconnecting import FIRST_S, JITTER, LONGEST_S, PATIENCE_S, back_s
from tests.kit.factories import make_room
from tests.kit.paths import ROOT
from tests.kit.people import Live, go_live, scripted

SECOND = dt.timedelta(seconds=1)


def _of_page(name: str, script: str) -> float:
    """A number of the room page's script, in seconds or as it is."""
    source = (ROOT / "arena/static/arena/js" / script).read_text()
    [found] = re.findall(rf"const {name} = ([\d_.]+);", source)
    return float(found) / (1000 if name.endswith("_MS") else 1)


def test_machine_comes_back_by_the_figures_of_the_room_page() -> None:
    assert _of_page("FIRST_WAIT_MS", "net.js") == FIRST_S
    assert _of_page("LONGEST_WAIT_MS", "net.js") == LONGEST_S
    assert _of_page("JITTER", "net.js") == JITTER
    assert _of_page("PATIENCE_MS", "pulse.js") == PATIENCE_S


def test_page_is_back_at_the_first_try_after_the_return() -> None:
    rng = random.Random(1)
    after = {down: [back_s(down, rng=rng) for _ in range(2000)] for down in (0.1, 4.0, 300.0)}
    assert all(0.25 <= each <= 0.55 for each in after[0.1])
    # Tries come 0.5, 1.5, 3.5 and 7.5 s after the break, each wait up to 30 % longer or shorter.
    assert max(after[4.0]) > 4 and sum(each < 1 for each in after[4.0]) < 500
    assert max(after[300.0]) > 30 and max(after[300.0]) <= LONGEST_S * (1 + JITTER)


async def _owing(n: int) -> Live:
    """A room whose machine owes so many replies, ten seconds apart; the first was due 2 s ago."""
    machines = scripted("hm", pacing="published")
    live = await go_live(await database.run(make_room, machines=machines, duration="2 h"))
    for _ in range(n):
        await live.ask("well?")

    def prepare() -> None:
        now = clock.now()
        rows = Timer.objects.filter(room=live.made.room, kind="reply", seat__kind="machine")
        for number, row in enumerate(rows.order_by("id")):
            due_at = now + (10 * number - 2) * SECOND
            rows.filter(id=row.id).update(due_at=due_at, wake_at=due_at)

    await database.run(prepare)
    return live


async def _due(live: Live) -> list[dt.datetime]:
    return [t.wake_at for t in await live.timers() if t.done_at is None]


@pytest.mark.parametrize("down_s", [4.0, 1.0])
async def test_what_is_owed_at_a_short_restart_waits_for_a_page_and_the_rest_is_as_it_was(
    down_s: float,
) -> None:
    live = await _owing(4)
    before, back_at = await _due(live), clock.now()
    waits = []
    for seed in range(20):
        await database.run(_put_back, live, before)
        rng = random.Random(seed)
        await database.run(overdue.await_pages, back_at, down_s=down_s, rng=rng)
        first, *_, last = await _due(live)
        waits.append((first - back_at).total_seconds())
        assert last == before[-1]
    assert min(waits) > 0.0
    assert len({round(each, 2) for each in waits}) > 10
    assert sum(each < 1 for each in waits) <= (8 if down_s == 4.0 else 20)


def _put_back(live: Live, moments: list[dt.datetime]) -> None:
    rows = Timer.objects.filter(room=live.made.room, kind="reply", done_at=None).order_by("id")
    for row, at in zip(rows, moments, strict=True):
        Timer.objects.filter(id=row.id).update(due_at=at, wake_at=at)


async def test_loop_of_a_process_with_sockets_waits_for_pages_and_another_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(overdue, "LEAST", dt.timedelta(hours=1))
    live = await _owing(1)
    [before] = await _due(live)
    for down_s, moves in ((None, False), (0.0, False), (600.0, True)):
        runs = Loop({}, rng=random.Random(3), down_s=down_s)
        await runs._spread_overdue(clock.now())
        [now] = await _due(live)
        assert (now != before) is moves, down_s


async def test_loop_that_stood_still_for_longer_than_a_page_waits_does_so_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    live = await _owing(1)
    [before] = await _due(live)
    steady = [100.0]
    monkeypatch.setattr(loop.time, "monotonic", lambda: steady[0])
    runs = Loop({}, rng=random.Random(3), down_s=0.0)
    runs._seen_at = clock.now()
    for passed_s, moves in ((0.0, False), (loop.POLL_S + PATIENCE_S - 0.1, False), (9.0, True)):
        steady[0] += passed_s
        await runs._spread_overdue(clock.now())
        [now] = await _due(live)
        assert (now != before) is moves, passed_s
