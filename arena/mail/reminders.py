"""Handles the timers of attendance: sends reminders, ends silent rooms, asks for beliefs.

A reminder is recorded before it is handed to the mail server, and handed over at most once: a
process that dies in between leaves it recorded and perhaps not sent. It is tried again only if the
server could not be reached or refused it.
"""

import asyncio
import datetime as dt
import functools
import logging
import secrets
import smtplib

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from arena import clock, database, invites
from arena.events import Decision, LiveRoom, append, read_room
from arena.mail import letters
from arena.models import Room, Timer
from arena.rules import TimerKind
from arena.services import attendance
from arena.services.attendance import Due
from arena.timers.payloads import RefusedReminder, SendingReminder, reminder_attempt
from arena.timers.rows import Handler

log = logging.getLogger(__name__)

#: After so many attempts in a row the mail server is left alone for `PAUSE`.
MAX_ATTEMPTS = 8
PAUSE = dt.timedelta(hours=1)


class MailFailed(Exception):
    """The server did not accept a mail; the timer loop tries again."""


async def remind(timer: Timer) -> None:
    """Send a seat's reminder if one is due, and schedule the next check."""
    if isinstance(reminder_attempt(timer), SendingReminder):
        log.warning("It is not known whether the reminder of timer %s was sent", timer.key)
        await _look_again(timer, outcome="unknown")
        return
    due = await database.run(_due, timer)
    if not isinstance(due, Due):
        await _look_again(timer, outcome="looked")
        return
    try:
        outcome = await _send(timer, due)
    except MailFailed:
        if timer.attempts < MAX_ATTEMPTS:
            raise
        log.exception("A reminder could not be sent (timer %s)", timer.key)
        await _look_again(timer, outcome="not_sent", wait=PAUSE)
    else:
        await _look_again(timer, outcome=outcome)


def _due(timer: Timer) -> Due | dt.datetime | None:
    room = read_room(timer.room_id, timers=(timer,))
    return attendance.due_reminder(timer, room, clock.now())


async def _look_again(timer: Timer, *, outcome: str, wait: dt.timedelta = dt.timedelta(0)) -> None:
    decide = functools.partial(attendance.look_again, timer, outcome=outcome, wait=wait)
    await append(timer.room_id, decide, timers=(timer,))


async def _send(timer: Timer, due: Due) -> str:
    """Connect to the mail server, record the reminder, hand it over; return the outcome."""
    server: BaseEmailBackend = get_connection()
    token = secrets.token_urlsafe(32)
    letter = await database.run(_letter, timer, due, token)
    try:
        try:
            await asyncio.to_thread(server.open)
        except (OSError, smtplib.SMTPException) as error:
            raise MailFailed(f"The mail server cannot be reached: {_why(error)}") from None
        if not await _record(timer, due, return_hash=invites.digest(token)):
            return "superseded"
        try:
            await asyncio.to_thread(server.send_messages, [letter])
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
            await _let_try_again(timer, due)
            raise MailFailed(f"The mail server refused a mail: {_why(error)}") from None
        except (OSError, smtplib.SMTPException) as error:
            # The server may have taken it before the connection broke; sent at most once.
            log.warning(
                "Timer %s does not know whether its mail was accepted: %s", timer.key, _why(error)
            )
            return "unknown"
    finally:
        await asyncio.to_thread(_close, server)
    return "sent"


def _close(server: BaseEmailBackend) -> None:
    try:
        server.close()
    except (OSError, smtplib.SMTPException) as error:
        log.debug("The mail server closed the connection first: %s", _why(error))


def _why(error: Exception) -> str:
    """The error without the address, which mail servers repeat in their answers."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = sorted({code for code, _ in error.recipients.values()})
        return f"{type(error).__name__} {codes}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{type(error).__name__} [{error.smtp_code}]"
    name = type(error).__name__
    return f"{name} ({error.strerror})" if isinstance(error, OSError) else name


def _letter(timer: Timer, due: Due, token: str) -> EmailMessage:
    room = Room.objects.select_related("study").get(id=timer.room_id)
    return letters.reminder(room, due, token=token)


async def _record(timer: Timer, due: Due, *, return_hash: str) -> bool:
    """Record a reminder and reserve its sending; False if it is no longer due."""
    is_mine = False

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        nonlocal is_mine
        decision = attendance.record_reminder(timer, room, now, due=due, return_hash=return_hash)
        is_mine = bool(decision.settle)
        return decision

    await append(timer.room_id, decide, timers=(timer,))
    if is_mine:
        timer.payload = SendingReminder(which=due.which).to_json()
    return is_mine


async def _let_try_again(timer: Timer, due: Due) -> None:
    decide = functools.partial(attendance.refuse_reminder, timer, which=due.which)
    await append(timer.room_id, decide, timers=(timer,))
    timer.payload = RefusedReminder(which=due.which).to_json()


async def drop_out(timer: Timer) -> None:
    """End a room in which a seat has been silent for too long."""
    await append(timer.room_id, functools.partial(attendance.drop_out, timer), timers=(timer,))


async def ask_belief(timer: Timer) -> None:
    """Ask the interrogator for the current belief when it is time."""
    await append(timer.room_id, functools.partial(attendance.ask_belief, timer), timers=(timer,))


HANDLERS: dict[TimerKind, Handler] = {
    TimerKind.REMINDER: remind,
    TimerKind.DROP_OUT: drop_out,
    TimerKind.BELIEF: ask_belief,
}
