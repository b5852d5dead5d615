"""What a client is sent: pages that follow one another, and news, each once and in order."""

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from arena import database, services
from arena.live.session import MOST_OF_A_SEAT
from tests.arena.live.test_session import live_room
from tests.conftest import LiveServer
from tests.kit.factories import make_room
from tests.kit.people import Live, go_live
from tests.kit.wire import PATIENT, Client, joined


async def _told(live: Live, n: int) -> list[str]:
    """What the human witness is told by the interrogator; the ids of the messages."""
    pane = live.made.human_pane
    return [(await live.ask(f"line {i}", pane=pane)).event for i in range(n)]


async def test_long_absence_is_made_up_for_in_pages(server: LiveServer) -> None:
    live = await go_live(await database.run(make_room))
    sent = await _told(live, 430)
    async with joined(server.ws(live.made.code), live.made.witness) as client:
        pages, after = [], sent[0]
        while True:
            frames = await client.sync(after)
            events = [frame["id"] for frame in frames if frame["is"] == "event"]
            pages.append(events)
            assert frames[-1]["earlier"] is True
            if not frames[-1]["later"]:
                break
            after = events[-1]
        assert [len(page) for page in pages] == [200, 200, 29]
        assert [id for page in pages for id in page] == sent[1:]


async def test_no_news_overtake_a_page_that_others_follow(server: LiveServer) -> None:
    live = await go_live(await database.run(make_room))
    sent = await _told(live, 230)
    async with joined(server.ws(live.made.code), live.made.witness) as client:
        first = await client.sync(sent[0])
        assert first[-1]["later"] is True
        sent += await _told(live, 3)
        last = await client.sync([f["id"] for f in first if f["is"] == "event"][-1])
        assert last[-1]["later"] is False
        last_one = await live.ask("the last one", pane=live.made.human_pane)
        sent.append(last_one.event)
        await client.message(text="the last one")
        assert [frame["id"] for frame in client.messages] == sent[1:]


async def test_interrogator_is_told_of_its_own_acts_however_long_the_log(
    server: LiveServer,
) -> None:
    live = await go_live(await database.run(make_room))
    await _told(live, 3)
    async with joined(server.ws(live.made.code), live.made.interrogator) as client:
        await client.sync()
        await client.do("belief", p=0.25)
        given = await client.until(lambda f: f["is"] == "event" and f["kind"] == "belief")
        await client.do("say", pane=live.made.machine_pane, text="and you?")
        # What was just said may reach the seat before its page does.
        [room] = [f for f in await client.sync(given["id"]) if f["is"] == "room"]
        assert room["belief"] == {"p": 0.25, "at": given["at"]}
        assert room["said"] == {live.made.human_pane: 3, live.made.machine_pane: 1}


async def _page(client: Client, **asked: object) -> list[dict[str, object]]:
    """The frames of a page of history, from its first to its `synced`."""
    await client.send(do="history", id="h", **asked)
    await client.until(lambda f: f["is"] == "page")
    begin = len(client.frames)
    await client.until(lambda f: f["is"] == "synced" and f.get("re") == "h")
    return client.frames[begin:]


async def test_stretch_of_one_conversation_comes_with_the_tags_that_hold(
    server: LiveServer,
) -> None:
    live = await go_live(await database.run(make_room))
    pane, other = str(live.made.human_pane), live.made.machine_pane
    [first] = await _told(live, 1)
    async with joined(server.ws(live.made.code), live.made.interrogator) as client:
        await client.sync()
        await client.do("tag", event=first, strategies=["logic"])
        beside = (await client.do("say", pane=other, text="and you?"))["event"]
        sent = [first, *await _told(live, 230)]
        await client.message(text="line 229")

        *events, end = await _page(client, before=sent[3], limit=3, pane=pane)
        assert [f["id"] for f in events if f["kind"] == "message"] == sent[:3]
        [tag] = [f for f in events if f["kind"] == "tag"]
        assert (tag["event"], tag["strategies"]) == (first, ["logic"])
        assert end == {"is": "synced", "earlier": False, "later": False, "re": "h"}

        *events, end = await _page(client, after=sent[0], limit=2, pane=pane)
        assert [f["id"] for f in events] == sent[1:3]
        assert (end["earlier"], end["later"]) == (True, True)
        *events, end = await _page(client, before=sent[-1], limit=5, pane=other)
        assert [f["id"] for f in events if f["from"] == "me"] == [beside]
        *events, end = await _page(client, at="2000-01-01T00:00:00Z", limit=1, pane=pane)
        assert ([f["id"] for f in events if f["kind"] == "message"], end["later"]) == (
            [first],
            True,
        )

        await client.send(do="history", id="h2", before=first, limit=1, pane="C")
        refused = await client.until(lambda f: f["is"] == "error")
        assert (refused["re"], refused["code"]) == ("h2", "pane.unknown")


async def test_witness_pages_through_its_conversation_and_knows_no_pane(server: LiveServer) -> None:
    live = await go_live(await database.run(make_room))
    sent = await _told(live, 3)
    async with joined(server.ws(live.made.code), live.made.witness) as client:
        await client.sync()
        *events, _ = await _page(client, after=sent[0], limit=5)
        assert [f["id"] for f in events] == sent[1:]
        await client.send(do="history", id="h2", before=sent[2], limit=1, pane="A")
        refused = await client.until(lambda f: f["is"] == "error")
        assert (refused["re"], refused["code"]) == ("h2", "pane.unknown")


