"""Future acts: carried out once, in time, by whichever loop is alive; none after its room ended."""

import asyncio
import datetime as dt
import threading

import pytest

from arena import backends, clock, database, services
from arena.errors import RoomEnded, TimeIsUp, VerdictExists
from arena.events import Decision, append
from arena.models import Room, Timer
from arena.services import playing, replies
from arena.timers import loop
from tests.conftest import serving
from tests.kit import fake_provider
from tests.kit.factories import make_room, make_rooms
from tests.kit.fake_provider import FakeProvider
from tests.kit.people import Live, go_live, loops, openai, scripted, wait_for
from tests.kit.stubborn import PATIENCE_S, until

#: A reply that takes more than a minute to type.
LONG = ("a long answer, typed without haste, " * 8).strip()
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loops that look again soon: rings need a serving process, and most tests here have none.

    A lease is long, so that work is not done twice because the machine stood still.
    """
    monkeypatch.setattr(loop, "POLL_S", 0.05)
    monkeypatch.setattr(loop, "LEASE", dt.timedelta(minutes=1))


async def _live(**options: object) -> Live:
    return await go_live(await database.run(make_room, **options))


async def _room(live: Live) -> Room:
    return await database.run(Room.objects.get, id=live.made.room.id)


def _bring_forward(live: Live, kind: str, *, n: int = 1) -> None:
    """Let the moment of `n` timers be now, as if the time until then had passed."""
    now = clock.now()
    if kind == "time_up":
        Room.objects.filter(id=live.made.room.id).update(ends_at=now)
    rows = Timer.objects.filter(room=live.made.room, kind=kind, done_at=None)
    assert rows.update(due_at=now, wake_at=now) == n


async def _has_called(live: Live, n: int = 1) -> bool:
    """Whether the machine's backend has answered `n` times."""
    return len(await live.log("machine_call")) >= n


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


@pytest.mark.usefixtures("attentive")
async def test_timer_of_a_dead_owner_is_claimed_again_after_its_lease() -> None:
    live = await _live(machines=scripted("still here"))
    await live.ask("hello?")

    def claim_and_die() -> dt.datetime:
        lease_over = clock.now() + dt.timedelta(seconds=1.2)
        rows = Timer.objects.filter(room=live.made.room, kind="reply", done_at=None)
        assert rows.update(attempts=1, wake_at=lease_over) == 1
        return lease_over

    lease_over = await database.run(claim_and_die)
    async with loops(2):
        await live.settled()
    [call] = await live.log("machine_call")
    [message] = [e for e in await live.log("message") if e.seat == live.made.machine_pane]
    assert call.at >= lease_over and message.data == {"text": "still here"}


@pytest.mark.usefixtures("attentive")
async def test_claim_takes_a_timer_once_and_leases_it() -> None:
    live = await _live()
    await live.ask("hello?")
    [timer] = await live.timers()
    await database.run(_bring_forward, live, "reply")
    before = clock.now()
    claims = await asyncio.gather(*(database.run(loop.lease_due) for _ in range(8)))
    claimed = [each for found, _ in claims for each in found]
    await database.run(_give_back, claimed)
    mine = [each for each in claimed if each.id == timer.id]
    assert len(mine) == 1
    assert mine[0].wake_at >= before + loop.LEASE


def _give_back(claimed: list[Timer]) -> None:
    rows = Timer.objects.filter(id__in=[each.id for each in claimed], done_at=None)
    rows.update(wake_at=clock.now())


async def test_slow_work_keeps_its_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "LEASE", dt.timedelta(seconds=12))
    monkeypatch.setattr(fake_provider, "SLOW_S", 14)
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
    [call] = await live.log("machine_call")
    assert call.data["latency_ms"] > 12_000


async def test_a_hundred_slow_models_are_waited_for_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """None answers before all have been asked."""
    monkeypatch.setattr(fake_provider, "PARTY", 100)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    made = await database.run(make_rooms, 100, machines=openai("gathering"))
    with FakeProvider() as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", provider.base_url)
        rooms = [await go_live(each) for each in made]
        async with loops():
            await asyncio.gather(*(live.ask("hello?") for live in rooms))
            await asyncio.gather(*(live.settled() for live in rooms))
        await backends.close()
    assert [await live.said() for live in rooms] == [["Here we all are."]] * 100


