"""The stage of a rehearsal: a separate server and database, on a faster clock."""

import asyncio
import contextlib
import json
import os
import secrets
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from arena import clock
from arena.clock import Rate
from arena.errors import ArenaError

START_LIMIT_S = 120.0
#: The site's command line, to be run in BASE_DIR, where `turing` is found installed or not.
PROGRAM = (sys.executable, "-m", "turing")
#: The command of a server that listens on a port.
ServerCommand = Callable[[int], Sequence[str]]
#: What a rehearsal inherits from the environment; never the keys of providers.
_KEPT = ("PATH", "HOME", "LANG", "TZ", "TIME_ZONE", "VIRTUAL_ENV", "PYTHONPATH", "SYSTEMROOT")
#: What it never inherits, even with real models, which want their keys, proxies and addresses:
#: the site's own settings, with which it would write to the site's data and send its mail.
OWN_SETTINGS = frozenset(
    {
        "ALERT_EMAIL", "ALERT_WEBHOOK_URL", "ALLOWED_HOSTS", "DATABASE_URL", "DATA_DIR",
        "DEFAULT_FROM_EMAIL", "DJANGO_SETTINGS_MODULE", "EMAIL_URL", "LOG_LEVEL", "PORT",
        "PUBLIC_URL", "REDIS_URL", "SECRET_KEY",
        "WEB_CONCURRENCY", "ARENA_MACHINES", clock.ENVIRONMENT,
    }
)  # fmt: skip


class RehearsalBroken(ArenaError):
    code = "rehearsal.broken"

    def __init__(self, what: str, output: str) -> None:
        super().__init__(f"The rehearsal could not {what}. Its output: {output.strip()[-2000:]}")


@dataclass(slots=True, kw_only=True)
class Stage:
    """A running server, and when it was down."""

    folder: Path
    port: int
    rate: Rate
    env: dict[str, str]
    command: Sequence[str]
    downs: list[tuple[float, float]] = field(default_factory=list)
    _process: asyncio.subprocess.Process | None = None

    def ws(self, code: str) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/room/{code}/"

    async def manage(self, *arguments: str) -> str:
        """Run a command of the site; return what it prints."""
        return await _run([*PROGRAM, *arguments], self.env, what=arguments[0])

    async def start(self) -> None:
        log = (self.folder / "server.log").open("ab")
        self._process = await asyncio.create_subprocess_exec(
            *self.command, cwd=settings.BASE_DIR, env=self.env, stdout=log, stderr=log
        )
        log.close()
        async with asyncio.timeout(START_LIMIT_S):
            while not await self._answers():
                if self._process.returncode is not None:
                    raise RehearsalBroken("start its server", self.log)
                await asyncio.sleep(0.05)

    async def kill(self, *, down_s: float = 0.0) -> None:
        """Kill the server without warning, and start it again after so many real seconds."""
        down_at = time.time()
        if self._process is not None:
            self._process.kill()
            await self._process.wait()
        await asyncio.sleep(down_s)
        await self.start()
        self.downs.append((down_at, time.time()))

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def _answers(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    @property
    def log(self) -> str:
        return (self.folder / "server.log").read_text(errors="replace")

    def rows(self, query: str, *parameters: str | int) -> list[dict[str, Any]]:
        """Read the database of the rehearsal."""
        with contextlib.closing(sqlite3.connect(self.folder / "rehearsal.sqlite3")) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query, parameters)]


@contextlib.asynccontextmanager
async def stage(
    study_text: str,
    *,
    n_rooms: int,
    rate: Rate,
    server: ServerCommand | None = None,
    real_models: bool = False,
) -> AsyncIterator[tuple[Stage, dict[str, Any]]]:
    """Run a server with rooms of a study; yield it with the output of `study create --json`."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-") as name:
        folder, port = Path(name), _free_port()
        (folder / "study.yaml").write_text(study_text, encoding="utf-8")
        serve = (server or _serve)(port)
        own = Stage(
            folder=folder,
            port=port,
            rate=rate,
            env=_inherited(real_models) | _env(folder, port, rate),
            command=serve,
        )
        await own.manage("migrate", "--verbosity", "0")
        # The stand-in always answers; real models are asked before they are played with.
        asked = () if real_models else ("--untried",)
        made = await own.manage(
            "study", "create", str(folder / "study.yaml"), "--rooms", str(n_rooms), "--json", *asked
        )
        await own.start()
        try:
            yield own, json.loads(made)
        finally:
            await own.stop()


def _env(folder: Path, port: int, rate: Rate) -> dict[str, str]:
    return {
        "DATABASE_URL": f"sqlite:///{folder / 'rehearsal.sqlite3'}",
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "SECRET_KEY": secrets.token_urlsafe(48),
        clock.ENVIRONMENT: str(rate),
    }


def _inherited(real_models: bool) -> dict[str, str]:
    if real_models:
        return {key: value for key, value in os.environ.items() if key not in OWN_SETTINGS}
    kept = {key: os.environ[key] for key in _KEPT if key in os.environ}
    return kept | {"OPENAI_API_KEY": "none-is-needed-in-a-rehearsal"}


def _serve(port: int) -> tuple[str, ...]:
    return (*PROGRAM, "serve", "--port", str(port))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _run(command: Sequence[str], env: dict[str, str], *, what: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=settings.BASE_DIR,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    if process.returncode != 0:
        raise RehearsalBroken(f"run {what!r}", err.decode(errors="replace"))
    return out.decode()
