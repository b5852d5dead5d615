"""A reminder's link brings a seat to another browser; the browser before loses it at once."""

import contextlib
import re
from collections.abc import AsyncIterator

from django.test import Client
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from arena import database, invites, services
from arena.events import Decision, append_now
from arena.models import Event, Room
from arena.services import seat_settings
from tests.arena.mail.test_letters import LINK, letter
from tests.conftest import LiveServer
from tests.kit.doors import hidden_fields
from tests.kit.factories import MadeRoom
from tests.kit.long_rooms import LongRoom, ago, begun, fresh, make_long_room, on
from tests.kit.pages import seated, witness
from tests.kit.wire import Client as Socket
from tests.kit.wire import joined


async def _link(room: LongRoom, seat: str = "interrogator") -> str:
    await room.look_now("reminder")
    [token] = [token for kind, token in LINK.findall(letter(room, seat).body) if kind == "return"]
    return f"/return/{token}/"


async def test_get_of_a_return_link_leaves_no_trace() -> None:
    room = await begun(hours=25)
    link = await _link(room)
    before = await room.live.log()

    def open_it() -> list[int]:
        browser = Client()
        answers = [browser.get(link), browser.get(link), browser.head(link)]
        assert not browser.cookies
        return [answer.status_code for answer in answers]

    assert await database.run(open_it) == [200, 200, 200]
    assert len(await room.live.log()) == len(before)


async def test_confirming_moves_the_seat_to_this_browser(server: LiveServer) -> None:
    room = await begun(hours=25)
    link = await _link(room)
    made = room.live.made

    def come_back() -> Client:
        browser = Client()
        answer = browser.post(link)
        assert (answer.status_code, answer["Location"]) == (303, f"/room/{made.code}/")
        assert browser.get(f"/room/{made.code}/").status_code == 200
        return browser

    async with joined(server.ws(made.code), made.interrogator) as old:
        await old.sync()
        browser = await database.run(come_back)
        await _is_closed(old)
    [again] = [e for e in await room.live.log("claimed") if e.data.get("again")]
    code = (await database.run(fresh, room.live.asker)).participant.code
    assert again.seat == "interrogator" and again.data == {"participant": code, "again": True}
    # Here and now the link leads on, as often as it is opened.
    page = await database.run(browser.get, link)
    assert f'href="/room/{made.code}/"' in page.content.decode()
    assert (await database.run(browser.post, link)).status_code == 303
    assert len(await room.live.log("claimed")) == 3


async def test_return_that_is_confirmed_twice_moves_the_seat_once() -> None:
    room = await begun(hours=25)
    link = await _link(room)

    def confirm() -> list[str]:
        form = hidden_fields(Client(), link, action=link)
        # The browser sends the second before it has the cookie of the first.
        answers = [Client().post(link, form) for _ in range(2)]
        return [answer.cookies[f"seat-{room.code}"].value for answer in answers]

    first, second = await database.run(confirm)
    assert first == second
    assert await _n_moved(room) == 1


async def _n_moved(room: LongRoom) -> int:
    return len([e for e in await room.live.log("claimed") if e.data.get("again")])


async def test_return_link_opened_again_makes_up_for_a_lost_answer() -> None:
    room = await begun(hours=25)
    link = await _link(room)

    def open_again() -> tuple[str, int]:
        browser, ahead = Client(headers={"Sec-Fetch-Mode": "navigate"}), Client()
        ahead.cookies["key"] = browser.get(link).cookies["key"].value
        assert ahead.post(link).status_code == 303
        page = browser.get(link).content.decode()
        return page, browser.get(f"/room/{room.code}/").status_code

    page, status = await database.run(open_again)
    assert "Your seat is in this browser" in page and status == 200
    assert await _n_moved(room) == 1


async def test_return_link_leads_back_and_forth() -> None:
    room = await begun(hours=25)
    link = await _link(room)

    def go_round() -> list[int]:
        here, there = Client(headers={"Sec-Fetch-Mode": "navigate"}), Client()
        statuses = []
        for browser in (here, there, here):
            browser.get(link)
            browser.post(link, hidden_fields(browser, link, action=link))
            statuses += [each.get(f"/room/{room.code}/").status_code for each in (here, there)]
        return statuses

    assert await database.run(go_round) == [200, 404, 404, 200, 200, 404]
    assert await _n_moved(room) == 3


