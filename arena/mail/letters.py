"""The e-mails of the arena. Their words never depend on who somebody is or where they sit."""

import datetime as dt
import zoneinfo
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from arena.models import Room
from arena.queries import study_file
from arena.queries.attendance import rules_of
from arena.services.attendance import Due

SUBJECT = "A reminder of your room"
TEST_SUBJECT = "A test mail from Turing Arena"


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
    return _letter(SUBJECT, text, to=due.to)


def test(room: Room, *, to: str) -> EmailMessage:
    """A mail that only shows that mails arrive."""
    context = {"title": study_file(room).title, "settings_url": _url("arena:settings", room.code)}
    return _letter(TEST_SUBJECT, render_to_string("arena/mail/test.txt", context), to=to)


def _letter(subject: str, text: str, *, to: str) -> EmailMessage:
    # Asks automatic responders not to answer.
    headers = {"Auto-Submitted": "auto-generated"}
    return EmailMessage(subject, text, to=[to], headers=headers)


def _url(name: str, part: str) -> str:
    return settings.PUBLIC_URL + reverse(name, args=[part])
