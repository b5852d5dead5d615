"""Reports and exports that are being made: how they stand, and the processes that make them."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from arena import queries, results
from arena.models import Study
from arena.results import KeptFile, Progress, ResultKind, ResultState
from arena.results.kept import folder_of, open_lock, take, write_progress
from tests.kit.stubborn import turns


def state(study: Study, kind: ResultKind) -> ResultState:
    return results.state(study, kind, queries.material(study))


def settled(study: Study, kind: ResultKind) -> ResultState:
    """How it stands once nobody works on it."""
    waits = turns(f"the {kind} of {study.slug}")
    while (found := state(study, kind)).running is not None:
        time.sleep(next(waits))
    return found


def made(study: Study, kind: ResultKind) -> KeptFile:
    """Have it made; return it."""
    results.start(study, kind)
    found = settled(study, kind)
    assert found.result is not None, found.failed
    return found.result


def waiting(study: Study, kind: ResultKind) -> ResultState:
    """How it stands once the process waits for its turn."""
    waits = turns(f"the {kind} of {study.slug} to wait")
    while not (running := (found := state(study, kind)).running) or "Waiting" not in running.step:
        time.sleep(next(waits))
    return found


@contextlib.contextmanager
def turn_taken(folder: Path) -> Iterator[None]:
    """Be the one whose turn it is: nobody else gets further than to wait."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "turn").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def at_work(study: Study, kind: ResultKind, progress: Progress) -> Iterator[None]:
    """Be the process that makes something, and this far."""
    folder = folder_of(study, kind)
    with open_lock(folder) as lock:
        assert take(lock)
        write_progress(folder, progress)
        yield


def workers(study: Study) -> list[int]:
    """The processes that make something of a study, by their command lines."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().decode(errors="replace").split("\0")
            if "keep" in words and study.slug in words and int(path.parent.name) != os.getpid():
                found.append(int(path.parent.name))
    return found
