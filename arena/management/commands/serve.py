"""`manage.py serve`: pages, sockets and timers, and a process beside it in which machines think."""

import argparse
import os
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from arena.live import beside
from arena.live.single_process import AlreadyServing, only_process
from arena.live.transport import BoundedWebSocket
from arena.management.migrated import require_migrated
from arena.protocol.fields import MAX_FRAME_BYTES


class Command(BaseCommand):
    help = "Serve pages and rooms. Several processes need PostgreSQL and REDIS_URL."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=settings.PORT, help="port (PORT)")
        parser.add_argument("--workers", type=int, default=1, help="number of processes")
        parser.add_argument(
            "--machines",
            choices=[str(each) for each in beside.Machines],
            default=os.environ.get(beside.ENVIRONMENT) or str(beside.Machines.BESIDE),
            help="where machines think: in a process beside each that serves (the default), in "
            "the serving process, whose load then shows when they do, or in a `worker` elsewhere",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        workers, machines = options["workers"], options["machines"]
        has_bus = settings.REDIS_URL and connection.vendor == "postgresql"
        if machines not in set(beside.Machines):  # a default is not looked at by the parser
            raise CommandError(
                f"{beside.ENVIRONMENT} is {machines!r}. Expected {', '.join(beside.Machines)}: "
                "where machines think. Correct it, or leave it out for beside."
            )
        if machines == beside.Machines.ELSEWHERE and not has_bus:
            raise CommandError(
                "Machines are to think elsewhere, but no worker can share this database: they "
                "would never answer. Set REDIS_URL and DATABASE_URL (PostgreSQL) and start a "
                "worker, or leave --machines out."
            )
        if workers > 1 and not has_bus:
            raise CommandError(
                f"{workers} processes were asked for, but rooms would be split between them "
                "without a bus. Set REDIS_URL and DATABASE_URL (PostgreSQL), or serve with one."
            )
        require_migrated()
        os.environ[beside.ENVIRONMENT] = machines
        if settings.REDIS_URL:
            self._serve(options)
            return
        try:
            with only_process():
                self._serve(options)
        except AlreadyServing as error:
            raise CommandError(str(error)) from None

    def _serve(self, options: dict[str, Any]) -> None:
        where = f"http://{options['host']}:{options['port']}"
        self.stdout.write(f"Serving on {where} (public address {settings.PUBLIC_URL}).")
        self.stdout.flush()
        connection.close()
        uvicorn.run(
            "turing.asgi:application",
            **server_options(host=options["host"], port=options["port"]),
            workers=options["workers"],
        )


def server_options(*, host: str, port: int) -> dict[str, Any]:
    """How the product runs uvicorn."""
    return {
        "host": host,
        "port": port,
        "ws": BoundedWebSocket,
        # Compression would cost 40 KiB a socket and let sizes tell about contents.
        "ws_per_message_deflate": False,
        "ws_max_size": MAX_FRAME_BYTES,
        "ws_ping_interval": 20,
        "ws_ping_timeout": 20,
        "timeout_graceful_shutdown": 10,
        "lifespan": "on",
        "access_log": False,
        "server_header": False,
        "log_config": None,
    }
