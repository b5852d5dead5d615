"""A host without a shell sees whether the machines of a study answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.results import ResultKind
from tests.kit.factories import ELIZA, MadeRoom, make_room
from tests.kit.fake_provider import FakeProvider
from tests.kit.pages import host
from tests.kit.people import never_tried, openai
from tests.kit.results import settled


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeProvider]:
    with FakeProvider() as fake:
        monkeypatch.setenv("OPENAI_BASE_URL", fake.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        yield fake


def page_of(made: MadeRoom) -> str:
    return f"/host/studies/{made.study.slug}/trial/"


def test_the_button_has_every_machine_asked(results_apart: Path, provider: FakeProvider) -> None:
    made = make_room(machines=never_tried(openai("ok") + openai("err401") + ELIZA))
    browser, page = host(), page_of(made)
    assert "Not tried" in browser.get(page).content.decode()
    study = f"/host/studies/{made.study.slug}/"
    assert "Not known to answer: " in (before := browser.get(study).content.decode())
    assert "model-ok" in before and "-eliza." not in before
    assert browser.post(page)["Location"] == page
    assert settled(made.study, ResultKind.TRIAL).failed == ""

    shown = browser.get(page).content.decode()
    assert "Fine, thanks. You?" in shown and "are you a bot?" in shown
    assert "21 read" not in shown and "63 read, 21 written" in shown  # of all three questions
    assert "Does not answer" in shown and "Check the key in the environment" in shown
    assert "sk-secret" not in shown
    # Every machine by its name; nothing of the room, which is sealed.
    assert made.code not in shown
    found = browser.get(f"/host/studies/{made.study.slug}/trial.json").json()
    assert (found["format"], found["ok"]) == (1, False)
    names = [each["profile"].partition("-")[2] for each in found["profiles"]]
    assert names == ["model-ok", "model-err401", "eliza"]
    assert "sk-secret" not in str(found)
    after = browser.get(study).content.decode().partition("Not known to answer: ")[2]
    assert "model-err401." in after and "model-ok," not in after


def test_an_open_page_hears_of_it_and_else_of_nothing(results_apart: Path) -> None:
    made = make_room(machines=never_tried(ELIZA))
    browser, page = host(), page_of(made)
    first = browser.get(page).context["version"]
    assert browser.get(page, {"since": first}).status_code == 204
    browser.post(page)
    settled(made.study, ResultKind.TRIAL)
    news = browser.get(page, {"since": first})
    assert news.status_code == 200 and "Answers" in news.content.decode()


def test_machines_that_were_tried_before_can_be_asked_again(results_apart: Path) -> None:
    made = make_room()
    browser, page = host(), page_of(made)
    for _ in range(2):
        browser.post(page)
        settled(made.study, ResultKind.TRIAL)
    assert "Ask them again" in browser.get(page).content.decode()
