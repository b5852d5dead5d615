"""`manage.py worker`: one more process for timers and machine witnesses."""

import asyncio
import contextlib
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from arena.live.runtime import running
from arena.management.migrated import require_migrated


class Command(BaseCommand):
    help = "Run timers and machine witnesses beside `serve` (PostgreSQL and REDIS_URL)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.REDIS_URL and connection.vendor == "postgresql"):
            raise CommandError(
                "A worker shares rooms with the serving process, so it needs DATABASE_URL "
                "(PostgreSQL) and REDIS_URL. On one machine `serve` alone does this work."
            )
        require_migrated()
        connection.close()
        self.stdout.write("Working: timers and machine witnesses.")
        asyncio.run(_work())


async def _work() -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with running():
        await stop.wait()
