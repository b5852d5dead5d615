"""The contenders as processes: each library in an interpreter that has it, R through Rscript."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.estimators import LIBRARIES

ROOT = Path(__file__).resolve().parent.parent

#: A contender's tasks on one set of rooms are given up after so long.
LIMIT_S = 3600.0

#: Everybody computes on one thread.
_ALONE = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}

_VERSION = (
    "import importlib.metadata as m, importlib.util as u; "
    "print(m.version({0!r}) if u.find_spec({1!r}) else '')"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """Processor time of one estimate, and the numbers by which it is compared; or its failure."""

    seconds: float
    answer: list[float]
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Peer:
    """A contender that is there: what it is called, and how its measurement is started."""

    name: str
    version: str
    command: tuple[str, ...]
    parse: Callable[[str], tuple[str, Measured]]

    def measure(self, folder: Path, tasks: Iterable[str]) -> dict[str, Measured]:
        """Measure its tasks on the rooms in a folder; what it does not offer is left out."""
        command = [*self.command, str(folder), *tasks]
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=LIMIT_S,
                cwd=ROOT,
                env={**os.environ, **_ALONE},
                check=True,
            )
            written = done.stdout
        except subprocess.TimeoutExpired as gone:
            written = (gone.stdout or b"").decode()
        except subprocess.CalledProcessError as failed:
            sys.stderr.write(f"{self.name} failed:\n{failed.stderr}\n")
            written = failed.stdout
        return dict(self.parse(line) for line in written.splitlines())


def found(second: str) -> Iterator[Peer | str]:
    """Every contender that this interpreter or the second one has; of others the name."""
    yield _python("ours", sys.executable, "")
    for name, (module, _) in list(LIBRARIES.items())[1:]:
        for interpreter in filter(None, (sys.executable, second)):
            version = _answer(interpreter, "-c", _VERSION.format(name, module))
            if version:
                yield _python(name, interpreter, version)
                break
        else:
            yield name
    if shutil.which("Rscript") and _r("survival"):
        worker = ("Rscript", str(Path(__file__).parent / "worker.R"))
        yield Peer("R survival", _r("survival"), worker, _tabbed)
    else:
        yield "R survival"


def _python(name: str, interpreter: str, version: str) -> Peer:
    return Peer(name, version, (interpreter, "-m", "bench.worker", name), _json)


def _json(line: str) -> tuple[str, Measured]:
    name, seconds, answer, failure = json.loads(line)
    return name, Measured(float("inf") if seconds is None else seconds, answer, failure)


def _tabbed(line: str) -> tuple[str, Measured]:
    name, seconds, *answer = line.split("\t")
    return name, Measured(float(seconds), [float(number) for number in answer])


def _r(package: str) -> str:
    return _answer("Rscript", "-e", f'cat(as.character(packageVersion("{package}")))')


def _answer(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
