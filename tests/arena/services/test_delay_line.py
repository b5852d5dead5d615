"""The delay line: what a witness writes is shown a fixed time later, whoever wrote it and how."""

import datetime as dt
import secrets
from collections import Counter
from pathlib import Path

import pytest

from arena import clock, database, queries, services
from arena.events import read_room
from arena.models import Event, Room, Seat, Timer
from arena.queries.waits import human_waits
from arena.services import playing
from tests.arena.export.reading_back import exported, read
from tests.arena.live.test_session import live_room
from tests.conftest import LiveServer
from tests.kit.factories import make_room
from tests.kit.people import Live, go_live, loops, scripted, wait_for

HOUR = dt.timedelta(hours=1)


async def _live(*lines: str, delay: str = "1 h", **options: object) -> Live:
    machines = scripted(*lines or ("well",))
    made = await database.run(make_room, delay=delay, duration="3 h", machines=machines, **options)
    return await go_live(made)


async def _seen_by(seat: Seat) -> list[str]:
    events = await database.run(lambda: list(queries.visible_events(seat)))
    return [str(event.data["text"]) for event in events if "text" in event.data]


async def _shown(live: Live) -> list[Event]:
    """What the witnesses have shown."""
    return [event for event in await live.log("message") if event.seat != "interrogator"]


def _id() -> str:
    return secrets.token_hex(8)


async def test_what_either_kind_writes_is_shown_the_delay_after_it_was_written() -> None:
    live = await _live("from the machine", delay="1 s")
    async with loops():
        await live.ask("Where are you?")
        await live.ask("Where are you?", pane=live.made.human_pane)
        await live.answer("from the human")
        assert await _seen_by(live.witness) == ["Where are you?", "from the human"]
        await wait_for(lambda: _has_shown(live, 2))
    held = {event.public_id: event for event in await live.log("held")}
    for event in await _shown(live):
        before = held[str(event.data["held"])]
        assert (before.seat, before.data["text"]) == (event.seat, event.data["text"])
        written = dt.datetime.fromisoformat(str(before.data["written_at"]))
        assert event.at - written >= dt.timedelta(seconds=1)
        timers = {t.key: t for t in await live.timers("release")}
        timer = timers[f"release:{live.made.room.code}:{before.seq}"]
        assert timer.due_at - written == dt.timedelta(seconds=1)
    # Its writer is not shown it again; the interrogator is shown nothing but the message.
    assert await _seen_by(live.witness) == ["Where are you?", "from the human"]
    seen = await database.run(lambda: list(queries.visible_events(live.asker)))
    assert {event.kind for event in seen} == {"message"}
    assert Counter(await _seen_by(live.asker)) == Counter(
        {"Where are you?": 2, "from the machine": 1, "from the human": 1}
    )


async def _has_shown(live: Live, n: int) -> bool:
    return len(await _shown(live)) == n


async def test_both_kinds_take_the_same_events_and_timers() -> None:
    live = await _live("hm", delay="1 s")
    async with loops():
        await live.ask("So?")
        await live.ask("So?", pane=live.made.human_pane)
        await live.answer("hm")
        await wait_for(lambda: _has_shown(live, 2))
    kinds = {
        seat: [event.kind for event in await live.log() if event.seat == seat]
        for seat in (live.made.machine_pane, str(live.made.human_pane))
    }
    own = [kind for kind in kinds[live.made.machine_pane] if kind != "machine_call"]
    assert own == ["held", "message"]
    assert kinds[str(live.made.human_pane)][-2:] == own
    assert len(await live.timers("release")) == 2
    keys = {tuple(sorted(event.data)) for event in await live.log("held")}
    assert keys == {("text", "written_at")}


async def _machine_says(live: Live, text: str, *, due: dt.timedelta) -> Event:
    """Have the machine say something for which its timer was due so long ago."""
    seat = await database.run(live.made.room.seats.get, name=live.made.machine_pane)
    await live.ask("and?")
    timer = (await live.timers())[-1]
    timer.due_at = clock.now() - due
    await playing.say(seat, command_id=f"timer:{timer.id}", text=text, timer=timer)
    return (await live.log("held"))[-1]


