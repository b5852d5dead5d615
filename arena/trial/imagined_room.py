"""A room that is nowhere: what a machine witness would find in its pane, without a database."""

import datetime as dt
import random
import secrets
from collections.abc import Iterable
from dataclasses import replace

from django.utils import timezone

from arena import clock
from arena.backends import Speaker, Turn
from arena.models import Seat
from arena.persona.calendar import Calendar
from arena.persona.persona import Persona
from arena.rules import Kind, SeatName
from arena.studies.design import ProfileSpec
from arena.studies.filling import drawn, filled_profile
from arena.trial.outcome import ShownPart
from arena.trial.setting import TrialSetting
from arena.witnesses import gate
from arena.witnesses.memory.call_log import NOTHING_SPENT
from arena.witnesses.memory.claims import NO_MEMORY
from arena.witnesses.memory.context import PaneMessage, Talk
from arena.witnesses.scene import Scene

#: How long after an answer the next question comes.
ASKED_AFTER = dt.timedelta(seconds=5)


class ImaginedRoom:
    """One pane of a room that began now, and the `talk` in it; its persona is drawn for it."""

    def __init__(self, profile: ProfileSpec, setting: TrialSetting) -> None:
        values = drawn(profile.draws, random.SystemRandom()) if profile.draws else {}
        self._profile = profile = filled_profile(profile, values)
        self._delay_s = setting.delay_s
        self._seat = Seat(name=SeatName.A, kind=Kind.MACHINE)
        seed = secrets.token_hex(32)
        self._persona = _persona(profile, seed)
        self._last_said_at: dt.datetime | None = None
        self.talk = Talk(
            lines=(),
            answered=0,
            now=self._persona.local(clock.now()),
            started_at=clock.now(),
            message_chars=setting.message_chars,
            room_seed=seed,
            canary=gate.canary(seed),
            ends_at=clock.now() + dt.timedelta(seconds=setting.duration_s),
        )

    def hear(self, text: str) -> None:
        """Have the interrogator say something, some seconds after the last answer."""
        at = clock.now()
        if self._last_said_at is not None:
            at = max(at, self._last_said_at + ASKED_AFTER)
        self._add(Turn(speaker=Speaker.INTERROGATOR, text=text, at=at))

    def scene(self, *, advice: str = "") -> Scene:
        """What the machine knows now; it looks at the pane when the question comes."""
        heard_at = self.talk.lines[-1].turn.at
        persona = self._persona
        return Scene(
            seat=self._seat,
            profile=self._profile,
            persona=persona,
            talk=replace(self.talk, advice=advice).at(
                persona.local(heard_at), days=persona.days, notes=persona.known
            ),
            memory=NO_MEMORY,
            spending=NOTHING_SPENT,
            delay_s=self._delay_s,
            waits=(),
            last_seq=self.talk.lines[-1].seq,
            heard_at=heard_at,
            last_said_at=self._last_said_at,
            round_ends_at=None,
        )

    def say(self, parts: Iterable[ShownPart], *, asked_at: dt.datetime) -> None:
        """Have the machine say what a room would have shown; it answers all that was asked."""
        asked = self.talk.lines[-1].seq
        for part in parts:
            at = asked_at + dt.timedelta(seconds=part.after_s)
            self._add(Turn(speaker=Speaker.ME, text=part.text, at=at))
            self._last_said_at = at
        self.talk = replace(self.talk, answered=asked)

    def _add(self, turn: Turn) -> None:
        seq = len(self.talk.lines) + 1
        message = PaneMessage(seq=seq, ref=str(seq), turn=turn)
        self.talk = replace(self.talk, lines=(*self.talk.lines, message))


def _persona(profile: ProfileSpec, seed: str) -> Persona:
    life = profile.life
    calendar = None if life is None else Calendar(life, int(seed[:12], 16))
    zone = timezone.get_current_timezone()
    return Persona(life=life, calendar=calendar, notes=profile.notes or (), server_zone=zone)