async def test_reply_is_released_when_it_is_due_and_not_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The loop wakes up for it: hours lie between the rounds on which it would look anyway."""
    made = await database.run(make_rooms, 4, machines=scripted("ok", pacing="published"))
    rooms = [await go_live(each) for each in made]
    monkeypatch.setattr(loop, "POLL_S", 100 * PATIENCE_S)
    with serving():
        await asyncio.gather(*(live.ask("a") for live in rooms))
        await asyncio.gather(*(live.settled() for live in rooms))
    for live in rooms:
        [call] = await live.log("machine_call")
        [reply] = [e for e in await live.log("message") if e.seat == live.made.machine_pane]
        assert reply.at >= dt.datetime.fromisoformat(str(call.data["due_at"]))


async def test_ended_room_says_nothing_more() -> None:
    live = await _live(machines=scripted(LONG, pacing="published"))
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


async def test_machine_listens_for_a_moment_before_it_thinks() -> None:
    live = await _live()
    await live.ask("hello?")
    [timer], [asked] = await live.timers(), await live.log("message")
    assert timer.due_at - asked.at == replies.LISTEN


@pytest.mark.usefixtures("attentive")
async def test_two_lines_in_one_go_get_one_answer() -> None:
    live = await _live(machines=scripted("one", "two", "three"))
    async with loops():
        await live.ask("hello?")
        await live.ask("anybody?")
        await database.run(lambda: _bring_forward(live, "reply", n=2))
        await live.settled()
    assert await live.said() == ["one"]
    assert sorted(timer.outcome for timer in await live.timers()) == ["said", "superseded"]


async def test_reply_gives_way_to_a_newer_message() -> None:
    live = await _live(machines=scripted(LONG, pacing="published"))
    async with loops():
        await live.ask("hello?")
        await wait_for(lambda: live.log("machine_call"))
        await live.ask("I meant: good evening")
        await wait_for(lambda: _has_called(live, 2))
        older, newer = await live.timers()
        assert (older.outcome, newer.outcome) == ("superseded", "")
        await database.run(_bring_forward, live, "reply")
        await live.settled()
    said = [event.seat for event in await live.log("message")]
    assert said == ["interrogator", "interrogator", live.made.machine_pane]


async def test_message_in_the_same_commit_as_a_reply_is_answered_too() -> None:
    live = await _live(machines=scripted(LONG, pacing="published"))
    started, release = threading.Event(), threading.Event()

    def hold(room: Room, now: dt.datetime) -> Decision:
        started.set()
        release.wait(PATIENCE_S)
        return Decision()

    async with loops():
        await live.ask("hello?")
        await wait_for(lambda: live.log("machine_call"))
        [timer] = await live.timers()
        machine = await database.run(lambda: live.made.room.seats.get(name=live.made.machine_pane))
        holding = asyncio.create_task(append(live.made.room.id, hold))
        await until(started.is_set, what="the writer")
        # Each joins the queue in its first step, so both are in it, in this order, after two.
        asking = asyncio.create_task(live.ask("wait, another question"))
        await asyncio.sleep(0)
        saying = asyncio.create_task(
            playing.say(machine, command_id=f"timer:{timer.id}", text="stale", timer=timer)
        )
        await asyncio.sleep(0)
        release.set()
        await asyncio.gather(holding, asking, saying)
        await wait_for(lambda: _has_called(live, 2))
        await database.run(_bring_forward, live, "reply")
        await live.settled()
    assert await live.said() == ["stale", LONG]
    assert (await live.log("message"))[-1].seat == live.made.machine_pane


@pytest.mark.parametrize(
    ("pacing", "comes_due"), [("none", False), ("none", True), ("published", True)]
)
async def test_pause_stops_replies_and_resume_brings_them_back(
    pacing: str, comes_due: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = await _live(machines=scripted(LONG, pacing=pacing))
    async with loops(2):
        with monkeypatch.context() as attentive:
            if pacing == "none":
                attentive.setattr(replies, "LISTEN", HOUR)
            await live.ask("hello?")
        if pacing == "published":
            await wait_for(lambda: live.log("machine_call"))
        before = await _room(live)
        await database.run(services.pause, live.made.room, host="host", reason="a break")
        if comes_due:
            await _come_due(live)
        assert await live.said() == []
        await database.run(services.resume, live.made.room, host="host", reason="over")
        after = await _room(live)
        if pacing == "published":
            await wait_for(lambda: _has_called(live, 2))
            await database.run(_bring_forward, live, "reply")
        await live.settled()
    [message] = [e for e in await live.log("message") if e.seat == live.made.machine_pane]
    [paused], [resumed] = await live.log("paused"), await live.log("resumed")
    assert after.ends_at - before.ends_at == resumed.at - paused.at
    assert after.paused_ms == round((resumed.at - paused.at).total_seconds() * 1000)
    # Nobody can have read and typed while the room stood still.
    *_, call = await live.log("machine_call")
    planned = dt.datetime.fromisoformat(str(call.data["due_at"])) - resumed.at
    assert planned >= (dt.timedelta(seconds=30) if pacing == "published" else replies.LISTEN)
    assert message.at - resumed.at >= (replies.LISTEN if pacing == "published" else planned)


async def _come_due(live: Live) -> None:
    """Let the moment of a room's replies come, and the loops have done all that is due by then."""

    def come() -> None:
        now = clock.now()
        Timer.objects.filter(room=live.made.room, kind="reply").update(due_at=now, wake_at=now)

    await database.run(come)
    later = await _live(machines=scripted("as the last"))
    await later.ask("is it my turn?")
    await later.settled()


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
    live = await _live(grace="1 h", machines=scripted(LONG, pacing="published"))
    async with loops(2):
        await live.ask("hello?")
        await wait_for(lambda: live.log("machine_call"))
        await database.run(_bring_forward, live, "time_up")
        await wait_for(lambda: live.log("time_up"))
        for say in (live.ask("late"), live.answer("late")):
            with pytest.raises(TimeIsUp):
                await say
        await live.settled()
        assert await live.said() == []
        await live.decide()
    room = await _room(live)
    assert (room.phase, room.end_reason, room.ended_by) == ("ended", "verdict", "interrogator")
    with pytest.raises(VerdictExists):
        await live.decide()


async def test_grace_ends_without_a_verdict() -> None:
    live = await _live(grace="1 h")
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


async def test_stopped_loop_hands_its_work_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one need not wait for the end of the lease."""
    monkeypatch.setattr(loop, "LEASE", HOUR)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    with FakeProvider(stall_first=1) as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", provider.base_url)
        live = await _live(machines=openai("ok", timeout="1 h"))
        async with loops():
            await live.ask("hello?")
            await until(lambda: len(provider.requests) == 1, what="the call")
        async with loops():
            await live.settled()
        await backends.close()
    assert await live.said() == ["Fine, thanks. You?"]
