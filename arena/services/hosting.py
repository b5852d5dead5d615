"""What a host does: create studies and rooms, pause, end and unseal rooms, issue links again."""

import datetime as dt
import json
import random
import secrets
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from analysis.dataset import chain
from arena import clock, invites
from arena.errors import ReasonMissing, RoomPhaseWrong, StudyExists
from arena.event_kinds import Claimed, Resumed, Sealed, Unsealed
from arena.events import Decision, Draft, LiveRoom, append_now, open_room
from arena.models import MachineProfile, Room, SealedAssignment, Seat, Study
from arena.rules import SEALED_PERSONA, EndReason, Format, Kind, Phase, SeatName
from arena.services import attendance, delay_line, rounds
from arena.services.ending import ending, time_up_timer
from arena.services.initiative import first_initiatives
from arena.services.pausing import pausing
from arena.services.replies import unanswered
from arena.studies import filling, seating
from arena.studies.design import StudyFile
from arena.studies.file import parse
from arena.studies.seating import Assignment

_CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
#: How much of a host's reason the log keeps, in characters.
REASON_CHARS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRoom:
    """A room just created, with the tokens of its two invitation links."""

    code: str
    interrogator: str
    witness: str


def create_rooms(
    study_text: str, n: int, *, host: User | None = None
) -> tuple[Study, list[NewRoom]]:
    """Create a study from its file (or find the same one) and add `n` rooms to it."""
    design = parse(study_text)
    with transaction.atomic():
        study = create_study(design, source=study_text, host=host)
        profiles = {profile.name: profile for profile in study.machines.all()}
        drawn = seating.assign(
            n,
            format=Format(design.format),
            profiles=tuple((machine.name, machine.weight) for machine in design.machines),
            human_share=design.human_share,
            rng=random.SystemRandom(),
        )
        rooms = [_create_room(study, design, drawn=seats, profiles=profiles) for seats in drawn]
        return study, rooms


def create_study(design: StudyFile, *, source: str, host: User | None = None) -> Study:
    """Store a study with every value of its design, or return it if it is stored already."""
    study = Study.objects.filter(slug=design.slug).first()
    if study is not None:
        if study.sha256 != design.sha256:
            raise StudyExists(design.slug)
        return study
    study = Study.objects.create(
        slug=design.slug,
        title=design.title,
        format=design.format,
        simulated=design.simulated,
        source=source,
        config=json.dumps(design.config(), ensure_ascii=False, sort_keys=True),
        sha256=design.sha256,
        created_by=host,
        created_at=clock.now(),
    )
    for machine in design.machines:
        MachineProfile.objects.create(
            study=study,
            name=machine.name,
            spec=json.dumps(machine.config(), ensure_ascii=False, sort_keys=True),
            sha256=machine.sha256,
        )
    return study


def _create_room(
    study: Study, design: StudyFile, *, drawn: Assignment, profiles: dict[str, MachineProfile]
) -> NewRoom:
    code = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(10))
    nonce = secrets.token_hex(32)
    persona = _persona(design, drawn)
    assignment = chain.canonical({"room": code, **_seats_in_words(drawn), **persona}).decode()
    room = Room.objects.create(
        study=study,
        code=code,
        study_sha256=study.sha256,
        consent_sha256=design.consent_sha256,
        seal=chain.seal(assignment, nonce),
        created_at=clock.now(),
        last_hash=chain.GENESIS,
    )
    SealedAssignment.objects.create(room_id=room.id, assignment=assignment, nonce=nonce)
    tokens = _create_seats(room, drawn, profiles)
    sealed = Sealed(
        seal=room.seal,
        study=study.slug,
        study_sha256=study.sha256,
        consent_sha256=room.consent_sha256,
        source_sha256=chain.text_sha256(study.source),
    )
    open_room(room, Draft(body=sealed))
    return NewRoom(code=code, interrogator=tokens["interrogator"], witness=tokens["witness"])


def _persona(design: StudyFile, drawn: Assignment) -> dict[str, dict[str, str]]:
    """What is drawn for the persona of the room's machine, if it has lists to draw from."""
    lists = next((each.draws for each in design.machines if each.name == drawn.profile), None)
    return {SEALED_PERSONA: filling.drawn(lists, random.SystemRandom())} if lists else {}


def _seats_in_words(drawn: Assignment) -> dict[str, str]:
    """The assignment as it is sealed: what sits behind each pane."""
    machine = f"machine:{drawn.profile}"
    if drawn.kind is not None:
        return {"A": "human" if drawn.kind == Kind.HUMAN else machine}
    return {"A": "human", "B": machine} if drawn.human == "A" else {"A": machine, "B": "human"}


