"""The e-mails of the arena.

To a seat their words never depend on who somebody is or where they sit. Alerts go to hosts and
tell of machines alone, never of a room.
"""

import datetime as dt
import textwrap
import zoneinfo
from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from arena.health import MachineState
from arena.models import Alert, Room
from arena.queries import study_file
from arena.queries.attendance import rules_of
from arena.services.attendance import Due

SUBJECT = "A reminder of your room"
TEST_SUBJECT = "A test mail from Turing Arena"
_VERBS = {
    MachineState.FAILING: "fails",
    MachineState.DOWN: "is down",
    MachineState.RECOVERED: "answers again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moment:
    """A moment in its reader's time zone."""

    at: dt.datetime
    zone: str

    def __str__(self) -> str:
        local = self.at.astimezone(zoneinfo.ZoneInfo(self.zone))
        return f"{local:%A} {local.day} {local:%B}, {local:%H:%M} ({self.zone})"


def reminder(room: Room, due: Due, *, token: str) -> EmailMessage:
    """A reminder with a return link; it quotes nothing, and reads the same for every seat."""
    design, asked = study_file(room), rules_of(room)
    text = render_to_string(
        "arena/mail/reminder.txt",
        {
            "title": design.title,
            "contact": design.contact,
            "cadence_s": asked.cadence_s,
            "drop_out_s": asked.drop_out_s,
            "last_at": _Moment(at=due.since, zone=due.zone),
            "has_written": due.has_written,
            "drops_out_at": _Moment(at=due.drops_out_at, zone=due.zone),
            "room_url": _url("arena:room", room.code),
            "return_url": _url("arena:return", token),
            "settings_url": _url("arena:settings", room.code),
        },
    )
    return _letter(SUBJECT, text, to=[due.to])


def test(room: Room, *, to: str) -> EmailMessage:
    """A mail that only shows that mails arrive."""
    context = {"title": study_file(room).title, "settings_url": _url("arena:settings", room.code)}
    return _letter(TEST_SUBJECT, render_to_string("arena/mail/test.txt", context), to=[to])


def alert(told: Alert, *, to: list[str]) -> EmailMessage:
    """What is told of a failing machine; sent again, it is the same message to a mail program."""
    profile, study = told.profile, told.profile.study
    text = render_to_string(
        "arena/mail/alert.txt",
        {
            "message": textwrap.fill(told.message, 72, break_long_words=False),
            "recovered": told.state == MachineState.RECOVERED,
            "study_url": _url("arena:host-study", study.slug),
        },
    )
    subject = f"Machine {profile.name} of {study.slug} {_VERBS[MachineState(told.state)]}"
    letter = _letter(subject, text, to=to)
    letter.extra_headers["Message-ID"] = f"<alert-{told.id}@{_sender_host()}>"
    return letter


def _sender_host() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def _letter(subject: str, text: str, *, to: list[str]) -> EmailMessage:
    # Asks automatic responders not to answer.
    headers = {"Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, text, to=to, headers=headers)


def _url(name: str, part: str) -> str:
    return settings.PUBLIC_URL + reverse(name, args=[part])
