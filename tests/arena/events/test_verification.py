"""A study's log is proved while its rooms are being written to."""

from typing import Any

from django.db import connection

from arena.events.verification import verify
from tests.kit.factories import append_message, make_room


def test_event_that_is_logged_while_a_room_is_read_is_no_fault() -> None:
    made = make_room()
    append_message(made.room, "before")
    waiting = ["meanwhile"]

    def say_first(execute: Any, sql: str, *parts: Any) -> Any:
        if "arena_event" in sql and waiting:
            append_message(made.room, waiting.pop())
        return execute(sql, *parts)

    with connection.execute_wrapper(say_first):
        proof = verify(made.study)
    assert proof.fault is None and not waiting
    assert proof.n_events == made.room.events.count() == 3
