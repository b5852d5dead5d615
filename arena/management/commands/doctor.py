"""`manage.py doctor`: what is configured, reachable and risky, one line each."""

import os
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from arena import backends

KEYS = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "GEMINI_API_KEY")


class Command(BaseCommand):
    help = "Say what is configured, reachable and risky; exit 1 if something would fail."

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(_findings())
        for mark, text in found:
            self.stdout.write(f"{mark:<5} {text}")
        if any(mark == "FAIL" for mark, _ in found):
            raise SystemExit(1)


def _findings() -> Iterator[tuple[str, str]]:
    yield from _database()
    yield from _bus()
    yield from _site()
    yield "ok", f"backends: {', '.join(backends.names())}"
    have = [key for key in KEYS if os.environ.get(key)]
    yield "ok" if have else "note", f"provider variables set: {', '.join(have) or 'none'}"


def _database() -> Iterator[tuple[str, str]]:
    try:
        connection.ensure_connection()
    except Exception as error:
        yield "FAIL", f"database ({connection.vendor}) is not reachable: {error}"
        return
    yield "ok", f"database: {connection.vendor} ({connection.settings_dict['NAME']})"
    executor = MigrationExecutor(connection)
    n_missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if n_missing:
        yield "FAIL", f"{n_missing} migrations are not applied; run `manage.py migrate`"
        return
    yield from _triggers()


def _triggers() -> Iterator[tuple[str, str]]:
    table = "sqlite_master" if connection.vendor == "sqlite" else "pg_trigger"
    column = "name" if connection.vendor == "sqlite" else "tgname"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} LIKE 'arena_event_%'")
        guarded = cursor.fetchone()[0] >= 2
    if guarded:
        yield "ok", "the log is append-only (triggers in place)"
    else:
        yield "FAIL", "the log's triggers are missing; migrate an intact backup"


def _bus() -> Iterator[tuple[str, str]]:
    if not settings.REDIS_URL:
        yield "ok", "bus: none, so one serving process"
        return
    import redis

    try:
        redis.from_url(settings.REDIS_URL).ping()
    except redis.RedisError as error:
        yield "FAIL", f"bus: Redis is not reachable: {error}"
    else:
        yield "ok", "bus: Redis"


def _site() -> Iterator[tuple[str, str]]:
    yield "ok", f"public address: {settings.PUBLIC_URL}"
    if not settings.IS_SECURE:
        yield "risk", "no TLS: invitation links and words travel in the clear (PUBLIC_URL is http)"
    if not os.environ.get("SECRET_KEY"):
        yield "note", f"SECRET_KEY is kept in {settings.DATA_DIR.name}/secret_key"
