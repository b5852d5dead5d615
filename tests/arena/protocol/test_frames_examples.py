"""The example frames that the room page's tests read are those that the server builds.

tests/frontend feeds the same file to the page's store, and holds its types against it.
"""

import dataclasses
import datetime as dt
import json
from typing import Any

from arena.event_kinds import BODIES, Belief, BeliefAsked, Body, Held, Message, SeenBy, Tag, Verdict
from arena.protocol import commands, frames
from arena.protocol.frames import Frame
from arena.rules import EndReason, Format, Phase, SeatName
from tests.kit.paths import DATA

EXAMPLES: dict[str, list[Frame]] = json.loads((DATA / "frames.json").read_text("utf-8"))
NOW = dt.datetime(2026, 11, 22, 22, 42, 10, 123_987, tzinfo=dt.UTC)
STARTED = dt.datetime(2026, 11, 22, 22, 40, 0, 512_000, tzinfo=dt.UTC)
SEAL = {"sha256": "41d0", "assignment": '{"A":"human"}', "nonce": "e3b0"}
LOBBY = frames.Lobby(consent="Read this.", consent_sha256="9f2c", ready=False)
NOTHING_YET = frames.OwnActs(belief=None, said={"A": 0, "B": 0})
SO_FAR = frames.OwnActs(belief=(0.7, NOW + dt.timedelta(seconds=6)), said={"A": 1, "B": 1})
ASKED = dataclasses.replace(SO_FAR, asked=NOW + dt.timedelta(seconds=7))
UNREAD = {"A": frames.Unread(after="e2", n=0), "B": frames.Unread(after=None, n=1)}
NO_ROUND = frames.Rounds(began_at=None, ends_at=None)
ROUND = frames.Rounds(
    began_at=NOW + dt.timedelta(milliseconds=1127),
    ends_at=NOW + dt.timedelta(milliseconds=61127),
)


def room(seat: SeatName, phase: Phase, **more: Any) -> Frame:
    began = phase != Phase.LOBBY
    return frames.room(
        seat=seat,
        format=more.pop("format", Format.THREE_PARTY),
        phase=phase,
        started_at=STARTED if began else None,
        ends_at=STARTED + dt.timedelta(minutes=5) if began else None,
        now=NOW,
        message_chars=300,
        **more,
    )


def event(n: int, body: Body, *, mine: bool = True, pane: str | None = None) -> Frame:
    at = NOW + dt.timedelta(seconds=n)
    return frames.event(id=f"e{n}", at=at, mine=mine, pane=pane, body=body)


def of_an_interrogator() -> list[Frame]:
    asker = SeatName.INTERROGATOR
    verdict = Verdict(human="A", confidence=0.9, reason="B never gets tired.")
    return [
        room(asker, Phase.LOBBY, lobby=LOBBY, own=NOTHING_YET),
        frames.synced(earlier=False, later=False),
        frames.ack("c1", "e0"),
        room(asker, Phase.LIVE, rounds=NO_ROUND, own=NOTHING_YET),
        event(1, Message(text="Who are you?"), pane="A"),
        room(asker, Phase.LIVE, rounds=ROUND, own=NOTHING_YET),
        event(2, Held(text="Zoë, from Malmö 🙂"), mine=False, pane="A"),
        event(3, Message(text="And you?"), pane="B"),
        event(4, Message(text="Nobody"), mine=False, pane="B"),
        event(5, BeliefAsked(), mine=False),
        event(6, Belief(p=0.7)),
        event(7, Tag(event="e3", strategies=("logic", "daily-activities"))),
        frames.error("c9", "message.too_long", "Too long."),
        frames.error(None, "protocol.json", "This is not JSON."),
        frames.pong(NOW),
        room(asker, Phase.PAUSED, own=ASKED, unread=UNREAD),
        event(8, verdict),
        room(asker, Phase.ENDED, own=SO_FAR),
        frames.page("h1"),
        event(1, Message(text="Who are you?"), pane="A"),
        frames.synced(earlier=False, later=True, re="h1"),
        frames.ended(EndReason.VERDICT),
        frames.reveal("A", SEAL),
    ]


def of_a_witness() -> list[Frame]:
    return [
        room(SeatName.B, Phase.LIVE, unread={"B": frames.Unread(after="e1", n=0)}),
        event(1, Message(text="Who are you?"), mine=False),
        event(2, Message(text="Zoë, from Malmö 🙂")),
        frames.synced(earlier=True, later=True),
    ]


def of_two_parties() -> list[Frame]:
    return [
        room(SeatName.A, Phase.ENDED, format=Format.TWO_PARTY),
        frames.reveal(False, {**SEAL, "assignment": '{"A":"machine"}'}),
    ]


def encoded(sent: list[Frame]) -> list[str]:
    return [frames.encode(frame) for frame in sent]


def test_the_examples_are_what_the_server_sends() -> None:
    assert encoded(EXAMPLES["interrogator"]) == encoded(of_an_interrogator())
    assert encoded(EXAMPLES["witness"]) == encoded(of_a_witness())
    assert encoded(EXAMPLES["two_party"]) == encoded(of_two_parties())


def test_there_is_an_example_of_every_frame() -> None:
    shown = [frame for name in ("interrogator", "witness", "two_party") for frame in EXAMPLES[name]]
    built = {"room", "event", "page", "synced", "ack", "pong", "ended", "reveal", "error"}
    assert {frame["is"] for frame in shown} == built == _builders()
    assert {frame["phase"] for frame in shown if frame["is"] == "room"} == set(Phase)
    assert {frame["kind"] for frame in shown if frame["is"] == "event"} == _shown_kinds()


def test_there_is_an_example_of_every_end() -> None:
    # Told to the witness whom a two-party room does not need; no room ends by it.
    reasons = [*EndReason, "stood_down"]
    assert encoded(EXAMPLES["endings"]) == encoded([frames.ended(reason) for reason in reasons])


def test_the_server_reads_the_examples_of_commands() -> None:
    read = [commands.parse(json.dumps(command)) for command in EXAMPLES["commands"]]
    assert {command["do"] for command in EXAMPLES["commands"]} == set(commands.COMMANDS)
    assert len({type(command) for command in read}) == len(commands.COMMANDS)


def _builders() -> set[str]:
    """The functions of the module that make a frame; each is called what its frame `is`."""
    return {
        name
        for name, made in vars(frames).items()
        if getattr(made, "__annotations__", {}).get("return") == Frame
    }


def _shown_kinds() -> set[str]:
    """The kinds of event that have a frame, as they are shown."""
    shown = [body for body in BODIES.values() if body.seen_by != SeenBy.NOBODY]
    return {str(body.shown_as or body.kind) for body in shown}
