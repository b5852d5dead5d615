"""The persona in a machine's seat, and everything that is drawn for it."""

import datetime as dt
import functools
import hashlib
import json
import random
from collections.abc import Mapping

from django.utils import timezone

from arena.models import Room, Seat, Study
from arena.persona import noticing
from arena.persona.calendar import Calendar
from arena.persona.life import Life
from arena.persona.persona import Persona
from arena.queries.studies import study_file
from arena.rules import SEALED_PERSONA, Phase
from arena.studies.design import ProfileSpec
from arena.studies.filling import filled_profile


def profile_of(seat: Seat) -> ProfileSpec | None:
    """The profile that plays a seat, its persona filled for this room; None for a person."""
    if seat.profile is None:
        return None
    machines = study_file(seat.profile.study).machines
    machine = next(machine for machine in machines if machine.name == seat.profile.name)
    return filled_profile(machine, drawn_in(seat.room) if machine.draws else {})


def imitated_by(seat: Seat) -> ProfileSpec:
    """The profile that is imitated in a person's seat: of the room's machine, or of its study."""
    machines = Seat.objects.select_related("room", "profile__study").filter(room=seat.room_id)
    if (machine := machines.exclude(profile=None).first()) is not None:
        found = profile_of(machine)
        assert found is not None
        return found
    return random.Random(room_seed(seat)).choice(study_file(seat.room).machines)


def drawn_in(room: Room) -> Mapping[str, str]:
    """What was drawn for the persona of a room's machine, as its seal has it."""
    found: Mapping[str, str] = json.loads(room.sealed.assignment).get(SEALED_PERSONA, {})
    return found


def in_play() -> tuple[ProfileSpec, ...]:
    """The profiles that play a seat of a room that has not ended."""
    seats = Seat.objects.exclude(profile=None).exclude(room__phase=Phase.ENDED)
    playing = set(seats.values_list("profile__study_id", "profile__name"))
    studies = Study.objects.filter(id__in={study_id for study_id, _ in playing})
    return tuple(
        machine
        for study in studies
        for machine in study_file(study).machines
        if (study.id, machine.name) in playing
    )


def room_seed(seat: Seat) -> str:
    """A seed for everything drawn for a seat; the room cannot be inferred from it."""
    return hashlib.sha256(f"{seat.room.sealed.nonce}:{seat.name}".encode()).hexdigest()


def persona_of(seat: Seat, profile: ProfileSpec | None = None) -> Persona:
    """The persona of a seat, or of another profile in it: the same on every call."""
    profile, zone = profile or profile_of(seat), timezone.get_current_timezone()
    life = None if profile is None else profile.life
    notes = (profile.notes or ()) if profile is not None else ()
    calendar = None if life is None else _calendar(life, int(room_seed(seat)[:12], 16))
    return Persona(life=life, calendar=calendar, notes=notes, server_zone=zone)


def free_at(seat_id: int, at: dt.datetime) -> dt.datetime:
    """When the persona of a seat may first write at or after a moment."""
    seat = Seat.objects.select_related("room", "profile__study").get(id=seat_id)
    calendar = persona_of(seat).calendar
    rng = random.Random(f"{room_seed(seat)}:{at.isoformat()}")
    return at if calendar is None else noticing.when_awake(calendar, at, rng=rng)


@functools.lru_cache(maxsize=1024)
def _calendar(life: Life, seed: int) -> Calendar:
    return Calendar(life, seed)
