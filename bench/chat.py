"""Messages a second, latency and processor time of the product, beside other ways to build a chat.

All in one run on one machine, over the loopback interface. Fails if a message was lost, doubled,
reordered or not stored. What the figures mean and what they do not is in docs/performance.md.
"""

import argparse
import contextlib
import json
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import scenarios
import table
from databases import Database, postgresql, redis_pids, sqlite
from figures import Plan, Report
from scenarios import BENCH, Failed, Scenario, Skipped, serving
from table import PRODUCT, Result

#: The product slows a socket down beyond this many commands a second.
THROTTLE_PER_S = 100
LOG_LINES = 30
MAX_PROCESSES = 4


def main() -> int:
    # An ending from outside must end the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended by SIGTERM."))
    options = _options()
    _allow_many_sockets()
    with contextlib.redirect_stdout(sys.stderr) if options.json else contextlib.nullcontext():
        machine = tuple(table.machine())
        _say(*machine, f"{options.seconds:g} s a phase; latencies are p50 / p99.", "")
        results, problems = _measured(options)
        _say(*(f"FAILED {problem}" for problem in problems[:LOG_LINES]))
    if options.json:
        _say(_as_json(machine, results, problems))
    return 1 if problems else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rooms", type=int, nargs="+", default=[100], help="rooms of three sockets each"
    )
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
        "--processes",
        type=int,
        nargs="*",
        default=[2],
        choices=range(2, MAX_PROCESSES + 1),
        help="with --postgres: how many processes of the product to measure besides one",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        default=[""],
        help="only the servers whose name contains one of these, such as 'product' or 'bare'",
    )
    parser.add_argument(
        "--json", action="store_true", help="print every figure as JSON, and the rest to stderr"
    )
    options = parser.parse_args()
    are_rooms = all(1 <= n <= 2000 for n in options.rooms)
    if not (are_rooms and 1 <= options.seconds <= 600 and options.rate > 0):
        parser.error("rooms must be 1..2000, seconds 1..600 and the rate above 0. Choose others.")
    return options


def _allow_many_sockets() -> None:
    """Raise the limit of open files as far as it goes; the servers and the load inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _chosen(options: argparse.Namespace) -> list[str]:
    names = ["product", "channels", "channels kept"]
    if options.postgres:
        names.append("product postgres")
        names += [f"product postgres {n} {how}" for n in options.processes for how in _SPREADS]
        names += ["channels postgres", "node postgres"]
    return [name for name in [*names, "bare"] if any(part in name for part in options.only)]


#: How the sockets of a room come to processes.
_SPREADS = {"random": scenarios.at_random, "routed": scenarios.routed}


def _measured(options: argparse.Namespace) -> tuple[list[Result], list[str]]:
    """Measure every chosen server with each number of rooms, and print the tables of that number.

    Return the figures, and what went wrong.
    """
    results: list[Result] = []
    problems: list[str] = []
    with tempfile.TemporaryDirectory(prefix="turing-arena-bench-") as folder:
        scratch = Path(folder)
        for n_rooms in options.rooms:
            for name in _chosen(options):
                try:
                    with _prepared(name, options, scratch / str(n_rooms)) as (scenario, database):
                        _say(f"... {n_rooms:,} rooms, {scenario.name}")
                        report, found = _measure(
                            scenario, database, n_rooms=n_rooms, options=options, scratch=scratch
                        )
                except Skipped as reason:
                    _say(str(reason))
                    continue
                problems += [f"{n_rooms:,} rooms, {scenario.name}: {problem}" for problem in found]
                if report is not None:
                    results.append(
                        Result(name=scenario.name, on=scenario.on, rooms=n_rooms, report=report)
                    )
            _say(*table.tables(results, n_rooms=n_rooms, rate=options.rate))
    return results, problems


@contextlib.contextmanager
def _prepared(
    name: str, options: argparse.Namespace, scratch: Path
) -> Iterator[tuple[Scenario, Database]]:
    """A scenario with its own scratch database."""
    folder = scratch / name.replace(" ", "-")
    folder.mkdir(parents=True)
    with contextlib.ExitStack() as stack:
        if "postgres" in name:
            database = stack.enter_context(postgresql(options.postgres))
        else:
            database = sqlite(folder)
        match name.split():
            case ["product"]:
                scenario = scenarios.product(database, folder=folder)
            case ["product", "postgres", *spread]:
                scenario = scenarios.product(database, folder=folder, redis_url=options.redis)
                if spread:
                    scenario = _SPREADS[spread[1]](scenario, int(spread[0]))
            case ["channels", "kept"]:
                scenario = scenarios.channels_way(database, keeps_connections=True)
            case ["node", _]:
                scenario = scenarios.node_peer(database, folder=folder)
            case ["bare"]:
                scenario = scenarios.bare_sockets()
            case _:
                scenario = scenarios.channels_way(database)
        yield scenario, database


def _measure(
    scenario: Scenario,
    database: Database,
    *,
    n_rooms: int,
    options: argparse.Namespace,
    scratch: Path,
) -> tuple[Report | None, list[str]]:
    """Load one server; return its report, and what went wrong with it."""
    log = scratch / "server.log"
    try:
        with serving(scenario, n_rooms, log=log) as running:
            plan = Plan(
                server_pids=running.pids,
                database_pids=database.server_pids() + redis_pids(scenario.redis_url),
                rooms=running.rooms,
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


def _as_json(machine: Sequence[str], results: Sequence[Result], problems: Sequence[str]) -> str:
    values = {"machine": machine, "results": list(map(asdict, results)), "problems": problems}
    # Python writes NaN, which is no JSON: what is not known becomes null.
    return json.dumps(json.loads(json.dumps(values), parse_constant=lambda _: None), indent=1)


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
