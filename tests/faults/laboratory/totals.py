"""`python -m tests.faults.laboratory.totals FILE ...`: adds up what runs printed with `--json`."""

import json
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path


def totals(lines: Iterable[str]) -> dict[str, Counter[str]]:
    """The counts of all reports, by database."""
    found: dict[str, Counter[str]] = {}
    for line in lines:
        report = json.loads(line)
        mine = found.setdefault(report["database"], Counter())
        mine.update(report["done"] | report["sums"])
        mine["runs"] += 1
        mine["kills"] += report["kills"]
        mine["findings"] += len(report["findings"])
    return found


if __name__ == "__main__":
    lines = [line for name in sys.argv[1:] for line in Path(name).read_text().splitlines()]
    for database, counts in sorted(totals(lines).items()):
        told = ", ".join(f"{what} {n}" for what, n in sorted(counts.items()))
        print(f"{database}: {told}")  # noqa: T201
