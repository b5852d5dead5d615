"""A whole run: one house and crowd after the other, until all that was asked for has gone wrong."""

import contextlib
import os
import random
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from arena.rehearsal.faults import Finding
from tests.faults.laboratory.crowd import InVain, crowd
from tests.faults.laboratory.house import Database, house
from tests.faults.laboratory.judging import Sums, judge
from tests.faults.laboratory.plants import Plant
from tests.faults.laboratory.servers import Unavailable
from tests.faults.laboratory.steps import STEPS, Scene

#: How long (s) anything may take before it counts as never; less where a plant may be the reason.
PATIENCE_S, PLANTED_PATIENCE_S = 90.0, 20.0
#: How many kills one house sees: its rooms are then ended, checked and forgotten.
N_KILLS_A_HOUSE = 25
#: How large (MiB) a disk is that is to be filled.
DISK_MIB = {Database.SQLITE: 192, Database.POSTGRES: 320}


@dataclass(slots=True, kw_only=True)
class Report:
    """What a run did and saw. Reports of several runs may be added up."""

    database: Database
    seed: int
    n_houses: int = 0
    length_s: float = 0.0
    done: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)
    skipped: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, scene: Scene, sums: Sums, findings: list[Finding]) -> None:
        self.n_houses += 1
        self.done.update(scene.done)
        self.sums.update(asdict(sums))
        self.findings += findings

    @property
    def n_kills(self) -> int:
        return sum(n for what, n in self.done.items() if what.startswith("kills of "))

    def as_json(self) -> dict[str, Any]:
        # Not asdict: before Python 3.12 it makes a counter of pairs out of a counter.
        return {
            "database": str(self.database),
            "seed": self.seed,
            "n_houses": self.n_houses,
            "length_s": round(self.length_s, 1),
            "kills": self.n_kills,
            "done": dict(self.done),
            "sums": dict(self.sums),
            "skipped": self.skipped,
            "findings": [str(finding) for finding in self.findings],
        }


async def run(
    database: Database,
    programme: Mapping[str, int],
    *,
    n_rooms: int,
    seed: int,
    plant: Plant | None = None,
    n_webs: int = 2,
    tell: Callable[[str], None] = lambda line: None,
) -> Report:
    """Do every step of a programme so many times; say what anybody's account shows."""
    report, began = Report(database=database, seed=seed), time.monotonic()
    for n, part in enumerate(_houses(programme)):
        with contextlib.ExitStack() as stack:
            disk = _disk(stack, database, part, report)
            patience_s = PATIENCE_S if plant is None else PLANTED_PATIENCE_S
            async with (
                house(database, plant=plant or "", disk=disk, n_webs=n_webs) as own,
                crowd(own, n_rooms=n_rooms, seed=seed + n, patience_s=patience_s) as people,
            ):
                scene = Scene(house=own, crowd=people, rng=random.Random(seed + n))
                is_over = await _played(scene, part, report)
                report.add(scene, *(await judge(people, is_over=is_over)))
        report.length_s = time.monotonic() - began
        tell(
            f"{database}: {report.n_kills} kills, {report.sums['acknowledged']} acknowledged, "
            f"{report.sums['cut']} cut, {len(report.findings)} findings ({report.length_s:.0f} s)"
        )
    return report


def _houses(programme: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """The programme of each house: everything in the first, what is left of the kills in others."""
    left = programme.get("kills", 0)
    first = dict(programme)
    while True:
        now = min(left, N_KILLS_A_HOUSE)
        left -= now
        yield {**first, "kills": now}
        first = {}
        if left <= 0:
            return


def _disk(
    stack: contextlib.ExitStack, database: Database, part: dict[str, int], report: Report
) -> Path | None:
    if not part.get("full_disk"):
        return None
    try:
        return stack.enter_context(_small_disk(DISK_MIB[database]))
    except Unavailable as why:
        report.skipped.append(f"full_disk: {why}")
        part["full_disk"] = 0
        return None


@contextlib.contextmanager
def _small_disk(mib: int) -> Iterator[Path]:
    """A file system of so many MiB."""
    if os.geteuid() != 0:
        raise Unavailable("Only root may mount a small file system, which is then filled.")
    with tempfile.TemporaryDirectory(prefix="laboratory-disk-") as name:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={mib}m,mode=0711", "tmpfs", name]
        done = subprocess.run(mount, capture_output=True, text=True)
        if done.returncode != 0:
            raise Unavailable(f"No small file system could be mounted: {done.stderr.strip()}")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)


async def _played(scene: Scene, part: Mapping[str, int], report: Report) -> bool:
    """Do what is on the programme; whether everything came to its end."""
    try:
        await scene.crowd.come_live()
        for step, times in part.items():
            if times:
                await _do(scene, step, times, report=report)
        await scene.crowd.come_to_an_end()
    except InVain:
        await scene.crowd.go_home()  # before what they know is compared with a log that still grows
        return False
    return True


async def _do(scene: Scene, step: str, times: int, *, report: Report) -> None:
    try:
        await STEPS[step](scene, times)
    except Unavailable as why:
        report.skipped.append(f"{step}: {why}")
