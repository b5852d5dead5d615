"""Builds the prompt of a logged reply again from the log, to prove what a model was shown.

A call says which turns and which versions of memory it was shown, and when; persona and rules are
the profile's and the study's. The hash of the rebuilt prompt must be the one that was logged. Words
that were erased since cannot be rebuilt.
"""

import zoneinfo
from collections.abc import Callable

from arena.backends import Conversation, prompt_sha256
from arena.event_kinds import MachineCall, Shown
from arena.events import body_of
from arena.models import Event, Seat
from arena.persona.day_notes import known_notes
from arena.queries import study_file
from arena.queries.personas import profile_of, room_seed
from arena.rules import EventKind
from arena.studies.design import ProfileSpec
from arena.witnesses.memory.claims import Memory
from arena.witnesses.memory.context import DaysShown, Talk, assemble, calendar_sha256
from arena.witnesses.memory.reading import gather, lines


def rebuilt(call: Event, *, canary: Callable[[str], str], days: DaysShown) -> Conversation:
    """The conversation that a logged reply was asked for with.

    `canary` and `days` make what the log does not hold: a room's canary from its seed, and the
    lines of the persona's calendar.
    """
    shown, seat = _shown(call), _seat(call)
    room, profile, seed = seat.room, _profile(seat), room_seed(seat)
    now = shown.now.astimezone(zoneinfo.ZoneInfo(shown.zone))
    talk = Talk(
        lines=lines(seat, upto=shown.turns_upto),
        answered=shown.answered,
        now=now,
        started_at=room.start,
        message_chars=study_file(room).message_chars,
        room_seed=seed,
        canary=canary(seed) if shown.canary else "",
        ends_at=shown.ends_at,
        advice=shown.advice,
    ).at(
        now,
        days=days if shown.calendar_sha256 else lambda now, since: (),
        notes=lambda now: known_notes(profile.notes or (), now),
    )
    if calendar_sha256(talk.days) != shown.calendar_sha256:
        raise ValueError("the calendar is not the one that was shown")
    first = next((n for n, e in enumerate(talk.ordered) if e.seq == shown.turns_from), 0)
    claims, summaries = _memory(seat, shown)
    return assemble(
        talk,
        talk.ordered[first:],
        profile=profile,
        claims=claims.claims,
        summary=summaries.summaries[-1] if shown.summary else None,
    )


def is_as_logged(call: Event, *, canary: Callable[[str], str], days: DaysShown) -> bool:
    """Whether the log still proves what a model was shown."""
    built = rebuilt(call, canary=canary, days=days)
    body = body_of(call, MachineCall)
    return body is not None and prompt_sha256(built, _profile(_seat(call))) == body.prompt_sha256


def _seat(call: Event) -> Seat:
    seats = Seat.objects.select_related("room", "profile__study")
    seat: Seat = seats.get(room_id=call.room_id, name=call.seat, stand_in=False)
    return seat


def _profile(seat: Seat) -> ProfileSpec:
    profile = profile_of(seat)
    if profile is None:
        raise ValueError(f"Seat {seat} has no profile; only a machine's calls can be built again.")
    return profile


def _memory(seat: Seat, shown: Shown) -> tuple[Memory, Memory]:
    """Memory as it was: every claim up to the one event, the summary of the other."""
    kept = Event.objects.filter(room_id=seat.room_id, seat=seat.actor, body__isnull=False)
    kept = kept.order_by("seq")
    claims = kept.filter(kind=EventKind.CLAIMS)
    newest = claims.filter(public_id=shown.claims).first()
    before = claims.filter(seq__lte=newest.seq) if newest else claims.none()
    summaries = kept.filter(kind=EventKind.SUMMARY, public_id=shown.summary)
    return gather(before), gather(summaries)


def _shown(call: Event) -> Shown:
    body = body_of(call, MachineCall)
    if body is None or body.shown is None:
        raise ValueError(f"Event {call.public_id} does not say what was shown; expected a reply.")
    return body.shown
