"""A host's pages stay open for hours: they show what is new, and results made meanwhile."""

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from arena.results import ResultKind
from tests.arena.web.views.test_host_news import append_messages
from tests.conftest import LiveServer
from tests.e2e.acting import apart, look
from tests.e2e.conftest import People
from tests.e2e.examining import examine
from tests.e2e.hosting import sign_in
from tests.e2e.seated import live_room
from tests.kit.factories import ELIZA, make_room, make_rooms
from tests.kit.fake_provider import FakeProvider
from tests.kit.people import never_tried, openai
from tests.kit.results import settled, turn_taken

pytestmark = pytest.mark.e2e


def asked_for_news(page: Page, *, n: int) -> None:
    """Wait until an open page has asked for news so many times."""
    for _ in range(n):
        with page.expect_response(lambda response: "since=" in response.url):
            pass


def test_an_open_room_page_adds_what_is_said(server: LiveServer, people: People) -> None:
    seated = live_room()
    seated.interrogator.say("Who are you?", pane="A")
    page = sign_in(people.person(), server)
    page.goto(f"{server.url}/host/studies/{seated.made.study.slug}/rooms/{seated.made.code}/")
    first = page.locator("#lines > li").filter(has_text="Who are you?")
    expect(first).to_have_count(1)
    first.evaluate("line => { line.dataset.mine = 'yes'; }")
    seated.interrogator.say("And you?", pane="B")
    expect(page.locator("#lines > li").filter(has_text="And you?")).to_have_count(1)
    # What was there is the same still, and the next question is answered with nothing.
    expect(page.locator("#lines > li[data-mine]")).to_have_count(1)
    with page.expect_response(lambda response: response.status == 204):
        pass
    seated.pause()
    expect(page.locator("#room-live .badge").first).to_have_text("Paused")
    expect(page.locator("#lines > li").last).to_contain_text("The room was paused.")
    look(page, "host-room-followed")


def test_an_open_room_page_keeps_as_many_lines_as_it_opens_with(
    server: LiveServer, people: People
) -> None:
    made = apart(make_room)
    apart(append_messages, made, 150)
    page = sign_in(people.person(), server)
    page.goto(f"{server.url}/host/studies/{made.study.slug}/rooms/{made.code}/")
    expect(page.locator("#lines > li")).to_have_count(100)
    expect(page.locator("#lines > li").first).to_contain_text("Message 000050.")
    apart(append_messages, made, 20)
    expect(page.locator("#lines > li").last).to_contain_text("Message 000019.")
    expect(page.locator("#lines > li")).to_have_count(100)
    expect(page.locator("#lines > li").first).to_contain_text("Message 000070.")
    page.get_by_role("link", name="Earlier lines").click()
    expect(page.locator("#lines > li").last).to_contain_text("Message 000069.")
    look(page, "host-room-earlier")
    page.get_by_role("link", name="Newest lines").click()
    expect(page.locator("#lines > li").last).to_contain_text("Message 000019.")


def test_a_host_finds_one_of_many_rooms(server: LiveServer, people: People) -> None:
    made = apart(make_rooms, 60)
    page = sign_in(people.person(), server)
    page.goto(f"{server.url}/host/studies/{made[0].study.slug}/")
    expect(page.get_by_text("Page 1 of 2, 60 rooms")).to_be_visible()
    page.get_by_role("link", name="Later rooms").click()
    expect(page.get_by_role("link", name=made[55].code)).to_be_visible()
    page.get_by_label("Room code").fill(made[3].code)
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#rooms tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name=made[3].code)).to_be_visible()
    # The answer to its own question for news is about the rooms it shows.
    asked_for_news(page, n=1)
    expect(page.locator("#rooms tbody tr")).to_have_count(1)


def test_a_host_has_the_export_and_the_report_made(
    server: LiveServer, people: People, results_apart: Path
) -> None:
    seated = live_room()
    seated.interrogator.decide(human="A")
    study = seated.made.study
    page = sign_in(people.person(), server)
    page.goto(f"{server.url}/host/studies/{study.slug}/")
    page.get_by_role("link", name="Report and export").click()
    look(page, "host-report-unmade")
    with turn_taken(results_apart):
        page.get_by_role("button", name="Make the export").click()
        expect(page.get_by_text("Waiting for another one to be done")).to_be_visible()
        page.get_by_role("button", name="Make the report").click()
        expect(page.get_by_text("Waiting for another one to be done")).to_have_count(2)
        look(page, "host-report-progress")
    # The page shows both by itself.
    expect(page.locator("article.ta-report")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the export").click()
    assert download.value.suggested_filename == f"{study.slug}.zip"
    archive = Path(download.value.path()).read_bytes()
    assert zipfile.ZipFile(io.BytesIO(archive)).testzip() is None
    apart(settled, study, ResultKind.REPORT)
    look(page, "host-report-made")


def test_a_host_has_the_machines_tried(
    server: LiveServer, people: People, results_apart: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeProvider() as provider:
        monkeypatch.setenv("OPENAI_BASE_URL", provider.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        made = apart(make_room, machines=never_tried(openai("ok") + openai("err401") + ELIZA))
        page = sign_in(people.person(), server)
        page.goto(f"{server.url}/host/studies/{made.study.slug}/")
        expect(page.get_by_text("Not known to answer:")).to_be_visible()
        examine(page, "host-study-untried")
        page.get_by_role("link", name="Try the machines").first.click()
        expect(page.get_by_text("Not tried")).to_have_count(3)
        look(page, "host-trial-untried")
        page.get_by_role("button", name="Ask the machines").click()
        # The page shows by itself how far it is, and what came of it.
        expect(page.get_by_role("button", name="Ask them again")).to_be_visible()
        card = page.locator("section.card")
        expect(card.nth(0)).to_contain_text("Answers")
        expect(card.nth(0)).to_contain_text("Fine, thanks. You?")
        expect(card.nth(1)).to_contain_text("Does not answer")
        expect(card.nth(1)).to_contain_text("Check the key in the environment")
        expect(card.nth(2)).to_contain_text("a script, which needs no provider")
        examine(page, "host-trial")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download all that was sent and answered").click()
        assert download.value.suggested_filename == f"{made.study.slug}-trial.json"
