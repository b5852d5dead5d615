"""When this machine last served rooms: a file's time of change, set anew every half second.

A process that was killed leaves no other sign of when that was, and how long pages take to come
back depends on how long they found nobody.
"""

import asyncio
import contextlib
import time
from pathlib import Path

from django.conf import settings

EVERY_S = 0.5


def _file() -> Path:
    return Path(settings.DATA_DIR) / "serving"


def down_s() -> float:
    """For how long (s) nobody on this machine has served rooms; 0 if nobody ever has."""
    try:
        return max(0.0, time.time() - _file().stat().st_mtime)
    except OSError:
        return 0.0


async def keep_saying() -> None:
    """Say again and again that rooms are served."""
    while True:
        with contextlib.suppress(OSError):  # Without the file nothing but that is unknown.
            _file().parent.mkdir(parents=True, exist_ok=True)
            _file().touch()
        await asyncio.sleep(EVERY_S)
