"""CPU time of a running process, from Linux's process table; elsewhere it is not known."""

import math
import os
from pathlib import Path


def cpu_s(pid: int) -> float:
    """User and system time of a process in seconds, in steps of 10 ms."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return math.nan
    # The second field, the command's name, is in brackets and may itself hold spaces.
    fields = line.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
