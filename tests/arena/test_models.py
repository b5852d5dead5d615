"""The log's table defends itself: below the ORM, on the database's own connection."""

import asyncio

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from analysis.dataset import chain
from arena import services
from arena.event_kinds import Body, Erasure, Message
from arena.events import Decision, Draft, append_now, chain_lines
from arena.models import Event, Room, Seat
from arena.services import playing
from tests.arena.event_kinds.stored import STORED, kind_of
from tests.kit.factories import MadeRoom, append_message, make_room

COLUMNS = [field.column for field in Event._meta.concrete_fields]
#: Another value of the right type for every column.
OTHER = {
    "id": "id + 1000000",
    "room_id": "(SELECT max(id) FROM arena_room)",
    "seq": "seq + 1000",
    "at": "'2020-01-01 00:00:00+00:00'",
    "body": "'{}'",
}


def _sql(statement: str, *parameters: object) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


@pytest.fixture
def said() -> Event:
    room = make_room().room
    make_room()  # so that room_id can be changed to another room
    return Event.objects.get(public_id=append_message(room, "words"))


def _row(event: Event) -> tuple[object, ...]:
    return Event.objects.values_list().get(id=event.id)


@pytest.mark.parametrize("column", COLUMNS)
def test_no_column_of_an_event_can_be_updated(said: Event, column: str) -> None:
    before = _row(said)
    value = OTHER.get(column, "'x'")
    with pytest.raises(DatabaseError, match="append-only"):
        _sql(f"UPDATE arena_event SET {column} = {value} WHERE id = %s", said.id)
    assert _row(said) == before


@pytest.mark.parametrize(
    "change",
    [
        "body = NULL",
        "salt = NULL",
        "body = NULL, salt = NULL, seat = 'B'",
        "body = NULL, salt = NULL, hash = 'x'",
        "body = NULL, salt = NULL, command_id = 'x'",
        "body = body",
    ],
)
def test_nothing_but_a_whole_erasure_is_let_through(said: Event, change: str) -> None:
    before = _row(said)
    with pytest.raises(DatabaseError, match="append-only"):
        _sql(f"UPDATE arena_event SET {change} WHERE id = %s", said.id)
    assert _row(said) == before


def test_event_cannot_be_deleted(said: Event) -> None:
    with pytest.raises(DatabaseError, match="append-only"):
        _sql("DELETE FROM arena_event WHERE id = %s", said.id)
    with pytest.raises(DatabaseError, match="append-only"):
        Event.objects.filter(id=said.id).delete()
    assert Event.objects.filter(id=said.id).exists()


def test_table_cannot_be_truncated(said: Event) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE; its DELETE of all rows is refused row by row")
    with pytest.raises(DatabaseError, match="append-only"):
        _sql("TRUNCATE arena_event CASCADE")


