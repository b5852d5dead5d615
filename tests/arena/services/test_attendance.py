"""Long rooms: whoever falls silent is reminded, once each time, and in the end the room ends."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import override_settings

from arena import clock, database, services
from arena.errors import AwayRefused
from arena.events import read_room
from arena.live import runtime
from arena.models import Seat, Timer
from arena.queries import personas
from arena.services import attendance as attendance_rules
from arena.services import playing, seat_settings
from arena.timers import loop
from tests.arena.test_blindness import watching
from tests.conftest import LiveServer, free_port
from tests.kit.factories import MadeRoom
from tests.kit.long_rooms import SILENT, LongRoom, ago, attendance, begun, make_long_room, on
from tests.kit.people import Live, go_live, openai, wait_for
from tests.kit.smtp_server import mail_server
from tests.kit.wire import joined

HOUR = dt.timedelta(hours=1)
OFTEN_AWAY = SILENT.replace(
    "life: none",
    'life: {time_zone: UTC, sleep: "23:00-07:00", work: none, work_days: [], holidays: [], '
    "away_days: 200, writes_first_per_day: 0}",
)
DAY = 24 * HOUR


@contextlib.asynccontextmanager
async def loops(n: int) -> AsyncIterator[None]:
    """`n` timer loops, as so many processes would run them."""
    tasks = [asyncio.create_task(loop.Loop(runtime.HANDLERS).run()) for _ in range(n)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def letters(room: LongRoom) -> list[EmailMessage]:
    """What was sent to the people of a room."""
    return [each for each in mail.outbox if set(each.to) & set(room.addresses.values())]


def near(moment: dt.datetime, expected: dt.datetime) -> bool:
    """Whether a moment is what was expected, give or take how long the test has run."""
    return abs(moment - expected) < 10 * dt.timedelta(minutes=1)


# Reminders


async def test_silent_people_are_reminded_once_however_many_loops_run() -> None:
    rooms = [await begun(hours=25) for _ in range(10)]

    async def all_sent() -> bool:
        outcomes = [t.outcome for room in rooms for t in await room.live.timers("reminder")]
        return outcomes.count("sent") == 2 * len(rooms)

    async with loops(4):
        for room in rooms:
            await room.let_loops("reminder")
        await wait_for(all_sent)
    for room in rooms:
        assert sorted(await room.reminded()) == sorted((seat.actor, 1) for seat in room.people)
        assert sorted(each.to[0] for each in letters(room)) == sorted(room.addresses.values())
        for seat in room.people:
            due = await room.next_due("reminder", seat)
            assert near(due, clock.now() + 23 * HOUR)
        await room.look_now("reminder", "drop_out")
        assert len(letters(room)) == 2 and len(await room.reminded()) == 2


async def test_whoever_wrote_meanwhile_is_not_reminded() -> None:
    room = await begun(hours=49)
    with ago(hours=1):
        await room.live.ask("hello?")
    await room.look_now("reminder")
    assert await room.reminded() == [(room.live.witness.actor, 2)]
    assert near(await room.next_due("reminder", room.live.asker), clock.now() + 23 * HOUR)


async def test_after_an_outage_one_reminder_stands_for_all_that_are_overdue() -> None:
    room = await begun(hours=5 * 24)
    await room.look_now("reminder")
    assert [which for _, which in await room.reminded()] == [3, 3]
    await room.look_now("reminder")
    assert len(letters(room)) == 2


async def test_new_silence_earns_reminders_from_the_first_again() -> None:
    room = await begun(hours=80)
    with ago(hours=75):
        await room.live.ask("good morning")
    with ago(hours=26):
        await room.look_now("reminder")
        await room.live.ask("good evening")
    await room.look_now("reminder")
    mine = [which for seat, which in await room.reminded() if seat == "interrogator"]
    assert mine == [2, 1]


async def test_nobody_is_reminded_in_their_night() -> None:
    """Their own, where they live: the study's is the same for both, and one of them is awake."""
    now = clock.now()
    quiet = f"{now - 3 * HOUR:%H:%M}-{now + 3 * HOUR:%H:%M}"
    room = await begun(hours=25, attendance=attendance(quiet_hours=quiet))
    sleeper, waker = room.people
    for seat, zone in ((sleeper, "UTC"), (waker, "Asia/Tokyo")):
        address = room.addresses[seat.actor]
        await on(seat, seat_settings.store_settings, email=address, time_zone=zone, quiet_hours="")
    await room.look_now("reminder")
    assert [seat for seat, _ in await room.reminded()] == [waker.actor]
    wakes_at = (now + 3 * HOUR).replace(second=0, microsecond=0)
    assert await room.next_due("reminder", sleeper) == wakes_at


