"""The way to a study's report and export: made elsewhere, shown here, ended rooms alone."""

import io
import re
import zipfile
from pathlib import Path

from django.contrib.staticfiles import finders
from django.test import Client

from arena.results import Progress, ResultKind
from arena.web.middleware import CONTENT_SECURITY_POLICY
from tests.arena.results.playing import ended_room, erase
from tests.arena.web.views.test_host_news import cost, news, version
from tests.kit.factories import MadeRoom, make_room, make_rooms
from tests.kit.pages import decide, host, make_ready, seated
from tests.kit.results import at_work, made, settled, turn_taken, waiting, workers


def page(room: MadeRoom) -> str:
    return f"/host/studies/{room.study.slug}/report/"


def download(room: MadeRoom) -> str:
    return f"/host/studies/{room.study.slug}/export/"


def html(browser: Client, room: MadeRoom) -> str:
    response = browser.get(page(room))
    return response.getvalue().decode()


def test_the_page_says_when_no_room_has_ended(results_apart: Path) -> None:
    room = make_room()
    browser = host()
    shown = html(browser, room)
    assert "No room has ended yet" in shown and "<button" not in shown.partition("<main")[2]
    for address in (page(room), download(room)):
        assert browser.post(address).status_code == 302
    assert workers(room.study) == [] and not (results_apart / room.study.slug).exists()


def test_opening_the_page_makes_nothing(results_apart: Path) -> None:
    room = ended_room()
    shown = html(host(), room)
    assert "Make the report" in shown and "Make the export" in shown
    assert "Download the export" not in shown
    assert workers(room.study) == [] and not (results_apart / room.study.slug).exists()


def test_the_page_shows_the_report_once_it_is_made(results_apart: Path) -> None:
    room = ended_room()
    browser = host()
    assert browser.post(page(room))["Location"] == page(room)
    settled(room.study, ResultKind.REPORT)
    response = browser.get(page(room))
    shown = response.getvalue().decode()
    # The rest of the page stands around it.
    main, _, after = shown.partition('<article class="ta-report ta-embedded"')
    assert "Make the export" in main and "</main>" in after and "the report -->" not in shown
    assert "Make the report" not in shown
    assert response["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert not re.search(r"\sstyle=|<style|<script(?! type=\"module\" src)", shown)
    assert finders.find("analysis/report.css")


def test_the_download_is_a_whole_export(results_apart: Path) -> None:
    room = ended_room()
    browser = host()
    browser.post(download(room))
    settled(room.study, ResultKind.EXPORT)
    assert "Download the export" in html(browser, room)
    response = browser.get(download(room))
    assert response["Content-Disposition"] == f'attachment; filename="{room.study.slug}.zip"'
    data = response.getvalue()
    assert int(response["Content-Length"]) == len(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {"study.json", "events.jsonl", "MANIFEST.json", "codebook.md"} <= set(
            archive.namelist()
        )
        assert room.code in archive.read("rooms.csv").decode()
        assert "people.csv" not in archive.namelist()


def test_an_open_page_follows_the_work_and_reloads_for_its_report(results_apart: Path) -> None:
    room = ended_room()
    browser = host()
    since = version(html(browser, room))
    assert news(browser, page(room), since=since) is None
    with turn_taken(results_apart):
        browser.post(page(room))
        waiting(room.study, ResultKind.REPORT)
        told = news(browser, page(room), since=since)
        assert told is not None and "Waiting for another one" in told and "<progress" not in told
        assert "data-reload" not in told and "Make the report" not in told
    settled(room.study, ResultKind.REPORT)
    told = news(browser, page(room), since=version(told))
    assert told is not None and "data-reload" in told
    # The report itself is no news: the page that reloads has it.
    assert "<article" not in told


def test_the_page_shows_how_far_the_work_is(results_apart: Path) -> None:
    room = ended_room()
    browser = host()
    with at_work(room.study, ResultKind.EXPORT, Progress(step="Reading rooms", done=120, of=500)):
        shown = html(browser, room)
    assert "Reading rooms: 120 of 500" in shown and 'value="120" max="500"' in shown
    assert "Make the export" not in shown and "Make the report" in shown
    # Nobody holds the lock any more, and the work is not done.
    assert "The work was stopped before it was done" in html(browser, room)


def test_a_failure_is_told_with_what_to_do(results_apart: Path) -> None:
    room = ended_room()
    browser = host()
    (results_apart / "turn").mkdir(parents=True)
    browser.post(download(room))
    settled(room.study, ResultKind.EXPORT)
    shown = html(browser, room)
    assert "The export could not be made." in shown and "Try again" in shown
    (results_apart / "turn").rmdir()
    browser.post(download(room))
    settled(room.study, ResultKind.EXPORT)
    shown = html(browser, room)
    assert "could not be made" not in shown and "Download the export" in shown


def test_the_page_says_what_its_results_leave_out(results_apart: Path) -> None:
    first, second = make_rooms(2)
    end(first)
    made(first.study, ResultKind.EXPORT)
    browser = host()
    assert "of 1 room," in html(browser, first) and "Since then" not in html(browser, first)
    end(second)
    shown = html(browser, first)
    assert "Since then more rooms have ended" in shown
    assert "Make the export anew" in shown and "Download the export" in shown


def end(room: MadeRoom) -> None:
    for token in (room.interrogator, room.witness):
        seated(token)
    make_ready(room)
    decide(room, "A")


def test_erased_words_can_be_downloaded_no_more(results_apart: Path) -> None:
    room = ended_room(said="My name is Ada.")
    made(room.study, ResultKind.EXPORT)
    browser = host()
    erase(room)
    assert "Download the export" not in html(browser, room)
    assert browser.get(download(room))["Location"] == page(room)


def test_the_page_costs_the_same_for_few_rooms_and_many(results_apart: Path) -> None:
    few, many = make_rooms(5), make_rooms(50)
    for room in (few[0], *many[:20]):
        end(room)
    browser = host()
    (n_few, bytes_few), (n_many, bytes_many) = (
        cost(browser, page(rooms[0])) for rooms in (few, many)
    )
    assert (n_many, abs(bytes_many - bytes_few) < 100) == (n_few, True)
