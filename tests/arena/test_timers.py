"""Future acts: carried out once, in time, by whichever loop is alive; none after its room ended."""

import asyncio
import datetime as dt
import threading

import pytest

from arena import backends, clock, database, services, timers
from arena.errors import RoomEnded, TimeUp, VerdictExists
from arena.events import Decision, append
from arena.models import Room, Timer
from arena.services import playing
from tests import fake_provider
from tests.factories import make_room, make_rooms
from tests.fake_provider import FakeProvider
from tests.faults.people import Live, go_live, loops, openai, scripted, wait_for


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops that look again soon: rings need a serving process, and these tests have none."""
    monkeypatch.setattr(timers, "ROUND_S", 0.05)


async def _live(**options: object) -> Live:
    return await go_live(await database.run(make_room, **options))


async def _room(live: Live) -> Room:
    return await database.run(Room.objects.get, id=live.made.room.id)


def _bring_forward(live: Live, kind: str) -> None:
    """Let the moment of a timer be now, as if the time until then had passed."""
    now = clock.now()
    if kind == "time_up":
        Room.objects.filter(id=live.made.room.id).update(ends_at=now)
    rows = Timer.objects.filter(room=live.made.room, kind=kind, done_at=None)
    assert rows.update(due_at=now, wake_at=now) == 1


async def test_many_loops_share_due_timers_and_say_each_reply_once() -> None:
    made = await database.run(make_rooms, 30, machines=scripted("one", "two"))
    rooms = [await go_live(each) for each in made]
    async with loops(4):
        await asyncio.gather(*(live.ask("hello?") for live in rooms))
        await asyncio.gather(*(live.settled() for live in rooms))
        assert [await live.said() for live in rooms] == [["one"]] * 30
        await asyncio.gather(*(live.ask("and now?") for live in rooms))
        await asyncio.gather(*(live.settled() for live in rooms))
    assert [await live.said() for live in rooms] == [["one", "two"]] * 30
    assert [len(await live.log("machine_call")) for live in rooms] == [2] * 30


async def test_timer_of_a_dead_owner_is_claimed_again_after_its_lease() -> None:
    live = await _live(machines=scripted("still here"))
    await live.ask("hello?")
    lease_over = clock.now() + dt.timedelta(seconds=1.2)

    def claim_and_die() -> None:
        rows = Timer.objects.filter(room=live.made.room, kind="reply", done_at=None)
        assert rows.update(attempts=1, wake_at=lease_over) == 1

    await database.run(claim_and_die)
    async with loops(2):
        await live.settled()
    [call] = await live.log("machine_call")
    [message] = [e for e in await live.log("message") if e.seat == live.made.machine_pane]
    assert call.at >= lease_over and message.data == {"text": "still here"}


async def test_claim_takes_a_timer_once_and_leases_it(monkeypatch: pytest.MonkeyPatch) -> None:
    live = await _live()
    await live.ask("hello?")
    [timer] = await live.timers()
    await asyncio.sleep(max(0, (timer.due_at - clock.now()).total_seconds()) + 0.01)
    claims = await asyncio.gather(*(database.run(timers.claim_due) for _ in range(8)))
    mine = [t for found, _ in claims for t in found if t.id == timer.id]
    # A serving process of this session may have been quicker than all eight.
    assert len(mine) <= 1
    if mine:
        assert mine[0].wake_at >= clock.now() + timers.LEASE / 2


async def test_slow_work_keeps_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "LEASE", dt.timedelta(seconds=1.5))
    monkeypatch.setattr(fake_provider, "SLOW_S", 3.5)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with FakeProvider() as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", provider.base_url)
        live = await _live(machines=openai("slow"))
        async with loops(3):
            await live.ask("hello?")
            await live.settled()
        await backends.close()
    assert len(provider.requests) == 1
    assert await live.said() == ["Sorry, was away."]


async def test_reply_is_released_when_it_is_due_and_not_before() -> None:
    made = await database.run(make_rooms, 4, machines=scripted("ok", pacing="published"))
    rooms = [await go_live(each) for each in made]
    async with loops(2):
        await asyncio.gather(*(live.ask("a") for live in rooms))
        await asyncio.gather(*(live.settled() for live in rooms))
    for live in rooms:
        [call] = await live.log("machine_call")
        [reply] = [e for e in await live.log("message") if e.seat == live.made.machine_pane]
        late = reply.at - dt.datetime.fromisoformat(str(call.data["due_at"]))
        assert dt.timedelta(0) <= late < dt.timedelta(seconds=1)


async def test_ended_room_says_nothing_more() -> None:
    live = await _live(machines=scripted("too late", pacing="published"))
    async with loops(2):
        await live.ask("hello?")
        await wait_for(lambda: live.log("machine_call"))
        await live.decide()
        assert all(timer.done_at for timer in await live.timers())

        def reopen() -> None:
            """As if the release had been on its way when the room ended."""
            Timer.objects.filter(room=live.made.room, kind="reply").update(
                done_at=None, outcome="", wake_at=clock.now()
            )

        await database.run(reopen)
        await live.settled()
    assert await live.said() == []
    assert [timer.outcome for timer in await live.timers()] == ["room.ended"]


async def test_two_lines_in_one_go_get_one_answer() -> None:
    live = await _live(machines=scripted("one", "two", "three"))
    async with loops():
        await live.ask("hello?")
        await live.ask("anybody?")
        await live.settled()
    assert await live.said() == ["one"]
    assert sorted(timer.outcome for timer in await live.timers()) == ["said", "superseded"]


async def test_reply_gives_way_to_a_newer_message() -> None:
    live = await _live(machines=scripted("one", pacing="published"))
    async with loops():
        await live.ask("hello?")
        await wait_for(lambda: live.log("machine_call"))
        await live.ask("I meant: good evening")
        await live.settled()
    said = [event.seat for event in await live.log("message")]
    assert said == ["interrogator", "interrogator", live.made.machine_pane]


async def test_message_in_the_same_commit_as_a_reply_is_answered_too() -> None:
    live = await _live(machines=scripted("one", pacing="published"))
    release = threading.Event()

    def hold(room: Room, now: dt.datetime) -> Decision:
        release.wait(10)
        return Decision()

    async with loops():
        await live.ask("hello?")
        await wait_for(lambda: live.log("machine_call"))
        [timer] = await live.timers()
        machine = await database.run(lambda: live.made.room.seats.get(name=live.made.machine_pane))
        holding = asyncio.create_task(append(live.made.room.id, hold))
        await asyncio.sleep(0.05)
        asking = asyncio.create_task(live.ask("wait, another question"))
        await asyncio.sleep(0.05)
        saying = asyncio.create_task(
            playing.say(machine, command_id=f"timer:{timer.id}", text="stale", timer=timer)
        )
        await asyncio.sleep(0.05)
        release.set()
        await asyncio.gather(holding, asking, saying)
        await live.settled()
    assert await live.said() == ["stale", "one"]
    assert (await live.log("message"))[-1].seat == live.made.machine_pane


@pytest.mark.parametrize(
    ("pacing", "paused_for_s"), [("none", 0.0), ("none", 1.2), ("published", 0.5)]
)
async def test_pause_stops_replies_and_resume_brings_them_back(
    pacing: str, paused_for_s: float
) -> None:
    live = await _live(machines=scripted("back again", pacing=pacing))
    async with loops(2):
        await live.ask("hello?")
        if pacing == "published":
            await wait_for(lambda: live.log("machine_call"))
        before = await _room(live)
        await database.run(services.pause, live.made.room, host="host", reason="a break")
        await asyncio.sleep(paused_for_s)
        assert await live.said() == []
        await database.run(services.resume, live.made.room, host="host", reason="over")
        after = await _room(live)
        await live.settled()
    [message] = [e for e in await live.log("message") if e.seat == live.made.machine_pane]
    [paused], [resumed] = await live.log("paused"), await live.log("resumed")
    assert after.ends_at - before.ends_at == resumed.at - paused.at
    assert after.paused_ms == round((resumed.at - paused.at).total_seconds() * 1000)
    # Nobody can have read and typed while the room stood still.
    least_s = 3.0 if pacing == "published" else 0.7
    assert (message.at - resumed.at).total_seconds() >= least_s


async def test_resumed_room_still_ends_in_time() -> None:
    live = await _live(grace="0 s")
    await database.run(services.pause, live.made.room, host="host", reason="")
    await database.run(services.resume, live.made.room, host="host", reason="")
    async with loops():
        await database.run(_bring_forward, live, "time_up")
        await wait_for(lambda: live.log("ended"))
    assert (await _room(live)).end_reason == "time_up"


async def test_paused_room_does_not_run_out_of_time() -> None:
    live = await _live(grace="0 s")
    await database.run(services.pause, live.made.room, host="host", reason="")
    assert [t.done_at is None for t in await live.timers("time_up")] == [False]


async def test_time_up_leaves_time_for_a_verdict_only() -> None:
    live = await _live(machines=scripted("too late", pacing="published"))
    async with loops(2):
        await live.ask("hello?")
        await wait_for(lambda: live.log("machine_call"))
        await database.run(_bring_forward, live, "time_up")
        await wait_for(lambda: live.log("time_up"))
        for say in (live.ask("late"), live.answer("late")):
            with pytest.raises(TimeUp):
                await say
        await live.settled()
        assert await live.said() == []
        await live.decide()
    room = await _room(live)
    assert (room.phase, room.end_reason, room.ended_by) == ("ended", "verdict", "interrogator")
    with pytest.raises(VerdictExists):
        await live.decide()


async def test_grace_ends_without_a_verdict() -> None:
    live = await _live(grace="2 min")
    async with loops(2):
        await database.run(_bring_forward, live, "time_up")
        await wait_for(lambda: live.log("time_up"))
        await database.run(_bring_forward, live, "verdict_grace")
        await wait_for(lambda: live.log("ended"))
    assert [event.data for event in await live.log("ended")] == [{"reason": "time_up"}]
    with pytest.raises(RoomEnded):
        await live.decide()


async def test_lobby_that_nobody_else_enters_ends_as_no_show() -> None:
    made = await database.run(make_room)
    asker = await database.run(services.seat_by_token, made.code, made.interrogator)
    await playing.ready(asker, command_id="r", consent=made.room.consent_sha256)
    live = Live(made=made, asker=asker, witness=asker)
    async with loops(2):
        await database.run(_bring_forward, live, "lobby")
        await wait_for(lambda: live.log("ended"))
    assert (await _room(live)).end_reason == "no_show"
    late = await database.run(services.seat_by_token, made.code, made.witness)
    with pytest.raises(RoomEnded):
        await playing.ready(late, command_id="r", consent=made.room.consent_sha256)


async def test_lobby_of_a_room_that_went_live_ends_nothing() -> None:
    live = await _live()
    assert [timer.outcome for timer in await live.timers("lobby")] == ["superseded"]


@pytest.mark.parametrize("kind", ["time_up", "lobby", "verdict_grace"])
async def test_timer_that_fires_too_early_or_late_changes_nothing(kind: str) -> None:
    """A timer left over from another time of the room is asked of the room, not obeyed."""
    live = await _live()
    await live.decide()
    n_before = len(await live.log())

    def leave_over() -> None:
        now = clock.now()
        Timer.objects.create(
            room=live.made.room,
            kind=kind,
            key=f"{kind}:{live.made.code}:x",
            due_at=now,
            wake_at=now,
        )

    await database.run(leave_over)
    async with loops(2):
        await wait_for(lambda: _all_done(live, kind))
    assert len(await live.log()) == n_before


async def _all_done(live: Live, kind: str) -> bool:
    return all(timer.done_at for timer in await live.timers(kind))


async def test_stopped_loop_hands_its_work_on_at_once() -> None:
    live = await _live(machines=scripted("from the next one"))
    release = threading.Event()

    def hold(room: Room, now: dt.datetime) -> Decision:
        release.wait(10)
        return Decision()

    async with loops():
        await live.ask("hello?")
        await asyncio.sleep(0.5)
        holding = asyncio.create_task(append(live.made.room.id, hold))
        await asyncio.sleep(0.4)  # the reply is on its way into a log that stands still
    release.set()
    await holding
    async with loops():
        async with asyncio.timeout(timers.LEASE.total_seconds() / 2):
            await live.settled()
    assert await live.said() == ["from the next one"]