async def test_own_quiet_hours_go_before_the_study_s() -> None:
    now = clock.now()
    quiet = f"{now - 3 * HOUR:%H:%M}-{now + 3 * HOUR:%H:%M}"
    room = await begun(hours=25)
    asker = room.live.asker
    address = room.addresses["interrogator"]
    await on(asker, seat_settings.store_settings, email=address, time_zone="UTC", quiet_hours=quiet)
    await room.look_now("reminder")
    assert [seat for seat, _ in await room.reminded()] == [room.live.witness.actor]


async def test_whoever_gave_no_address_is_left_alone() -> None:
    room = await begun(hours=25)
    await _forget(room.live.asker)
    await room.look_now("reminder")
    assert [seat for seat, _ in await room.reminded()] == [room.live.witness.actor]
    assert near(await room.next_due("reminder", room.live.asker), clock.now() + 23 * HOUR)


async def test_address_that_is_deleted_in_the_last_moment_gets_nothing() -> None:
    room = await begun(hours=25)
    mine = [t for t in await room.live.timers("reminder") if t.seat_id == room.live.asker.id]
    stored = await database.run(read_room, room.live.made.room.id, timers=(mine[0],))
    due = await database.run(attendance_rules.due_reminder, mine[0], stored, clock.now())
    assert isinstance(due, attendance_rules.Due)
    await _forget(room.live.asker)
    decision = await database.run(
        attendance_rules.record_reminder,
        mine[0],
        stored,
        clock.now(),
        due=due,
        return_hash="0" * 64,
    )
    assert not decision.events and not decision.settle and not decision.seats


async def test_paused_room_reminds_nobody_and_its_pause_does_not_count() -> None:
    room = await begun(hours=30)
    with ago(hours=20):
        await database.run(services.pause, room.live.made.room, host="host", reason="")
    assert [t for t in await room.live.timers("reminder") if not t.done_at] == []
    await database.run(services.resume, room.live.made.room, host="host", reason="")
    await room.look_now("reminder", "drop_out")
    assert await room.reminded() == []
    for seat in room.people:
        assert near(await room.next_due("reminder", seat), clock.now() + 14 * HOUR)
        assert near(await room.next_due("drop_out", seat), clock.now() + (7 * 24 - 10) * HOUR)


async def test_machine_s_row_is_made_and_born_settled() -> None:
    room = await begun(hours=25)
    rows = [(t.seat_id, t.outcome) for t in await room.live.timers("reminder")]
    people = {seat.id for seat in room.people}
    assert [outcome for seat, outcome in rows if seat not in people] == ["machine"]
    assert [outcome for seat, outcome in rows if seat in people] == ["", ""]


# The mail server


async def test_server_that_refuses_at_first_gets_the_mail_again_and_the_log_once() -> None:
    room = await begun(hours=25)
    await _forget(room.live.witness)
    address = room.addresses["interrogator"]
    with mail_server(refuses=address) as server, _sent_to(server.port):
        async with loops(2):
            await room.let_loops("reminder")
            await wait_for(lambda: _is_settled(room))
    [letter] = server.taken_for(address)
    assert letter["Auto-Submitted"] == "auto-generated" and server.refuses == ""
    assert await room.reminded() == [("interrogator", 1)]


