"""Rooms of a nursery's database whose machines owe a reply, each when a test says so."""

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import Iterator

from django.db import connections
from django.db.models import QuerySet

from arena import clock, database, events
from arena.models import Timer
from tests.kit.factories import make_rooms
from tests.kit.people import go_live, openai

#: What ends in a message.
OWED = ("reply", "release")
#: When what nobody has woken is due.
NEVER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def prepare(n: int, *, down_after: str, delay: str = "0 s") -> None:
    """Make `n` live rooms with a question each; print their codes. For `manage.py shell`."""
    codes = asyncio.run(_prepare(n, down_after=down_after, delay=delay))
    print(json.dumps(codes))  # noqa: T201


async def _prepare(n: int, *, down_after: str, delay: str) -> list[str]:
    made = await database.run(
        make_rooms,
        n,
        duration="2 h",
        delay=delay,
        machine_down=f"{{after: {down_after}, then: end}}",
        machines=openai("ok", timeout="300 s"),
    )
    lives = await asyncio.gather(*map(go_live, made))
    await asyncio.gather(*(live.ask(f"question {n}") for n, live in enumerate(lives)))
    await database.run(Timer.objects.filter(kind="reply").update, due_at=NEVER, wake_at=NEVER)
    await asyncio.to_thread(events.stop)
    return [each.code for each in made]


class Owing:
    """What the nursery's rooms owe, as its database says."""

    def __init__(self, codes: list[str], *, using: str) -> None:
        self.codes, self._using = codes, using

    def wake(self, code: str) -> None:
        """Let a room's reply be due now, whoever has it."""
        with self._rows(code) as rows:
            rows.update(due_at=clock.now(), wake_at=clock.now())

    def put_to_sleep(self, code: str) -> None:
        """Keep a reply from whoever comes next, as if somebody worked on it."""
        with self._rows(code) as rows:
            rows.update(wake_at=NEVER, attempts=1)

    def wake_all(self) -> None:
        """Let all leases be over."""
        with self._rows() as rows:
            rows.update(due_at=clock.now(), wake_at=clock.now())

    def n_open(self) -> int:
        with self._rows() as rows:
            return rows.count()

    @contextlib.contextmanager
    def _rows(self, *codes: str) -> Iterator[QuerySet[Timer]]:
        rows = Timer.objects.using(self._using).filter(kind__in=OWED, done_at=None)
        try:
            yield rows.filter(room__code__in=codes) if codes else rows
        finally:
            connections[self._using].close()
