"""Whether people were shown what they may see, all of it, and nothing else."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator

from arena.event_kinds import BODIES, WORDS, BeliefAsked, SeenBy, Words
from arena.protocol import frames
from arena.rehearsal.connection import Frame, SeatConnection
from arena.rehearsal.faults import Fault, Found
from arena.rehearsal.record import LoggedEvent, RoomRecord
from arena.rules import EventKind, Format, Phase, SeatName
from arena.studies.design import StudyFile


def promises(record: RoomRecord) -> Found:
    """What was acknowledged is stored, once."""
    stored = {event.public_id: event for event in record.events}
    for line in (record.interrogator, record.witness):
        for command, event_id in line.acked.values():
            yield from _promise(command, stored.get(event_id))
    by_command = Counter(event.command_id for event in record.events if event.command_id)
    for command_id, n in by_command.items():
        if n > 2:  # once for each seat that may use the same id
            yield Fault.DOUBLED, f"command {command_id!r} is stored {n} times"


def _promise(command: Frame, event: LoggedEvent | None) -> Found:
    if event is None:
        yield Fault.LOST, f"the acknowledged command {command!r} is not in the log"
    elif command["do"] == "say":
        text = event.body.text if isinstance(event.body, Words) else ""
        if text.split() != str(command["text"]).split():
            yield Fault.LOST, f"the log has {text!r} for the acknowledged {command!r}"


def shown(record: RoomRecord, line: SeatConnection, *, seat: str) -> Found:
    """What a seat may see was shown to it, in the order of the log and once for a connection."""
    for event_id, n in line.doubled.items():
        yield Fault.DOUBLED, f"event {event_id} was shown {n + 1} times to the {seat}"
    wanted = [event.public_id for event in _visible(record, seat=seat)]
    seen = [event_id for event_id, f in line.shown.items() if f["kind"] == EventKind.MESSAGE]
    if line.is_over and (missing := set(wanted) - set(seen)):
        yield Fault.LOST, f"{len(missing)} messages were never shown to the {seat}"
    if foreign := set(seen) - set(wanted):
        yield Fault.LEAKED, f"{len(foreign)} messages were shown to the {seat} that are not for it"
    both = set(wanted) & set(seen)
    if [each for each in wanted if each in both] != [each for each in seen if each in both]:
        yield Fault.LOST, f"messages came to the {seat} in another order than that of the log"


def _visible(record: RoomRecord, *, seat: str) -> Iterator[LoggedEvent]:
    """The messages that a seat may see, by the rules of the room and not by the server's filter."""
    if seat == SeatName.INTERROGATOR:
        return record.all_of(EventKind.MESSAGE)
    said = [e for e in record.all_of(*WORDS) if e.pane != record.machine_pane]
    return (event for event in said if event.is_asked or not event.is_round_end)


_NOW = dt.datetime.fromtimestamp(0, dt.UTC)
#: A frame of each kind with everything in it that may ever be.
_FULL = (
    frames.room(
        seat=SeatName.INTERROGATOR,
        format=Format.THREE_PARTY,
        phase=Phase.LOBBY,
        started_at=None,
        ends_at=None,
        now=_NOW,
        message_chars=0,
        lobby=frames.Lobby(consent="", consent_sha256="", ready=False),
        rounds=frames.Rounds(began_at=None, ends_at=None),
        own=frames.OwnActs(belief=None, said={}),
    ),
    frames.synced(earlier=False, later=False),
    frames.ack("", ""),
    frames.pong(_NOW),
    frames.ended(""),
    frames.reveal(False, {}),
    frames.error(None, "", ""),
)
#: Every key that a frame may have, by its kind. Anything else tells somebody something.
_KEYS = {str(frame["is"]): frozenset(frame) for frame in _FULL}
_OF_ANY_EVENT = frozenset(frames.event(id="", at=_NOW, mine=False, body=BeliefAsked()))
_IN_A_PANE = {SeenBy.PANE, SeenBy.WRITER}
_KEYS |= {
    str(body.shown_as or body.kind): _OF_ANY_EVENT
    | {*body.shown_fields, *(["pane"] if body.seen_by in _IN_A_PANE else [])}
    for body in BODIES.values()
    if body.seen_by != SeenBy.NOBODY
}
_OWN_WORDS = ("text", "reason", "consent", "message")


def leaks(line: SeatConnection, *, seat: str, design: StudyFile) -> Found:
    """No frame has a key beyond the protocol's, nor a word of who is who before the end."""
    secrets = {m.name for m in design.machines} | {m.backend for m in design.machines}
    secrets |= {m.model for m in design.machines if len(m.model) > 4}
    over = False
    for frame in line.frames:
        kind = frame["kind"] if frame["is"] == "event" else frame["is"]
        over = over or kind in ("ended", "reveal")
        if extra := set(frame) - _KEYS.get(kind, frozenset()):
            yield Fault.LEAKED, f"a {kind} frame to the {seat} has the keys {sorted(extra)}"
        if seat == "witness" and "pane" in frame:
            yield Fault.LEAKED, "a frame to the witness names its pane"
        if not over and (found := _told(frame, secrets)):
            yield Fault.LEAKED, f"a {kind} frame to the {seat} holds {found}"


def _told(frame: Frame, secrets: set[str]) -> list[str]:
    """The secrets that a frame tells outside anybody's words."""
    told = json.dumps({key: value for key, value in frame.items() if key not in _OWN_WORDS})
    return [word for word in secrets if word in told]