async def test_server_out_of_reach_leaves_nothing_recorded_until_it_is_there() -> None:
    room = await begun(hours=25)
    await _forget(room.live.witness)

    async def has_failed() -> bool:
        return any(t.attempts and not t.done_at for t in await room.live.timers("reminder"))

    async with loops(2):
        with _sent_to(free_port()):
            await room.let_loops("reminder")
            await wait_for(has_failed)
            assert await room.reminded() == []
        with mail_server() as server, _sent_to(server.port):
            await wait_for(lambda: _is_settled(room))
    assert len(server.taken_for(room.addresses["interrogator"])) == 1
    assert await room.reminded() == [("interrogator", 1)]


async def test_line_that_breaks_when_the_mail_was_taken_sends_no_second_one() -> None:
    room = await begun(hours=25)
    await _forget(room.live.witness)
    with mail_server(drops_after_taking=True) as server, _sent_to(server.port):
        async with loops(2):
            await room.let_loops("reminder")
            await wait_for(lambda: _is_settled(room))
        await room.look_now("reminder")
    assert len(server.taken_for(room.addresses["interrogator"])) == 1
    assert await room.reminded() == [("interrogator", 1)]
    outcomes = [t.outcome for t in await room.live.timers("reminder") if t.outcome == "unknown"]
    assert outcomes == ["unknown"]


async def test_process_that_died_while_sending_is_not_followed_by_another_mail() -> None:
    room = await begun(hours=25)

    def die_while_sending() -> None:
        mine = Timer.objects.filter(room=room.live.made.room, seat=room.live.asker, done_at=None)
        mine.filter(kind="reminder").update(payload='{"sending": 1}')

    await database.run(die_while_sending)
    await room.look_now("reminder")
    assert [each.to for each in letters(room)] == [[room.addresses[room.live.witness.actor]]]
    mine = [t for t in await room.live.timers("reminder") if t.seat_id == room.live.asker.id]
    assert [t.outcome for t in mine] == ["unknown", ""]


def _sent_to(port: int) -> override_settings:
    """Mails go to the server on this port."""
    backend = "django.core.mail.backends.smtp.EmailBackend"
    return override_settings(EMAIL_BACKEND=backend, EMAIL_HOST="127.0.0.1", EMAIL_PORT=port)


async def _is_settled(room: LongRoom) -> bool:
    mine = [t for t in await room.live.timers("reminder") if t.seat_id == room.live.asker.id]
    return any(t.outcome in ("sent", "unknown") for t in mine)


# The end after a silence


async def test_room_ends_when_somebody_has_been_silent_too_long() -> None:
    room = await begun(hours=9 * 24)
    with ago(days=8):
        await room.live.answer("hello?")
    with ago(hours=2):
        await room.live.ask("anybody there?")
    await room.look_now("drop_out")
    ended = await room.room()
    assert (ended.phase, ended.end_reason) == ("ended", "dropped_out")
    silent = {room.live.witness.actor, room.live.made.machine_pane}
    # The machine, which never said a word, was silent for longer still.
    assert ended.ended_by == room.live.made.machine_pane and ended.ended_by in silent
    said = {"reason": "dropped_out", "by": ended.ended_by}
    assert [event.data for event in await room.live.log("ended")] == [said]
    assert [timer for timer in await room.live.timers("drop_out") if not timer.done_at] == []


async def test_interrogator_s_silence_ends_the_room_too() -> None:
    room = await begun(hours=8 * 24)
    await room.look_now("drop_out")
    ended = await room.room()
    assert (ended.end_reason, ended.ended_by) == ("dropped_out", "interrogator")


