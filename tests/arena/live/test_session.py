"""Rooms over real sockets: two people, a machine, the wire protocol."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from arena import database
from arena.models import Event, Room
from tests.conftest import LiveServer
from tests.kit.factories import MadeRoom, make_room, make_rooms
from tests.kit.wire import PATIENT, Client, joined


@asynccontextmanager
async def live_room(server: LiveServer, room: MadeRoom) -> AsyncIterator[tuple[Client, Client]]:
    """Both people of a room, ready and live."""
    url = server.ws(room.code)
    async with joined(url, room.interrogator) as asker, joined(url, room.witness) as witness:
        await asker.ready()
        await witness.ready()
        await asker.live()
        if room.human_pane is not None:
            await witness.live()
        yield asker, witness


async def test_room_frame_is_the_specified_one(server: LiveServer) -> None:
    room = await database.run(make_room)
    async with joined(server.ws(room.code), room.interrogator) as asker:
        first, second = await asker.sync()

    consent = first.pop("consent")
    now = first.pop("now")
    assert first == {
        "is": "room",
        "v": 1,
        "seat": "interrogator",
        "format": "three_party",
        "phase": "lobby",
        "panes": ["A", "B"],
        "started_at": None,
        "ends_at": None,
        "belief": None,
        "said": {"A": 0, "B": 0},
        "asked": None,
        "limits": {"message_chars": 300},
        "ready": False,
    }
    assert sorted(consent) == ["sha256", "text"]
    assert now.endswith("Z")
    assert second == {"is": "synced", "earlier": False, "later": False}


async def test_room_goes_live_when_both_people_are_ready(server: LiveServer) -> None:
    room = await database.run(make_room)
    url = server.ws(room.code)
    async with joined(url, room.interrogator) as asker, joined(url, room.witness) as witness:
        assert (await asker.ready())["is"] == "ack"
        early = await asker.do("say", pane="A", text="anybody?")
        assert (early["is"], early["code"]) == ("error", "room.not_live")
        await witness.ready()
        frame = await asker.live()
        assert frame["started_at"] is not None and "consent" not in frame


async def test_message_reaches_only_its_pane(server: LiveServer) -> None:
    room = await database.run(make_room)
    pane, other = room.human_pane, room.machine_pane
    async with live_room(server, room) as (asker, witness):
        await asker.do("say", pane=other, text="for the machine")
        ack = await asker.do("say", pane=pane, text="for the human")
        seen = await witness.message()
        answer = await witness.do("say", text="hello “you”")
        heard = await asker.message(text='hello "you"')

    assert seen == {
        "is": "event",
        "id": ack["event"],
        "at": seen["at"],
        "kind": "message",
        "from": "them",
        "text": "for the human",
    }
    assert (heard["id"], heard["pane"], heard["from"]) == (answer["event"], pane, "them")
    assert len(seen["at"]) == len("2026-11-22T22:42:10Z")


async def test_machine_answers_in_its_pane(server: LiveServer) -> None:
    room = await database.run(make_room)
    machine = room.machine_pane
    async with live_room(server, room) as (asker, witness):
        await asker.do("say", pane=machine, text="I am unhappy about my mother")
        frame = await asker.message(sender="them")
        assert frame["pane"] == machine
        await asker.do("say", pane=room.human_pane, text="for the human")
        await witness.message(text="for the human")
        assert len(witness.messages) == 1


async def test_verdict_ends_and_reveals_for_both_seats(server: LiveServer) -> None:
    room = await database.run(make_room)
    pane = room.human_pane
    async with live_room(server, room) as (asker, witness):
        ack = await asker.do("verdict", human=pane, confidence=0.9, reason="It rhymed.")
        again = await asker.do("verdict", human=pane, confidence=0.5, reason="")
        assert ack["is"] == "ack" and again["code"] == "room.verdict_exists"
        for client in (asker, witness):
            ended = await client.until(lambda f: f["is"] == "ended")
            reveal = await client.until(lambda f: f["is"] == "reveal")
            assert ended == {"is": "ended", "reason": "verdict"}
            assert reveal["human"] == pane
        late = await witness.do("say", text="too late")
        assert late["code"] == "room.ended"


async def test_repeated_command_is_stored_once(server: LiveServer) -> None:
    room = await database.run(make_room)
    async with live_room(server, room) as (asker, _):
        acks = [await asker.do("say", id="same", pane="A", text="once") for _ in range(3)]

    assert acks[0] == acks[1] == acks[2]
    stored = await database.run(
        lambda: Event.objects.filter(room=room.room, kind="message", seat="interrogator").count()
    )
    assert stored == 1


async def test_two_party_stand_in_is_stood_down(server: LiveServer) -> None:
    room = await database.run(make_room, format="two_party", human_share=0.0)
    async with live_room(server, room) as (asker, stand_in):
        ended = await stand_in.until(lambda f: f["is"] == "ended")
        assert ended == {"is": "ended", "reason": "stood_down"}
        assert (await stand_in.do("say", text="hello?"))["code"] == "room.ended"
        await asker.do("say", pane="A", text="hello?")
        assert (await asker.message(sender="them"))["pane"] == "A"
        await asker.do("verdict", human=False, confidence=0.8, reason="")
        assert (await asker.until(lambda f: f["is"] == "reveal"))["human"] is False


@pytest.mark.parametrize("token", ["", "nonsense", None])
async def test_socket_without_a_seat_is_refused(server: LiveServer, token: str | None) -> None:
    room, other = await database.run(make_rooms, 2)
    header = {"Authorization": f"Seat {other.witness if token is None else token}"}
    with pytest.raises(InvalidStatus) as refused:
        async with connect(server.ws(room.code), additional_headers=header, **PATIENT):
            pass
    assert refused.value.response.status_code == 403


async def test_socket_from_a_foreign_page_is_refused(server: LiveServer) -> None:
    room = await database.run(make_room)
    header = {"Authorization": f"Seat {room.witness}", "Origin": "https://elsewhere.example"}
    with pytest.raises(InvalidStatus):
        async with connect(server.ws(room.code), additional_headers=header, **PATIENT):
            pass


async def test_history_pages_back_to_the_first_event(server: LiveServer) -> None:
    room = await database.run(make_room)
    async with live_room(server, room) as (asker, _):
        pane = room.human_pane
        sent = [(await asker.do("say", pane=pane, text=f"line {n}"))["event"] for n in range(230)]
        async with joined(server.ws(room.code), room.interrogator) as again:
            frames = await again.sync()
            newest = [f["id"] for f in frames if f["is"] == "event"]
            await again.send(do="history", before=newest[0], limit=100)
            closing = await again.until(lambda f: f["is"] == "synced")
            older = [f["id"] for f in again.messages if f["id"] not in newest]

    assert frames[-1] == {"is": "synced", "earlier": True, "later": False}
    assert closing == {"is": "synced", "earlier": False, "later": False}
    assert older + newest == sent


async def test_time_up_closes_messages_then_ends_without_grace(server: LiveServer) -> None:
    room = await database.run(make_room, duration="1 min", grace="0 s")
    async with live_room(server, room) as (asker, witness):
        await database.run(_bring_forward, room.room)
        for client in (asker, witness):
            ended = await client.until(lambda f: f["is"] == "ended")
            assert ended == {"is": "ended", "reason": "time_up"}


def _bring_forward(room: Room) -> None:
    """Let the room's time be up now, as if a minute had passed."""
    from arena import broadcast, clock

    now = clock.now()
    Room.objects.filter(id=room.id).update(ends_at=now)
    room.timers.filter(kind="time_up").update(due_at=now, wake_at=now)
    broadcast.hub.ring([broadcast.TIMERS])


async def test_lost_connection_resumes_after_the_last_event(server: LiveServer) -> None:
    room = await database.run(make_room)
    pane = room.human_pane
    async with live_room(server, room) as (asker, witness):
        first = await asker.do("say", pane=pane, text="one")
        await witness.message(text="one")
        await witness.close()
        await asker.do("say", pane=pane, text="two")
        async with joined(server.ws(room.code), room.witness) as again:
            frames = await again.sync(first["event"])
    assert [f["text"] for f in frames if f["is"] == "event"] == ["two"]


async def test_refused_sync_changes_nothing(server: LiveServer) -> None:
    room = await database.run(make_room)
    async with live_room(server, room) as (asker, witness):
        await witness.send(do="sync", after="unknown")
        refused = await witness.until(lambda f: f["is"] == "error")
        assert refused["code"] == "event.unknown"
        await asker.do("say", pane=room.human_pane, text="still there?")
        assert (await witness.message(text="still there?"))["from"] == "them"
