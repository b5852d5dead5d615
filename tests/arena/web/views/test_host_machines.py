"""Hosts see a machine that fails wherever they look, and no room of it."""

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from arena import clock
from arena.health import alarms
from tests.arena.web.views.test_host_news import news, room_page, study_page, version
from tests.kit.calls import call, count, failed, forget_others, log
from tests.kit.factories import MadeRoom, make_room
from tests.kit.pages import decide, host, make_ready

SENTENCE = "The provider gave no reply (status 401). Check the key."


def machines_page(made: MadeRoom) -> str:
    return f"{study_page(made)}machines/"


def look() -> None:
    count()
    alarms.update(clock.now())


def versions(browser: Client, made: MadeRoom) -> list[str]:
    html = browser.get(machines_page(made)).content.decode()
    return re.findall(r'data-version="([^"]+)"', html)


def test_a_failing_machine_is_on_the_open_page_and_on_the_list() -> None:
    made, browser = make_room(), host()
    make_ready(made)
    look()
    [since, _] = versions(browser, made)
    assert "has been failing since" not in browser.get(study_page(made)).content.decode()
    assert news(browser, machines_page(made), since=since) is None
    log(made, failed("no_key", SENTENCE), failed("no_key", SENTENCE))
    look()
    told = news(browser, machines_page(made), since=since)
    assert told is not None and "<h1" not in told
    for html in (told, browser.get(study_page(made)).content.decode()):
        assert "The machine eliza has been failing since" in html and SENTENCE in html
        assert 'id="machine-alarm"' in html and 'id="machines"' in html
    assert "Machine fails" in browser.get("/host/").content.decode()
    forget_others()


def test_no_page_of_a_room_tells_of_it() -> None:
    made, browser = make_room(), host()
    make_ready(made)
    pages = (study_page(made), room_page(made))
    before = [version(browser.get(page).content.decode()) for page in pages]
    log(made, failed("no_key", SENTENCE), failed("no_key", SENTENCE))
    look()
    told = [news(browser, page, since=v) for page, v in zip(pages, before, strict=True)]
    assert told == [None, None]
    assert made.code not in browser.get(machines_page(made)).content.decode()
    assert SENTENCE not in browser.get(room_page(made)).content.decode()
    forget_others()


def test_calls_of_a_live_room_change_nothing_on_any_page() -> None:
    made, browser = make_room(), host()
    make_ready(made)
    look()
    before = versions(browser, made), browser.get(study_page(made)).content
    log(made, call(), failed(), call())
    look()
    csrf = re.compile(rb'(value|nonce|act)="[^"]*"')
    after = versions(browser, made), browser.get(study_page(made)).content
    assert after[0] == before[0]
    assert csrf.sub(b"", after[1]) == csrf.sub(b"", before[1])


def test_figures_of_ended_rooms_are_shown() -> None:
    made, browser = make_room(), host()
    make_ready(made)
    log(made, call(), failed("timeout"), failed("timeout"), call(latency_ms=4000))
    decide(made, "A")
    look()
    html = " ".join(browser.get(study_page(made)).content.decode().split())
    cells = dict(re.findall(r'data-label="([^"]+)">(.*?)</t[dh]>', html.partition('"machines"')[2]))
    assert cells["Calls"] == "4" and cells["Retries"] == "2" and cells["Unanswered"] == "0"
    assert "2 × no answer in time" in cells["Failures"]
    assert "40 in" in cells["Tokens"] and cells["Cost"] == "$1.0000"
    assert "<time" in cells["Last good call"] and "1.0 s" in cells["Latency"]


def test_the_page_costs_the_same_however_many_calls_there_were() -> None:
    made, browser = make_room(), host()
    make_ready(made)

    def cost() -> int:
        look()
        browser.get(machines_page(made))
        with CaptureQueriesContext(connection) as statements:
            browser.get(machines_page(made))
        return len(statements)

    few = cost()
    log(made, *[call()] * 500)
    assert cost() == few
