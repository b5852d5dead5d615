"""Processor time of running processes, from Linux's process table; elsewhere it is not known."""

import math
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Process:
    """A line of the process table; its time includes that of children it has waited for."""

    pid: int
    name: str
    parent: int
    ticks: int


def cpu_s(pid: int) -> float:
    """User and system time of one process, and of children that it has waited for."""
    ticks = [process.ticks for process in _table(str(pid))]
    return ticks[0] / _TICKS_PER_S if ticks else math.nan


def tree_cpu_s(roots: Sequence[int]) -> float:
    """User and system time of processes and all their descendants, in steps of 10 ms each.

    Descendants that have ended are in it too, if somebody of the tree waited for them.
    """
    table = {process.pid: process for process in _table()}
    if any(root not in table for root in roots):
        return math.nan
    children = defaultdict(list)
    for process in table.values():
        children[process.parent].append(process.pid)
    ticks, left = 0, list(roots)
    while left:
        pid = left.pop()
        ticks += table[pid].ticks
        left += children[pid]
    return ticks / _TICKS_PER_S


def parent_named(name: str, *, of: int) -> int | None:
    """The parent of a process, if it has that name: a pid from elsewhere means another process."""
    table = {process.pid: process for process in _table()}
    parent = table[of].parent if of in table else None
    return parent if parent in table and table[parent].name == name else None


def is_named(name: str, pid: int) -> bool:
    return any(process.name == name for process in _table(str(pid)))


def _table(pids: str = "[0-9]*") -> Iterator[Process]:
    for path in PROC.glob(f"{pids}/stat"):
        try:
            line = path.read_text()
        except OSError:
            continue  # it has just ended
        # The second field, the command's name, is in brackets and may itself hold spaces.
        head, _, rest = line.rpartition(")")
        fields = rest.split()
        ticks = sum(int(field) for field in fields[11:15])
        yield Process(int(path.parent.name), head.partition("(")[2], int(fields[1]), ticks)
