"""How many replies of models the servers carry, what each costs, and how late it is said.

A local provider answers every call after some seconds. Interrogators ask it through real sockets:
at a fixed rate, or each room again as soon as it is answered (`--rate 0`). A reply is late by what
lies between the moment it was due and the one the log gives it; `shown` is when its reader had it.
Without --postgres, `serve` on SQLite with the process beside it; with it, `serve` and a `worker` on
PostgreSQL and Redis.
"""

import argparse
import contextlib
import dataclasses
import datetime as dt
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import scenarios
import table
from askers import Answered, Asking
from databases import postgresql, sqlite
from figures import RoomPlan
from scenarios import BENCH, ROOT, SET_UP_S, Scenario, serving

SAID = (
    "SELECT e.public_id, e.at, t.due_at FROM arena_event e JOIN arena_timer t "
    "ON e.command_id = 'timer:' || t.id WHERE e.kind = 'message'"
)
COUNTS = {
    "machine_calls": "SELECT count(*) FROM arena_event WHERE kind = 'machine_call'",
    "withheld": "SELECT count(*) FROM arena_event WHERE kind = 'withheld'",
    "gave_up": "SELECT count(*) FROM arena_event WHERE kind = 'gave_up'",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranks:
    """Half of the samples, 99 in 100, and all, took at most this long."""

    p50_ms: float
    p99_ms: float
    max_ms: float

    @classmethod
    def of(cls, samples_s: Sequence[float]) -> "Ranks | None":
        if not samples_s:
            return None
        ranked = sorted(samples_s)
        ranks = (ranked[min(len(ranked) - 1, len(ranked) * p // 100)] * 1000 for p in (50, 99))
        p50_ms, p99_ms = ranks
        return cls(p50_ms=p50_ms, p99_ms=p99_ms, max_ms=ranked[-1] * 1000)

    def __str__(self) -> str:
        return f"{self.p50_ms:.0f} / {self.p99_ms:.0f} / {self.max_ms:.0f} ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    where: str
    rooms: int
    model_s: float
    pacing: str
    asked_per_s: float
    load_average: float
    replies_per_s: float
    cpu_ms: float  # of the servers, per reply, the question's path included
    database_cpu_ms: float  # of PostgreSQL, per reply
    commits: float  # transactions of PostgreSQL, per reply
    servers_share: float  # of a core, all servers together
    client_share: float
    wait: Ranks | None  # from the question to the first words of the answer
    late: Ranks | None  # the moment in the log after the due one
    shown: Ranks | None  # the reader's after the due one
    n_early: int
    n_asked_late: int
    counts: dict[str, int]
    problems: list[str]


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended by SIGTERM."))
    options = _options()
    load_average = os.getloadavg()[0]
    if not options.json:
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
            url = stack.enter_context(_provider(options.model_seconds))
            scenario = _asking(scenario, url=url, options=options)
            server = stack.enter_context(
                serving(scenario, options.rooms, log=folder / "server.log")
            )
            pids = list(server.pids)
            if options.postgres:
                pids.append(stack.enter_context(_worker(scenario, folder / "worker.log")))
            plan = Asking(
                port=server.rooms[0].port,
                pids=tuple(pids),
                postgres=database.url if options.postgres else "",
                rooms=tuple((room.path, room.tokens[0]) for room in server.rooms),
                rate=options.rate,
                warm_up_s=options.warm_up,
                seconds=options.seconds,
            )
            asked = _ask(plan)
            said = {event: (_moment(at), _moment(due)) for event, at, due in database.rows(SAID)}
            counts = {name: database.count(query) for name, query in COUNTS.items()}
        figures = _figures(asked, said, options=options, load_average=load_average, counts=counts)
        if figures.problems:
            for log in ("server.log", "worker.log"):
                _say(*_tail(folder / log))
    if options.json:
        _say(json.dumps(asdict(figures)))
    else:
        _say(*_lines(figures))
    return 1 if figures.problems else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rooms", type=int, default=200, help="with an interrogator each")
    parser.add_argument("--seconds", type=float, default=15.0, help="how long is measured")
    parser.add_argument("--warm-up", type=float, default=10.0, help="seconds before that")
    parser.add_argument("--model-seconds", type=float, default=1.0, help="what a call takes")
    parser.add_argument("--rate", type=float, default=0.0, help="questions/s; 0: again at once")
    parser.add_argument("--pacing", default="none", help="of the machine, as in a study file")
    parser.add_argument(
        "--postgres",
        nargs="?",
        const="postgresql://127.0.0.1:5432/postgres",
        help="the URL of a server on which databases may be made",
    )
    parser.add_argument("--redis", default="redis://127.0.0.1:6379/15", help="with --postgres")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    options = parser.parse_args()
    if not (1 <= options.rooms <= 5000 and 1 <= options.seconds <= 600 and options.rate >= 0):
        parser.error("rooms must be 1..5000, seconds 1..600, the rate 0 or more. Choose others.")
    return options


@contextlib.contextmanager
def _provider(seconds: float) -> Iterator[str]:
    command = [sys.executable, str(BENCH / "slow_provider.py"), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.terminate()


def _asking(scenario: Scenario, *, url: str, options: argparse.Namespace) -> Scenario:
    """The product with live rooms whose witness is the provider's model."""

    def rooms(n_rooms: int, environment: Any) -> tuple[RoomPlan, ...]:
        script = str(BENCH / "reply_rooms.py")
        command = [sys.executable, script, str(n_rooms), url, options.pacing]
        done = subprocess.run(
            command,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            timeout=SET_UP_S,
        )
        return tuple(
            RoomPlan(path=room["path"], tokens=(room["token"],)) for room in json.loads(done.stdout)
        )

    place = "elsewhere" if options.postgres else "beside"
    own = {"OPENAI_API_KEY": "none-is-needed", "ARENA_MACHINES": place}
    environment = {**scenario.environment, **own}
    return dataclasses.replace(scenario, plan_rooms=rooms, environment=environment)


@contextlib.contextmanager
def _worker(scenario: Scenario, log: Path) -> Iterator[int]:
    environment = {**os.environ, **scenario.environment}
    with log.open("wb") as output:
        command = [sys.executable, str(ROOT / "manage.py"), "worker"]
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=output, stderr=output)
        try:
            time.sleep(2)
            yield process.pid
        finally:
            process.terminate()
            process.wait(20)


def _ask(plan: Asking) -> Answered:
    done = subprocess.run(
        [sys.executable, str(BENCH / "askers.py")],
        input=json.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=180 + plan.warm_up_s + 2 * plan.seconds,
    )
    return Answered(**json.loads(done.stdout))


def _figures(
    asked: Answered,
    said: dict[str, tuple[dt.datetime, dt.datetime]],
    *,
    options: argparse.Namespace,
    load_average: float,
    counts: dict[str, int],
) -> Figures:
    stored = [said[event] for event in asked.shown_at if event in said]
    late = [(at - due).total_seconds() for at, due in stored]
    shown = [
        at - said[event][1].timestamp() for event, at in asked.shown_at.items() if event in said
    ]
    n = max(1, asked.n_replies)
    n_early = sum(each < 0 for each in late)
    problems = [*asked.problems, *([f"{n_early} replies were early"] if n_early else [])]
    if counts["gave_up"] or counts["withheld"]:
        problems.append(f"{counts['gave_up']} given up, {counts['withheld']} withheld")
    return Figures(
        where="PostgreSQL, serve and worker" if options.postgres else "SQLite, serve",
        rooms=options.rooms,
        model_s=options.model_seconds,
        pacing=options.pacing,
        asked_per_s=options.rate,
        load_average=load_average,
        replies_per_s=asked.n_replies / asked.span_s,
        cpu_ms=1000 * asked.cpu_s / n,
        database_cpu_ms=1000 * asked.database_cpu_s / n,
        commits=asked.n_commits / n,
        servers_share=asked.cpu_s / asked.span_s,
        client_share=asked.client_cpu_share,
        wait=Ranks.of(asked.waits_s),
        late=Ranks.of(late),
        shown=Ranks.of(shown),
        n_early=n_early,
        n_asked_late=asked.n_asked_late,
        counts=counts,
        problems=problems,
    )


def _lines(figures: Figures) -> Iterator[str]:
    asked = f"{figures.asked_per_s:g} questions/s" if figures.asked_per_s else "again at once"
    yield (
        f"{figures.where}: {figures.rooms} rooms, {asked}, {figures.model_s:g} s a call, pacing "
        f"{figures.pacing}, load average before {figures.load_average:.2f}"
    )
    yield f"replies/s               {figures.replies_per_s:.1f}"
    yield f"processor per reply     {figures.cpu_ms:.1f} ms ({figures.servers_share:.0%} of a core)"
    if figures.database_cpu_ms:
        commits = f"{figures.commits:.1f} transactions"
        yield f"PostgreSQL per reply    {figures.database_cpu_ms:.1f} ms, {commits}"
    yield f"question to answer      {figures.wait} (p50 / p99 / max)"
    yield f"late, in the log        {figures.late}"
    yield f"late, at the reader     {figures.shown}"
    yield f"client                  {figures.client_share:.0%} of a core"
    if figures.n_asked_late:
        yield f"not asked, no room free {figures.n_asked_late}"
    yield from (f"FAILED {problem}" for problem in figures.problems)


def _moment(value: dt.datetime | str) -> dt.datetime:
    moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _tail(log: Path) -> list[str]:
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    return [f"{log.name}: {line}" for line in lines[-20:]]


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
