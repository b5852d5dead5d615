"""What the process does that makes a result: read, tell how far it is, put the file in place."""

import asyncio
import contextlib
import fcntl
import json
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from analysis.errors import AnalysisError
from arena import export, queries, trial
from arena.errors import ArenaError
from arena.models import Study
from arena.results.kept import (
    Progress,
    ResultKind,
    clear_work,
    folder_of,
    keep,
    take,
    write_progress,
)

log = logging.getLogger(__name__)

#: After so long a process is ended.
LIMIT_S = 6 * 3600
#: How often progress is written, at most.
TELL_EVERY_S = 0.5
#: How much of the problems of an export a host's page shows, in characters.
REASON_CHARS = 600
NO_REPORT = (
    "These rooms do not allow a report. {error}\nThe export can be made all the same. Its checks "
    "name every problem: python -m analysis report PATH"
)
UNEXPECTED = (
    "Something failed that nobody expected ({kind}); the server's log says what. Try again, and "
    "if it fails again, run this on the server: {command}"
)
_ASKING = "Asking the machines, one after the other"
Tell = Callable[[Progress], None]


class NotHeld(ArenaError):
    code = "results.not_held"

    def __init__(self) -> None:
        super().__init__(
            "This command is started by the host's pages, which hand it a lock. To make an export "
            "or a report yourself, use `study export` or `study report`."
        )


def make(study: Study, kind: ResultKind, *, lock: int) -> str:
    """Make a result under the lock that this process was given; return why that failed, or ''."""
    if not take(lock):
        raise NotHeld
    folder = folder_of(study, kind)
    clear_work(folder)
    tell = _teller(folder)
    try:
        # A trial waits for providers, and takes nothing that rooms need.
        turn = contextlib.nullcontext() if kind == ResultKind.TRIAL else _turn(folder, tell)
        with turn, tempfile.TemporaryDirectory(dir=folder, prefix="work-") as work:
            # Asked before anything is read: what happens meanwhile makes the result an old one.
            material = queries.material(study)
            made = _MAKERS[kind](study, Path(work), tell)
            keep(folder, made, material)
    except Exception as error:
        why = _words(study, kind, error)
        write_progress(folder, Progress(step="", failed=why))
        return why
    return ""


def _words(study: Study, kind: ResultKind, error: Exception) -> str:
    """What went wrong and what to do, for a host."""
    log.error("The %s of study %s could not be made.", kind, study.slug, exc_info=error)
    if isinstance(error, AnalysisError):
        return NO_REPORT.format(error=str(error)[:REASON_CHARS])
    if isinstance(error, ArenaError):
        return str(error)
    return UNEXPECTED.format(kind=type(error).__name__, command=kind.command(study))


@contextmanager
def _turn(folder: Path, tell: Tell) -> Iterator[None]:
    """One at a time on a machine: two large reports could take the memory of the rooms."""
    with (folder.parent.parent / "turn").open("a") as turn:
        tell(Progress(step="Waiting for another one to be done"))
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _teller(folder: Path) -> Tell:
    last = Progress(step="")
    told_at = 0.0

    def tell(progress: Progress) -> None:
        nonlocal last, told_at
        now = time.monotonic()
        if progress.step != last.step or now - told_at >= TELL_EVERY_S:
            write_progress(folder, progress)
            last, told_at = progress, now

    return tell


def _export(study: Study, work: Path, tell: Tell) -> Path:
    out = work / f"{study.slug}.zip"
    export.write(study, out, progress=_of_rooms(tell, then="Packing the files"))
    return out


def _report(study: Study, work: Path, tell: Tell) -> Path:
    from analysis.report.render import render

    export.write(study, work / "study", progress=_of_rooms(tell, then="Reading the tables"))
    page = render(work / "study", embedded=True, progress=lambda step: tell(_of_sections(step)))
    out = work / "report.html"
    out.write_text(page, encoding="utf-8")
    return out


def _trial(study: Study, work: Path, tell: Tell) -> Path:
    design = queries.study_file(study)
    n, done = len(design.machines), 0

    def told(tried: trial.ProfileTrial) -> None:
        nonlocal done
        done += 1
        tell(Progress(step=_ASKING, done=done, of=n))

    tell(Progress(step=_ASKING, done=0, of=n))
    tried = asyncio.run(
        trial.try_machines(
            design.machines, lambda machine: trial.TrialSetting.of(design, machine), done=told
        )
    )
    trial.keep(tried)
    out = work / "trial.json"
    out.write_text(json.dumps(trial.as_json(tried), default=str), encoding="utf-8")
    return out


def _of_rooms(tell: Tell, *, then: str) -> export.Progress:
    def told(done: int, of: int) -> None:
        tell(Progress(step="Reading rooms" if done < of else then, done=done, of=of))

    return told


def _of_sections(step: str) -> Progress:
    """The report's "3/17 Verdicts" as progress."""
    number, _, name = step.partition(" ")
    done, _, of = number.partition("/")
    if not (done.isdigit() and of.isdigit()):
        return Progress(step=step)
    return Progress(step=f"Working out: {name}", done=int(done), of=int(of))


_MAKERS: dict[ResultKind, Callable[[Study, Path, Tell], Path]] = {
    ResultKind.EXPORT: _export,
    ResultKind.REPORT: _report,
    ResultKind.TRIAL: _trial,
}
