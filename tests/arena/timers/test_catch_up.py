"""What machines owe after an outage: said one after the other, later than it was due, and said."""

import asyncio
import datetime as dt
import itertools
import json
import random

import pytest

from arena import clock, database
from arena.models import Timer
from arena.timers import loop, overdue
from arena.timers.catch_up import LEAST_GAP_S, SPREAD, Owed, plan
from tests.kit.factories import make_room
from tests.kit.hands import Hands
from tests.kit.people import Live, go_live, loops, scripted, wait_for

MS = dt.timedelta(milliseconds=1)
BACK = dt.datetime(2027, 3, 28, 6, 0, tzinfo=dt.UTC)
LEAST = dt.timedelta(seconds=LEAST_GAP_S)


def _owed(id: int, *, seat: int = 1, late_s: float = 8 * 3600, **values: object) -> Owed:
    parts: dict[str, object] = {"until": None, "prepared": True, "n_spread": 0}
    due_at = BACK - dt.timedelta(seconds=late_s)
    return Owed(id=id, seat=seat, due_at=due_at, **{**parts, **values})  # type: ignore[arg-type]


def test_forty_night_messages_of_a_pane_are_said_one_after_the_other_in_their_order() -> None:
    owed = [_owed(n, late_s=8 * 3600 - 60 * n) for n in range(40)]
    random.Random(1).shuffle(owed)
    times = plan(owed, back_at=BACK, rng=random.Random(2))
    in_order = [times[n] for n in range(40)]
    assert BACK <= in_order[0] <= BACK + SPREAD
    gaps = [later - earlier for earlier, later in itertools.pairwise(in_order)]
    assert min(gaps) >= LEAST - dt.timedelta(milliseconds=1)
    assert len(set(gaps)) > 30
    assert in_order[-1] - in_order[0] < dt.timedelta(hours=1)


def test_rooms_begin_at_moments_of_their_own() -> None:
    times = plan([_owed(n, seat=n) for n in range(200)], back_at=BACK, rng=random.Random(3))
    offsets = sorted((at - BACK) / SPREAD for at in times.values())
    assert 0 <= offsets[0] < 0.1 and 0.9 < offsets[-1] <= 1
    assert 0.4 < offsets[100] < 0.6


def test_plan_is_the_same_for_the_same_source_of_chance() -> None:
    owed = [_owed(n, seat=n % 7) for n in range(40)]
    first = plan(owed, back_at=BACK, rng=random.Random(4))
    assert first == plan(list(reversed(owed)), back_at=BACK, rng=random.Random(4))
    assert first != plan(owed, back_at=BACK, rng=random.Random(5))


def test_what_is_not_thought_out_yet_comes_last_and_together() -> None:
    """One answer covers all that is unanswered: the older rows give way to the newest."""
    owed = [_owed(1), _owed(2, prepared=False), _owed(3), _owed(4, prepared=False)]
    times = plan(owed, back_at=BACK, rng=random.Random(6))
    assert times[1] < times[3] < times[2] == times[4]


@pytest.mark.parametrize(
    ("late_s", "n_spread", "left_s", "most_s"),
    [(80, 0, None, 20), (8 * 3600, 0, None, 300), (8 * 3600, 3, None, 37.5), (8 * 3600, 0, 60, 30)],
)
def test_waits_are_short_after_short_outages_and_near_a_deadline_and_the_next_time(
    late_s: float, n_spread: int, left_s: float | None, most_s: float
) -> None:
    until = None if left_s is None else BACK + dt.timedelta(seconds=left_s)
    owed = [
        _owed(n, seat=n, late_s=late_s, n_spread=n_spread, until=until, prepared=False)
        for n in range(200)
    ]
    times = plan(owed, back_at=BACK, rng=random.Random(7)).values()
    assert max(times) <= BACK + dt.timedelta(seconds=most_s)
    assert max(times) >= BACK + dt.timedelta(seconds=0.9 * most_s)


def test_deadline_that_has_passed_leaves_no_wait() -> None:
    [at] = plan(
        [_owed(1, until=BACK - dt.timedelta(hours=1))], back_at=BACK, rng=random.Random(8)
    ).values()
    assert at == BACK


def test_restarts_without_end_put_nothing_off_for_ever() -> None:
    times = plan([_owed(1, n_spread=10_000)], back_at=BACK, rng=random.Random(9))
    assert times[1] - BACK < dt.timedelta(milliseconds=2)


def test_nobody_writes_while_asleep() -> None:
    morning = BACK + dt.timedelta(hours=1, minutes=30)
    times = plan(
        [_owed(n) for n in range(3)],
        back_at=BACK,
        rng=random.Random(10),
        free_at=lambda seat, at: max(at, morning),
    )
    assert times[0] == morning < times[1] < times[2]


# On rows