@pytest.mark.parametrize("by", ["id", "public_id", "seq", "command_id"])
def test_event_cannot_be_replaced(said: Event, by: str) -> None:
    """An insert that collides must fail, or leave the event as it is: REPLACE deletes."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no INSERT OR REPLACE; ON CONFLICT is an update")
    draft = Draft(seat="A", pane="A", body=Message(text="x"))
    named = append_now(
        said.room_id, lambda r, n: Decision(events=(draft,)), seat="A", command_id="one"
    )
    event = Event.objects.get(public_id=named.event)
    before, all_before = _row(event), Event.objects.count()
    keep = {"id": "NULL", "public_id": "'other'", "seq": "seq + 5000", "command_id": "'other'"}
    del keep[by]
    values = ", ".join(keep.get(column, column) for column in COLUMNS)
    with pytest.raises(DatabaseError):
        _sql(f"REPLACE INTO arena_event SELECT {values} FROM arena_event WHERE id = %s", event.id)
    assert (_row(event), Event.objects.count()) == (before, all_before)


def test_erasure_leaves_a_tombstone_and_the_chain() -> None:
    made = make_room()
    seat = Seat.objects.select_related("room").get(
        room=made.room, name=made.human_pane, stand_in=False
    )
    other = Seat.objects.select_related("room").get(room=made.room, name="interrogator")
    _play(made, seat, other)
    services.withdraw(seat, erase=True)

    log = list(Event.objects.filter(room=made.room).order_by("seq"))
    own = [event for event in log if event.kind == "message" and event.seat == made.human_pane]
    others = [event for event in log if event.kind == "message" and event.seat == "interrogator"]
    assert [(event.body, event.salt) for event in own] == [(None, None)] * 2
    assert [event.data["text"] for event in others] == ["question"]
    assert [event.kind for event in log[-3:]] == ["left", "ended", "revealed"]
    assert chain.first_break(chain_lines(log, made.code)) is None
    with pytest.raises(DatabaseError, match="append-only"):
        _sql("UPDATE arena_event SET body = '{}', salt = '00' WHERE id = %s", own[0].id)


def _play(made: MadeRoom, witness: Seat, asker: Seat) -> None:
    async def play() -> None:
        for n, seat in enumerate((asker, witness)):
            await playing.ready(seat, command_id=f"r{n}", consent=made.room.consent_sha256)
        await playing.say(asker, command_id="q", text="question", pane=made.human_pane)
        await playing.say(witness, command_id="a", text="my own words")
        await playing.say(witness, command_id="b", text="more of them")

    asyncio.run(play())


def test_erased_words_are_gone_from_the_whole_database() -> None:
    made = make_room()
    seats = Seat.objects.select_related("room").filter(room=made.room, stand_in=False)
    witness, asker = seats.get(name=made.human_pane), seats.get(name="interrogator")
    _play(made, witness, asker)
    services.ask_for_help(witness, text="my own words")
    services.withdraw(witness, erase=True)
    services.answer_exit(witness, answers={"cues": "my own words"})
    services.withdraw(witness, erase=True)
    found = []
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            found += [table for row in cursor.fetchall() if "my own words" in str(row)]
    assert found == []
    log = list(Event.objects.filter(room=made.room).order_by("seq"))
    assert chain.first_break(chain_lines(log, made.code)) is None


@pytest.mark.parametrize("body", {body.kind: body for body, _ in STORED}.values(), ids=kind_of)
def test_database_lets_a_body_be_erased_where_its_kind_does(body: Body) -> None:
    made = make_room()
    draft = Draft(seat="A", body=body)
    event = append_now(made.room.id, lambda r, n: Decision(events=(draft,))).event
    erase = "UPDATE arena_event SET body = NULL, salt = NULL WHERE public_id = %s"
    if body.erasure == Erasure.NOBODY:
        with pytest.raises(DatabaseError, match="append-only"):
            _sql(erase, event)
    else:
        assert _sql(erase, event) == 1


#: What the log's writer changes itself, with the version.
HEAD = {
    *("id", "last_seq", "last_hash", "last_at", "version", "seats_version", "n_messages"),
    *("n_asked_a", "n_asked_b", "last_message_at", "interrogator_active_at", "help_at"),
}


@pytest.mark.parametrize("table", [Room, Seat])
def test_whoever_changes_a_room_or_a_seat_changes_the_version(table: type[Model]) -> None:
    """What a process keeps of a room in memory is true for one version: no hand is unseen."""
    made = make_room()
    room = Room.objects.filter(id=made.room.id)
    id = made.room.id if table is Room else made.room.seats.get(name="interrogator").id
    own = [field.column for field in table._meta.concrete_fields if field.column != "id"]
    for column in own:
        if table is Room and column in HEAD:
            continue
        version, seats_version = room.values_list("version", "seats_version").get()
        _sql(f"UPDATE {table._meta.db_table} SET {column} = {column} WHERE id = %s", id)
        now = (version + 1, seats_version + (table is Seat))
        assert room.values_list("version", "seats_version").get() == now, column
