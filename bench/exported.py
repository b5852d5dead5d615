"""Exports and verifies a study of the database that the environment names; prints what it took.

Runs in a process of its own, so that its peak memory is that of one study.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import django


def main(slug: str, out: Path) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turing.settings")
    django.setup()
    import analysis
    from arena import export, queries
    from arena.events.verification import verify

    study = queries.study(slug)
    figures = {"idle_mb": _peak_mb()}
    work: dict[str, Callable[[], object]] = {
        "verify": lambda: verify(study).fault is None or sys.exit("The log does not verify."),
        "export": lambda: export.write(study, out),
        "verify_export": lambda: analysis.verify(out).ok or sys.exit("The export does not verify."),
    }
    # A peak cannot be taken back: what needs least comes first.
    for name, each in work.items():
        begin, begin_cpu = time.perf_counter(), time.process_time()
        each()
        figures[f"{name}_s"] = time.perf_counter() - begin
        figures[f"{name}_cpu_s"] = time.process_time() - begin_cpu
        figures[f"{name}_mb"] = _peak_mb()
    sys.stdout.write(json.dumps(figures))


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    main(sys.argv[1], Path(sys.argv[2]))
