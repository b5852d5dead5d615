"""A process that imports the product once and forks `manage.py` commands on request.

A forked server has its own connections, threads and event loop, and `kill -9` is a real one; what
is saved is two seconds of imports per start. Run as ``python -m tests.faults.forking``, with the
names of further modules to import.
"""

import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any


def _main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turing.settings")
    import turing.asgi  # noqa: F401 -- everything a server needs, once

    for name in sys.argv[1:]:
        importlib.import_module(name)
    children: dict[int, bool] = {}
    for line in sys.stdin:
        sys.stdout.write(f"{_answer(json.loads(line), children)}\n")
        sys.stdout.flush()
    left = [pid for pid in children if _alive(pid, children)]
    for pid in left:
        os.kill(pid, signal.SIGTERM)
    for pid in left:
        os.waitpid(pid, 0)


def _answer(request: Mapping[str, Any], children: dict[int, bool]) -> object:
    if "alive" in request:
        return _alive(request["alive"], children)
    waits = request.get("wait", False)
    pid = os.fork()
    if pid == 0:
        os.environ.update(request.get("environment", {}))
        time.tzset()
        _child(request["argv"], output=Path(os.environ["DATA_DIR"]) / "output" if waits else None)
    if waits:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    children[pid] = True
    return pid


def _alive(pid: int, children: dict[int, bool]) -> bool:
    if children[pid] and os.waitpid(pid, os.WNOHANG)[0] == pid:
        children[pid] = False
    return children[pid]


def _child(argv: list[str], *, output: Path | None) -> None:
    from django.core.management import execute_from_command_line

    from tests.faults import mortality
    from tests.faults.laboratory import conditions

    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        out: IO[str] = (output or Path(os.devnull)).open("w", encoding="utf-8")
        os.dup2(out.fileno(), 1)
        if output is not None:
            os.dup2(out.fileno(), 2)
        if "DIE_AT" in os.environ:
            mortality.arm(os.environ["DIE_AT"])
        conditions.set_up()
        execute_from_command_line(["manage.py", *argv])
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    _main()
