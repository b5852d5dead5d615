"""Every socket, for everybody who must not have it: refused; and a link taken back is gone."""

import asyncio
import contextlib
import json

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from arena import database, services
from arena.models import Event, Seat
from tests.conftest import LiveServer
from tests.kit.factories import MadeRoom, make_room, make_rooms
from tests.kit.wire import PATIENT, Client, joined


async def is_refused(url: str, headers: dict[str, str]) -> bool:
    """Whether a handshake fails, or all that follows is that there is no seat."""
    try:
        async with connect(url, additional_headers=headers, **PATIENT) as socket:
            return await _is_turned_away(socket)
    except InvalidStatus as refused:
        assert refused.response.status_code == 403
        return True


async def _is_turned_away(socket: ClientConnection) -> bool:
    with contextlib.suppress(ConnectionClosed):  # What came before the end can still be read.
        await socket.send('{"do":"ping"}')
    answer = json.loads(await socket.recv())
    if answer["is"] == "pong":
        return False
    assert (answer["is"], answer["re"], answer["code"]) == ("error", None, "seat.unknown")
    with pytest.raises(ConnectionClosed) as closed:
        await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403
    return True


def _auth(token: str) -> dict[str, str]:
    return {"Authorization": f"Seat {token}"}


def _claimed(token: str) -> str:
    """Take the seat with a browser; return the browser's secret."""
    return services.claim_seat(token, None).secret


async def test_only_the_seat_s_own_token_opens_it(server: LiveServer) -> None:
    room, other = await database.run(make_rooms, 2)
    url = server.ws(room.code)
    wrong = {
        "none": {},
        "empty": _auth(""),
        "blank": {"Authorization": "Seat"},
        "made up": _auth("A" * 43),
        "another scheme": {"Authorization": f"Bearer {room.witness}"},
        "two tokens": _auth(f"{room.witness} {room.interrogator}"),
        "cut": _auth(room.witness[:-1]),
        "longer": _auth(room.witness + "A"),
        "the other room's interrogator": _auth(other.interrogator),
        "the other room's witness": _auth(other.witness),
    }
    refused = {name: await is_refused(url, headers) for name, headers in wrong.items()}
    assert refused == dict.fromkeys(wrong, True)
    assert await is_refused(server.ws("nosuchroom"), _auth(room.witness))
    assert not await is_refused(url, _auth(room.witness))


async def test_stored_secrets_open_nothing(server: LiveServer) -> None:
    """Who has read the database still has no key: only hashes are kept once a link was used."""
    room = await database.run(make_room)
    secret = await database.run(_claimed, room.witness)
    seat = await database.run(
        lambda: Seat.objects.get(room=room.room, token_hash__isnull=False, name__in="AB")
    )
    url, origin = server.ws(room.code), f"http://127.0.0.1:{server.port}"
    for stored in (seat.token_hash, seat.claim_hash, seat.token_seed):
        cookie = {"Cookie": f"seat-{room.code}={stored}", "Origin": origin}
        assert await is_refused(url, _auth(stored or ""))
        assert await is_refused(url, cookie)
    good = {"Cookie": f"seat-{room.code}={secret}", "Origin": origin}
    assert not await is_refused(url, good)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "",
        "https://elsewhere.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://127.0.0.1:PORT.elsewhere.example",
        "http://elsewhere.example/127.0.0.1:PORT",
        "http://user@127.0.0.1:PORT",
        "ftp://127.0.0.1:PORT",
        "127.0.0.1:PORT",
        "http://[",
    ],
)
async def test_cookie_counts_only_from_a_page_of_ours(
    server: LiveServer, origin: str | None
) -> None:
    room = await database.run(make_room)
    secret = await database.run(_claimed, room.witness)
    headers = {"Cookie": f"seat-{room.code}={secret}"}
    ours = f"http://127.0.0.1:{server.port}"
    if origin is not None:
        headers["Origin"] = origin.replace("PORT", str(server.port))
        token = await database.run(lambda: make_room().witness)
        assert await is_refused(server.ws(room.code), _auth(token) | {"Origin": headers["Origin"]})
    assert await is_refused(server.ws(room.code), headers)
    assert not await is_refused(server.ws(room.code), headers | {"Origin": ours})


