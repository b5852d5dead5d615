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
        yield Database(url=urlsplit(server_url)._replace(path=f"/{name}").geturl())
    finally:
        with psycopg.connect(server_url, autocommit=True) as own:
            own.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
