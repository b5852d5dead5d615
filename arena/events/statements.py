"""The statements of the write path: each takes all rows of a commit at once.

SQLite runs a statement for each row inside the process; to PostgreSQL the rows go in one round
trip, as JSON, which the driver writes several times as fast as arrays.
"""

import datetime as dt
import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

#: Values as a driver takes them.
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table and the columns that are written, with PostgreSQL's type of each."""

    name: str
    columns: dict[str, str]
    on_conflict: str = ""


EVENTS = Table(
    name="arena_event",
    columns={
        "room_id": "bigint",
        "seq": "int",
        "public_id": "text",
        "at": "timestamptz",
        "kind": "text",
        "seat": "text",
        "pane": "text",
        "command_id": "text",
        "body": "text",
        "salt": "text",
        "body_sha256": "text",
        "prev": "text",
        "hash": "text",
    },
)
TIMERS = Table(
    name="arena_timer",
    columns={
        "room_id": "bigint",
        "seat_id": "bigint",
        "kind": "text",
        "key": "text",
        "due_at": "timestamptz",
        "wake_at": "timestamptz",
        "attempts": "int",
        "prepared": "bool",
        "n_spread": "int",
        "payload": "text",
        "done_at": "timestamptz",
        "outcome": "text",
    },
    on_conflict=" ON CONFLICT DO NOTHING",
)
#: What is written of a room at every commit that touches it.
HEADS = Table(
    name="arena_room",
    columns={
        "id": "bigint",
        "last_seq": "int",
        "last_hash": "text",
        "last_at": "timestamptz",
        "version": "bigint",
        "n_messages": "int",
        "n_asked_a": "int",
        "n_asked_b": "int",
        "last_message_at": "timestamptz",
        "interrogator_active_at": "timestamptz",
        "help_at": "timestamptz",
    },
)


def insert(into: Table, rows: Sequence[Row]) -> None:
    """Insert rows whose values stand in the order of the table's columns."""
    start = f"INSERT INTO {into.name} ({', '.join(into.columns)}) "
    if _is_remote():
        _run(f"{start}{_rows_of(into)}{into.on_conflict}", (_as_json(rows),))
    else:
        marks = ", ".join(["%s"] * len(into.columns))
        _run_each(f"{start}VALUES ({marks}){into.on_conflict}", rows)


def update(table: Table, rows: Sequence[Row]) -> None:
    """Update rows by the first of the table's columns."""
    key, *others = table.columns
    if _is_remote():
        changes = ", ".join(f"{name} = new.{name}" for name in others)
        names = ", ".join(table.columns)
        _run(
            f"UPDATE {table.name} SET {changes} FROM ({_rows_of(table)}) AS new ({names}) "
            f"WHERE {table.name}.{key} = new.{key}",
            (_as_json(rows),),
        )
    else:
        changes = ", ".join(f"{name} = %s" for name in others)
        sql = f"UPDATE {table.name} SET {changes} WHERE {key} = %s"
        _run_each(sql, [(*values, row_key) for row_key, *values in rows])


def change_open_timers(columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Set columns of timers, whose ids come last in the rows; those that are settled stay."""
    changes = ", ".join(f"{name} = %s" for name in columns)
    _run_each(f"UPDATE arena_timer SET {changes} WHERE id = %s AND done_at IS NULL", rows)


def lock_rooms(ids: Sequence[int]) -> dict[int, int]:
    """Lock rooms against other writing processes; return the version of each.

    They are locked in the order of their ids, which keeps several processes free of deadlocks.
    """
    marks = ", ".join(["%s"] * len(ids))
    lock = " FOR UPDATE" if _is_remote() else ""
    sql = f"SELECT id, version FROM arena_room WHERE id IN ({marks}) ORDER BY id{lock}"
    with connection.cursor() as cursor:
        cursor.execute(sql, tuple(ids))
        return dict(cursor.fetchall())


def answered(commands: Sequence[tuple[int, str, str]]) -> dict[tuple[int, str, str], str]:
    """Which of some commands (room, seat, id) are stored already, and the event that answers each.

    A join finds each by the unique index; IN lists would read through every event of the rooms.
    """
    if not commands:
        return {}
    wanted = ", ".join(["(%s, %s, %s)"] * len(commands))
    number = "::bigint" if _is_remote() else ""
    sql = (
        f"WITH want(room_id, seat, command_id) AS (VALUES {wanted}) "
        "SELECT e.room_id, e.seat, e.command_id, e.public_id FROM want JOIN arena_event e "
        f"ON e.room_id = want.room_id{number} AND e.seat = want.seat "
        "AND e.command_id = want.command_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [part for command in commands for part in command])
        return {(room, seat, command): public for room, seat, command, public in cursor.fetchall()}


@functools.lru_cache(maxsize=4096)  # the rows of a commit name the same few moments
def moment(at: dt.datetime | None) -> str | None:
    """A moment as a parameter: SQLite has moments as text, in UTC and without saying so."""
    if at is None:
        return None
    utc = at.astimezone(dt.UTC)
    return utc.isoformat() if _is_remote() else str(utc.replace(tzinfo=None))


@functools.cache
def _is_remote() -> bool:
    return connection.vendor == "postgresql"


def _rows_of(table: Table) -> str:
    """A query for rows that come as one parameter."""
    values = (f"(r ->> {n})::{of}" for n, of in enumerate(table.columns.values()))
    return f"SELECT {', '.join(values)} FROM jsonb_array_elements(%s::jsonb) AS r"


def _as_json(rows: Sequence[Row]) -> str:
    return json.dumps(rows, ensure_ascii=False)


def _run(sql: str, params: Sequence[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)


def _run_each(sql: str, rows: Sequence[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)
