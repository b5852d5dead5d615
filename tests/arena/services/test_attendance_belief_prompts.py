"""The interrogator, and nobody else, is asked for a belief when none was given for long enough."""

import datetime as dt

from arena import clock, database, queries, services
from arena.event_kinds import BeliefAsked
from arena.models import Event
from arena.protocol.frames import event as event_frame
from arena.services import playing, seat_settings
from tests.arena.services.test_attendance import near
from tests.conftest import LiveServer
from tests.kit.long_rooms import LongRoom, ago, begun, make_long_room, on
from tests.kit.people import go_live
from tests.kit.wire import joined

HOUR = dt.timedelta(hours=1)


async def _asked(room: LongRoom) -> int:
    return len(await room.live.log("belief_asked"))


async def test_interrogator_is_asked_once_each_time() -> None:
    room = await begun(hours=30, belief="24 h")
    await room.look_now("belief")
    await room.look_now("belief")
    assert await _asked(room) == 1
    assert near(await room.next_due("belief", room.live.asker), clock.now() + 24 * HOUR)


async def test_belief_that_was_given_puts_the_question_off() -> None:
    room = await begun(hours=30, belief="24 h")
    with ago(hours=20):
        await playing.belief(room.live.asker, command_id="b", p=0.5)
    await room.look_now("belief")
    assert await _asked(room) == 0
    assert near(await room.next_due("belief", room.live.asker), clock.now() + 4 * HOUR)


async def test_nobody_is_asked_at_night_or_while_away() -> None:
    now = clock.now()
    quiet = f"{now - 3 * HOUR:%H:%M}-{now + 3 * HOUR:%H:%M}"
    room = await begun(hours=30, belief="24 h")
    asker = room.live.asker
    await on(asker, seat_settings.store_settings, email="", time_zone="UTC", quiet_hours=quiet)
    await room.look_now("belief")
    assert await _asked(room) == 0
    until = (now + 3 * HOUR).replace(second=0, microsecond=0)
    assert await room.next_due("belief", asker) == until

    away = await begun(hours=30, belief="24 h")
    with ago(hours=1):
        await on(away.live.asker, seat_settings.begin_away, until=clock.now() + 48 * HOUR)
    await away.look_now("belief")
    assert await _asked(away) == 0
    assert near(await away.next_due("belief", away.live.asker), clock.now() + 47 * HOUR)


async def test_pause_of_the_room_does_not_count() -> None:
    room = await begun(hours=30, belief="24 h")
    with ago(hours=20):
        await database.run(services.pause, room.live.made.room, host="host", reason="")
    await database.run(services.resume, room.live.made.room, host="host", reason="")
    await room.look_now("belief")
    assert await _asked(room) == 0
    assert near(await room.next_due("belief", room.live.asker), clock.now() + 14 * HOUR)


async def test_room_whose_words_are_over_asks_no_more() -> None:
    room = await begun(hours=49, belief="24 h", duration="2 days", attendance="none")
    await room.look_now("belief")
    assert await _asked(room) == 0
    assert [timer.outcome for timer in await room.live.timers("belief")] == ["over"]


async def test_short_rooms_ask_too_and_others_never() -> None:
    for belief, n in (("10 s", 1), ("never", 0)):
        room = await begun(hours=0.01, belief=belief, duration="10 min", attendance="none")
        await room.look_now("belief")
        assert await _asked(room) == n


async def test_question_is_an_event_frame_without_fields_for_the_interrogator_alone(
    server: LiveServer,
) -> None:
    room = await begun(hours=30, belief="24 h")
    made = room.live.made
    async with (
        joined(server.ws(made.code), made.interrogator) as asker,
        joined(server.ws(made.code), made.witness) as witness,
    ):
        await asker.sync()
        await witness.sync()
        await room.look_now("belief")
        asked = await asker.until(lambda frame: frame.get("kind") == "belief_asked")
        assert set(asked) == {"is", "id", "at", "kind", "from"} and asked["from"] == "them"
        # What the witness hears next is the message, though the question came before it.
        await room.live.ask("hello?", pane=made.human_pane)
        await witness.message("hello?")
        assert [f["kind"] for f in witness.frames if f["is"] == "event"] == ["message"]
        again = await witness.sync()
        assert [f["kind"] for f in again if f["is"] == "event"] == ["message"]
        await asker.message("hello?")
        told = await asker.sync()
        assert [f["kind"] for f in told if f["is"] == "event"] == ["belief_asked", "message"]
    seen = await database.run(lambda: queries.visible_events(room.live.witness).count())
    assert seen == 1


def test_frame_of_a_question_holds_nothing() -> None:
    at = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    frame = event_frame(id="e", at=at, mine=False, body=BeliefAsked())
    assert frame == {
        "is": "event",
        "id": "e",
        "at": "2027-01-01T00:00:00Z",
        "kind": "belief_asked",
        "from": "them",
    }


async def test_room_that_goes_live_waits_the_whole_span() -> None:
    live = await go_live(await database.run(make_long_room, belief="24 h"))
    [timer] = await live.timers("belief")
    [started] = await live.log("started")
    assert timer.due_at == started.at + 24 * HOUR
    kinds = await database.run(
        lambda: set(Event.objects.filter(room=live.made.room).values_list("kind", flat=True))
    )
    assert "belief_asked" not in kinds