async def test_words_that_come_within_the_delay_are_shown_when_they_were_due() -> None:
    live = await _live()
    held = await _machine_says(live, "a little late", due=dt.timedelta(minutes=10))
    written = dt.datetime.fromisoformat(str(held.data["written_at"]))
    assert dt.timedelta(minutes=10) <= held.at - written < dt.timedelta(minutes=11)
    [timer] = await live.timers("release")
    assert timer.due_at == written + HOUR


async def test_words_that_come_after_the_delay_are_shown_at_once() -> None:
    live = await _live()
    async with loops():
        held = await _machine_says(live, "too late", due=dt.timedelta(hours=2))
        written = dt.datetime.fromisoformat(str(held.data["written_at"]))
        assert abs(held.at - written - HOUR) < dt.timedelta(milliseconds=2)
        await wait_for(lambda: _has_shown(live, 1))


async def test_order_of_a_pane_is_that_of_writing() -> None:
    live = await _live()
    first = await _machine_says(live, "first", due=dt.timedelta(minutes=1))
    second = await _machine_says(live, "second", due=dt.timedelta(minutes=30))
    assert first.data["written_at"] == second.data["written_at"]
    made = live.made.room
    room = await database.run(read_room, made.id)
    assert [event.public_id for event in room.held] == [first.public_id, second.public_id]


@pytest.mark.parametrize("grace", ["0 s", "2 min"])
async def test_time_up_shows_what_is_held(grace: str) -> None:
    live = await _live(grace=grace)
    await live.answer("held until the end")
    await _machine_says(live, "mine too", due=dt.timedelta(0))

    def bring_forward() -> None:
        now = clock.now()
        Room.objects.filter(id=live.made.room.id).update(ends_at=now)
        rows = Timer.objects.filter(room=live.made.room, kind="time_up", done_at=None)
        assert rows.update(due_at=now, wake_at=now) == 1

    async with loops():
        await database.run(bring_forward)
        await wait_for(lambda: live.log("time_up"))
    assert [event.data["text"] for event in await _shown(live)] == [
        "held until the end",
        "mine too",
    ]
    assert all(timer.done_at for timer in await live.timers("release"))


async def test_verdict_is_given_without_what_was_not_shown_and_then_it_is() -> None:
    live = await _live()
    await live.answer("you will see")
    await live.decide()
    assert [event.kind for event in await live.log()][-4:] == [
        "verdict",
        "message",
        "ended",
        "revealed",
    ]
    assert (await _seen_by(live.asker))[-1] == "you will see"
    assert await _seen_by(live.witness) == ["you will see"]


async def test_host_may_end_a_room_with_something_held() -> None:
    live = await _live()
    await live.answer("before the end")
    room = await database.run(Room.objects.get, id=live.made.room.id)
    await database.run(services.end, room, host="h", reason="fire", command_id=_id())
    assert [event.kind for event in await live.log()][-3:] == ["message", "ended", "revealed"]


@pytest.mark.parametrize("erase", [True, False])
async def test_words_that_a_leaver_takes_along_are_never_shown(erase: bool) -> None:
    live = await _live(grace="2 min")
    await live.answer("not for you")
    await database.run(services.withdraw, live.witness, erase=erase, command_id=_id())
    assert [event.data["text"] for event in await _shown(live)] == (
        [] if erase else ["not for you"]
    )
    [held] = await live.log("held")
    assert (held.body is None) is erase
    assert ("not for you" in await _seen_by(live.asker)) is not erase
    assert all(timer.done_at for timer in await live.timers("release"))


