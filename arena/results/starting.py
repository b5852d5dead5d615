"""Starts the process that makes a result, unless one does already."""

import logging
import os
import subprocess
import sys
import threading
import time
from typing import IO

from django.conf import settings

from arena.models import Study
from arena.results.kept import Progress, ResultKind, folder_of, open_lock, take, write_progress

log = logging.getLogger(__name__)

NOT_STARTED = (
    "The server could not start a process for it ({why}). Try again in a minute; if that fails "
    "too, the machine is short of memory or processes, and whoever runs it should look."
)
#: A page that looks whether a process works holds the lock for a moment.
_TRIES, _WAIT_S = 10, 0.002


def start(study: Study, kind: ResultKind) -> bool:
    """Start to make a result; False if it is being made."""
    folder = folder_of(study, kind)
    with open_lock(folder) as lock:
        if not _take(lock):
            return False
        write_progress(folder, Progress(step="Starting"))
        # The child has the lock with its copy of the file: nobody can come between.
        try:
            process = subprocess.Popen(
                _command(study, kind, lock.fileno()), env=_environment(), pass_fds=[lock.fileno()]
            )
        except OSError as error:
            write_progress(folder, Progress(step="", failed=NOT_STARTED.format(why=error.strerror)))
            return True
    threading.Thread(target=_see_off, args=(process,), name="result", daemon=True).start()
    return True


def _take(lock: IO[str]) -> bool:
    for _ in range(_TRIES):
        if take(lock):
            return True
        time.sleep(_WAIT_S)
    return False


def _command(study: Study, kind: ResultKind, lock: int) -> list[str]:
    # The gentlest: what rooms need always comes first.
    nice = ["nice", "-n", "19"]
    program = [sys.executable, "-m", "turing"]
    return [*nice, *program, "study", "keep", study.slug, kind, "--lock", str(lock)]


def _environment() -> dict[str, str]:
    path = [str(settings.BASE_DIR), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path), "OPENBLAS_NUM_THREADS": "1"}


def _see_off(process: "subprocess.Popen[bytes]") -> None:
    if process.wait() != 0:
        log.warning("The making of a result ended with status %s.", process.returncode)
