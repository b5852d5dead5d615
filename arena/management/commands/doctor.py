"""`manage.py doctor`: what is configured, reachable and risky, one line each."""

import argparse
import datetime as dt
import os
import smtplib
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection
from django.core.management.base import BaseCommand
from django.db import connection

from arena import backends, clock, health, queries
from arena.mail.alerts import webhook_host
from arena.management.migrated import program
from arena.models import Alert, Timer
from arena.rules import Phase, TimerKind

KEYS = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY", "GEMINI_API_KEY")

#: After how long an open timer counts as overdue, and how many are named.
OVERDUE = dt.timedelta(seconds=60)
N_NAMED = 10
#: For how long a question that was left unanswered is a failure of the site.
UNANSWERED = dt.timedelta(days=1)


class Command(BaseCommand):
    help = "Say what is configured, reachable and risky; exit 1 if something would fail."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--recount", action="store_true", help="count the machines' calls anew from the log"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["recount"]:
            health.recount()
        found = list(_findings())
        for mark, text in found:
            self.stdout.write(f"{mark:<5} {text}")
        if any(mark == "FAIL" for mark, _ in found):
            raise SystemExit(1)


def _findings() -> Iterator[tuple[str, str]]:
    yield from _database()
    yield from _bus()
    yield from _mail()
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
    if n_missing := len(queries.unapplied_migrations()):
        yield "FAIL", f"{n_missing} migrations are not applied; run `{program()} migrate`"
        return
    yield from _triggers()
    yield from _timers()
    yield from _reminders()
    yield from _machines()
    yield from _alerts()
    yield from _time()


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


def _timers() -> Iterator[tuple[str, str]]:
    now = clock.now()
    rows = Timer.objects.exclude(room__phase=Phase.ENDED).order_by("due_at")
    overdue = rows.filter(done_at__isnull=True, wake_at__lt=now - OVERDUE)
    gave_up = rows.filter(outcome="gave_up")
    n_overdue, n_gave_up = overdue.count(), gave_up.count()
    mark = "risk" if n_overdue or n_gave_up else "ok"
    yield mark, f"timers: {n_overdue} overdue, {n_gave_up} given up in rooms that have not ended"
    for timer in overdue[:N_NAMED]:
        yield "risk", f"overdue since {timer.due_at:%Y-%m-%d %H:%M:%SZ}: {timer.key}"
    for timer in gave_up[:N_NAMED]:
        yield "risk", f"given up after {timer.attempts} attempts: {timer.key}"


def _time() -> Iterator[tuple[str, str]]:
    last_at = queries.last_moment()
    ahead_s = (last_at - clock.now()).total_seconds() if last_at is not None else 0.0
    if ahead_s > 1.0:
        yield "risk", f"clock: {ahead_s:.0f} s behind the rooms' last event; is it set correctly?"
    else:
        yield "ok", "clock: not behind the rooms' last event"


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


def _mail() -> Iterator[tuple[str, str]]:
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    if "smtp" not in settings.EMAIL_BACKEND:
        yield "note", "mail: none leaves this machine; set EMAIL_URL to send reminders"
    else:
        yield from _mail_server(where)
    if settings.EMAIL_HOST_PASSWORD and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        yield "risk", f"mail: the password for {where} travels in the clear (EMAIL_URL is smtp:)"


def _mail_server(where: str) -> Iterator[tuple[str, str]]:
    server = get_connection()
    try:
        server.open()
        server.close()
    except (OSError, smtplib.SMTPException) as error:
        yield "FAIL", f"mail: {where} is not reachable, or refuses: {error}"
    else:
        yield "ok", f"mail: {where}, from {settings.DEFAULT_FROM_EMAIL}"


