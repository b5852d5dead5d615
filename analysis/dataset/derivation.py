"""From the log of a room to its rows in the tables: what exports are written by and checked by.

Standard library only, so that an export can be written without loading the analysis.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from analysis.dataset import chain
from analysis.dataset.entries import Entry
from analysis.dataset.held_words import HeldWords
from analysis.dataset.live_clock import LiveClock
from analysis.dataset.moments import read_ms
from analysis.dataset.occupants import Occupant, Occupants
from analysis.dataset.rows import Cell, Row
from analysis.dataset.schema import TABLES, Type
from analysis.dataset.standing import TELLING, Attendee, Standing
from analysis.dataset.visits import Visits

#: The table in which each kind of event makes a row by itself, with others of its kind in a batch.
ROW_OF: Mapping[str, str] = {
    "message": "messages",
    "belief": "beliefs",
    "verdict": "verdicts",
    "tag": "strategies",
    "machine_call": "machine_calls",
    "withheld": "withheld",
    "typed": "typing",
}
#: The kinds of event whose bodies `RoomReading.hear` needs.
TOLD = TELLING | {"held"}

_STAMPED = frozenset({"room", "event", "seq", "at", "seat"})
_OF_THE_CALL = tuple(c for c in TABLES["machine_calls"] if c.name not in _STAMPED)
_OF_TYPING = [c.name for c in TABLES["typing"] if c.name not in _STAMPED | {"elapsed_ms"}]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomRules:
    """What the rows of a room take from the rules of its study."""

    format: str
    duration_ms: int
    simulated: bool

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "RoomRules":
        """The rules that a study's configuration states; KeyError or TypeError if it does not."""
        return cls(
            format=config["format"],
            duration_ms=round(config["duration_s"] * 1000),
            simulated=bool(config["simulated"]),
        )


