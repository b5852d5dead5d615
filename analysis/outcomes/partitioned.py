"""Dates the decisions of a partitioned export part by part, here or on a scheduler's workers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.dataset.archive import open_package
from analysis.dataset.partitions import groups, part_keys
from analysis.dataset.study import Study, load, load_parts, n_rooms_promised
from analysis.errors import ArgumentError, DataError
from analysis.outcomes.clocks import Clock
from analysis.outcomes.commitment import Rule
from analysis.outcomes.dating import WitnessKind, date
from analysis.outcomes.inclusion import Inclusion, include

#: Tasks for each thread of the workers: enough that none waits long for the last one.
TASKS_PER_THREAD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DatingTask:
    """What is to be dated, and in which parts."""

    path: Path
    clock: Clock
    rule: Rule | None
    witness: WitnessKind
    inclusion: Inclusion
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialResult:
    """The decisions of some parts, and all the rooms that these parts hold."""

    frame: pd.DataFrame
    rooms: tuple[str, ...]


def reduce_all(task: DatingTask, scheduler: str | None) -> pd.DataFrame:
    """Date every room of an export, on the scheduler's workers if there is one."""
    keys = part_keys(open_package(task.path))
    if not keys and scheduler is not None:
        raise ArgumentError(
            f"`scheduler` needs an export that is partitioned by room (got {task.path}, which is "
            "not); write it again with `partition`, or leave `scheduler` out."
        )
    if not keys:
        return _dated(task, load(task.path))
    if scheduler is None:
        done = [reduce_parts(replace(task, keys=keys))]
    else:
        done = _elsewhere(task, keys, scheduler)
    _check_rooms(task.path, done)
    return pd.concat([each.frame for each in done], ignore_index=True)


def reduce_parts(task: DatingTask) -> PartialResult:
    """Date the rooms of some parts, few of them in memory at a time."""
    package = open_package(task.path)
    frames, rooms = [], []
    for keys in groups(task.keys):
        study = load_parts(package, keys)
        frames.append(_dated(task, study))
        rooms += study.rooms["room"].tolist()
    return PartialResult(frame=pd.concat(frames, ignore_index=True), rooms=tuple(rooms))


def _dated(task: DatingTask, study: Study) -> pd.DataFrame:
    return date(include(study, task.inclusion), task.clock, task.rule, kind=task.witness)


def _elsewhere(task: DatingTask, keys: tuple[str, ...], scheduler: str) -> list[PartialResult]:
    with _client(scheduler) as client:
        threads = sum(client.ncores().values())
        if not threads:
            raise ArgumentError(f"The scheduler {scheduler} has no workers; start at least one.")
        size = -(-len(keys) // (threads * TASKS_PER_THREAD))
        shares = [keys[start : start + size] for start in range(0, len(keys), size)]
        tasks = [replace(task, keys=share) for share in shares]
        # Results of an earlier call are of earlier files.
        futures = client.map(reduce_parts, tasks, pure=False)
        return list(client.gather(futures))


@contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError:
        raise ArgumentError(
            "A scheduler needs dask; install `turing-arena[dask]`, or leave `scheduler` out."
        ) from None
    try:
        connect: Any = Client  # without types of its own
        client = connect(scheduler, set_as_default=False, timeout="10s")
    except (OSError, ValueError) as error:
        raise ArgumentError(
            f"No scheduler answers at {scheduler!r} ({error}); give the address that "
            "`dask scheduler` prints, such as tcp://127.0.0.1:8786."
        ) from None
    with client:
        yield client


def _check_rooms(path: Path, done: list[PartialResult]) -> None:
    rooms = pd.Series([room for each in done for room in each.rooms], dtype="str")
    problems = []
    promised = n_rooms_promised(open_package(path))
    if len(rooms) != promised:
        problems.append(f"rooms has {len(rooms)} rows; study.json promises {promised}.")
    twice = rooms[rooms.duplicated()].unique()[:5]
    if len(twice):
        problems.append(f"rooms lists {', '.join(twice)} in more than one part.")
    if problems:
        raise DataError(tuple(problems))