def _create_seats(
    room: Room, drawn: Assignment, profiles: dict[str, MachineProfile]
) -> dict[str, str]:
    """Seat everybody; return the tokens of the two people who are invited."""
    human_pane = drawn.human or ("A" if drawn.kind == Kind.HUMAN else None)
    profile = profiles[drawn.profile] if drawn.profile else None
    people = [("interrogator", Seat(name=SeatName.INTERROGATOR, kind=Kind.HUMAN))]
    if human_pane is not None:
        people.append(("witness", Seat(name=human_pane, kind=Kind.HUMAN)))
    else:
        # A person is invited here too: links and waiting must not show who was drawn.
        people.append(("witness", Seat(name="A", kind=Kind.HUMAN, stand_in=True)))
    tokens = {}
    for label, seat in people:
        seat.room, seat.token_seed = room, invites.seed()
        tokens[label] = invites.token(seat.token_seed)
        seat.token_hash = invites.digest(tokens[label])
    machine = []
    if profile is not None:
        pane = "B" if human_pane == "A" else "A"
        machine = [Seat(room=room, name=pane, kind=Kind.MACHINE, profile=profile)]
    Seat.objects.bulk_create([*(seat for _, seat in people), *machine])
    return tokens


def pause(room: Room, *, host: object, reason: str, command_id: str | None = None) -> None:
    """Stop a live room's clock; nobody can write until it is resumed."""

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if room.phase != Phase.LIVE or room.ends_at is None or now >= room.ends_at:
            raise RoomPhaseWrong(room.phase, "it is live and has time left")
        return pausing(now=now, host=str(host), why=_cut(reason))

    append_now(room.id, decide, command_id=command_id)


def resume(room: Room, *, host: object, reason: str, command_id: str | None = None) -> None:
    """Let a paused room go on with the time it had left."""

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if room.phase != Phase.PAUSED or room.paused_at is None or room.ends_at is None:
            raise RoomPhaseWrong(room.phase, "it is paused")
        paused = now - room.paused_at
        ends_at = room.ends_at + paused
        round_ends_at = room.round_ends_at and room.round_ends_at + paused
        round_over = (rounds.round_timer(room, round_ends_at),) if round_ends_at else ()
        return Decision(
            events=(Draft(body=Resumed(host=str(host), why=_cut(reason))),),
            room={
                "phase": Phase.LIVE,
                "paused_at": None,
                "paused_ms": room.paused_ms + paused // dt.timedelta(milliseconds=1),
                "ends_at": ends_at,
                "round_ends_at": round_ends_at,
            },
            timers=(
                time_up_timer(room, ends_at),
                *round_over,
                *delay_line.release_timers(room, now),
                *unanswered(room, now),
                *first_initiatives(room, now),
                *attendance.first_timers(room, now),
            ),
        )

    append_now(room.id, decide, command_id=command_id)


def end(room: Room, *, host: object, reason: str, command_id: str | None = None) -> None:
    """End a room for a technical reason."""

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if room.phase == Phase.ENDED:
            raise RoomPhaseWrong(room.phase, "it has not ended yet")
        return ending(room, now, reason=EndReason.TECHNICAL, host=str(host), why=_cut(reason))

    append_now(room.id, decide, command_id=command_id)


def unseal(room: Room, *, host: object, reason: str, command_id: str | None = None) -> None:
    """Let the host see who is who before the end; the log keeps who asked and why.

    The only way there is, and not without a reason: `ReasonMissing`.
    """
    if not reason.strip():
        raise ReasonMissing("unseal a room")

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if room.phase == Phase.ENDED:
            raise RoomPhaseWrong(room.phase, "it has not ended yet")
        return Decision(events=(Draft(body=Unsealed(host=str(host), why=_cut(reason))),))

    append_now(room.id, decide, command_id=command_id)


def reissue(seat: Seat, *, command_id: str | None = None) -> str:
    """Give a seat a new link; the old one, and the browser that used it, lose the seat."""
    seed = invites.seed()
    token = invites.token(seed)

    def decide(room: LiveRoom, now: dt.datetime) -> Decision:
        if room.phase == Phase.ENDED:
            raise RoomPhaseWrong(room.phase, "it has not ended yet")
        values: dict[str, object] = {
            "token_seed": seed,
            "token_hash": invites.digest(token),
            "claim_hash": "",
            "return_hash": None,
        }
        return Decision(
            events=(Draft(seat=seat.actor, body=Claimed(reissued=True)),),
            seats={seat.id: values},
        )

    append_now(seat.room_id, decide, seat=seat.actor, command_id=command_id)
    # What is stored: asked again, the link is the one that the first time made.
    return invites.token(Seat.objects.get(id=seat.id).token_seed)


def link_token(seat: Seat) -> str | None:
    """The token of a seat's link until it is used."""
    return None if seat.claim_hash or not seat.token_seed else invites.token(seat.token_seed)


def _cut(reason: str) -> str:
    return reason[:REASON_CHARS]