class Night:
    """A live room whose machine has thought messages out that are due from now on."""

    def __init__(self, live: Live, hands: Hands) -> None:
        self.live, self.hands = live, hands

    @classmethod
    async def falls(cls, hands: Hands, *, n: int) -> "Night":
        live = await go_live(await database.run(make_room, duration="2 h"))
        await live.ask("hello?")
        await database.run(cls(live, hands)._keep, n)
        return cls(live, hands)

    def _keep(self, n: int) -> None:
        [asked] = Timer.objects.filter(room=self.live.made.room, kind="reply")
        began = self.hands.at
        Timer.objects.filter(id=asked.id).update(done_at=began, outcome="superseded")
        for each in range(n):
            due_at = began + dt.timedelta(seconds=5 + each)
            plan = {"text": f"line {each}", "upto": 1, "from": began.timestamp()}
            Timer.objects.create(
                room=asked.room,
                seat=asked.seat,
                kind="reply",
                key=f"reply:{self.live.made.code}:line-{each}",
                due_at=due_at,
                wake_at=due_at,
                prepared=True,
                payload=json.dumps(plan),
            )

    async def rows(self) -> list[Timer]:
        rows = Timer.objects.filter(room=self.live.made.room, prepared=True).order_by("id")
        return await database.run(list, rows)

    async def to_next(self) -> None:
        """Turn the clock to when something is due next, and wait until it is done."""
        waiting = [row for row in await self.rows() if row.done_at is None]
        at = min(row.wake_at for row in waiting)
        self.hands.turn(max(0.0, (at - self.hands.at).total_seconds()) + 0.001)
        await wait_for(lambda: self._done([row.id for row in waiting if row.wake_at == at]))

    async def _done(self, ids: list[int]) -> bool:
        return all(row.done_at for row in await self.rows() if row.id in ids)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """The hands of this process's clock, which stand still unless they are turned."""
    hands = Hands()
    monkeypatch.setattr(clock, "system", hands.clock())
    monkeypatch.setattr(loop, "POLL_S", 0.05)
    # No lease ends because the hands were turned while somebody worked.
    monkeypatch.setattr(loop, "LEASE", dt.timedelta(hours=9))
    return hands


def _spread(back_at: dt.datetime) -> int:
    return overdue.spread(back_at, rng=random.Random(11))


async def test_forty_messages_of_an_outage_are_said_once_and_never_at_once(hands: Hands) -> None:
    night = await Night.falls(hands, n=40)
    hands.turn(180)
    back_at = hands.at
    async with loops(2):
        await wait_for(lambda: _all_put_off(night))
        for n in range(1, 41):
            await night.to_next()
            assert len(await night.live.said()) == n
    assert await night.live.said() == [f"line {n}" for n in range(40)]
    said_at = [e.at for e in await night.live.log("message") if e.seat != "interrogator"]
    gaps = [later - earlier for earlier, later in itertools.pairwise(said_at)]
    assert said_at[0] >= back_at - MS and min(gaps) >= LEAST - 2 * MS
    assert {row.n_spread for row in await night.rows()} == {1}
    await night.live.decide()


async def _all_put_off(night: Night) -> bool:
    return all(row.n_spread for row in await night.rows())


async def test_second_process_that_comes_back_does_not_spread_again(hands: Hands) -> None:
    night = await Night.falls(hands, n=5)
    hands.turn(180)
    back_at = hands.at
    await asyncio.gather(*(database.run(_spread, back_at) for _ in range(4)))
    rows = await night.rows()
    assert [row.n_spread for row in rows] == [1] * 5
    assert [row.due_at for row in rows] == sorted({row.due_at for row in rows})
    assert all(row.due_at == row.wake_at >= back_at - MS for row in rows)
    hands.turn(1)
    await database.run(_spread, hands.at)
    assert [row.due_at for row in await night.rows()] == [row.due_at for row in rows]
    await night.live.decide()


async def test_each_further_outage_puts_off_by_less(hands: Hands) -> None:
    night = await Night.falls(hands, n=1)
    for n in range(12):
        [row] = await night.rows()
        hands.turn((row.due_at - hands.at).total_seconds() + 240)
        await database.run(_spread, hands.at)
        [row] = await night.rows()
        assert row.n_spread == n + 1
        assert row.due_at - hands.at <= dt.timedelta(seconds=60 * 0.5**n)
    await night.live.decide()


async def test_newest_line_of_a_seat_waits_for_the_older_ones(hands: Hands) -> None:
    """It fell due just before the return, too late to count as late by the outage."""
    night = await Night.falls(hands, n=30)
    hands.turn(75)  # the first is due 70 s ago, the last 41 s
    await database.run(_spread, hands.at)
    rows = await night.rows()
    assert [row.due_at for row in rows] == sorted({row.due_at for row in rows})
    await night.live.decide()


async def test_short_absence_spreads_nothing(hands: Hands) -> None:
    night = await Night.falls(hands, n=2)
    hands.turn(50)
    await database.run(_spread, hands.at)
    assert [row.n_spread for row in await night.rows()] == [0, 0]
    await night.live.decide()


async def test_deadline_is_kept_at_once_after_an_outage(hands: Hands) -> None:
    live = await go_live(await database.run(make_room, duration="1 min", grace="0 s"))
    await live.ask("hello?")
    hands.turn(3600)
    async with loops(2):
        await wait_for(lambda: live.log("ended"))
    [ended] = await live.log("ended")
    assert ended.data == {"reason": "time_up"} and ended.at == hands.clock().now()
    assert await live.said() == []
    assert all(timer.done_at for timer in await live.timers())


async def test_reply_that_nobody_had_thought_out_is_given_later(hands: Hands) -> None:
    live = await go_live(
        await database.run(make_room, duration="2 h", machines=scripted("good morning"))
    )
    for _ in range(3):
        await live.ask("hello?")
    hands.turn(400)
    back_at = hands.at
    async with loops(2):
        await wait_for(lambda: _put_off(live))
        [at] = {timer.wake_at for timer in await live.timers()}
        assert back_at < at <= back_at + dt.timedelta(seconds=100)
        assert await live.said() == []
        hands.turn((at - back_at).total_seconds() + 0.001)
        # It may still listen for a moment, and type.
        await wait_for(lambda: _settled_in_time(live, hands))
    assert await live.said() == ["good morning"]
    [call] = await live.log("machine_call")
    assert call.at >= at
    await live.decide()


async def _put_off(live: Live) -> bool:
    return all(timer.n_spread for timer in await live.timers())


async def _settled_in_time(live: Live, hands: Hands) -> bool:
    hands.turn(0.1)
    return all(timer.done_at for timer in await live.timers())