async def test_place_that_was_read_is_kept_for_the_seat_alone(server: LiveServer) -> None:
    live = await go_live(await database.run(make_room))
    sent = await _told(live, 4)
    seen = await live.answer("hello")
    log = [event.public_id for event in await live.log()]
    async with (
        joined(server.ws(live.made.code), live.made.witness) as client,
        joined(server.ws(live.made.code), live.made.interrogator) as asker,
    ):
        assert await _unread(client) == {"after": None, "n": 4}
        ack = await client.do("read", event=sent[1])
        assert ack == {"is": "ack", "re": ack["re"], "event": sent[1]}
        await client.do("read", event=sent[0])
        assert await _unread(client) == {"after": sent[1], "n": 2}
        other = await asker.do("read", event="no-such-event")
        assert other["code"] == "event.unknown"
        assert await _unread(asker) == {
            live.made.human_pane: {"after": None, "n": 1},
            live.made.machine_pane: {"after": None, "n": 0},
        }
        await asker.do("read", event=seen.event)
        unread = await _unread(asker)
        assert unread[str(live.made.human_pane)] == {"after": seen.event, "n": 0}
        assert [event.public_id for event in await live.log()] == log


async def _unread(client: Client) -> dict[str, object]:
    frames = await client.sync()
    [room] = [frame for frame in frames if frame["is"] == "room"][-1:]
    unread: dict[str, object] = room["unread"]
    return unread


async def test_every_window_of_a_seat_gets_the_same_frames(server: LiveServer) -> None:
    room = await database.run(make_room)
    async with (
        live_room(server, room) as (asker, witness),
        joined(server.ws(room.code), room.interrogator) as window,
    ):
        await window.sync()
        for n in range(5):
            await asker.do("say", pane=room.human_pane, text=f"{n}?")
            await witness.message(text=f"{n}?")
            await witness.do("say", text=f"{n}!")
        # Its own words may come to their writer after they are acknowledged.
        for client in (asker, window, witness):
            await client.message(text="4!")
        assert window.messages == asker.messages and len(window.messages) == 10
        assert [f["text"] for f in witness.messages] == [f["text"] for f in asker.messages]


async def _closing(client: Client) -> tuple[str, int]:
    """The error that a client is told before its socket is closed, and the code of the close."""
    error = await client.until(lambda frame: frame["is"] == "error")
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            await client.receive()
    assert closed.value.rcvd is not None
    return error["code"], closed.value.rcvd.code


async def test_browser_whose_link_was_made_anew_is_told(server: LiveServer) -> None:
    live = await go_live(await database.run(make_room))
    async with joined(server.ws(live.made.code), live.made.witness) as client:
        await client.sync()
        await database.run(services.reissue, live.witness)
        assert await _closing(client) == ("seat.unknown", 4403)


@pytest.mark.parametrize("code", ["its own", "of no room"])
async def test_browser_with_a_cookie_that_opens_nothing_is_told(
    server: LiveServer, code: str
) -> None:
    room = await database.run(make_room)
    at = room.code if code == "its own" else "nowhere"
    headers = {"Cookie": f"seat-{at}=gone", "Origin": server.url}
    async with connect(server.ws(at), additional_headers=headers, **PATIENT) as socket:
        assert await _closing(Client(socket)) == ("seat.unknown", 4403)


async def test_oldest_of_too_many_windows_is_closed(server: LiveServer) -> None:
    live = await go_live(await database.run(make_room))
    async with (
        asyncio.TaskGroup() as group,
        joined(server.ws(live.made.code), live.made.witness) as oldest,
    ):
        await oldest.sync()
        enough = asyncio.Event()

        async def window() -> None:
            async with joined(server.ws(live.made.code), live.made.witness) as client:
                await client.sync()
                await client.message(text="still here?")

        windows = [group.create_task(window()) for _ in range(MOST_OF_A_SEAT)]
        assert await _closing(oldest) == ("seat.crowded", 4409)
        enough.set()
        await live.ask("still here?", pane=live.made.human_pane)
        await asyncio.gather(*windows)


async def test_client_that_reads_nothing_is_sent_the_rest_when_it_does(server: LiveServer) -> None:
    """Its line fills up, news stay in the log meanwhile, and it misses nothing."""
    live = await go_live(await database.run(make_room))
    headers = {"Authorization": f"Seat {live.made.witness}"}
    url, pane, text = server.ws(live.made.code), live.made.human_pane, "\u6f22" * 290
    async with connect(url, additional_headers=headers, max_queue=1, **PATIENT) as socket:
        client = Client(socket)
        await client.sync()
        sent = []
        # More than the buffers of the system hold.
        for begin in range(0, 6_000, 500):
            asked = (live.ask(f"{n} {text}", pane=pane) for n in range(begin, begin + 500))
            sent += [answer.event for answer in await asyncio.gather(*asked)]
        await client.message(text=f"5999 {text}")
        assert [frame["id"] for frame in client.messages] == sent
