"""Frames to a seat: each byte as documented, and nothing that is not meant for it."""

import datetime as dt

import pytest

from arena.event_kinds import Belief, Body, Held, Help, Message, Revealed, Started, Tag, Verdict
from arena.protocol import frames
from arena.rules import Format, Phase, SeatName

NOW = dt.datetime(2026, 11, 22, 22, 42, 10, 123_987, tzinfo=dt.UTC)


def test_room_frame_of_an_interrogator_in_the_lobby() -> None:
    frame = frames.room(
        seat=SeatName.INTERROGATOR,
        format=Format.THREE_PARTY,
        phase=Phase.LOBBY,
        started_at=None,
        ends_at=None,
        now=NOW,
        message_chars=300,
        lobby=frames.Lobby(consent="Read this.", consent_sha256="ab", ready=False),
    )
    assert frames.encode(frame) == (
        '{"is":"room","v":1,"seat":"interrogator","format":"three_party","phase":"lobby",'
        '"panes":["A","B"],"started_at":null,"ends_at":null,"now":"2026-11-22T22:42:10.123Z",'
        '"limits":{"message_chars":300},"consent":{"text":"Read this.","sha256":"ab"},'
        '"ready":false}'
    )


@pytest.mark.parametrize("seat", [SeatName.A, SeatName.B])
def test_room_frame_of_a_witness_tells_no_label(seat: SeatName) -> None:
    frame = frames.room(
        seat=seat,
        format=Format.THREE_PARTY,
        phase=Phase.LIVE,
        started_at=NOW,
        ends_at=NOW + dt.timedelta(minutes=5),
        now=NOW,
        message_chars=300,
    )
    assert frames.encode(frame) == (
        '{"is":"room","v":1,"seat":"witness","format":"three_party","phase":"live","panes":[],'
        '"started_at":"2026-11-22T22:42:10.123Z","ends_at":"2026-11-22T22:47:10.123Z",'
        '"now":"2026-11-22T22:42:10.123Z","limits":{"message_chars":300}}'
    )


@pytest.mark.parametrize(
    ("kind", "body", "shown"),
    [
        ("message", Message(text="hé", held="e0"), '"text":"hé"'),
        ("message", Held(text="hé"), '"text":"hé"'),
        ("belief", Belief(p=0.7), '"p":0.7'),
        ("tag", Tag(strategies=("a",), event="e"), '"event":"e","strategies":["a"]'),
        (
            "verdict",
            Verdict(reason="r", confidence=0.9, human="A"),
            '"human":"A","confidence":0.9,"reason":"r"',
        ),
    ],
)
def test_event_frame_shows_only_what_its_kind_may(kind: str, body: Body, shown: str) -> None:
    frame = frames.event(id="e1", at=NOW, mine=True, body=body)
    assert frames.encode(frame) == (
        f'{{"is":"event","id":"e1","at":"2026-11-22T22:42:10Z","kind":"{kind}","from":"me",{shown}}}'
    )


def test_event_frame_names_the_pane_before_the_sender() -> None:
    frame = frames.event(id="e1", at=NOW, mine=False, pane="B", body=Message(text="x"))
    assert list(frame) == ["is", "id", "at", "kind", "pane", "from", "text"]
    assert (frame["pane"], frame["from"]) == ("B", "them")


@pytest.mark.parametrize("body", [Started(), Help(text="x"), Revealed(assignment="a", nonce="n")])
def test_no_other_kind_of_event_has_a_frame(body: Body) -> None:
    with pytest.raises(ValueError, match=body.kind):
        frames.event(id="e1", at=NOW, mine=False, body=body)


def test_the_small_frames() -> None:
    seal = {"sha256": "s", "assignment": "a", "nonce": "n"}
    sent = [
        frames.synced(earlier=True, later=False),
        frames.ack("1", "e1"),
        frames.pong(NOW),
        frames.ended("verdict"),
        frames.reveal("A", seal),
        frames.error(None, "room.ended", "It has ended."),
    ]
    assert [frames.encode(frame) for frame in sent] == [
        '{"is":"synced","earlier":true,"later":false}',
        '{"is":"ack","re":"1","event":"e1"}',
        '{"is":"pong","now":"2026-11-22T22:42:10.123Z"}',
        '{"is":"ended","reason":"verdict"}',
        '{"is":"reveal","human":"A","seal":{"sha256":"s","assignment":"a","nonce":"n"}}',
        '{"is":"error","re":null,"code":"room.ended","message":"It has ended."}',
    ]


def test_moments_are_cut_and_told_in_utc() -> None:
    local = NOW.astimezone(dt.timezone(dt.timedelta(hours=5, minutes=30)))
    assert frames.pong(local)["now"] == "2026-11-22T22:42:10.123Z"
    assert frames.iso_s(local) == "2026-11-22T22:42:10Z"
    assert frames.pong(NOW.replace(microsecond=0))["now"] == "2026-11-22T22:42:10.000Z"
    with pytest.raises(ValueError):
        frames.iso_s(NOW.replace(tzinfo=None))
