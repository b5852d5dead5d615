"""A PostgreSQL and a Redis of the laboratory's own, to be killed without disturbing anybody else's.

Both live in a folder that is thrown away, and listen on ports that nobody knew of before.
"""

import asyncio
import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psycopg

from tests.conftest import free_port

#: How long a server may take to start, also after a crash, on a machine that is busy.
START_S = 120.0


class Unavailable(Exception):
    """What a part of the laboratory needs is not on this machine."""


class OwnServer:
    """A process that listens on a port, started anew whenever it was killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def _command(self) -> Sequence[str]:
        raise NotImplementedError

    @property
    def _is_up(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            return True
        return False

    async def start(self) -> None:
        """Have it run and answer; one that gives up at first, after a crash, is tried again."""
        async with asyncio.timeout(START_S):
            while not (self.is_running and self._is_up):
                if not self.is_running:
                    with (self.folder / "output").open("ab") as output:
                        self._process = subprocess.Popen(
                            self._command, stdin=subprocess.DEVNULL, stdout=output, stderr=output
                        )
                await asyncio.sleep(0.05)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def send(self, number: signal.Signals) -> None:
        if self._process is not None and self.is_running:
            self._process.send_signal(number)

    async def restart(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it as a signal does, and start it again."""
        self.send(number)
        async with asyncio.timeout(START_S):
            while self.is_running:
                await asyncio.sleep(0.02)
        await self.start()

    def stop(self) -> None:
        self.send(signal.SIGCONT)
        self.send(signal.SIGINT)
        if self._process is not None:
            self._process.wait(START_S)


class Redis(OwnServer):
    """A Redis that keeps nothing."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._binary = shutil.which("redis-server")
        if self._binary is None:
            raise Unavailable("There is no redis-server on the PATH.")

    @property
    def _command(self) -> Sequence[str]:
        own = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder))
        return (str(self._binary), *own, "--save", "", "--appendonly", "no")

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"


class Postgres(OwnServer):
    """A cluster made for the occasion. Its options are PostgreSQL's own but for its size."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._bin = _postgres_bin()
        self._data = folder / "cluster"
        self._as_owner: tuple[str, ...] = ()
        if os.geteuid() == 0:  # It refuses to run as root.
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            who = (f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups")
            self._as_owner = ("setpriv", *who)
        subprocess.run(
            [*self._as_owner, self._bin / "initdb", "-D", self._data, "-U", "arena", "-A", "trust"],
            check=True,
            capture_output=True,
            cwd=folder,
        )

    @property
    def _command(self) -> Sequence[str]:
        settings = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self.folder,
            "max_connections": 100,
            "shared_buffers": "32MB",
            "min_wal_size": "32MB",
            "max_wal_size": "64MB",
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return (*self._as_owner, str(self._bin / "postgres"), "-D", str(self._data), *options)

    @property
    def _is_up(self) -> bool:
        with contextlib.suppress(psycopg.Error), self.connect():
            return True
        return False

    @property
    def url(self) -> str:
        return f"postgres://arena@127.0.0.1:{self.port}/postgres?sslmode=disable"

    def connect(self) -> "psycopg.Connection[Any]":
        return psycopg.connect(self.url, connect_timeout=5, autocommit=True)

    def kill_backend(self, n: int) -> None:
        """Kill a process that serves a client; the server throws all others out and recovers."""
        query = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' ORDER BY 1"
        with contextlib.suppress(psycopg.Error), self.connect() as own:
            found = [pid for (pid,) in own.execute(query) if pid != own.info.backend_pid]
            if found:
                os.kill(found[n % len(found)], signal.SIGKILL)


def _postgres_bin() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[-2]))
    if found:
        return found[-1]
    if (initdb := shutil.which("initdb")) is None:
        raise Unavailable("There is no initdb, neither in /usr/lib/postgresql nor on the PATH.")
    return Path(initdb).resolve().parent