async def test_rule_is_the_same_for_a_machine_that_says_nothing() -> None:
    ends = []
    for share in ("1", "0"):
        room = await begun(hours=8 * 24, format="two_party", human_share=share)
        with ago(hours=2):
            await room.live.ask("anybody there?", pane="A")
        await room.look_now("drop_out")
        ended = await room.room()
        ends.append((ended.phase, ended.end_reason, ended.ended_by))
    assert ends == [("ended", "dropped_out", "A")] * 2


async def test_days_on_which_a_persona_is_away_do_not_count() -> None:
    while True:  # until a life is drawn with days away among the last eight
        with ago(days=8.5):
            made = await database.run(
                make_long_room, format="two_party", human_share="0", machines=OFTEN_AWAY
            )
        machine = await database.run(_seat_of_machine, made)
        calendar = (await database.run(personas.persona_of, machine)).calendar
        assert calendar is not None
        days = calendar.days((clock.now() - 8 * DAY).date(), 7)
        if sum(day.away is not None for day in days) >= 2:
            break
    with ago(days=8.4):
        live = await go_live(made)
    room = LongRoom(live=live, addresses={})
    with ago(hours=2):
        await live.ask("anybody there?", pane="A")
    await room.look_now("drop_out")
    assert (await room.room()).phase == "live"
    [last] = [t for t in await live.timers("drop_out") if t.seat_id == machine.id and not t.done_at]
    assert last.due_at > clock.now()


def _seat_of_machine(made: MadeRoom) -> Seat:
    return made.room.seats.select_related("room", "profile__study").get(kind="machine")


async def test_room_goes_on_while_people_write() -> None:
    room = await begun(hours=8 * 24)
    with ago(days=2):
        await room.live.ask("hello", pane="A")
        await room.live.ask("hello", pane="B")
        await room.live.answer("hello")
        await _say_for(await _machine(room), "hello")
    await room.look_now("drop_out")
    assert (await room.room()).phase == "live"
    for seat in room.people:
        assert near(await room.next_due("drop_out", seat), clock.now() + 5 * DAY)


async def _machine(room: LongRoom) -> Seat:
    return await database.run(lambda: room.live.made.room.seats.get(kind="machine"))


async def test_time_that_is_up_goes_before_a_silence() -> None:
    room = await begun(hours=8 * 24, duration="8 days")
    await room.look_now("drop_out", "reminder")
    assert (await room.room()).phase == "live" and await room.reminded() == []
    assert [timer.outcome for timer in await room.live.timers("drop_out")] == ["over"] * 3


# Pause me


async def test_nobody_waits_for_whoever_is_away() -> None:
    room = await begun(hours=9 * 24)
    for seat in room.people:
        with ago(days=8):
            until = clock.now() + 10 * DAY
            await on(seat, seat_settings.begin_away, until=until)
    with ago(days=1):
        await _say_for(await _machine(room), "hello")
    await room.look_now("reminder", "drop_out")
    assert await room.reminded() == [] and (await room.room()).phase == "live"
    for seat in room.people:
        assert near(await room.next_due("reminder", seat), clock.now() + 2 * DAY)
        assert near(await room.next_due("drop_out", seat), clock.now() + 8 * DAY)


async def test_whoever_is_back_early_is_waited_for_again() -> None:
    room = await begun(hours=40)
    asker = room.live.asker
    with ago(hours=39):
        await on(asker, seat_settings.begin_away, until=clock.now() + 10 * DAY)
    with ago(hours=20):
        await on(asker, seat_settings.end_away)
    seat = await on(asker, lambda seat: seat)
    assert seat.away_until is None
    assert near(clock.now() + dt.timedelta(milliseconds=seat.away_ms), clock.now() + 19 * HOUR)
    await room.look_now("reminder")
    assert "interrogator" not in [who for who, _ in await room.reminded()]
    assert near(await room.next_due("reminder", asker), clock.now() + 3 * HOUR)
    assert [e.seat for e in await room.live.log("away", "back")] == ["interrogator"] * 2


