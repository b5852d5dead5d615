"""Rounds: both replies shown together at a deadline, whatever their writers did before it."""

import secrets

import pytest

from arena import broadcast, clock, database, queries, services
from arena.errors import RoundClosed, RoundOpen
from arena.events import read_room
from arena.models import Room, Seat, Timer
from arena.services import playing, rounds
from tests.arena.live.test_session import live_room
from tests.conftest import LiveServer
from tests.kit.factories import MadeRoom, make_room
from tests.kit.people import Live, go_live, loops, scripted, wait_for


async def _live(*lines: str) -> Live:
    machines = scripted(*lines, pacing="rounds")
    return await go_live(await database.run(make_room, rounds="1 h", machines=machines))


async def _end_round(live: Live) -> None:
    """Let the round be over now, as if its time had passed."""

    def bring_forward() -> None:
        now = clock.now()
        Room.objects.filter(id=live.made.room.id).update(round_ends_at=now)
        rows = Timer.objects.filter(room=live.made.room, kind="round", done_at=None)
        assert rows.update(due_at=now, wake_at=now) == 1

    n = len(await live.log("round"))
    await database.run(bring_forward)
    await wait_for(lambda: _has_more(live, n))


async def _has_more(live: Live, n: int) -> bool:
    return len(await live.log("round")) > n


async def _seen_by(seat: Seat) -> list[str]:
    events = await database.run(lambda: list(queries.visible_events(seat)))
    return [str(event.data["text"]) for event in events if "text" in event.data]


async def _ask_both(live: Live, text: str) -> None:
    for pane in "AB":
        await live.ask(text, pane=pane)


async def test_answers_of_a_round_come_together_in_the_order_of_the_panes() -> None:
    live = await _live("from the machine")
    async with loops():
        await _ask_both(live, "Where are you?")
        await live.answer("from the human")
        await live.answer("and more")
        await live.settled()
        assert await _seen_by(live.asker) == ["Where are you?"] * 2
        assert await _seen_by(live.witness) == ["Where are you?", "from the human", "and more"]
        await _end_round(live)
    expected = {live.made.machine_pane: ["from the machine"]}
    expected[str(live.made.human_pane)] = ["from the human", "and more"]
    shown = [e for e in await live.log("message") if e.seat != "interrogator"]
    assert [(e.pane, e.data["text"]) for e in shown] == [
        (pane, text) for pane in "AB" for text in expected[pane]
    ]
    assert len({event.at for event in shown}) == 1
    assert await _seen_by(live.witness) == ["Where are you?", "from the human", "and more"]
    held = {event.public_id: event.data["text"] for event in await live.log("held")}
    assert [held[str(event.data["held"])] for event in shown] == [e.data["text"] for e in shown]


async def test_a_pane_is_asked_once_in_a_round_and_again_in_the_next() -> None:
    live = await _live("one", "two")
    pane = live.made.machine_pane
    async with loops():
        await live.ask("first", pane=pane)
        with pytest.raises(RoundOpen, match="already been asked in this round"):
            await live.ask("again", pane=pane)
        await live.settled()
        await _end_round(live)
        await live.ask("second", pane=pane)
        await live.settled()
        await _end_round(live)
    assert await live.said() == ["one", "two"]
    assert [event.data["ends_at"] is None for event in await live.log("round")] == [
        False,
        True,
    ] * 2


async def test_only_who_is_asked_may_answer() -> None:
    live = await _live("one")
    with pytest.raises(RoundClosed):
        await live.answer("unasked")
    await live.ask("only you", pane=live.made.machine_pane)
    with pytest.raises(RoundClosed):
        await live.answer("unasked")
    assert await live.log("held") == []


async def test_machine_that_is_too_late_for_its_round_says_nothing() -> None:
    live = await _live("late")
    await live.ask("quick!")
    async with loops():
        await live.settled()
        await _end_round(live)
    assert await live.said() == ["late"]
    machine = await database.run(live.made.room.seats.get, name=live.made.machine_pane)
    with pytest.raises(RoundClosed):
        await playing.say(machine, command_id=secrets.token_hex(4), text="too late")


