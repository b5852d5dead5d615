"""Three people in three browsers: a whole room, from the invitation to the curve."""

import secrets

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.conftest import LiveServer
from tests.e2e.acting import apart, believe, decide, join, look, say
from tests.e2e.conftest import People
from tests.kit.factories import MadeRoom, make_room

pytestmark = pytest.mark.e2e


def link(server: LiveServer, token: str) -> str:
    return f"{server.url}/join/{token}/"


def live(server: LiveServer, room: MadeRoom, people: People) -> tuple[Page, Page]:
    """Both people of a room, in the live room."""
    asker, witness = people.person(), people.person(width=375, height=760)
    join(asker, link(server, room.interrogator))
    expect(asker.get_by_role("heading", name="You are ready")).to_be_visible()
    join(witness, link(server, room.witness))
    for page in (asker, witness):
        expect(page.locator(".pane").first).to_be_visible()
    return asker, witness


def test_three_party_room_is_played_to_a_verdict(server: LiveServer, people: People) -> None:
    room = apart(make_room)
    human, machine = (0, 1) if room.human_pane == "A" else (1, 0)
    asker, witness = live(server, room, people)

    say(asker, "Hello there, who are you?", pane=human)
    say(asker, "I am sad about my mother", pane=machine)
    expect(witness.locator(".log")).to_contain_text("Hello there, who are you?")
    say(witness, "somebody who is typing on a phone")
    expect(asker.locator(".log").nth(human)).to_contain_text("typing on a phone")
    expect(asker.locator(".pane").nth(machine).locator(".message")).to_have_count(2)
    believe(asker, "A 20 % · B 80 %" if human else "A 80 % · B 20 %")
    look(asker, "room-interrogator")
    look(witness, "room-witness-narrow")

    decide(asker, human=room.human_pane or "", reason="It asked about my mother.")
    for page in (asker, witness):
        expect(page.get_by_role("heading", name="The room has ended")).to_be_visible()
        page.get_by_role("link", name="Go on to the debrief").click()
        expect(page.locator("[data-seal-result]")).to_contain_text(
            "opens to exactly this assignment"
        )
    look(asker, "debrief")

    apart(room.room.refresh_from_db)
    assert (room.room.phase, room.room.end_reason) == ("ended", "verdict")


def test_two_party_room_is_played_to_a_verdict(server: LiveServer, people: People) -> None:
    room = apart(make_room, format="two_party", human_share=1.0)
    asker, witness = live(server, room, people)

    say(asker, "Are you a machine?")
    expect(witness.locator(".log")).to_contain_text("Are you a machine?")
    say(witness, "certainly not")
    expect(asker.locator(".log")).to_contain_text("certainly not")
    decide(asker, human="true", reason="Brief.")

    expect(asker.get_by_role("heading", name="The room has ended")).to_be_visible()


def test_conversation_survives_a_reload(server: LiveServer, people: People) -> None:
    room = apart(make_room)
    asker, _ = live(server, room, people)
    say(asker, "before the reload")
    asker.reload()

    expect(asker.locator(".log").first).to_contain_text("before the reload")


def test_invitation_opens_in_one_browser_only(server: LiveServer, people: People) -> None:
    room = apart(make_room)
    first, second = people.person(), people.person()
    first.goto(link(server, room.witness))
    second.goto(link(server, room.witness))
    first.get_by_role("button", name="Take my seat").click()
    expect(first.get_by_role("button", name="I agree and take my seat")).to_be_visible()
    second.get_by_role("button", name="Take my seat").click()

    expect(second.locator("main")).to_contain_text("already been used in another browser")
    people.faults.clear()  # The refusal's status is what the console reports.


def test_host_watches_pauses_and_reads_the_report(server: LiveServer, people: People) -> None:
    room = apart(make_room)
    password = secrets.token_urlsafe(12)
    name = f"host-{secrets.token_hex(4)}"
    apart(User.objects.create_user, name, password=password, is_staff=True)
    asker, _ = live(server, room, people)
    say(asker, "what the host may read")
    host = people.person()
    host.goto(f"{server.url}/host/studies/{room.study.slug}/rooms/{room.code}/")
    host.get_by_label("Username").fill(name)
    host.get_by_label("Password").fill(password)
    host.get_by_role("button", name="Sign in").click()
    expect(host.locator("main")).to_contain_text("what the host may read")
    look(host, "host-room")

    decide(asker, human="A", reason="A guess.")
    expect(asker.get_by_role("heading", name="The room has ended")).to_be_visible()
    host.goto(f"{server.url}/host/studies/{room.study.slug}/report/")
    expect(host.locator("main")).to_contain_text("Simulated")
    look(host, "report")