def _reminders() -> Iterator[tuple[str, str]]:
    """Reminders that were not sent, or perhaps not."""
    rows = Timer.objects.filter(kind=TimerKind.REMINDER)
    n_waiting = rows.filter(done_at__isnull=True, attempts__gt=1).count()
    if n_waiting:
        yield "risk", f"mail: {n_waiting} reminders could not be sent yet; they will be tried again"
    for outcome, words in (("not_sent", "were not sent"), ("unknown", "were perhaps not sent")):
        if n := rows.filter(outcome=outcome).count():
            yield "note", f"mail: {n} reminders {words}, in all; the log says when"


def _machines() -> Iterator[tuple[str, str]]:
    """How the machines fare of studies that have rooms to play."""
    health.Counter().count_all()  # there may be no server that does
    now = clock.now()
    rows = queries.machines_in_use(now)
    if not rows:
        yield "ok", "machines: no study has rooms that have not ended"
    for row in rows:
        name = f"machine {row.study}/{row.name}"
        if row.missing_key:
            yield "FAIL", f"{name}: {row.missing_key} is not set, so no call can succeed"
        if row.since is not None:
            since = f"{row.since:%Y-%m-%d %H:%M:%SZ}"
            yield "FAIL", f"{name}: {row.state} since {since} ({row.failure}). {row.sentence}"
        elif row.unanswered_at is not None and now - row.unanswered_at < UNANSWERED:
            at = f"{row.unanswered_at:%Y-%m-%d %H:%M:%SZ}"
            yield "FAIL", f"{name}: left a question unanswered at {at}; {_figures(row.figures)}"
            continue
        yield "ok" if row.since is None else "note", f"{name}: {_figures(row.figures)}"


def _figures(figures: health.MachineFigures) -> str:
    if not figures.n_calls:
        return "never called"
    kinds = ", ".join(f"{kind} {n}" for kind, n in figures.by_kind)
    parts = [
        f"{figures.n_calls} calls",
        f"{figures.n_failed} failed" + (f" ({kinds})" if kinds else ""),
        f"{figures.n_retries} retries",
        f"{figures.n_unanswered} questions unanswered",
        f"{figures.tokens_in} tokens in, {figures.tokens_out} out",
    ]
    if figures.n_priced:
        parts.append(f"{figures.cost_usd:.4f} USD")
    if figures.last_good_at is not None:
        parts.append(f"half within {figures.median_ms} ms, 95 % within {figures.slow_ms} ms")
        parts.append(f"last good call {figures.last_good_at:%Y-%m-%d %H:%M:%SZ}")
    return "; ".join(parts)


def _alerts() -> Iterator[tuple[str, str]]:
    """Who is told when a machine fails."""
    told = [*settings.ALERT_EMAIL]
    if settings.ALERT_WEBHOOK_URL:
        told.append(f"a webhook at {webhook_host()}")
    if told:
        yield "ok", f"alerts: {', '.join(told)}"
    else:
        yield "note", "alerts: nobody is told; set ALERT_EMAIL or ALERT_WEBHOOK_URL"
    if settings.ALERT_EMAIL and "smtp" not in settings.EMAIL_BACKEND:
        yield "risk", "alerts: no mail leaves this machine; set EMAIL_URL"
    if urlsplit(settings.ALERT_WEBHOOK_URL).scheme not in ("", "http", "https"):
        yield "FAIL", "alerts: ALERT_WEBHOOK_URL does not begin with https:// or http://"
    waiting = Alert.objects.filter(done_at__isnull=True, attempts__gt=1).count()
    if waiting:
        yield "risk", f"alerts: {waiting} could not be delivered yet; they will be tried again"
    if n := Alert.objects.filter(outcome="gave_up").count():
        yield "note", f"alerts: {n} were not delivered, in all; the log says when"


def _site() -> Iterator[tuple[str, str]]:
    yield "ok", f"public address: {settings.PUBLIC_URL}"
    if not settings.IS_SECURE:
        yield "risk", "no TLS: invitation links and words travel in the clear (PUBLIC_URL is http)"
    if not os.environ.get("SECRET_KEY"):
        yield "note", f"SECRET_KEY is kept in {settings.DATA_DIR.name}/secret_key"