async def test_time_up_shows_what_is_held() -> None:
    live = await _live("held until the end")
    await live.ask("last question")
    async with loops():
        await live.settled()

        def bring_forward() -> None:
            now = clock.now()
            Room.objects.filter(id=live.made.room.id).update(ends_at=now)
            rows = Timer.objects.filter(room=live.made.room, kind="time_up", done_at=None)
            assert rows.update(due_at=now, wake_at=now) == 1

        await database.run(bring_forward)
        await wait_for(lambda: live.log("time_up"))
    assert await live.said() == ["held until the end"]
    room = await database.run(Room.objects.get, id=live.made.room.id)
    assert room.round_ends_at is None


async def test_pause_stops_the_round_and_resume_gives_it_the_time_it_had_left() -> None:
    live = await _live("one")
    await live.ask("hello?")
    before = await database.run(Room.objects.get, id=live.made.room.id)
    left = before.round_ends_at
    await database.run(services.pause, before, host="h", reason="")
    await database.run(services.resume, before, host="h", reason="")
    after = await database.run(Room.objects.get, id=live.made.room.id)
    assert before.ends_at is not None and after.ends_at is not None
    assert left is not None and after.round_ends_at is not None
    assert after.round_ends_at - left == after.ends_at - before.ends_at
    [timer] = [t for t in await live.timers("round") if t.done_at is None]
    assert timer.due_at == after.round_ends_at


async def test_rounds_end_no_later_than_the_room() -> None:
    live = await _live("one")
    room = await database.run(read_room, live.made.room.id)
    assert room.ends_at is not None
    decision = rounds.opening(room, clock.now())
    assert decision.room["round_ends_at"] == room.ends_at


async def test_seats_are_told_of_a_round_and_see_answers_only_when_it_is_over(
    server: LiveServer,
) -> None:
    machines = scripted("machine's", pacing="rounds")
    room = await database.run(make_room, rounds="1 h", machines=machines)
    async with live_room(server, room) as (asker, witness):
        for pane in "AB":
            assert (await asker.do("say", pane=pane, text="Well?"))["is"] == "ack"
        refused = await asker.do("say", pane="A", text="And?")
        assert refused["code"] == "round.open"
        opened = await witness.until(lambda f: f["is"] == "room" and f["round"]["ends_at"])
        assert set(opened["round"]) == {"began_at", "ends_at"}
        await witness.until(lambda f: f.get("text") == "Well?")
        answer = await witness.do("say", text="human's")
        own = await witness.until(lambda f: f.get("text") == "human's")
        assert (own["kind"], own["from"], own["id"]) == ("message", "me", answer["event"])
        await wait_for(lambda: database.run(_has_held, room, 2))
        await database.run(_bring_forward, room.room)
        for text in ("human's", "machine's"):
            await asker.until(lambda f, text=text: f.get("text") == text)
        assert (await asker.receive())["round"] == {"began_at": None, "ends_at": None}
        shown = [f for f in asker.frames if f["is"] == "event" and f["from"] == "them"]
        texts = {room.human_pane: "human's", room.machine_pane: "machine's"}
        assert [(f["kind"], f["pane"], f["text"]) for f in shown] == [
            ("message", pane, texts[pane]) for pane in "AB"
        ]
        assert (await witness.sync())[-1]["is"] == "synced"
        assert [f["text"] for f in witness.frames if f["is"] == "event"].count("human's") == 2


def _has_held(room: MadeRoom, n: int) -> bool:
    return room.room.events.filter(kind="held").count() == n


def _bring_forward(room: Room) -> None:
    now = clock.now()
    Room.objects.filter(id=room.id).update(round_ends_at=now)
    room.timers.filter(kind="round").update(due_at=now, wake_at=now)
    broadcast.hub.ring([broadcast.TIMERS])
