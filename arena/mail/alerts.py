"""Hands alerts about failing machines to a mail server and to a webhook.

An alert is a row that was stored with what it tells of. It is taken under a lease, tried again with
growing waits until it was accepted, and in the order of its machine's alarms. A process that dies
between the hand-over and its record hands it over again, with the same id: a host would rather hear
twice than never.
"""

import asyncio
import datetime as dt
import json
import logging
import random
import smtplib
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import IO, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from arena import clock, database
from arena.health import Channel
from arena.mail import letters
from arena.models import Alert

log = logging.getLogger(__name__)

#: How often (real s) a process looks for alerts, and how long it may take over one.
TICK_S = 2.0
LEASE = dt.timedelta(seconds=60)
WEBHOOK_TIMEOUT_S = 10.0
#: After so many attempts, half an hour, an alert is given up; the next one is tried anew.
MAX_ATTEMPTS = 12
MAX_BACKOFF_S = 300.0
AT_ONCE = 20


class NotDelivered(Exception):
    """A channel did not accept an alert; it is tried again."""


async def deliver() -> None:
    """Deliver what is due until cancelled."""
    while True:
        try:
            await deliver_due()
        except Exception as error:
            log.warning("Alerts could not be looked for: %s", error)
        await asyncio.sleep(TICK_S)


async def deliver_due() -> None:
    """Deliver the alerts that are due now."""
    leased = await database.run(_lease, clock.now())
    await asyncio.gather(*(_carry_out(alert) for alert in leased))


def _lease(now: dt.datetime) -> list[Alert]:
    """Take the oldest open alert of each profile and channel, if it is due."""
    open_ones = Alert.objects.filter(done_at__isnull=True)
    same = open_ones.filter(profile=OuterRef("profile"), channel=OuterRef("channel"))
    due = open_ones.filter(~Exists(same.filter(id__lt=OuterRef("id"))), wake_at__lte=now)
    if not due.exists():
        return []
    skip = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        found = list(due.select_for_update(skip_locked=skip).order_by("id")[:AT_ONCE])
        for alert in found:
            alert.attempts, alert.wake_at = alert.attempts + 1, now + LEASE
            alert.save(update_fields=["attempts", "wake_at"])
    ids = [alert.id for alert in found]
    return list(Alert.objects.select_related("profile__study").filter(id__in=ids))


async def _carry_out(alert: Alert) -> None:
    send = _post if alert.channel == Channel.WEBHOOK else _mail
    name = f"The {alert.channel} alert that {alert.profile} is {alert.state}"
    try:
        await asyncio.to_thread(send, alert)
    except NotDelivered as error:
        if alert.attempts >= MAX_ATTEMPTS:
            log.error("%s is given up after %d attempts: %s", name, alert.attempts, error)
            await database.run(_settle, alert, outcome="gave_up")
        else:
            log.warning("%s was not delivered: %s; it will be tried again", name, error)
            await database.run(_back_off, alert)
    else:
        log.info("%s was delivered", name)
        await database.run(_settle, alert, outcome="sent")


def _settle(alert: Alert, *, outcome: str) -> None:
    mine = Alert.objects.filter(id=alert.id, done_at__isnull=True)
    mine.update(done_at=clock.now(), outcome=outcome)


def _back_off(alert: Alert) -> None:
    wait_s = min(MAX_BACKOFF_S, 2.0**alert.attempts) * random.uniform(0.5, 1.0)
    mine = Alert.objects.filter(id=alert.id, done_at__isnull=True)
    mine.update(wake_at=clock.now() + dt.timedelta(seconds=wait_s))


def _mail(alert: Alert) -> None:
    letter = letters.alert(alert, to=settings.ALERT_EMAIL)
    try:
        get_connection().send_messages([letter])
    except (OSError, smtplib.SMTPException) as error:
        # Not its words: servers repeat addresses in them.
        code = getattr(error, "smtp_code", "")
        raise NotDelivered(f"the mail server answered {type(error).__name__} {code}") from None


def payload(alert: Alert) -> dict[str, object]:
    """What a webhook is told; `text` is what chat services show."""
    return {
        "id": alert.id,
        "study": alert.profile.study.slug,
        "profile": alert.profile.name,
        "state": alert.state,
        "kind": alert.failure,
        "since": alert.since_at.astimezone(dt.UTC).isoformat(timespec="minutes"),
        "message": alert.message,
        "text": alert.message,
    }


def _post(alert: Alert) -> None:
    request = urllib.request.Request(
        settings.ALERT_WEBHOOK_URL,
        data=json.dumps(payload(alert)).encode(),
        headers={"Content-Type": "application/json", "User-Agent": "turing-arena"},
        method="POST",
    )
    try:
        with _opener.open(request, timeout=WEBHOOK_TIMEOUT_S) as answer:
            answer.read(1)
    except urllib.error.HTTPError as error:
        error.close()
        raise NotDelivered(f"{webhook_host()} answered status {error.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        # The address may hold a secret; its host does not.
        raise NotDelivered(f"{webhook_host()} was not reached: {type(error).__name__}") from None


def webhook_host() -> str:
    """Where the webhook is, without what may be a secret in its address."""
    return urlsplit(settings.ALERT_WEBHOOK_URL).hostname or "the webhook"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """An address that moved is an error: following would send an empty GET."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], *rest: Any
    ) -> urllib.request.Request | None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)
