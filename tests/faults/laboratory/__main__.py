"""`python -m tests.faults.laboratory`: break everything, look whether anything is missing."""

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
from pathlib import Path
from typing import TextIO

#: How often each thing goes wrong, in minutes and in an hour.
SHORT = {
    "calm": 5,
    "kills": 15,
    "stops": 2,
    "full_disk": 1,
    "lost_replies": 15,
    "half_open": 1,
    "lying_clocks": 1,
    "dropped_sockets": 200,
}
LONG = {
    "calm": 60,
    "kills": 1000,
    "stops": 30,
    "full_disk": 3,
    "lost_replies": 200,
    "half_open": 5,
    "lying_clocks": 10,
    "dropped_sockets": 2000,
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgres", "both"], default="both")
    parser.add_argument("--long", action="store_true", help="the full size of every step")
    for step, n in SHORT.items():
        option = f"--{step.replace('_', '-')}"
        parser.add_argument(option, type=int, metavar="N", help=f"default {n}, long {LONG[step]}")
    parser.add_argument("--only", action="store_true", help="no steps but those that are named")
    parser.add_argument("--rooms", type=int, default=24, help="rooms that are full of talk (24)")
    parser.add_argument("--webs", type=int, default=2, help="serving processes on PostgreSQL (2)")
    parser.add_argument("--seed", type=int, default=1, help="of all that is left to chance (1)")
    parser.add_argument("--plant", default="", help="a bug to put into the servers (see plants.py)")
    parser.add_argument("--json", action="store_true", help="print the counts as JSON")
    return parser.parse_args()


def _programme(asked: argparse.Namespace) -> dict[str, int]:
    usual = dict.fromkeys(SHORT, 0) if asked.only else LONG if asked.long else SHORT
    named = {step: getattr(asked, step) for step in SHORT}
    return {step: usual[step] if n is None else n for step, n in named.items()}


def _print(text: str, *, file: TextIO = sys.stdout) -> None:
    print(text, file=file, flush=True)


def main() -> int:
    asked = _arguments()
    # This process reads no database through Django; the servers are told theirs.
    os.environ["DJANGO_SETTINGS_MODULE"] = "turing.settings"
    os.environ["DATABASE_URL"] = (
        f"sqlite:///{Path(tempfile.gettempdir()) / 'no-laboratory.sqlite3'}"
    )
    os.environ.setdefault("SECRET_KEY", "of nothing: each house makes its own")
    # Thousands of sockets are as many open files.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    import django

    django.setup()
    from tests.faults.laboratory.house import Database
    from tests.faults.laboratory.plants import Plant
    from tests.faults.laboratory.report_text import format_report
    from tests.faults.laboratory.running import run
    from tests.faults.laboratory.servers import Unavailable

    databases = list(Database) if asked.database == "both" else [Database(asked.database)]
    has_failed = False
    for database in databases:
        running = run(
            database,
            _programme(asked),
            n_rooms=asked.rooms,
            n_webs=asked.webs,
            seed=asked.seed,
            plant=Plant(asked.plant) if asked.plant else None,
            tell=lambda line: _print(line, file=sys.stderr),
        )
        try:
            report = asyncio.run(running)
        except Unavailable as why:
            _print(f"Skipped: {database}: {why}", file=sys.stderr)
            has_failed |= len(databases) == 1
            continue
        _print(json.dumps(report.as_json()) if asked.json else format_report(report))
        has_failed |= bool(report.findings)
    return int(has_failed)


if __name__ == "__main__":
    sys.exit(main())
