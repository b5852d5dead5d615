"""The scene: everything that a machine witness needs to answer, read in one go."""

import datetime as dt
from dataclasses import dataclass, replace

from arena import clock
from arena.models import Room, Seat
from arena.pacing import PacingRule, Wait
from arena.persona.persona import Persona
from arena.queries import human_waits, study_file
from arena.queries.personas import imitated_by, persona_of, profile_of, room_seed
from arena.rules import Phase
from arena.studies.design import ProfileSpec
from arena.witnesses import gate, listening
from arena.witnesses.memory.call_log import Spending
from arena.witnesses.memory.claims import Memory
from arena.witnesses.memory.context import Talk
from arena.witnesses.seat_log import seat_log

#: What is read of the room anew.
_READ = ("phase", "started_at", "ends_at", "round_began_at", "round_ends_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A pane with something to answer, who answers it, and what the room has spent so far."""

    seat: Seat
    profile: ProfileSpec
    persona: Persona
    talk: Talk
    memory: Memory
    spending: Spending
    delay_s: int  # of the study: how long after it is written a reply is shown
    waits: tuple[Wait, ...]  # of the study's own people, for the pacing that is matched to them
    last_seq: int  # of the last message that a reply would answer
    heard_at: dt.datetime  # when it could begin to think
    last_said_at: dt.datetime | None
    round_ends_at: dt.datetime | None  # by when an answer must be there, in a study with rounds

    def at(self, moment: dt.datetime) -> "Scene":
        """The same scene as the persona knows it at another moment, to the millisecond."""
        moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        persona = self.persona
        talk = self.talk.at(persona.local(moment), days=persona.days, notes=persona.known)
        return replace(self, talk=talk)

    @property
    def spent(self) -> str | None:
        """Which part of the room's budget is used up, if one is."""
        return self.spending.exhausted(self.profile.budget)

    @property
    def n_chars_in(self) -> int:
        """The length of what is answered."""
        return len(self.talk.waiting[-1].turn.text) if self.talk.waiting else 0


def read_scene(seat: Seat, *, unasked: bool = False, advice: str = "") -> Scene | None:
    """What the machine may know: its own pane, exactly as a human witness sees it.

    What it knows of the present belongs to the moment at which it is to answer: see `Scene.at`.

    None if there is nothing to answer, or with `unasked` if there is something. Unanswered messages
    come last, even if an earlier answer was sent after them.
    """
    room = Room.objects.only(*_READ).get(id=seat.room_id)
    if room.phase != Phase.LIVE or room.started_at is None:
        return None
    profile = profile_of(seat) or imitated_by(seat)
    persona, seed, log = persona_of(seat, profile), room_seed(seat), seat_log(seat)
    talk = Talk(
        lines=log.lines,
        answered=log.answered,
        now=persona.local(clock.now()),
        started_at=room.started_at,
        message_chars=study_file(seat.room).message_chars,
        room_seed=seed,
        canary=gate.canary(seed),
        ends_at=room.ends_at,
        advice=advice,
    )
    waiting = talk.waiting
    if bool(waiting) == unasked:
        return None
    heard = [] if log.resumed_at is None else [log.resumed_at]
    if waiting:
        came_at = [each.turn.at for each in waiting]
        heard.append(
            listening.heard_at(
                came_at, last_said_at=talk.last_said_at, rule=profile.pacing.rule, seed=seed
            )
        )
    matched = profile.pacing.rule == PacingRule.MATCHED
    return Scene(
        seat=seat,
        profile=profile,
        persona=persona,
        talk=talk,
        memory=log.memory,
        spending=log.spending,
        delay_s=study_file(seat.room).delay_s,
        waits=human_waits(seat.room.study_id) if matched else (),
        last_seq=waiting[-1].seq if waiting else talk.answered,
        heard_at=max(heard) if waiting else clock.now(),
        last_said_at=talk.last_said_at,
        round_ends_at=_answered_by(room, waiting[-1].turn.at) if waiting else None,
    )


def _answered_by(room: Room, asked_at: dt.datetime) -> dt.datetime | None:
    """The end of the round in which something was asked, unless that round is over."""
    in_round = room.round_began_at is not None and asked_at >= room.round_began_at
    return room.round_ends_at if in_round else None
