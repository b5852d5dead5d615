"""The survival estimators beside every library that is there, and beside a bare sort.

All in one run on the same rooms, as ratios of processor time, and only after the results were
compared. `--peers` names an interpreter for the libraries that this one lacks: lifelines cannot be
installed beside pandas 3, and scikit-survival is GPL, so neither is ever a dependency. Such an
interpreter is made with `python -m venv DIR` and `DIR/bin/pip install lifelines scikit-survival`.
"""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from math import isnan
from pathlib import Path

# This file is called like the package it measures: look for both beside the bench.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from bench import estimators, survival_rooms  # noqa: E402
from bench.peers import Measured, Peer, found  # noqa: E402

#: A contender that took longer than this is not given ten times the rooms.
PATIENCE_S = 10.0
#: Results nearer than this, relatively, are the same; likelihoods are climbed less far by some.
SAME, SAME_FIT = 1e-6, 1e-4

TASKS = (
    estimators.KAPLAN_MEIER,
    estimators.AALEN_JOHANSEN,
    estimators.LOG_RANK,
    estimators.COX,
    estimators.COX_CLUSTERED,
    estimators.AALEN_JOHANSEN_CLUSTERED,
)
_CMPRSK = estimators.AALEN_JOHANSEN + " (cmprsk)"

#: By rooms, contender and task.
Results = dict[tuple[int, str, str], Measured]


def main() -> int:
    options = _options()
    everybody = list(found(options.peers))
    peers = [each for each in everybody if isinstance(each, Peer)]
    _say(*_machine(peers), *(f"not found: {name}" for name in everybody if isinstance(name, str)))
    _say(*_imports(), "")
    tasks = [task for task in TASKS if options.only in task]
    for clock in options.clocks:
        results = _measured(peers, clock, sizes=sorted(options.rooms), tasks=tasks)
        _say(f"Times in {clock}.", "")
        for task in tasks:
            _say(*_rows(task, results, [peer.name for peer in peers[1:]]), "")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    sizes, clocks = [1000, 10_000, 100_000, 1_000_000], list(survival_rooms.CLOCKS)
    parser.add_argument("--rooms", type=int, nargs="+", default=sizes, help="how many rooms")
    parser.add_argument("--clocks", nargs="+", default=clocks, choices=clocks)
    parser.add_argument("--only", default="", help="tasks whose name contains this")
    parser.add_argument(
        "--peers",
        default=os.environ.get("BENCH_PEERS", ""),
        help="another Python, with libraries that this one lacks (or BENCH_PEERS)",
    )
    options = parser.parse_args()
    if min(options.rooms) < 300:
        parser.error(f"{min(options.rooms)} rooms are too few to compare; give 300 or more.")
    return options


def _measured(peers: list[Peer], clock: str, *, sizes: list[int], tasks: list[str]) -> Results:
    results: Results = {}
    tired: set[tuple[str, str]] = set()
    for n in sizes:
        with tempfile.TemporaryDirectory() as name:
            survival_rooms.simulated(n, clock).save(Path(name))
            for peer in peers:
                sys.stderr.write(f"{clock}, {n:,} rooms: {peer.name}\n")
                asked = [
                    t for t in [estimators.SORT, *tasks, _CMPRSK] if (peer.name, t) not in tired
                ]
                for task, taken in peer.measure(Path(name), asked).items():
                    if taken.failure and peer.name == "ours":
                        raise SystemExit(f"{task} of {n:,} rooms failed here: {taken.failure}")
                    results[n, peer.name, task] = taken
                    if taken.seconds > PATIENCE_S:
                        tired.add((peer.name, task))
    return results


def _rows(task: str, results: Results, names: list[str]) -> Iterator[str]:
    columns = [(name, task) for name in names]
    columns += [("R survival", _CMPRSK)] if task == estimators.AALEN_JOHANSEN else []
    columns = [c for c in columns if any(key[1:] == c for key in results)]
    heads = ["R cmprsk" if t == _CMPRSK else name for name, t in columns]
    yield f"{task:28}{'sort ms':>9}{'ours ms':>9}{'/ sort':>8}" + "".join(
        f"{head:>22}" for head in heads
    )
    for n in sorted({key[0] for key in results}):
        sort = results[n, "ours", estimators.SORT]
        ours = results[n, "ours", task]
        ratio = f"{ours.seconds / sort.seconds:.1f}x"
        cells = [_cell(task, ours, results.get((n, *column))) for column in columns]
        yield f"{n:>28,}{sort.seconds * 1e3:9.3f}{ours.seconds * 1e3:9.3f}{ratio:>8}" + "".join(
            f"{cell:>22}" for cell in cells
        )


def _cell(task: str, ours: Measured, theirs: Measured | None) -> str:
    """The ratio, and how far the result is from ours if that is more than rounding."""
    if theirs is None:
        return "-"
    if theirs.failure:
        return theirs.failure
    pairs = zip(ours.answer, theirs.answer, strict=False)
    off = [abs(a - b) / max(abs(a), 1e-9) for a, b in pairs]
    apart = float("nan") if any(isnan(each) for each in off) else max(off)
    allowed = SAME_FIT if task in (estimators.COX, estimators.COX_CLUSTERED) else SAME
    note = "" if apart <= allowed else f" differs {apart:.0e}"
    ratio = theirs.seconds / ours.seconds
    digits = 0 if ratio >= 100 else 1 if ratio >= 10 else 2
    return f"{ratio:,.{digits}f}x{note}"


def _machine(peers: list[Peer]) -> Iterator[str]:
    yield f"{platform.system()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    yield ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "pandas"))
    yield ", ".join(f"{peer.name} {peer.version}" for peer in peers if peer.version)
    yield f"load average before the run: {os.getloadavg()[0]:.2f}"
    yield "Least processor time of several runs, on one thread. Ratios are the contender's time"
    yield f"over ours: above 1, ours is faster. Results agree to {SAME:g} ({SAME_FIT:g} for Cox)"
    yield "unless they differ by what is given."
    yield f"-: not tried, after more than {PATIENCE_S:g} s with a tenth of the rooms."


def _imports() -> Iterator[str]:
    """What importing costs, each in a fresh interpreter."""
    numpy, ours = (_import_s(name) for name in ("numpy", "analysis"))
    yield f"import analysis: {ours / numpy:.2f} of an import of numpy ({numpy * 1e3:.0f} ms)"


def _import_s(name: str) -> float:
    code = f"import time; t = time.process_time(); import {name}; print(time.process_time() - t)"
    command = [sys.executable, "-c", code]
    runs = (subprocess.check_output(command, text=True, cwd=sys.path[0]) for _ in range(5))
    return min(float(run) for run in runs)


def _say(*lines: str) -> None:
    """Print lines as they come, for a run that takes minutes."""
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
