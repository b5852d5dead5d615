"""What the host's pages cost in a site full of rooms, one of which is very long.

Processor time of the serving process (the database's too where it is SQLite), statements and bytes
of each page when it is opened, and when an open page asks for news. `--postgres` adds the time of
the database's own process.
"""

import argparse
import contextlib
import gc
import json
import math
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import django
from databases import postgresql, sqlite
from process_time import cpu_s
from product_rooms import STUDY

ROOT = Path(__file__).resolve().parent.parent
#: No page may cost more.
TARGET_MS = 50.0
CHUNK = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one page costs."""

    page: str
    cpu_ms: float
    slowest_ms: float
    database_ms: float | None
    statements: int
    kilobytes: float


def main() -> int:
    options = _options()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="turing-arena-bench-"))
        database = (
            stack.enter_context(postgresql(options.postgres))
            if options.postgres
            else sqlite(Path(folder))
        )
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "turing.settings",
            "DATABASE_URL": database.url,
            "DATA_DIR": folder,
            "LOG_LEVEL": "WARNING",
            "REDIS_URL": "",
        }
        django.setup()
        stack.callback(_close)
        costs = list(_measured(options))
    if options.json:
        sys.stdout.write(json.dumps([asdict(cost) for cost in costs], indent=2) + "\n")
    else:
        _print(costs, options)
    dear = [cost.page for cost in costs if cost.cpu_ms > TARGET_MS]
    if dear:
        sys.stderr.write(f"dearer than {TARGET_MS:.0f} ms: {', '.join(dear)}\n")
    return 1 if dear else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rooms", type=int, default=10_000, help="of one study")
    parser.add_argument("--messages", type=int, default=100_000, help="in the long room")
    parser.add_argument("--studies", type=int, default=100)
    parser.add_argument("--times", type=int, default=21, help="how often each page is asked for")
    parser.add_argument(
        "--postgres",
        nargs="?",
        const="postgresql://127.0.0.1:5432/postgres",
        help="the URL of a server on which a database may be made",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


def _measured(options: argparse.Namespace) -> Iterator[Cost]:
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    call_command("migrate", verbosity=0)
    slug, code, middle = _fill(options)
    if connection.vendor == "postgresql":
        # As it does by itself; nobody tells SQLite what its tables are like.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    # As a server does once it is loaded.
    gc.collect()
    gc.freeze()
    browser = Client(headers={"host": "localhost"})
    browser.force_login(User.objects.create_user("host", is_staff=True))
    study, room = f"/host/studies/{slug}/", f"/host/studies/{slug}/rooms/{code}/"
    last = math.ceil(options.rooms / 50)
    pages = {
        "studies": "/host/",
        "rooms": study,
        "rooms, last page": f"{study}?page={last}",
        "rooms, one phase": f"{study}?phase=lobby&page={last // 4}",
        "rooms, by code": f"{study}?q={code[-6:]}",
        "rooms, help asked": f"{study}?asked_for_help=on",
        "room": room,
        "room, its middle": f"{room}?before={middle}",
        "report and export": f"{study}report/",
    }
    for name, address in pages.items():
        yield _cost(browser, address, name=name, times=options.times)
    for name, address in (("studies", "/host/"), ("rooms", study), ("room", room)):
        html = browser.get(address).content.decode()
        version = html.partition('data-version="')[2].partition('"')[0]
        asked = f"{address}?since={version}"
        yield _cost(browser, asked, name=f"{name}, nothing new", times=options.times)
    version = f"{_line_before_last(code)}.0.older"
    asked = f"{room}?since={version}"
    yield _cost(browser, asked, name="room, one line new", times=options.times)


def _cost(browser: Any, address: str, *, name: str, times: int) -> Cost:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser.get(address)
    with CaptureQueriesContext(connection) as statements:
        size = len(browser.get(address).content)
    n_statements = len(statements)
    before_s = _database_cpu_s()
    spent = []
    for _ in range(times):
        began = time.process_time()
        response = browser.get(address)
        spent.append(1000 * (time.process_time() - began))
        assert response.status_code in (200, 204), (address, response.status_code)
    database_ms = 1000 * (_database_cpu_s() - before_s) / times
    return Cost(
        page=name,
        cpu_ms=round(statistics.median(spent), 2),
        slowest_ms=round(max(spent), 2),
        database_ms=None if math.isnan(database_ms) else round(database_ms, 2),
        statements=n_statements,
        kilobytes=round(size / 1000, 1),
    )


def _database_cpu_s() -> float:
    """Processor time of PostgreSQL's process for this connection."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return math.nan
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cpu_s(cursor.fetchone()[0])


