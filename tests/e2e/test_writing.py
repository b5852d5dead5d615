"""How witnesses write: pasting refused where a study forbids it, and how they type recorded."""

import pytest
from playwright.sync_api import Page, expect

from arena.event_kinds import Typed
from arena.events import body_of
from arena.models import Event
from tests.conftest import LiveServer
from tests.e2e.acting import apart, look
from tests.e2e.conftest import People
from tests.e2e.test_room import live
from tests.kit.factories import MadeRoom, make_room

pytestmark = pytest.mark.e2e

FORBIDS = "{pasting: forbid, typing: none, relayed: count, stated: Everything you write is stored.}"
RECORDS = (
    "{pasting: allow, typing: record, relayed: count, stated: Everything you write is stored.}"
)
PASTED = "a text that somebody else may have written"


def paste(page: Page, text: str) -> None:
    """Copy a text that is on the page, and paste it into the message field as a person does."""
    page.evaluate(
        """text => { const from = document.createElement("textarea"); from.id = "copied-from";
        from.value = text; document.body.append(from); from.select(); }""",
        text,
    )
    page.keyboard.press("Control+C")
    page.locator("#copied-from").evaluate("from => from.remove()")
    page.locator(".pane textarea").focus()
    page.keyboard.press("Control+V")


def typed(room: MadeRoom) -> list[Typed]:
    events = Event.objects.filter(room=room.room, kind="typed").order_by("seq")
    return [body for event in events if (body := body_of(event, Typed)) is not None]


def test_pasting_is_refused_to_witnesses_in_plain_words(server: LiveServer, people: People) -> None:
    room = apart(make_room, witness_input=FORBIDS)
    asker, witness = live(server, room, people)
    paste(witness, PASTED)
    expect(witness.locator(".composer-refusal")).to_have_text(
        "Pasting is not allowed in this study. Please type your message."
    )
    expect(witness.locator(".pane textarea")).to_have_value("")
    look(witness, "witness-may-not-paste-narrow")
    witness.set_viewport_size({"width": 1280, "height": 860})
    look(witness, "witness-may-not-paste")
    witness.locator(".pane textarea").press_sequentially("typed by hand")
    expect(witness.locator(".composer-refusal")).to_have_text("")
    witness.keyboard.press("Enter")
    expect(asker.locator(".log", has_text="typed by hand")).to_be_visible()
    # Of an interrogator nothing is asked.
    field = asker.locator(".pane textarea").first
    field.fill(PASTED)
    field.select_text()
    asker.keyboard.press("Control+X")
    expect(field).to_have_value("")
    asker.keyboard.press("Control+V")
    expect(field).to_have_value(PASTED)
    assert apart(typed, room) == []


def test_how_witnesses_type_arrives_and_of_interrogators_nothing_is_loaded(
    server: LiveServer, people: People
) -> None:
    room = apart(make_room, witness_input=RECORDS)
    asker, witness = live(server, room, people)
    field = witness.locator(".pane textarea")
    field.press_sequentially("hello", delay=30)
    witness.keyboard.press("Enter")
    expect(asker.locator(".log", has_text="hello")).to_be_visible()
    witness.evaluate("dispatchEvent(new Event('blur'))")
    witness.wait_for_timeout(60)
    witness.evaluate("dispatchEvent(new Event('focus'))")
    paste(witness, PASTED)
    witness.keyboard.press("Enter")
    expect(asker.locator(".log", has_text=PASTED)).to_be_visible()

    by_hand, pasted = apart(typed, room)
    assert (by_hand.chars, by_hand.keys, by_hand.pastes, by_hand.pasted_chars) == (5, 5, 0, 0)
    assert by_hand.pause_p50_ms is not None and by_hand.writing_ms > 0
    assert (pasted.keys, pasted.pastes, pasted.pasted_chars) == (0, 1, len(PASTED))
    assert pasted.away >= 1 and pasted.away_ms >= 50 and pasted.pause_p50_ms is None

    loaded = "() => performance.getEntriesByType('resource').map(each => each.name)"
    scripts = {
        page: [name for name in page.evaluate(loaded) if "typing" in name]
        for page in (asker, witness)
    }
    assert scripts[asker] == [] and len(scripts[witness]) == 1
