"""Messages a second, latency and CPU of the product, beside the Channels way and bare sockets.

All in one run on one machine, over the loopback interface. Fails if a message was lost, doubled,
reordered or not stored. What the figures mean and what they do not is in docs/performance.md.
"""

import argparse
import contextlib
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import scenarios
import table
from databases import Database, postgresql, sqlite
from figures import Plan, Report
from scenarios import BENCH, Failed, Scenario, serving
from table import PRODUCT, Result

#: The product slows a socket down beyond this many commands a second.
THROTTLE_PER_S = 100
LOG_LINES = 30


def main() -> int:
    # An ending from outside must end the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended by SIGTERM."))
    options = _options()
    _say(*table.machine())
    _say(
        f"{options.rooms} rooms with 3 sockets each, {options.seconds:g} s a phase; latencies are "
        "p50 / p99.",
        "",
    )
    results: list[Result] = []
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="turing-arena-bench-") as folder:
        scratch = Path(folder)
        for name in _chosen(options):
            with _prepared(name, options, scratch) as (scenario, database):
                report, found = _measure(scenario, database, options=options, scratch=scratch)
            problems += [f"{scenario.name}: {problem}" for problem in found]
            if report is not None:
                results.append(Result(name=scenario.name, on=scenario.on, report=report))
    if results:
        _say("", *table.rows(results, rate=options.rate), "", *table.ratios(results))
    _say(*(f"FAILED {problem}" for problem in problems[:LOG_LINES]))
    return 1 if problems else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rooms", type=int, default=100, help="rooms of three sockets each")
    parser.add_argument("--seconds", type=float, default=6.0, help="how long a phase is measured")
    parser.add_argument("--rate", type=float, default=50.0, help="messages/s of the open loop")
    parser.add_argument(
        "--postgres",
        nargs="?",
        const="postgresql://127.0.0.1:5432/postgres",
        help="measure on PostgreSQL too: the URL of a server on which databases may be made",
    )
    parser.add_argument("--redis", default="redis://127.0.0.1:6379/15", help="with --postgres")
    parser.add_argument(
        "--only", default="", help="only the servers whose name contains this, such as 'product'"
    )
    options = parser.parse_args()
    if not (1 <= options.rooms <= 2000 and 1 <= options.seconds <= 600 and options.rate > 0):
        parser.error("rooms must be 1..2000, seconds 1..600 and the rate above 0. Choose others.")
    return options


def _chosen(options: argparse.Namespace) -> list[str]:
    names = ["product", "channels", "channels kept"]
    if options.postgres:
        names += ["product postgres", "channels postgres"]
    return [name for name in [*names, "bare"] if options.only in name]


@contextlib.contextmanager
def _prepared(
    name: str, options: argparse.Namespace, scratch: Path
) -> Iterator[tuple[Scenario, Database]]:
    """A scenario with its own scratch database."""
    folder = scratch / name.replace(" ", "-")
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        if "postgres" in name:
            database = stack.enter_context(postgresql(options.postgres))
        else:
            database = sqlite(folder)
        match name:
            case "product":
                scenario = scenarios.product(database, folder=folder)
            case "product postgres":
                scenario = scenarios.product(database, folder=folder, redis_url=options.redis)
            case "channels kept":
                scenario = scenarios.channels_way(database, keeps_connections=True)
            case "bare":
                scenario = scenarios.bare_sockets()
            case _:
                scenario = scenarios.channels_way(database)
        yield scenario, database


def _measure(
    scenario: Scenario, database: Database, *, options: argparse.Namespace, scratch: Path
) -> tuple[Report | None, list[str]]:
    """Load one server; return its report, and what went wrong with it."""
    _say(f"... {scenario.name}")
    log = scratch / "server.log"
    try:
        with serving(scenario, options.rooms, log=log) as server:
            plan = Plan(
                port=server.port,
                server_pid=server.pid,
                rooms=server.rooms,
                rate=options.rate,
                seconds=options.seconds,
            )
            report = _load(plan)
    except (Failed, subprocess.SubprocessError) as error:
        return None, [str(error), *_tail(log)]
    problems = list(report.problems)
    if scenario.stored:
        n_stored = database.count(scenario.stored)
        if n_stored != report.n_messages:
            problems.append(f"{report.n_messages} messages were sent, {n_stored} are stored")
    if scenario.name.startswith(PRODUCT):
        problems += _throttled(report)
    return report, problems + (_tail(log) if problems else [])


def _load(plan: Plan) -> Report:
    """Run the load generator in a process of its own."""
    done = subprocess.run(
        [sys.executable, str(BENCH / "load.py")],
        input=plan.to_json(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=240 + 4 * plan.seconds,
    )
    return Report.from_json(done.stdout)


def _throttled(report: Report) -> list[str]:
    peak = max(report.fixed.socket_peak_per_s, report.saturated.socket_peak_per_s)
    if peak < 0.9 * THROTTLE_PER_S:
        return []
    return [
        f"a socket sent {peak:.0f} commands/s, near the product's limit of {THROTTLE_PER_S}. "
        "Use more rooms."
    ]


def _tail(log: Path) -> list[str]:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return [f"server log: {line}" for line in lines[-LOG_LINES:]]


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
