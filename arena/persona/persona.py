"""The imagined person behind a machine's seat: its seed, its clock and its days."""

import datetime as dt
import functools
import hashlib
from dataclasses import dataclass

from django.utils import timezone

from arena import clock
from arena.models import Seat
from arena.persona.calendar import Calendar, Day
from arena.queries import study_file
from arena.studies.design import Life, MachineProfile

#: How many days a persona is told of: yesterday, today and the days to come.
N_DAYS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Persona:
    """Somebody with a life, or with none: then it is always there, where the server is."""

    life: Life | None
    calendar: Calendar | None

    def now(self) -> dt.datetime:
        """The time where the persona lives."""
        zone = None if self.calendar is None else self.calendar.zone
        return timezone.localtime(clock.now(), zone)

    def days(self, now: dt.datetime) -> tuple[str, ...]:
        """What a model is told of its days, a line each."""
        if self.calendar is None:
            return ()
        today = now.date()
        told = self.calendar.days(today - dt.timedelta(days=1), N_DAYS)
        return ("Your days:", *(_line(day, today) for day in told))


def profile_of(seat: Seat) -> MachineProfile | None:
    """The profile that plays a seat, as its study wrote it down; None for a person."""
    if seat.profile is None:
        return None
    machines = study_file(seat.profile.study).machines
    return next(machine for machine in machines if machine.name == seat.profile.name)


def room_seed(seat: Seat) -> str:
    """A seed for everything drawn for a seat; it tells nothing of the room it comes from."""
    return hashlib.sha256(f"{seat.room.nonce}:{seat.name}".encode()).hexdigest()


def persona_of(seat: Seat) -> Persona:
    """The same person whenever one asks, in any process."""
    profile = profile_of(seat)
    life = None if profile is None else profile.life
    if life is None:
        return Persona(life=None, calendar=None)
    return Persona(life=life, calendar=_calendar(life, int(room_seed(seat)[:12], 16)))


def free_at(seat_id: int, at: dt.datetime) -> dt.datetime:
    """When somebody of a seat may first write at or after a moment."""
    seat = Seat.objects.select_related("room", "profile__study").get(id=seat_id)
    calendar = persona_of(seat).calendar
    return at if calendar is None else calendar.next_awake(at)


@functools.lru_cache(maxsize=1024)
def _calendar(life: Life, seed: int) -> Calendar:
    return Calendar(life, seed)


def _line(day: Day, today: dt.date) -> str:
    parts = [_night(day)]
    if day.away is not None:
        parts.append(f"{day.away} all day")
    elif day.works_from is not None and day.works_until is not None:
        parts.append(f"at work {day.works_from:%H:%M}-{day.works_until:%H:%M}")
    else:
        parts.append("a holiday" if day.holiday else "off work")
    name = {-1: "Yesterday, ", 0: "Today, ", 1: "Tomorrow, "}.get((day.date - today).days, "")
    return f"{name}{day.date:%A %d %B}: {', '.join(part for part in parts if part)}."


def _night(day: Day) -> str:
    if day.wakes_at is None or day.sleeps_at is None:
        return ""
    return f"awake {day.wakes_at:%H:%M}-{day.sleeps_at:%H:%M}"