@pytest.mark.parametrize("days", [-1, 15])
async def test_time_away_has_its_bounds(days: int) -> None:
    room = await begun(hours=1)
    until = clock.now() + days * DAY
    with pytest.raises(AwayRefused):
        await on(room.live.asker, seat_settings.begin_away, until=until)
    assert await room.live.log("away") == []


async def test_allowance_holds_for_all_absences_together() -> None:
    room = await begun(hours=24)
    asker = room.live.asker
    await on(asker, seat_settings.begin_away, until=clock.now() + 10 * DAY)
    # Another end of the same time away gives back what is left of the first.
    await on(asker, seat_settings.begin_away, until=clock.now() + 13 * DAY)
    await on(asker, seat_settings.end_away)
    left = dt.timedelta(milliseconds=await on(asker, seat_settings.away_left_ms, now=clock.now()))
    assert 14 * DAY - HOUR < left <= 14 * DAY


async def _forget(seat: Seat) -> None:
    await on(seat, lambda seat: seat_settings.delete_settings(seat.participant))


async def _say_for(seat: Seat, text: str) -> None:
    await playing.say(seat, command_id=text, text=text)


# What nobody may notice


async def test_both_panes_learn_of_the_end_in_the_same_words(
    server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A machine that a loop may ask at any moment, and that never answers: nobody is at this port.
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://127.0.0.1:{free_port()}/v1")
    frames = []
    for share in ("1", "0"):
        options = {
            "format": "two_party",
            "human_share": share,
            "machines": openai("gone"),
            "machine_down": "{after: 30 days, then: end}",
        }
        room = await begun(hours=8 * 24, **options)
        made = room.live.made
        async with joined(server.ws(made.code), made.interrogator) as asker:
            with ago(hours=2):
                await room.live.ask("anybody there?", pane="A")
            await asker.sync()
            await room.look_now("drop_out")
            ended = await asker.until(lambda frame: frame["is"] == "ended")
        frames.append([{**frame, "now": ""} for frame in asker.frames if frame["is"] == "ended"])
        assert ended == {"is": "ended", "reason": "dropped_out"}
    assert frames[0] == frames[1]


async def test_witness_reads_the_same_end_as_the_interrogator(server: LiveServer) -> None:
    room = await begun(hours=8 * 24)
    made = room.live.made
    async with (
        joined(server.ws(made.code), made.interrogator) as asker,
        joined(server.ws(made.code), made.witness) as witness,
    ):
        await asker.sync()
        await witness.sync()
        await room.look_now("drop_out")
        ends = [
            await client.until(lambda frame: frame["is"] == "ended") for client in (asker, witness)
        ]
    assert ends[0] == ends[1] == {"is": "ended", "reason": "dropped_out"}


async def test_message_costs_nothing_more_in_a_long_room() -> None:
    costs = []
    for asked in (attendance(), "none"):
        live = (await begun(hours=1, attendance=asked, belief="24 h")).live
        pane = live.made.human_pane  # a machine would answer, at a cost of its own
        async with watching(live) as watch:
            await live.ask("one", pane=pane)
            await live.ask("two", pane=pane)
            watch.take()
            await live.ask("three", pane=pane)
            await live.answer("four")
            costs.append(watch.take())
    assert costs[0] == costs[1] and costs[0]


async def test_start_costs_the_same_whoever_witnesses() -> None:
    costs = []
    for share in ("0", "1"):
        made = await database.run(
            make_long_room, format="two_party", human_share=share, belief="24 h"
        )
        asker = await database.run(services.seat_by_token, made.code, made.interrogator)
        witness = await database.run(services.seat_by_token, made.code, made.witness)
        consent = made.room.consent_sha256
        await playing.ready(asker, command_id="r", consent=consent)
        async with watching(Live(made=made, asker=asker, witness=witness)) as watch:
            watch.take()
            await playing.ready(witness, command_id="r", consent=consent)
            costs.append(watch.take())
    assert costs[0] == costs[1] and costs[0]
