"""The checks of a rehearsal, each on a room in which one thing is wrong."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from arena.event_kinds import (
    BeliefAsked,
    Body,
    Ended,
    Held,
    Message,
    Paused,
    Resumed,
    Started,
    TimeUp,
)
from arena.rehearsal.connection import Frame, SeatConnection
from arena.rehearsal.faults import Patience
from arena.rehearsal.findings import findings
from arena.rehearsal.record import LoggedEvent, Planned, RoomRecord
from arena.rules import EndReason, TimerKind
from arena.studies.file import parse
from tests.kit.factories import study_text

DESIGN = parse(study_text(duration="2 min", grace="0 s"))
PATIENCE = Patience(late_s=1.0, speed=1.0, downs=())


@dataclass(kw_only=True)
class Room:
    """A room of two minutes in which a machine answers one question; tests spoil it."""

    events: list[LoggedEvent] = field(default_factory=list)
    timers: list[Planned] = field(default_factory=list)
    asker: SeatConnection = field(default_factory=lambda: SeatConnection("ws://nowhere", "a"))
    witness: SeatConnection = field(default_factory=lambda: SeatConnection("ws://nowhere", "b"))

    def log(self, at: float, body: Body, seat: str = "", pane: str = "", **more: Any) -> None:
        seq = len(self.events) + 1
        self.events.append(
            LoggedEvent(
                **{"seq": seq, "public_id": f"e{seq}", "command_id": None, **more},
                at=at,
                seat=seat,
                pane=pane,
                body=body,
            )
        )

    def plan(self, seq: int, seat: str, **parts: Any) -> None:
        usual = {"outcome": "human", "due_at": 10.7, "done_at": 10.7}
        key = f"reply:room:{seq}:10.700"
        self.timers.append(Planned(kind=TimerKind.REPLY, key=key, seat=seat, **usual | parts))

    def found(self) -> list[str]:
        record = RoomRecord(
            code="room",
            machine_pane="B",
            events=self.events,
            timers=self.timers,
            interrogator=self.asker,
            witness=self.witness,
        )
        told = findings(record, design=DESIGN, patience=PATIENCE)
        return [str(each).removesuffix(".") for each in told]


def show(line: SeatConnection, frame: Frame) -> None:
    line.frames.append(frame)
    if frame["is"] == "event":
        line.shown[frame["id"]] = frame


def message(event: str, **parts: Any) -> Frame:
    frame = {"is": "event", "id": event, "at": "", "kind": "message", "from": "me", "text": "hi"}
    return frame | parts


def played() -> Room:
    room = Room()
    room.log(0.0, Started())
    room.log(10.0, Message(text="hi"), "interrogator", "B", command_id="c:1")
    room.log(15.0, Message(text="hello"), "B", "B")
    room.log(20.0, Message(text="hi"), "interrogator", "A")
    room.log(120.0, TimeUp())
    room.log(120.0, Ended(reason=EndReason.TIME_UP))
    room.plan(2, "B", outcome="said", due_at=15.0, done_at=15.0)
    room.plan(4, "A")
    for n, pane in ((2, "B"), (3, "B"), (4, "A")):
        show(room.asker, message(f"e{n}", pane=pane))
    show(room.witness, message("e4"))
    room.asker.acked["1"] = ({"do": "say", "text": " hi "}, "e2")
    room.asker.is_over = room.witness.is_over = True
    return room


def test_room_without_a_fault() -> None:
    assert played().found() == []


def change(room: Room, n: int, **parts: Any) -> None:
    room.events[n - 1] = replace(room.events[n - 1], **parts)


def retime(room: Room, **parts: Any) -> None:
    room.timers[0] = replace(room.timers[0], **parts)


SPOILT: dict[str, tuple[Callable[[Room], object], str]] = {
    "unkept promise": (
        lambda room: room.asker.acked.update({"2": ({"do": "belief"}, "e99")}),
        "lost: room room: the acknowledged command {'do': 'belief'} is not in the log",
    ),
    "other words": (
        lambda room: change(room, 2, body=Message(text="bye")),
        "lost: room room: the log has 'bye' for the acknowledged {'do': 'say', 'text': ' hi '}",
    ),
    "shown twice": (
        lambda room: room.asker.doubled.update(["e2"]),
        "doubled: room room: event e2 was shown 2 times to the interrogator",
    ),
    "never shown": (
        lambda room: room.asker.shown.pop("e3"),
        "lost: room room: 1 messages were never shown to the interrogator",
    ),
    "the other pane": (
        lambda room: show(room.witness, message("e3")),
        "leaked: room room: 1 messages were shown to the witness that are not for it",
    ),
    "another order": (
        lambda room: room.asker.shown.update({"e2": room.asker.shown.pop("e2")}),
        "lost: room room: messages came to the interrogator in another order than that of the log",
    ),
    "an unknown key": (
        lambda room: room.asker.frames.append({"is": "pong", "now": "", "thought_ms": 7}),
        "leaked: room room: a pong frame to the interrogator has the keys ['thought_ms']",
    ),
    "a belief with a pane": (
        lambda room: room.asker.frames.append(
            {"is": "event", "id": "", "at": "", "kind": "belief", "pane": "A", "from": "me", "p": 1}
        ),
        "leaked: room room: a belief frame to the interrogator has the keys ['pane']",
    ),
    "a witness's pane": (
        lambda room: room.witness.frames.append(message("e4", pane="A")),
        "leaked: room room: a frame to the witness names its pane",
    ),
    "who is who": (
        lambda room: room.asker.frames.append(message("e3", **{"from": "eliza"})),
        "leaked: room room: a message frame to the interrogator holds ['eliza']",
    ),
    "said early": (
        lambda room: retime(room, due_at=16.0),
        "early: room room: reply reply:room:2:10.700 was said 1.000 s too early",
    ),
    "said late": (
        lambda room: retime(room, due_at=12.0),
        "late: room room: reply reply:room:2:10.700 was said 3.0 s too late",
    ),
    "said unplanned": (
        lambda room: retime(room, outcome="withheld"),
        "doubled: room room: the machine was to say 0 messages and the log has 1",
    ),
    "never carried out": (
        lambda room: room.plan(4, "B", outcome="", due_at=20.0, done_at=None),
        "lost: room room: reply timer reply:room:4:10.700 was never carried out",
    ),
    "nobody will answer": (
        lambda room: room.timers.pop(),
        "lost: room room: message 4 has no timer, so nobody will answer it",
    ),
    "too short": (
        lambda room: change(room, 5, at=119.0),
        "early: room room: time was up 1.000 s too early",
    ),
    "too long": (
        lambda room: change(room, 5, at=122.0),
        "late: room room: time was up 2.0 s too late",
    ),
    "said after the end": (
        lambda room: change(room, 4, at=121.0),
        "late: room room: message 4 came 1.000 s after time was up",
    ),
    "asked twice": (
        lambda room: [room.log(60.0, BeliefAsked(), command_id="t") for _ in range(2)],
        "doubled: room room: belief_asked (t) happened 2 times",
    ),
}


@pytest.mark.parametrize(("spoil", "what"), SPOILT.values(), ids=SPOILT)
def test_one_fault_is_found_and_no_other(spoil: Callable[[Room], object], what: str) -> None:
    room = played()
    spoil(room)
    assert room.found() == [what]


def test_room_that_did_not_end() -> None:
    room = played()
    room.events.pop()
    room.asker.is_over = room.witness.is_over = False
    assert room.found() == ["lost: room room: the room should have ended long ago"]


def test_pauses_do_not_count() -> None:
    room = played()
    for n in (5, 6):
        change(room, n, at=150.0)
    room.log(30.0, Paused(host="ada", why=""))
    room.log(60.0, Resumed(host="ada", why=""))
    assert room.found() == []


def test_answers_of_a_round_are_shown_once_to_whoever_gave_them() -> None:
    room = played()
    room.log(21.0, Held(text="well"), "A", "A")
    room.log(125.0, Message(text="well", held="e7"), "A", "A")
    show(room.witness, message("e7"))
    show(room.asker, message("e8", pane="A"))
    assert room.found() == []
    show(room.witness, message("e8"))
    assert room.found() == [
        "leaked: room room: 1 messages were shown to the witness that are not for it"
    ]
