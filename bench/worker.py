"""Measures one library's estimates in an interpreter that has it: `python -m bench.worker`.

Arguments: the library, the folder with the rooms, the tasks. One line of JSON for each task.
"""

import gc
import json
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.estimators import LIBRARIES, Job
from bench.survival_rooms import Rooms

#: Short runs are repeated for so long, long ones are run once.
ENOUGH_S, LONG_S, MOST = 0.6, 2.0, 10_000


def main() -> int:
    library, folder, *names = sys.argv[1:]
    warnings.simplefilter("ignore")
    rooms, jobs = Rooms.load(Path(folder)), LIBRARIES[library][1]()
    for name in names:
        if name in jobs:
            sys.stdout.write(json.dumps([name, *_measured(jobs[name], rooms)]) + "\n")
            sys.stdout.flush()
    return 0


def _measured(
    prepare: Callable[[Rooms], Job], rooms: Rooms
) -> tuple[float | None, list[float], str]:
    """Seconds, what is compared, and what went wrong: others' mistakes are part of the result."""
    try:
        few = prepare(rooms.first(300))
        few.read(few.run())
        job = prepare(rooms)
        seconds, result = shortest(job.run)
        return seconds, job.read(result), ""
    except Exception as wrong:
        return None, [], type(wrong).__name__


def shortest(run: Callable[[], Any]) -> tuple[float, Any]:
    """The least processor time of several runs: other work on the machine does not count."""
    best, spent, n = float("inf"), 0.0, 0
    gc.collect()
    while spent < ENOUGH_S and n < MOST:
        began = time.process_time()
        result = run()
        taken = time.process_time() - began
        best, spent, n = min(best, taken), spent + taken, n + 1
        if taken > LONG_S:
            break
    return best, result


if __name__ == "__main__":
    raise SystemExit(main())