def _fill(options: argparse.Namespace) -> tuple[str, str, str]:
    """Make the studies, the rooms and the long room; return its names and a line in its middle."""
    from arena import services

    for n in range(options.studies - 1):
        services.create_rooms(STUDY.replace("study: bench", f"study: bench-{n}"), 1)
    study, made = services.create_rooms(STUDY, 1)
    long_room = study.rooms.get(code=made[0].code)
    _add_rooms(long_room, options.rooms - 1)
    return study.slug, long_room.code, _add_messages(long_room, options.messages)


def _add_rooms(like: Any, n: int) -> None:
    """Rooms like one there is, in every phase, without a log."""
    from arena.models import Room, Seat
    from arena.rules import Phase

    phases = [Phase.LOBBY, Phase.LIVE, *[Phase.ENDED] * 8]
    seats = list(like.seats.all())
    for start in range(0, n, CHUNK):
        rooms = []
        for number in range(start, min(n, start + CHUNK)):
            room = Room.objects.get(id=like.id) if not rooms else _copy(rooms[0])
            room.id, room.code = None, secrets.token_hex(5)
            room.phase, room.n_messages, room.last_message_at = phases[number % 10], 20, None
            room.end_reason = "verdict" if room.phase == Phase.ENDED else ""
            room.ends_at = room.started_at = room.created_at
            room.ended_at = room.created_at if room.phase == Phase.ENDED else None
            room.help_at = room.created_at if number % 100 == 0 else None
            room.last_seq = 30
            rooms.append(room)
        Room.objects.bulk_create(rooms)
        copies = []
        for room in rooms:
            for seat in seats:
                copy = _copy(seat)
                copy.id, copy.room = None, room
                if copy.token_hash:
                    copy.token_hash = secrets.token_hex(32)
                copies.append(copy)
        Seat.objects.bulk_create(copies, batch_size=CHUNK)


def _copy(row: Any) -> Any:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return type(row)(**values)


def _add_messages(room: Any, n: int) -> str:
    """A long talk, all of one hour, whose hashes are not real: pages do not look at them."""
    from arena.models import Event, Room
    from arena.rules import Phase

    now, middle = room.created_at, ""
    for start in range(0, n, CHUNK):
        events = []
        for number in range(start, min(n, start + CHUNK)):
            pane = "AB"[number // 2 % 2]
            event = Event(
                room=room,
                seq=room.last_seq + 1 + number,
                public_id=secrets.token_urlsafe(16),
                at=now,
                kind="message",
                seat="interrogator" if number % 2 == 0 else pane,
                pane=pane,
                body=json.dumps({"text": f"Message {number}, of about the usual length of one."}),
                salt=secrets.token_hex(16),
                body_sha256="0" * 64,
                prev="0" * 64,
                hash="0" * 64,
                command_id=f"c:{secrets.token_hex(8)}",
            )
            events.append(event)
            middle = event.public_id if number == n // 2 else middle
        Event.objects.bulk_create(events)
    Room.objects.filter(id=room.id).update(
        last_seq=room.last_seq + n,
        n_messages=n,
        last_message_at=now,
        interrogator_active_at=now,
        phase=Phase.LIVE,
        started_at=now,
        ends_at=now,
    )
    return middle


def _line_before_last(code: str) -> str:
    from arena.models import Event

    return str(Event.objects.filter(room__code=code).order_by("-seq")[1].public_id)


def _close() -> None:
    from django.db import connection

    from arena import events

    events.stop()
    connection.close()
    if hasattr(connection, "close_pool"):
        connection.close_pool()


def _print(costs: list[Cost], options: argparse.Namespace) -> None:
    where = "PostgreSQL" if options.postgres else "SQLite"
    sys.stdout.write(
        f"{options.rooms:,} rooms, {options.messages:,} messages in one of them, {where}\n"
        f"{'page':24}{'CPU ms':>8}{'slowest':>9}{'database':>10}{'statements':>12}{'kB':>8}\n"
    )
    for cost in costs:
        database = "" if cost.database_ms is None else f"{cost.database_ms:.1f}"
        sys.stdout.write(
            f"{cost.page:24}{cost.cpu_ms:8.1f}{cost.slowest_ms:9.1f}{database:>10}"
            f"{cost.statements:12}{cost.kilobytes:8.1f}\n"
        )


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
