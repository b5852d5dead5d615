"""What a host's pages cost does not grow with the site; open pages are told what is new alone."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from arena import services
from arena.event_kinds import Away, Message, Withheld
from arena.event_kinds.body import Body
from arena.events import Decision, Draft, append_now
from arena.models import Event
from arena.web.views.host import LINES_PER_PAGE
from tests.kit.factories import MadeRoom, append_message, make_room, make_rooms, study_text
from tests.kit.pages import decide, host, interrogator, machine, make_ready, say, seated, witness


def room_page(made: MadeRoom) -> str:
    return f"/host/studies/{made.study.slug}/rooms/{made.code}/"


def study_page(made: MadeRoom) -> str:
    return f"/host/studies/{made.study.slug}/"


def cost(browser: Client, address: str) -> tuple[int, int]:
    """How many statements a page makes, and how many bytes it has; opened before, as caches are."""
    browser.get(address)
    with CaptureQueriesContext(connection) as statements:
        n_bytes = len(browser.get(address).content)
    return len(statements), n_bytes


def append_messages(made: MadeRoom, n: int) -> None:
    drafts = tuple(
        Draft(seat="A", pane="A", body=Message(text=f"Message {number:06}.")) for number in range(n)
    )
    append_now(made.room.id, lambda room, now: Decision(events=drafts))


def test_a_studys_page_costs_the_same_for_fifty_and_five_hundred_rooms() -> None:
    few, many = make_rooms(50)[0], make_rooms(500)[0]
    browser = host()
    n_few, bytes_few = cost(browser, study_page(few))
    for query in ("", "?page=10", "?phase=lobby", "?q=a"):
        n_many, bytes_many = cost(browser, study_page(many) + query)
        assert n_many == n_few
        assert bytes_many < bytes_few + 1000  # the links to the other pages


def test_the_list_of_studies_is_in_pages() -> None:
    # Newer than those of other tests, and so on the first pages.
    made = [services.create_rooms(study_text(), 1)[0] for _ in range(51)]
    browser = host()
    shown = browser.get("/host/").content.decode()
    assert shown.count("<tr>") == 1 + 50
    assert made[-1].slug in shown and made[0].slug not in shown
    assert made[0].slug in browser.get("/host/?page=2").content.decode()
    n_statements, _ = cost(browser, "/host/")
    with CaptureQueriesContext(connection) as statements:
        browser.get("/host/?page=2")
    # A design that nobody has looked at yet is read once.
    others = [s for s in statements if '"config"' not in s["sql"]]
    assert len(others) == n_statements


def test_a_rooms_page_costs_the_same_for_a_hundred_and_a_thousand_lines() -> None:
    short, long = make_rooms(2)
    append_messages(short, LINES_PER_PAGE + 1)
    append_messages(long, 1000)
    browser = host()
    n_short, bytes_short = cost(browser, room_page(short))
    n_long, bytes_long = cost(browser, room_page(long))
    # A figure more in each line's time, if it took long to write them; not a line more.
    assert n_long == n_short and abs(bytes_long - bytes_short) < bytes_short / 20


def shown_lines(html: str) -> list[str]:
    return re.findall(r'class="line-text" dir="auto" translate="no">(.*?)</span>', html)


def link(html: str, words: str) -> str:
    return re.search(rf'href="([^"#]*)[^"]*">{words}</a>', html).group(1)


def test_a_transcript_is_read_page_by_page_from_its_end() -> None:
    made = make_room()
    append_messages(made, 2 * LINES_PER_PAGE + 5)
    browser, address = host(), room_page(made)
    newest = browser.get(address).content.decode()
    middle = browser.get(address + link(newest, "Earlier lines")).content.decode()
    oldest = browser.get(address + link(middle, "Earlier lines")).content.decode()
    assert "Earlier lines" not in oldest and link(oldest, "Newest lines") == address
    read = [*shown_lines(oldest), *shown_lines(middle), *shown_lines(newest)]
    assert read == [f"Message {n:06}." for n in range(2 * LINES_PER_PAGE + 5)]
    # What is old does not change: such a page asks for nothing.
    assert "data-news-url" in newest and "data-news-url" not in middle


def test_a_line_that_the_transcript_does_not_have_is_not_found() -> None:
    made, other = make_rooms(2)
    make_ready(made)
    hidden = Event.objects.filter(room=made.room, kind="ready").first()
    for event in (hidden.public_id, append_message(other.room, "Elsewhere."), "nothing"):
        assert host().get(f"{room_page(made)}?before={event}").status_code == 404


def version(html: str) -> str:
    """The version of the list or the room that a page shows; its machines have another."""
    found = re.findall(r'data-news-url="([^"]*)" data-news-s="\d+" data-version="([^"]+)"', html)
    return next(shown for address, shown in found if not address.endswith("/machines/"))


def news(browser: Client, address: str, *, since: str) -> str | None:
    """What an open page is told; None for nothing."""
    response = browser.get(address, {"since": since})
    assert response.status_code in (200, 204)
    return response.content.decode() if response.status_code == 200 else None


def test_an_open_page_is_told_nothing_while_nothing_happens() -> None:
    made = make_room()
    make_ready(made)
    browser = host()
    for address in (study_page(made), room_page(made)):
        since = version(browser.get(address).content.decode())
        assert news(browser, address, since=since) is None


def test_an_open_room_page_is_told_the_new_lines_alone() -> None:
    made = make_room()
    make_ready(made)
    say(interrogator(made), "Who are you?", pane="A")
    browser, address = host(), room_page(made)
    since = version(browser.get(address).content.decode())
    say(interrogator(made), "And you?", pane="B")
    told = news(browser, address, since=since)
    assert told is not None
    assert shown_lines(told) == ["And you?"] and "data-adds" in told
    assert "<h1" not in told and "csrf" not in told
    assert news(browser, address, since=version(told)) is None


def test_an_open_page_that_missed_more_than_a_page_starts_anew() -> None:
    made = make_room()
    append_messages(made, 1)
    browser, address = host(), room_page(made)
    since = version(browser.get(address).content.decode())
    append_messages(made, LINES_PER_PAGE + 1)
    told = news(browser, address, since=since)
    assert told is not None and "data-adds" not in told
    assert len(shown_lines(told)) == LINES_PER_PAGE


def test_words_that_were_erased_leave_an_open_page() -> None:
    made = make_room()
    person = seated(made.interrogator)
    seated(made.witness)
    make_ready(made)
    say(interrogator(made), "My name is Ada.", pane="A")
    decide(made, "A")
    browser, address = host(), room_page(made)
    html = browser.get(address).content.decode()
    assert "My name is Ada." in html
    person.post(f"/room/{made.code}/withdraw/", {"choice": "erase", "sure": "on"})
    told = news(browser, address, since=version(html))
    assert told is not None and "data-adds" not in told
    assert "[withdrawn]" in shown_lines(told)[1] and "Ada" not in told
    assert news(browser, address, since=version(told)) is None


@pytest.mark.parametrize("hidden", ["machine", "witness"])
def test_an_open_page_is_not_told_that_something_hidden_happened(hidden: str) -> None:
    made = make_room()
    make_ready(made)
    browser = host()
    addresses = (study_page(made), room_page(made))
    before = [version(browser.get(address).content.decode()) for address in addresses]
    away = Away(until=made.room.created_at)
    bodies: dict[str, Body] = {"machine": Withheld(why="budget", upto=3), "witness": away}
    seat = (machine if hidden == "machine" else witness)(made)
    draft = Draft(seat=seat.actor, pane=seat.name, body=bodies[hidden])
    append_now(made.room.id, lambda room, now: Decision(events=(draft,)))
    told = [news(browser, at, since=v) for at, v in zip(addresses, before, strict=True)]
    assert told == [None, None]


def test_a_host_finds_the_rooms_that_asked_for_help() -> None:
    calm, anxious = make_rooms(2)
    seated(anxious.witness).post(f"/room/{anxious.code}/help/", {"text": ""})
    html = host().get(study_page(calm)).content.decode()
    found = host().get(study_page(calm) + link(html, "Show it")).content.decode()
    assert anxious.code in found and calm.code not in found
