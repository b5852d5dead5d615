"""Events a second that an export and `verify` get through, and the memory they need for it.

Two studies of as many events are made: one of many rooms, and one of a single long room. On
PostgreSQL (--postgres) the yardstick is `COPY` of the same events to a file by psql, just before
and just after each export; SQLite has none. Fails if a log or an export does not verify.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import scenarios
import table
from databases import Database, postgresql, sqlite
from scenarios import BENCH, ROOT

EVENTS_PER_ROOM = 200
COPY = (
    "\\copy (SELECT e.* FROM arena_event e JOIN arena_room r ON r.id = e.room_id "
    "JOIN arena_study s ON s.id = r.study_id WHERE s.slug = '{slug}') TO '{out}'"
)


def main() -> int:
    options = _options()
    found = []
    with tempfile.TemporaryDirectory(prefix="turing-arena-bench-") as name:
        scratch = Path(name)
        with _database(options.postgres, scratch) as database:
            environment = {
                **os.environ,
                **scenarios.product(database, folder=scratch).environment,
            }
            _run(environment, str(ROOT / "manage.py"), "migrate", "--verbosity", "0")
            for slug, n_rooms in (("many", options.events // EVENTS_PER_ROOM), ("one", 1)):
                sizes = (str(n_rooms), str(options.events))
                _run(environment, str(BENCH / "ended_rooms.py"), slug, *sizes)
                for n in range(options.repeats):
                    out = scratch / f"{slug}-{n}"
                    copy = [_copy(database, slug, scratch)] if options.postgres else []
                    figures = json.loads(
                        _run(environment, str(BENCH / "exported.py"), slug, str(out))
                    )
                    copy += [_copy(database, slug, scratch)] if options.postgres else []
                    found.append({"rooms": n_rooms, "copy_s": min(copy, default=None), **figures})
    if options.json:
        _say(json.dumps({"events": options.events, "machine": [*table.machine()], "runs": found}))
    else:
        _say(*table.machine(), *(_row(each, options.events) for each in found))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=100_000, help="of each of the two studies")
    parser.add_argument("--repeats", type=int, default=3, help="runs on the same studies")
    parser.add_argument(
        "--postgres",
        nargs="?",
        const="postgresql://127.0.0.1:5432/postgres",
        help="the URL of a server on which databases may be made",
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    if options.events < EVENTS_PER_ROOM or options.repeats < 1:
        parser.error(f"at least {EVENTS_PER_ROOM} events and 1 run are needed. Choose more.")
    return options


@contextmanager
def _database(server_url: str | None, scratch: Path) -> Iterator[Database]:
    if server_url is None:
        yield sqlite(scratch)
        return
    with postgresql(server_url) as database:
        yield database


def _run(environment: Mapping[str, str], *arguments: str) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, env=environment, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def _copy(database: Database, slug: str, scratch: Path) -> float:
    """Seconds for the bare events in a file."""
    command = COPY.format(slug=slug, out=scratch / "copied")
    begin = time.perf_counter()
    subprocess.run(["psql", database.url, "--quiet", "--command", command], check=True)
    return time.perf_counter() - begin


def _row(figures: Mapping[str, float | None], n_events: int) -> str:
    def per_s(name: str) -> str:
        return f"{n_events / (figures[f'{name}_s'] or 0):,.0f}"

    def cell(name: str) -> str:
        us = 1e6 * (figures[f"{name}_cpu_s"] or 0) / n_events
        return f"{per_s(name)}/s, {us:.1f} us, {figures[f'{name}_mb']:.0f} MB"

    copied = ""
    if figures["copy_s"]:
        ratio = figures["copy_s"] / (figures["export_s"] or 0)
        copied = f"; COPY {per_s('copy')}/s, export / COPY x{ratio:.2f}"
    parts = (f"{name.replace('_', ' ')} {cell(name)}" for name in ("export", "verify"))
    return (
        f"{figures['rooms']} rooms of {n_events} events: {'; '.join(parts)}{copied}"
        f" (before: {figures['idle_mb']:.0f} MB)"
    )


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