async def test_cookie_of_another_room_or_seat_opens_nothing(server: LiveServer) -> None:
    room, other = await database.run(make_rooms, 2)
    secret = await database.run(_claimed, other.interrogator)
    origin = {"Origin": f"http://127.0.0.1:{server.port}"}
    for cookie in (f"seat-{room.code}={secret}", f"seat-{other.code}={secret}", ""):
        assert await is_refused(server.ws(room.code), {"Cookie": cookie, **origin})


async def test_link_used_in_a_browser_opens_no_other_client(server: LiveServer) -> None:
    room = await database.run(make_room)
    await database.run(_claimed, room.interrogator)
    assert await is_refused(server.ws(room.code), _auth(room.interrogator))


async def test_first_use_of_a_token_by_two_clients_at_once_seats_one_person(
    server: LiveServer,
) -> None:
    room = await database.run(make_room)
    await asyncio.gather(*(is_refused(server.ws(room.code), _auth(room.witness)) for _ in range(8)))
    claims = await database.run(
        lambda: Event.objects.filter(room=room.room, kind="claimed").count()
    )
    assert claims == 1
    assert not await is_refused(server.ws(room.code), _auth(room.witness))


def _seat(room: MadeRoom) -> Seat:
    seats = Seat.objects.select_related("room").filter(room=room.room, stand_in=False)
    return seats.get(name=room.human_pane)


async def _live(server: LiveServer, room: MadeRoom) -> None:
    url = server.ws(room.code)
    async with joined(url, room.interrogator) as asker, joined(url, room.witness) as witness:
        await asker.ready()
        await witness.ready()
        await asker.live()


async def _is_cut_off(client: Client) -> bool:
    """Whether a socket can do nothing any more: closed, or refused."""
    try:
        await client.send(do="say", id="after", text="am I still here?")
        answer = await client.until(lambda f: f.get("re") == "after")
    except ConnectionClosed:
        return True
    return answer["is"] == "error"


@pytest.mark.parametrize("synced", ["before", "after", "never"])
async def test_reissued_link_ends_the_old_one_and_its_open_socket(
    server: LiveServer, synced: str
) -> None:
    room = await database.run(make_room)
    await _live(server, room)
    url = server.ws(room.code)
    async with joined(url, room.witness) as old:
        if synced == "before":
            await old.sync()
        token = await database.run(lambda: services.reissue(_seat(room)))
        try:
            if synced == "after":
                await old.sync()
        except ConnectionClosed:
            pass
        assert await _is_cut_off(old)
    said = await database.run(lambda: Event.objects.filter(room=room.room, kind="message").count())
    assert said == 0
    assert await is_refused(url, _auth(room.witness))
    async with joined(url, token) as fresh:
        await fresh.sync()
        assert (await fresh.do("say", text="here I am"))["is"] == "ack"


async def test_reissued_link_ends_the_cookie(server: LiveServer) -> None:
    room = await database.run(make_room)
    secret = await database.run(_claimed, room.witness)
    headers = {
        "Cookie": f"seat-{room.code}={secret}",
        "Origin": f"http://127.0.0.1:{server.port}",
    }
    assert not await is_refused(server.ws(room.code), headers)
    await database.run(lambda: services.reissue(_seat(room)))
    assert await is_refused(server.ws(room.code), headers)


async def test_old_socket_hears_nothing_after_its_link_was_reissued(server: LiveServer) -> None:
    room = await database.run(make_room)
    await _live(server, room)
    url = server.ws(room.code)
    async with joined(url, room.interrogator) as asker, joined(url, room.witness) as old:
        await old.sync()
        await database.run(lambda: services.reissue(_seat(room)))
        await asker.do("say", pane=room.human_pane, text="a secret for the new witness")
        with pytest.raises(ConnectionClosed):
            while True:
                await old.receive()
    assert [f for f in old.frames if f.get("kind") == "message"] == []
