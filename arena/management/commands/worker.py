"""`manage.py worker`: one more process in which machines think."""

import argparse
import asyncio
import contextlib
import signal
import socket
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from arena.live import beside
from arena.live.runtime import thinking
from arena.management.migrated import require_migrated


class Command(BaseCommand):
    help = "Have machines think, memories kept and mails sent beside `serve`."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        # By `serve` alone: the socket to it, with which this process ends.
        parser.add_argument("--beside", type=int, help=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        if (number := options["beside"]) is not None:
            # Ctrl-C in a terminal reaches both; `serve` ends this process when it is done itself.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            asyncio.run(_think_beside(socket.socket(fileno=number)))
            return
        if not (settings.REDIS_URL and connection.vendor == "postgresql"):
            raise CommandError(
                "A worker shares rooms with the serving process, so it needs DATABASE_URL "
                "(PostgreSQL) and REDIS_URL. On one machine `serve` alone does this work."
            )
        require_migrated()
        connection.close()
        self.stdout.write("Working: machines, memories, mails.")
        asyncio.run(_think())


async def _think() -> None:
    stop = _stopping(signal.SIGINT, signal.SIGTERM)
    async with thinking():
        await stop.wait()


async def _think_beside(serving: socket.socket) -> None:
    """Think until the serving process ends, however it does."""
    stop = _stopping(signal.SIGTERM)
    async with thinking():
        linked = asyncio.create_task(beside.until_it_ends(serving))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([linked, stopped], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        linked.cancel()
        await asyncio.gather(linked, stopped, return_exceptions=True)


def _stopping(*numbers: signal.Signals) -> asyncio.Event:
    """An event that these signals set."""
    stop = asyncio.Event()
    for number in numbers:
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