class RoomReading:
    """Goes through a room's events: what each adds to the tables, and what their whole does.

    Each event is first to be heard; then `row` gives what it adds.

    Parameters
    ----------
    room : str
        Code of the room.
    rules : RoomRules
        The rules of its study.
    assignment : str
        Who sat where, as the end of the log opens it (ValueError if it is none of this room).
    """

    def __init__(self, room: str, *, rules: RoomRules, assignment: str) -> None:
        self._room, self._rules = room, rules
        self._who = Occupants.opened(assignment, room=room, format=rules.format)
        self.kinds = self._who.kinds
        self.standing = Standing(rules.duration_ms)
        self._clock: LiveClock = self.standing.clock
        self._visits, self._held = Visits(), HeldWords()
        self._typing: list[tuple[int, Row]] = []
        self._tags: dict[str, list[Row]] = {}
        self._n_messages = self._n_messages_all = 0
        self._at = 0
        self.elapsed_ms: int | None = None
        #: When the words of the event heard last were written, in milliseconds since 1970.
        self.written_at = 0

    def hear(self, event: Entry) -> None:
        """Take note of the next event; its body is needed where its kind is in `TOLD`.

        ValueError if no room can come to it; where a message's body is there, too, also if its
        words are not those that were held.
        """
        kind, seat, at = event.kind, event.seat, event.at
        self.written_at = at
        if kind == "message":
            self._n_messages_all += 1
            self._n_messages += seat == "interrogator"
            self.written_at = self._held.show(event)
        elif kind == "held":
            self._held.hold(event)
        else:
            self.standing.hear(kind, seat, at=at, body=event.body)
        self._at, self.elapsed_ms = at, self._clock.elapsed_ms(at)
        self._visits.hear(kind, seat, at=at, elapsed_ms=self.elapsed_ms)

    def row(self, event: Entry) -> Row | None:
        """The row that the event heard last makes, if any, in the table that `ROW_OF` says.

        An erased belief or verdict has no row: nothing of what it said is left, and its event
        stays in the chain.
        """
        if event.kind == "message":
            return self._message(event)
        if (body := event.body) is None:
            return None
        match event.kind:
            case "machine_call":
                return self._machine_call(event, body)
            case "belief":
                return self._belief(event, body)
            case "verdict":
                return self._verdict(event, body)
            case "tag":
                self._tag(event, body)
            case "withheld":
                said = {"seat": event.seat, "why": body["why"], "upto": body.get("upto")}
                return {**self._stamp(event), **said}
            case "typed":
                told = {name: body[name] for name in _OF_TYPING}
                row = {**self._stamp(event), "seat": event.seat, **told}
                self._typing.append((body["message"], row))
        return None

    def last_rows(self) -> Iterator[tuple[str, Row]]:
        """The rows that need the whole log, each with its table."""
        yield "rooms", self._room_row()
        yield from (("seats", self._seat(each)) for each in self._who.seats)
        coder = self._participant(self._who.seats[0])
        yield from (
            ("strategies", {**row, "coder": coder}) for rows in self._tags.values() for row in rows
        )
        yield from (("visits", row) for row in self._visits.rows(self._room))
        for said, row in self._typing:
            yield "typing", {**row, "message": self._held.shown_as.get(said, said)}

    @property
    def untold(self) -> frozenset[str]:
        """The columns of the room's row that its log does not tell, being older than they are."""
        by = {"ended_by"} if self.standing.ended_by is None else set()
        # Of the first event's age is only a room whose log binds the text of its study file.
        made = set() if "source_sha256" in self.standing.sealed else {"created_at"}
        return frozenset(by | made)

    def _stamp(self, event: Entry) -> dict[str, Cell]:
        return {
            "room": self._room,
            "event": event.event,
            "seq": event.seq,
            "at": self._at,
            "elapsed_ms": self.elapsed_ms,
        }

    def _message(self, event: Entry) -> Row:
        text = "" if event.body is None else event.body["text"]
        return {
            **self._stamp(event),
            "pane": event.pane,
            "seat": event.seat,
            "kind": self.kinds.get(event.seat, ""),
            "text": text,
            "n_chars": len(text),
            "erased": event.body is None,
            "written_at": self.written_at,
        }

    def _machine_call(self, event: Entry, body: Mapping[str, Any]) -> Row:
        where: Row = {"room": self._room, "event": event.event, "seq": event.seq, "at": self._at}
        told = {c.name: _told(c.type, body.get(c.name)) for c in _OF_THE_CALL}
        return {**where, "seat": event.seat, **told}

    def _belief(self, event: Entry, body: Mapping[str, Any]) -> Row:
        p = body["p"]
        return {
            **self._stamp(event),
            "n_messages": self._n_messages,
            "p": p,
            "p_true": p if self._who.human_pane == "A" else 1 - p,
        }

    def _verdict(self, event: Entry, body: Mapping[str, Any]) -> Row:
        human = chain.canonical(body["human"]).decode().strip('"')
        return {
            **self._stamp(event),
            "n_messages": self._n_messages,
            "human": human,
            "correct": human == self._who.verdict_when_right,
            "confidence": body["confidence"],
            "reason": body["reason"],
        }

    def _tag(self, event: Entry, body: Mapping[str, Any]) -> None:
        """Let a message's newest tag stand in place of its earlier ones."""
        message = body["event"]
        self._tags.pop(message, None)
        self._tags[message] = [
            {
                "room": self._room,
                "message": message,
                "event": event.event,
                "at": self._at,
                "elapsed_ms": self.elapsed_ms,
                "strategy": strategy,
                "source": "interrogator",
            }
            for strategy in dict.fromkeys(body["strategies"])
        ]

    def _room_row(self) -> Row:
        told, who, rules = self.standing, self._who, self._rules
        if (ended_at := told.ended_at) is None:
            raise ValueError("the room has not ended")
        return {
            "room": self._room,
            "study": told.sealed["study"],
            "study_sha256": told.sealed["study_sha256"],
            "format": rules.format,
            "profile": who.profile,
            "human_pane": who.human_pane,
            "witness_kind": who.witness_kind,
            "interrogator": self._participant(who.seats[0]),
            "human_witness": self._participant(who.human_witness),
            "created_at": told.created_at,
            "started_at": self._clock.started_at,
            "ends_at": told.ends_at,
            "ended_at": ended_at,
            "duration_ms": rules.duration_ms,
            "elapsed_ms": self._clock.elapsed_ms(ended_at),
            "paused_ms": self._clock.paused_ms(ended_at),
            "end_reason": told.end_reason,
            "ended_by": told.ended_by or "",
            "n_messages": self._n_messages,
            "n_messages_all": self._n_messages_all,
            "seal": told.sealed["seal"],
            "simulated": rules.simulated,
            "unsealed_at": told.unsealed_at,
        }

    def _seat(self, place: Occupant) -> Row:
        here = self.standing.attendees.get(place.actor) or Attendee()
        return {
            "room": self._room,
            "seat": place.seat,
            "kind": place.kind,
            "participant": here.participant,
            "profile": place.profile,
            "stand_in": place.stand_in,
            "ready_at": here.ready_at,
            "consent_sha256": here.consent_sha256,
            "agent": here.agent,
        }

    def _participant(self, place: Occupant | None) -> str:
        here = self.standing.attendees.get(place.actor) if place else None
        return here.participant if here else ""


def _told(type: Type, value: Any) -> Cell:
    """A value of a call's body as a cell; a body that lacks it tells nothing."""
    match type:
        case Type.TEXT:
            return "" if value is None else str(value)
        case Type.JSON:
            return "" if value is None else chain.canonical(value).decode()
        case Type.MOMENT:
            return None if value is None else read_ms(value)
    cell: Cell = value
    return cell