async def test_export_has_when_it_was_written_beside_when_it_was_shown(tmp_path: Path) -> None:
    live = await _live(delay="1 s")
    async with loops():
        await live.answer("as a person")
        await wait_for(lambda: _has_shown(live, 1))
    await live.decide()
    folder = await database.run(exported, live.made.study, tmp_path)
    [row] = read(folder, "messages")
    [held] = await live.log("held")
    [shown] = await _shown(live)
    assert (row["event"], row["at"]) == (shown.public_id, shown.at)
    assert row["written_at"] == dt.datetime.fromisoformat(str(held.data["written_at"]))
    assert shown.at - held.at >= dt.timedelta(seconds=1)


async def test_pause_shows_nothing_and_moves_the_moment_on() -> None:
    live = await _live("one")
    await live.answer("before the pause")
    [before] = await live.timers("release")
    room = await database.run(Room.objects.get, id=live.made.room.id)
    for _ in range(2):
        await database.run(services.pause, room, host="h", reason="")
        [*_, closed] = await live.timers("release")
        assert closed.outcome == "superseded"
        await database.run(services.resume, room, host="h", reason="")
    after = await database.run(Room.objects.get, id=room.id)
    [timer] = [timer for timer in await live.timers("release") if timer.done_at is None]
    assert before.due_at < timer.due_at
    assert room.ends_at is not None and after.ends_at is not None
    moved = timer.due_at - before.due_at
    assert abs(moved - (after.ends_at - room.ends_at)) < dt.timedelta(milliseconds=4)


async def test_question_between_writing_and_showing_is_still_owed_an_answer() -> None:
    live = await _live(delay="1 s")
    async with loops():
        await live.ask("first", pane=live.made.human_pane)
        await live.answer("to the first")
        await live.ask("second", pane=live.made.human_pane)
        await wait_for(lambda: _has_shown(live, 1))
    room = await database.run(read_room, live.made.room.id)
    pane = str(live.made.human_pane)
    asked = [event for event in await live.log("message") if event.data["text"] == "second"]
    assert room.last_words[pane].public_id == asked[0].public_id
    assert room.asked_at[pane] == asked[0].at
    assert room.held == []


async def test_room_read_anew_is_the_room_in_memory() -> None:
    live = await _live()
    for text in ("one", "two"):
        await live.answer(text)
    await _machine_says(live, "mine", due=dt.timedelta(0))
    anew = await database.run(read_room, live.made.room.id)
    texts = [event.body.text for event in anew.held]  # type: ignore[union-attr]
    assert texts == ["one", "two", "mine"]


async def test_waits_of_a_studys_people_end_when_they_wrote() -> None:
    live = await _live(delay="2 s")
    async with loops():
        await live.ask("quick", pane=live.made.human_pane)
        await live.answer("yes")
        await wait_for(lambda: _has_shown(live, 1))
    held, shown = (await live.log("held"))[0], (await _shown(live))[0]
    [asked] = [event for event in await live.log("message") if event.data["text"] == "quick"]
    [wait] = await database.run(human_waits, live.made.study.id)
    assert (
        wait.wait_s == (held.at - asked.at).total_seconds() < (shown.at - asked.at).total_seconds()
    )


async def test_interrogator_gets_no_frame_before_the_message(server: LiveServer) -> None:
    room = await database.run(make_room, delay="1 s", machines=scripted("machine's"))
    async with live_room(server, room) as (asker, witness):
        for pane in "AB":
            assert (await asker.do("say", pane=pane, text="Well?"))["is"] == "ack"
        await witness.until(lambda f: f.get("text") == "Well?")
        answer = await witness.do("say", text="human's")
        own = await witness.until(lambda f: f.get("text") == "human's")
        assert (own["kind"], own["from"], own["id"]) == ("message", "me", answer["event"])
        for text in ("human's", "machine's"):
            await asker.until(lambda f, text=text: f.get("text") == text)
        shown = [f for f in asker.frames if f["is"] == "event" and f["from"] == "them"]
        assert len({tuple(frame) for frame in shown}) == 1
        assert sorted(f["text"] for f in shown) == ["human's", "machine's"]
        assert answer["event"] not in {frame["id"] for frame in shown}
