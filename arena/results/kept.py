"""What is kept: a folder for each study and kind, with the file, its note, progress and a lock."""

import dataclasses
import datetime as dt
import fcntl
import hashlib
import json
import os
import secrets
import shutil
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from arena import clock, queries
from arena.models import Study
from arena.queries import Material

#: How long a result is kept: it can always be made again.
KEPT_FOR = dt.timedelta(days=7)
#: What a host reads of a process that is gone and left no reason.
STOPPED = (
    "The work was stopped before it was done: the server was restarted, or ran out of memory or of "
    "disk. Nothing of the study is lost. Try again; if it stops again, run this on the server to "
    "see what happens: {command}"
)


class ResultKind(StrEnum):
    """What is made of a study's ended rooms, or of its machines."""

    REPORT = "report"
    EXPORT = "export"
    TRIAL = "trial"

    def command(self, study: Study) -> str:
        """What does the same on the server, and shows more of it."""
        if self is ResultKind.TRIAL:
            return "manage.py machine try FILE"
        return f"manage.py study {self} {study.slug} --out PATH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the process is; `of` is 0 where that is not known."""

    step: str
    done: int = 0
    of: int = 0
    failed: str = ""  # why, in words, once it has


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A finished file, what it was made of and when."""

    path: Path
    n_bytes: int
    material: Material
    made_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultState:
    """How a kind of result stands: being made, failed, made; `is_current` if of all there is."""

    kind: ResultKind
    running: Progress | None
    failed: str
    result: KeptFile | None
    is_current: bool


def state(study: Study, kind: ResultKind, material: Material) -> ResultState:
    """How this kind of result stands for a study that has this material now."""
    folder = folder_of(study, kind)
    result = _finished(folder)
    if result is not None and result.material.n_erased != material.n_erased:
        result = None  # Words that are in it were erased; `prune` removes it.
    is_current = result is not None and result.material == material
    is_running, progress = is_locked(folder), _read_progress(folder)
    failed = ""
    # Machines may be tried anew though nothing has changed since.
    if progress is not None and not is_running and (kind == ResultKind.TRIAL or not is_current):
        failed = progress.failed or STOPPED.format(command=kind.command(study))
    return ResultState(
        kind=kind,
        running=(progress or Progress(step="Starting")) if is_running else None,
        failed=failed,
        result=result,
        is_current=is_current,
    )


def prune() -> None:
    """Remove what is old, and what holds words that were erased since it was made."""
    for place in sorted(path for path in _root().glob("*") if path.is_dir()):
        study = Study.objects.filter(slug=place.name).first()
        material = None if study is None else queries.material(study)
        for folder in place.iterdir():
            with open_lock(folder) as lock:
                if take(lock) and not _may_stay(folder, material):
                    clear(folder)


def _may_stay(folder: Path, material: Material | None) -> bool:
    result = _finished(folder)
    if result is None or clock.now() - result.made_at > KEPT_FOR:
        return False
    return material is None or result.material.n_erased == material.n_erased


def folder_of(study: Study, kind: ResultKind) -> Path:
    return _root() / study.slug / kind


def _root() -> Path:
    return Path(settings.DATA_DIR) / "results"


def keep(folder: Path, file: Path, material: Material) -> None:
    """Put a finished file in its place, for good; what was there before goes."""
    digest = hashlib.sha256(repr(material).encode()).hexdigest()[:12]
    # Never the name of another: a page may be sending that one.
    path = folder / f"{digest}-{secrets.token_hex(4)}{file.suffix}"
    file.replace(path)
    note = {
        "file": path.name,
        "n_bytes": path.stat().st_size,
        "material": dataclasses.asdict(material),
        "made_at": clock.now().isoformat(),
    }
    _write(folder / "result.json", note)
    clear(folder, but=path)


def clear(folder: Path, *, but: Path | None = None) -> None:
    """Remove everything: also what a process that was killed left behind. `but` is kept."""
    kept = {"lock"} if but is None else {"lock", "result.json", but.name}
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name not in kept:
            path.unlink(missing_ok=True)


def clear_work(folder: Path) -> None:
    """Remove what a process that was killed left behind, and keep what was finished before."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)


def _finished(folder: Path) -> KeptFile | None:
    note = _read(folder / "result.json")
    if note is None or not (folder / note["file"]).exists():
        return None
    return KeptFile(
        path=folder / note["file"],
        n_bytes=note["n_bytes"],
        material=Material(**note["material"]),
        made_at=dt.datetime.fromisoformat(note["made_at"]),
    )


def write_progress(folder: Path, progress: Progress) -> None:
    _write(folder / "progress.json", dataclasses.asdict(progress))


def _read_progress(folder: Path) -> Progress | None:
    found = _read(folder / "progress.json")
    return None if found is None else Progress(**found)


def _write(path: Path, value: object) -> None:
    """Write a file in one step: who reads it meanwhile sees what was or what is."""
    scratch = path.with_suffix(".new")
    scratch.write_text(json.dumps(value), encoding="utf-8")
    scratch.replace(path)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found


def open_lock(folder: Path) -> IO[str]:
    """The file whose lock the process that works holds, by the descriptor it was born with."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return (folder / "lock").open("a")


def take(lock: IO[str] | int) -> bool:
    """Lock, if nobody else has; the lock is let go when the last copy of the file is closed."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(folder: Path) -> bool:
    """Whether a process works there."""
    try:
        file = os.open(folder / "lock", os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(file)
