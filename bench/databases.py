"""Scratch databases that a benchmark makes, counts the stored messages of, and drops."""

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis
from process_time import is_named, parent_named

#: Stands for a server that is not among this machine's processes; its time is not known.
ELSEWHERE = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A scratch database and how a server is told of it."""

    url: str

    def count(self, query: str) -> int:
        """The one number that a query returns."""
        return int(self.rows(query)[0][0])

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        if self.url.startswith("sqlite:///"):
            with contextlib.closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as own:
                return own.execute(query).fetchall()
        with psycopg.connect(self.url) as own:
            return own.execute(query.encode()).fetchall()

    def server_pids(self) -> tuple[int, ...]:
        """PostgreSQL's first process, from which all its others descend; SQLite has none."""
        if self.url.startswith("sqlite:///"):
            return ()
        with psycopg.connect(self.url) as own:
            return (parent_named("postgres", of=own.info.backend_pid) or ELSEWHERE,)


def redis_pids(url: str) -> tuple[int, ...]:
    """The process of a Redis server, if there is one."""
    if not url:
        return ()
    with contextlib.closing(redis.Redis.from_url(url)) as client:
        pid = int(client.info("server")["process_id"])  # type: ignore[index]
    return (pid if is_named("redis-server", pid) else ELSEWHERE,)


def sqlite(folder: Path) -> Database:
    """A file in a scratch folder, which goes with the folder."""
    return Database(url=f"sqlite:///{folder / 'scratch.sqlite3'}")


@contextlib.contextmanager
def postgresql(server_url: str) -> Iterator[Database]:
    """A database of its own on a PostgreSQL server, dropped in the end."""
    name = f"turing_arena_bench_{os.getpid()}_{secrets.token_hex(3)}"
    with psycopg.connect(server_url, autocommit=True) as own:
        own.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        server = urlsplit(server_url)
        query = f"?{server.query}" if server.query else ""
        yield Database(url=f"{server.scheme}://{server.netloc}/{name}{query}")
    finally:
        with psycopg.connect(server_url, autocommit=True) as own:
            own.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
