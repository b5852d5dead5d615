"""A room's way from the lobby to its end, as the people in it see it."""

import pytest
from playwright.sync_api import expect

from tests.conftest import LiveServer
from tests.e2e.acting import pass_check
from tests.e2e.conftest import People
from tests.e2e.seated import enter, live_room, take_seats

pytestmark = pytest.mark.e2e

OVER = "The room ended before its time. Thank you for taking part."


def test_lobby_asks_for_consent_and_waits_through_a_reload(
    server: LiveServer, people: People
) -> None:
    seated = take_seats()
    page = seated.witness.open(people.person(width=375, height=740), server)
    agree = page.get_by_role("button", name="I agree and take my seat")
    agree.click()
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("Tick the box")
    page.get_by_label("I have read this and I agree").check()
    agree.click()
    pass_check(page)
    expect(page.locator("#check-line")).to_contain_text("Answers in")
    page.get_by_role("button", name="I am ready").click()
    waiting = page.get_by_role("heading", name="You are ready")
    expect(waiting).to_be_focused()
    page.reload()
    expect(waiting).to_be_visible()
    seated.interrogator.ready()

    expect(page.get_by_role("region", name="Interrogator")).to_be_visible()
    expect(page.locator("#announcer")).to_have_text("The room is live.")


def test_room_without_a_witness_does_not_start(server: LiveServer, people: People) -> None:
    seated = take_seats()
    seated.interrogator.ready()
    page = seated.interrogator.open(people.person(), server)
    expect(page.get_by_role("heading", name="You are ready")).to_be_visible()
    seated.waited_long_enough()

    expect(page.get_by_role("heading", name="The room did not start")).to_be_visible()
    expect(page.get_by_text("Not everybody arrived in time.")).to_be_visible()


def test_pause_closes_the_room_and_keeps_what_is_typed(server: LiveServer, people: People) -> None:
    seated = live_room()
    asker = enter(people.person(), seated.interrogator, server)
    witness = enter(people.person(width=375, height=740), seated.witness, server)
    witness.get_by_label("Message to Interrogator").fill("in the middle of")
    seated.pause()

    for page in (asker, witness):
        expect(page.locator("#banner")).to_contain_text("The room is paused.")
        expect(page.locator("#countdown-value")).to_have_text("Paused")
        expect(page.locator(".composer button").first).to_be_disabled()
    expect(asker.get_by_role("button", name="Give your verdict")).to_be_disabled()
    expect(asker.get_by_role("slider", name="Who is the human?")).to_be_disabled()
    seated.resume()
    for page in (asker, witness):
        expect(page.locator("#banner-text")).to_be_empty()
        expect(page.locator(".composer button").first).to_be_enabled()
    expect(witness.get_by_label("Message to Interrogator")).to_have_value("in the middle of")


def test_leaving_ends_the_room_for_both_with_the_same_words(
    server: LiveServer, people: People
) -> None:
    seated = live_room()
    asker = enter(people.person(), seated.interrogator, server)
    witness = enter(people.person(width=375, height=740), seated.witness, server)
    leave = witness.get_by_role("button", name="Leave", exact=True)
    leave.click()
    witness.get_by_role("button", name="Stay").click()
    expect(leave).to_be_focused()
    leave.click()
    witness.get_by_role("button", name="Leave and end the room").click()

    for page in (asker, witness):
        expect(page.get_by_role("heading", name="The room has ended")).to_be_visible()
        expect(page.locator("#ended-words")).to_have_text(OVER)
        expect(page.get_by_role("link", name="Go on to the debrief")).to_be_visible()
        expect(page.locator(".composer").first).to_be_hidden()
    assert seated.room.end_reason == "withdrawn"


def test_ended_room_says_so_after_a_reload(server: LiveServer, people: People) -> None:
    seated = live_room()
    page = enter(people.person(), seated.interrogator, server)
    seated.witness.leave()
    expect(page.locator("#ended-words")).to_have_text(OVER)
    page.reload()

    expect(page.locator("#ended-words")).to_have_text(OVER)
    expect(page.locator("#ended-reveal")).to_contain_text(
        f"{seated.made.human_pane} was the human."
    )


def test_stand_in_is_let_go_when_the_room_starts(server: LiveServer, people: People) -> None:
    seated = take_seats(format="two_party", human_share=0.0)
    seated.witness.ready()
    page = seated.witness.open(people.person(), server)
    expect(page.get_by_role("heading", name="You are ready")).to_be_visible()
    seated.interrogator.ready()

    expect(page.get_by_role("heading", name="You are free to go")).to_be_visible()
    expect(page.get_by_text("This room was played without you.")).to_be_visible()
    expect(page.get_by_role("region", name="Conversation")).to_have_count(0)
    page.get_by_role("link", name="Go on to the debrief").click()
    expect(page.get_by_role("main")).to_contain_text("given the witness's seat to a machine")


@pytest.mark.parametrize("human_share", [0.0, 1.0])
def test_two_party_room_has_one_pane_and_tells_nothing(
    server: LiveServer, people: People, human_share: float
) -> None:
    seated = live_room(format="two_party", human_share=human_share)
    page = enter(people.person(width=375, height=740), seated.interrogator, server)

    expect(page.get_by_role("region", name="The witness")).to_be_visible()
    expect(page.get_by_role("tablist")).to_have_count(0)
    expect(page.get_by_text("The witness is a human or a machine.")).to_be_visible()
    slider = page.get_by_role("slider", name="Human or machine?")
    expect(slider).to_have_attribute("aria-valuetext", "Machine 50 % · Human 50 %")
    page.get_by_role("button", name="Give your verdict").click()
    page.get_by_label("A machine").check()
    page.get_by_label("How sure are you?").fill("90")
    page.get_by_role("button", name="Review").click()
    expect(page.locator("#verdict-claim")).to_contain_text("The witness is a machine")
    page.get_by_role("button", name="Give this verdict").click()
    kind = "human" if human_share else "machine"
    expect(page.get_by_text(f"The witness was a {kind}.")).to_be_visible()
