"""Without a bus one process serves a database: a second one would split its rooms."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

#: The PostgreSQL advisory lock that the one serving process holds.
LOCK_ID = 0x7475_7269_6E67


class AlreadyServing(Exception):
    """Another process serves this database already."""

    def __init__(self) -> None:
        super().__init__(
            "Another process serves this database already, and without a bus rooms would be split "
            "between the two. Stop it, or set REDIS_URL (and PostgreSQL) for both."
        )


@contextlib.contextmanager
def only_process() -> Iterator[None]:
    """Hold this database's serving lock; raise `AlreadyServing` if another process does."""
    lock = _postgresql_lock if connection.vendor == "postgresql" else _file_lock
    with lock():
        yield


@contextlib.contextmanager
def _file_lock() -> Iterator[None]:
    path = Path(str(settings.DATABASES["default"]["NAME"]) + ".serving")
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyServing from None
        yield


@contextlib.contextmanager
def _postgresql_lock() -> Iterator[None]:
    import psycopg

    params = connection.get_connection_params()
    params.pop("pool", None)
    wanted = {
        key: params[key]
        for key in ("host", "port", "user", "password", "dbname")
        if params.get(key)
    }
    with psycopg.connect(**wanted, autocommit=True) as own:
        row = own.execute("SELECT pg_try_advisory_lock(%s)", (LOCK_ID,)).fetchone()
        if row is None or not row[0]:
            raise AlreadyServing
        yield
