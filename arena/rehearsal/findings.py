"""What went wrong in a rehearsal: people's own record against the log, the timers and the frames.

Every check compares two independent accounts. Times are compared in real seconds: on a fast clock a
hiccup of the machine is hours of simulated time.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from arena.rehearsal.connection import Frame, SeatConnection
from arena.studies.design import StudyFile

Row = Mapping[str, object]


class Fault(StrEnum):
    LOST = "lost"
    DOUBLED = "doubled"
    LATE = "late"
    EARLY = "early"
    LEAKED = "leaked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault, where it is and what it is."""

    fault: Fault
    room: str
    what: str

    def __str__(self) -> str:
        return f"{self.fault}: room {self.room}: {self.what}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRecord:
    """All accounts of one room."""

    code: str
    ended: bool
    machine_pane: str
    events: Sequence[Row]  # as the log has them: seq, public_id, at (s since 1970), kind, seat, ...
    timers: Sequence[Row]
    interrogator: SeatConnection
    witness: SeatConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How late something may be, in real seconds, and when the server was down."""

    late_s: float
    speed: float
    downs: Sequence[tuple[float, float]]  # in simulated seconds since 1970

    def lateness_s(self, due: float, at: float) -> float:
        """How late (real s) something came, not counting the time that the server was down."""
        down = sum(max(0.0, min(at, up) - max(due, gone)) for gone, up in self.downs)
        return (at - due - down) / self.speed


def findings(record: RoomRecord, *, design: StudyFile, patience: Patience) -> Iterator[Finding]:
    """Every fault that the accounts of a room show."""
    for fault, what in _faults(record, design, patience):
        yield Finding(fault=fault, room=record.code, what=what)


def _faults(
    record: RoomRecord, design: StudyFile, patience: Patience
) -> Iterator[tuple[Fault, str]]:
    yield from _promises(record)
    for line, seat in ((record.interrogator, "interrogator"), (record.witness, "witness")):
        yield from _shown(record, line, seat=seat)
        yield from _leaks(record, line, seat=seat, design=design)
    yield from _replies(record, patience)
    yield from _deadlines(record, design, patience)
    yield from _timers(record)


def _promises(record: RoomRecord) -> Iterator[tuple[Fault, str]]:
    """What was acknowledged is stored, once."""
    stored = {str(event["public_id"]): event for event in record.events}
    by_command = Counter(event["command_id"] for event in record.events if event["command_id"])
    for line in (record.interrogator, record.witness):
        for command, event_id in line.acked.values():
            event = stored.get(event_id)
            if event is None:
                yield Fault.LOST, f"the acknowledged command {command!r} is not in the log"
            elif command["do"] == "say" and _text(event) != " ".join(str(command["text"]).split()):
                yield Fault.LOST, f"the log has {_text(event)!r} for the acknowledged {command!r}"
    for command_id, n in by_command.items():
        if n > 2:  # once for each seat that may use the same id
            yield Fault.DOUBLED, f"command {command_id!r} is stored {n} times"


def _shown(record: RoomRecord, line: SeatConnection, *, seat: str) -> Iterator[tuple[Fault, str]]:
    """What a seat may see was shown to it, in the order of the log and once for a connection."""
    for event_id, n in line.doubled.items():
        yield Fault.DOUBLED, f"event {event_id} was shown {n + 1} times to the {seat}"
    wanted = [str(event["public_id"]) for event in record.events if _may_see(record, event, seat)]
    shown = [event_id for event_id, f in line.shown.items() if f["kind"] == "message"]
    if line.is_over and (missing := set(wanted) - set(shown)):
        yield Fault.LOST, f"{len(missing)} messages were never shown to the {seat}"
    if foreign := set(shown) - set(wanted):
        yield Fault.LEAKED, f"{len(foreign)} messages were shown to the {seat} that are not for it"
    known = [event_id for event_id in wanted if event_id in set(shown)]
    if known != [event_id for event_id in shown if event_id in set(known)]:
        yield Fault.LOST, f"messages came to the {seat} in another order than that of the log"


def _may_see(record: RoomRecord, event: Row, seat: str) -> bool:
    if seat == "interrogator":
        return event["kind"] == "message"
    if event["kind"] not in ("message", "held") or event["pane"] == record.machine_pane:
        return False
    rounds = any(each["kind"] == "held" for each in record.events)
    return not (rounds and event["kind"] == "message" and event["seat"] != "interrogator")


#: Every key that a frame may have, by its kind. Anything else tells somebody something.
_KEYS: dict[str, frozenset[str]] = {
    "room": frozenset(
        [
            "is",
            "v",
            "seat",
            "format",
            "phase",
            "panes",
            "started_at",
            "ends_at",
            "now",
            "limits",
            "consent",
            "ready",
            "round",
        ]
    ),
    "message": frozenset(["is", "id", "at", "kind", "pane", "from", "text"]),
    "belief": frozenset(["is", "id", "at", "kind", "from", "p"]),
    "belief_asked": frozenset(["is", "id", "at", "kind", "from"]),
    "tag": frozenset(["is", "id", "at", "kind", "from", "event", "strategies"]),
    "verdict": frozenset(["is", "id", "at", "kind", "from", "human", "confidence", "reason"]),
    "synced": frozenset(["is", "earlier"]),
    "ack": frozenset(["is", "re", "event"]),
    "pong": frozenset(["is", "now"]),
    "ended": frozenset(["is", "reason"]),
    "reveal": frozenset(["is", "human", "seal"]),
    "error": frozenset(["is", "re", "code", "message"]),
}
_OWN_WORDS = ("text", "reason", "consent", "message")


def _leaks(
    record: RoomRecord, line: SeatConnection, *, seat: str, design: StudyFile
) -> Iterator[tuple[Fault, str]]:
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
        told = json.dumps({key: value for key, value in frame.items() if key not in _OWN_WORDS})
        if not over and (found := [word for word in secrets if word in told]):
            yield Fault.LEAKED, f"a {kind} frame to the {seat} holds {found}"


def _replies(record: RoomRecord, patience: Patience) -> Iterator[tuple[Fault, str]]:
    """Each reply is said once and when it is due, none is stuck, and each question has a timer."""
    machine = record.machine_pane
    spoken = [t for t in record.timers if t["kind"] in ("reply", "initiative")]
    said = [timer for timer in spoken if timer["seat"] == machine and timer["outcome"] == "said"]
    for timer in said:
        at, planned = float(str(timer["done_at"])), float(str(timer["due_at"]))
        if at < planned - 0.001:
            yield Fault.EARLY, f"reply {timer['key']} was said {planned - at:.3f} s too early"
        late_s = patience.lateness_s(planned, at)
        if late_s > patience.late_s:
            yield Fault.LATE, f"reply {timer['key']} was said {late_s:.1f} s too late"
    own = [e for e in record.events if e["seat"] == machine and e["kind"] in ("message", "held")]
    n_own = sum(not _is_round_end(event) for event in own)
    if n_own != len(said):
        fault = Fault.DOUBLED if n_own > len(said) else Fault.LOST
        yield fault, f"the machine was to say {len(said)} messages and the log has {n_own}"
    yield from _stuck(record, spoken, patience)
    yield from _unplanned(record)


def _stuck(
    record: RoomRecord, spoken: Sequence[Row], patience: Patience
) -> Iterator[tuple[Fault, str]]:
    """A timer that is open when its room is over was never carried out."""
    if not record.ended:
        return
    ended_at = float(str(record.events[-1]["at"]))
    for timer in spoken:
        if timer["done_at"] is None:
            overdue_s = patience.lateness_s(float(str(timer["due_at"])), ended_at)
            if overdue_s > patience.late_s:
                yield Fault.LOST, f"reply timer {timer['key']} was never carried out"


def _unplanned(record: RoomRecord) -> Iterator[tuple[Fault, str]]:
    """Whoever is asked has a timer for it, a person too."""
    keys = {str(timer["key"]) for timer in record.timers if timer["kind"] == "reply"}
    for event in record.events:
        if event["kind"] != "message" or event["seat"] != "interrogator":
            continue
        if not any(key.startswith(f"reply:{record.code}:{event['seq']}:") for key in keys):
            yield Fault.LOST, f"message {event['seq']} has no timer, so nobody will answer it"


def _deadlines(
    record: RoomRecord, design: StudyFile, patience: Patience
) -> Iterator[tuple[Fault, str]]:
    """The room ends, and time is up at its time."""
    if not record.ended:
        yield Fault.LOST, "the room should have ended long ago"
        return
    started = _at(record, "started")
    time_up = _at(record, "time_up")
    if started is None:
        return
    due = started + design.duration_s + _paused_s(record)
    if time_up is not None:
        if time_up < due - 0.001:
            yield Fault.EARLY, f"time was up {due - time_up:.3f} s too early"
        elif (late_s := patience.lateness_s(due, time_up)) > patience.late_s:
            yield Fault.LATE, f"time was up {late_s:.1f} s too late"
    for event in record.events:
        after = float(str(event["at"])) - due
        if event["kind"] == "message" and after > 0.001 and not _is_round_end(event):
            yield Fault.LATE, f"message {event['seq']} came {after:.3f} s after time was up"


def _timers(record: RoomRecord) -> Iterator[tuple[Fault, str]]:
    """Reminders and prompts: one event for one timer."""
    asked = Counter(str(event["command_id"]) for event in record.events if event["command_id"])
    for kind in ("reminded", "belief_asked", "time_up"):
        mine = [event for event in record.events if event["kind"] == kind]
        keys: dict[object, int] = defaultdict(int)
        for event in mine:
            keys[event["command_id"] or event["seq"]] += 1
        for key, n in keys.items():
            if n > 1 or asked[str(key)] > 1:
                yield Fault.DOUBLED, f"{kind} ({key}) happened {max(n, asked[str(key)])} times"
    if sum(event["kind"] == "time_up" for event in record.events) > 1:
        yield Fault.DOUBLED, "time was up more than once"


def _paused_s(record: RoomRecord) -> float:
    paused, total = None, 0.0
    for event in record.events:
        if event["kind"] == "paused":
            paused = float(str(event["at"]))
        elif event["kind"] == "resumed" and paused is not None:
            total, paused = total + float(str(event["at"])) - paused, None
    return total


def _is_round_end(event: Row) -> bool:
    return "held" in body_of(event)


def _at(record: RoomRecord, kind: str) -> float | None:
    return next((float(str(e["at"])) for e in record.events if e["kind"] == kind), None)


def body_of(event: Row) -> Frame:
    body: Frame = json.loads(str(event["body"])) if event["body"] else {}
    return body


def _text(event: Row) -> str:
    return " ".join(str(body_of(event).get("text", "")).split())
