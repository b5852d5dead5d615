"""Keeps decisions from reading what their own commit is about to write."""

import contextlib
from collections.abc import Iterator
from typing import Any


class ReadGuard:
    """Refuses queries, while decisions are made, for tables that a commit may be about to write."""

    TABLES = ("arena_room", "arena_seat", "arena_event", "arena_timer")

    def __init__(self) -> None:
        self._is_allowed = False

    def __call__(self, execute: Any, sql: str, *parts: Any) -> Any:
        """Django's execute wrapper."""
        if not self._is_allowed and any(table in sql for table in self.TABLES):
            raise RuntimeError(
                "A decision read the database, which lacks what the same commit has decided. "
                f"Have it read its LiveRoom: {sql[:200]}"
            )
        return execute(sql, *parts)

    @contextlib.contextmanager
    def allowed(self) -> Iterator[None]:
        """Let a room read what no decision of the same commit can have changed."""
        self._is_allowed = True
        try:
            yield
        finally:
            self._is_allowed = False