async def _is_closed(socket: Socket) -> None:
    try:
        while True:
            await socket.receive()
    except ConnectionClosed as closed:
        assert closed.rcvd is not None and closed.rcvd.code == 4403


async def test_new_browser_may_resume_where_the_old_one_was(server: LiveServer) -> None:
    """Its own claim lies between the last event it saw and now: that must not close its line."""
    room = await begun(hours=25)
    made = room.live.made
    with ago(hours=24.5):
        await room.live.ask("before", pane="A")
    link = await _link(room)
    token = await database.run(_secret_after, link, made.code)
    async with _with_cookie(server, made.code, token) as socket:
        frames = await socket.sync()
        last = [frame["id"] for frame in frames if frame["is"] == "event"][-1]
    async with _with_cookie(server, made.code, token) as socket:
        await socket.sync(after=last)
        await room.live.answer("still there?")
        ack = await socket.do("say", pane="A", text="after")
        assert ack["is"] == "ack"


def _secret_after(link: str, code: str) -> str:
    browser = Client()
    browser.post(link)
    return str(browser.cookies[f"seat-{code}"].value)


@contextlib.asynccontextmanager
async def _with_cookie(server: LiveServer, code: str, secret: str) -> AsyncIterator[Socket]:
    headers = {"Cookie": f"seat-{code}={secret}", "Origin": server.url}
    async with connect(
        server.ws(code), additional_headers=headers, compression=None, close_timeout=0.2
    ) as socket:
        yield Socket(socket)


async def test_pages_of_the_former_browser_are_closed() -> None:
    def play(link: str) -> list[int]:
        new = Client()
        new.post(link)
        room = f"/room/{made.code}/"
        return [old.get(room).status_code, new.get(room).status_code]

    made = await database.run(make_long_room)
    old = await database.run(seated, made.witness)
    token = await database.run(_give_return_link, made)
    assert await database.run(play, f"/return/{token}/") == [404, 200]


def _give_return_link(made: MadeRoom) -> str:
    seat = witness(made)
    values = {"return_hash": invites.digest("t" * 43)}
    append_now(seat.room_id, lambda room, now: Decision(seats={seat.id: values}))
    return "t" * 43


async def test_links_end_with_a_new_invitation_and_with_the_address() -> None:
    room = await begun(hours=25)
    link = await _link(room)

    def statuses() -> list[int]:
        services.reissue(fresh(room.live.asker))
        browser = Client()
        answers = [browser.get(link), browser.post(link)]
        assert "newest reminder" in answers[0].content.decode()
        return [answer.status_code for answer in answers]

    assert await database.run(statuses) == [404, 404]

    other = await begun(hours=25)
    link = await _link(other)
    await on(other.live.asker, seat_settings.store_settings, email="", time_zone="", quiet_hours="")
    assert (await database.run(Client().get, link)).status_code == 404


async def test_return_is_refused_from_another_site_and_beside_another_seat() -> None:
    room = await begun(hours=25)
    link = await _link(room)
    made = room.live.made

    def try_it() -> list[int]:
        cross = Client().post(link, headers={"Sec-Fetch-Site": "cross-site"})
        browser = Client()
        browser.post(services_link(made.room))
        return [cross.status_code, browser.post(link).status_code]

    def services_link(found: Room) -> str:
        seat = found.seats.exclude(name="interrogator").get(token_hash__isnull=False)
        return f"/join/{services.reissue(seat)}/"

    assert await database.run(try_it) == [403, 409]


def test_invitation_of_a_taken_seat_leads_back_and_says_what_to_do_elsewhere() -> None:
    made = make_long_room()
    browser = seated(made.witness)
    page = browser.get(f"/join/{made.witness}/").content.decode()
    first_link = re.search(r'class="button primary" href="([^"]+)"', page)
    assert first_link is not None and first_link.group(1) == f"/room/{made.code}/"
    assert "In another browser" in page and "Take my seat" not in page
    elsewhere = Client().get(f"/join/{made.witness}/")
    assert elsewhere.status_code == 409
    assert "newest reminder" in elsewhere.content.decode()
    assert Event.objects.filter(room=made.room, kind="claimed").count() == 1
