"""The processor time of whole process trees, against processes that say what they have used."""

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench.process_time import is_named, parent_named, tree_cpu_s

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's process table")

#: Uses half a second of processor time, says so, and waits until its input ends.
USE = """
import sys, time
while time.process_time() < 0.5:
    pass
print("used", flush=True)
sys.stdin.read()
"""
#: Starts one that does that, and lets it end (or not) before it says so.
PARENT = """
import subprocess, sys
child = subprocess.Popen(
    [sys.executable, "-c", {use!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE
)
child.stdout.readline()
if {ends}:
    child.communicate()
print("used", flush=True)
sys.stdin.read()
"""


@contextmanager
def running(program: str) -> Iterator[int]:
    """A process that has said that it is so far."""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"used\n"
        yield process.pid
        process.communicate()


@pytest.mark.parametrize("ends", [False, True])
def test_the_time_of_a_child_counts_whether_it_runs_or_has_ended(ends: bool) -> None:
    with running(PARENT.format(use=USE, ends=ends)) as pid:
        assert tree_cpu_s([pid]) >= 0.48


def test_the_times_of_several_trees_are_added() -> None:
    with running(USE) as one, running(USE) as other:
        assert tree_cpu_s([one, other]) >= 0.96


def test_no_process_costs_nothing_and_the_time_of_an_unknown_one_is_not_known() -> None:
    assert tree_cpu_s([]) == 0
    assert math.isnan(tree_cpu_s([0]))


def test_a_process_is_recognised_by_its_name() -> None:
    with running(USE) as pid:
        assert is_named(_name(pid), pid)
        assert not is_named("redis-server", pid)
        assert parent_named(_name(os.getpid()), of=pid) == os.getpid()
        assert parent_named("postgres", of=pid) is None


def _name(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text().removesuffix("\n")
