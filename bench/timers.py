"""How late timers are: a thousand due moments, shared by the processes of one site.

Rooms that nobody enters end at moments drawn at random; an end is late by what lies between its
due millisecond and the one the log gives it. Fails if a room did not end once, or ended early.
With --postgres, two workers and a web process share the work; without, one process on SQLite.
"""

import argparse
import contextlib
import datetime as dt
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
import scenarios
import table
from databases import Database, postgresql, sqlite
from scenarios import ROOT, Scenario, serving

N_WORKERS = 2
#: Until the processes run and have found the rows.
HEAD_START_S = 4.0
PATIENCE_S = 120.0
TARGET_P99_MS = 100.0

PLAN = (
    "INSERT INTO arena_timer (room_id, kind, key, due_at, wake_at, attempts, prepared, n_spread, "
    "payload, outcome) VALUES (%s, 'lobby', %s, %s, %s, 0, %s, 0, '{}', '')"
)
DONE = (
    "SELECT t.id, t.due_at, e.at FROM arena_timer t LEFT JOIN arena_event e "
    "ON e.room_id = t.room_id AND e.kind = 'ended'"
)
OPEN = "SELECT count(*) FROM arena_timer WHERE done_at IS NULL"


def main() -> int:
    options = _options()
    _say(*table.machine())
    with tempfile.TemporaryDirectory(prefix="turing-arena-bench-") as name:
        folder = Path(name)
        with contextlib.ExitStack() as stack:
            if options.postgres:
                database = stack.enter_context(postgresql(options.postgres))
                scenario = scenarios.product(database, folder=folder, redis_url=options.redis)
            else:
                database = sqlite(folder)
                scenario = scenarios.product(database, folder=folder)
            stack.enter_context(serving(scenario, options.timers, log=folder / "server.log"))
            if options.postgres:
                stack.enter_context(_workers(scenario, folder / "worker.log"))
            _plan(database, seconds=options.seconds)
            _wait(database, seconds=options.seconds)
            rows = _query(database, DONE)
    return _report(rows, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timers", type=int, default=1000, help="how many, a room each")
    parser.add_argument("--seconds", type=float, default=20.0, help="over how long they are due")
    parser.add_argument(
        "--postgres",
        nargs="?",
        const="postgresql://127.0.0.1:5432/postgres",
        help="the URL of a server on which databases may be made",
    )
    parser.add_argument("--redis", default="redis://127.0.0.1:6379/15", help="with --postgres")
    parser.add_argument("--strict", action="store_true", help="fail if p99 misses the target too")
    options = parser.parse_args()
    if not (1 <= options.timers <= 10_000 and 0 <= options.seconds <= 600):
        parser.error("timers must be 1..10000 and seconds 0..600. Choose others.")
    return options


@contextlib.contextmanager
def _workers(scenario: Scenario, log: Path) -> Iterator[None]:
    environment = {**os.environ, **scenario.environment}
    with log.open("wb") as output:
        command = [sys.executable, str(ROOT / "manage.py"), "worker"]
        started = [
            subprocess.Popen(command, env=environment, cwd=ROOT, stdout=output, stderr=output)
            for _ in range(N_WORKERS)
        ]
        try:
            yield
        finally:
            for process in started:
                process.terminate()
            for process in started:
                process.wait(20)


def _plan(database: Database, *, seconds: float) -> None:
    rooms = [room for (room,) in _query(database, "SELECT id FROM arena_room")]
    start = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=HEAD_START_S)
    rng = random.Random(1)
    planned: list[tuple[Any, ...]] = []
    for room in rooms:
        due_at = start + dt.timedelta(milliseconds=round(1000 * seconds * rng.random()))
        due_at = due_at.replace(microsecond=due_at.microsecond // 1000 * 1000)
        at = due_at if not _is_sqlite(database) else due_at.strftime("%Y-%m-%d %H:%M:%S.%f")
        planned.append((room, f"lobby:{room}", at, at, False))
    if _is_sqlite(database):
        with contextlib.closing(_sqlite(database)) as own, own:
            own.executemany(PLAN.replace("%s", "?"), planned)
        return
    with psycopg.connect(database.url) as own:
        own.cursor().executemany(PLAN.encode(), planned)


def _wait(database: Database, *, seconds: float) -> None:
    until = time.monotonic() + seconds + HEAD_START_S + PATIENCE_S
    while time.monotonic() < until and database.count(OPEN):
        time.sleep(1)


def _query(database: Database, query: str) -> list[tuple[Any, ...]]:
    if _is_sqlite(database):
        with contextlib.closing(_sqlite(database)) as own:
            return own.execute(query).fetchall()
    with psycopg.connect(database.url) as own:
        return own.execute(query.encode()).fetchall()


def _is_sqlite(database: Database) -> bool:
    return database.url.startswith("sqlite:///")


def _sqlite(database: Database) -> sqlite3.Connection:
    return sqlite3.connect(database.url.removeprefix("sqlite:///"), timeout=20)


def _report(rows: Sequence[tuple[Any, ...]], options: argparse.Namespace) -> int:
    done = [(timer, _moment(due), _moment(at)) for timer, due, at in rows if at is not None]
    late_ms = sorted((at - due) / dt.timedelta(milliseconds=1) for _, due, at in done)
    problems = []
    if len(rows) != options.timers or len(done) != len(rows):
        problems.append(f"{options.timers} timers, {len(done)} ends: not each once")
    if late_ms and late_ms[0] < 0:
        problems.append(f"one was early by {-late_ms[0]:.0f} ms")
    if late_ms:
        ranks = {
            f"p{p}": late_ms[min(len(late_ms) - 1, p * len(late_ms) // 100)] for p in (50, 90, 99)
        }
        ranks["max"] = late_ms[-1]
        where = (
            f"PostgreSQL, {N_WORKERS} workers and serve" if options.postgres else "SQLite, serve"
        )
        _say(
            f"{where}: {len(done)} timers within {options.seconds:g} s, late by (ms) "
            + ", ".join(f"{name} {value:.0f}" for name, value in ranks.items())
        )
        if ranks["p99"] >= TARGET_P99_MS:
            _say(f"p99 is not under {TARGET_P99_MS:.0f} ms (load {os.getloadavg()[0]:.1f}).")
            if options.strict:
                problems.append("p99 misses the target")
    _say(*(f"FAILED {problem}" for problem in problems))
    return 1 if problems else 0


def _moment(value: dt.datetime | str) -> dt.datetime:
    return value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
